/**
 * @file What the hall shows, as values: which calls are large, which are history, what
 * is said when there are none. Pure. The view holds no motif, so none can be shown.
 */
import { freshFor } from "../lib/announce.js";

/** @import { Call } from "../lib/announce.js" */
/** @import { HallView } from "../lib/views.js" */

/** So many calls may be large at once: three desks calling in one breath. */
export const most = 3;

/** So many older calls are shown beneath. */
export const memory = 4;

/**
 * What the middle of the screen is for.
 * @param {HallView} view
 * @returns {"calls"|"welcome"|"paused"|"message"}
 */
export function scene(view) {
  if (view.status === "paused") return "paused";
  if (view.status !== "open") return "message";
  return view.calls.length > 0 ? "calls" : "welcome";
}

/**
 * The calls to show large and those beneath. A number called again stands once, at its
 * newest call. The newest call stays large until another takes its place; calls of the
 * same half minute stand beside it, so that two desks calling at once are both seen.
 * @param {readonly Call[]} calls newest first
 * @param {number} now the server's time in ms
 * @returns {{large: Call[], past: Call[]}} newest first
 */
export function board(calls, now) {
  /** @type {Call[]} */
  const each = [];
  for (const call of calls) {
    if (!each.some((c) => c.number === call.number)) each.push(call);
  }
  const fresh = each.filter((c) => now - c.at_ms < freshFor).length;
  const large = Math.min(most, Math.max(1, fresh));
  return { large: each.slice(0, large), past: each.slice(large, large + memory) };
}

/**
 * How long a desk's name is, so that it can be written as large as it fits.
 * @param {string} desk
 * @returns {"short"|"medium"|"long"}
 */
export function length(desk) {
  const n = [...desk].length;
  return n <= 10 ? "short" : n <= 18 ? "medium" : "long";
}
