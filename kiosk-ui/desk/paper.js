/**
 * @file What the papers for a person share: their language, large letters, and what is
 * said once one is printing.
 */
import { h } from "../lib/dom.js";
import { say } from "../lib/words.js";
import { ask } from "./ask.js";
import { field, tick } from "./parts.js";
import { langOf } from "./slips.rules.js";

/** @import { DeskFolder } from "./folder.js" */
/** @import { SlipChoices } from "./slips.rules.js" */

/**
 * The closed lists of the papers; null when they did not come, which the folder says.
 * @param {DeskFolder} folder
 * @returns {Promise<SlipChoices|null>}
 */
export async function slipChoices(folder) {
  const got = await ask("/api/slip/choices");
  if (got.ok) return got.body;
  folder.problem(got.error);
  return null;
}

/**
 * The language of the paper, the person's own first, and its letters.
 * @param {DeskFolder} folder
 * @param {SlipChoices} choices
 */
export function paperFields(folder, choices) {
  const drafts = folder.drafts;
  drafts.lang ||= langOf(choices.langs, folder.mine);
  const lang = field({ label: say("desk.slip_lang"), help: say("desk.slip_lang_help"), kind: "select", choices: choices.langs, value: drafts.lang });
  lang.input.addEventListener("change", () => (drafts.lang = lang.input.value));
  return h("div", { class: "stack" }, lang.node, tick(say("desk.slip_large"), drafts.large, (on) => (drafts.large = on)));
}
