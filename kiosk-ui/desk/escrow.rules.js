/**
 * @file What the page of the key says, as values: pure functions of the view.
 */
import { say } from "../lib/words.js";

/** @import { EscrowView } from "./view.js" */

/**
 * What is said of who keeps the key, one sentence a line.
 * @param {EscrowView} escrow
 * @param {"kept"|"not_kept"|"silent"|""} here whether this phone keeps it; "" on a screen that keeps none
 * @returns {{key: string, text: string}[]}
 */
export function keepers(escrow, here) {
  if (!escrow.sealed) return [{ key: "plain", text: say("desk.escrow_plain") }];
  const n = escrow.holders;
  const lines = [{ key: "sealed", text: say("desk.escrow_sealed") }];
  if (n > 1) lines.push({ key: "holders", text: say("desk.escrow_many", { n }) });
  if (n === 1) lines.push({ key: "holders", text: say("desk.escrow_one") });
  if (n === 0 && !escrow.on_paper && escrow.locked.length === 0) lines.push({ key: "holders", text: say("desk.escrow_none") });
  if (here === "kept") lines.push({ key: "here", text: say("desk.escrow_here") });
  if (here === "not_kept") lines.push({ key: "here", text: say("desk.escrow_not_here") });
  if (escrow.on_paper) lines.push({ key: "paper", text: say("desk.escrow_on_paper") });
  return lines;
}

/**
 * What became of the drawer ticket, "" where nobody asked for one.
 * @param {EscrowView} escrow
 */
export function drawer(escrow) {
  switch (escrow.paper) {
    case "queued": case "printing": return say("desk.escrow_printing");
    case "printed": return say("desk.escrow_printed");
    case "unprinted": return say("desk.escrow_unprinted");
    case "unknown": return say("desk.escrow_unknown");
    default: return "";
  }
}
