/**
 * @file What was done in a visit, as values: what is chosen so far and what is sent. Pure
 * functions; nothing here outlives the page.
 */
import { say } from "../lib/words.js";
import { ticked } from "./slips.rules.js";

/** @import { Choice } from "./view.js" */

/**
 * What is chosen of La Coop's closed lists.
 * @typedef {object} Work
 * @property {string[]} themes
 * @property {string[]} materials
 * @property {string} with
 * @property {string} blocked
 * @property {string} manner
 * @property {string} autonomy
 * @property {string} known
 * @property {boolean} oriented
 * @property {string} structure
 * @property {string} toward key of the place
 * @property {string} [toward_name]
 * @property {boolean} accompanied
 * @property {boolean} see_again
 * @property {string[]} freins
 * @property {string} gender
 * @property {string} age
 * @property {string} status
 * @property {number} minutes
 */

/** @typedef {"themes"|"procedures"|"manners"|"autonomies"|"structures"|"materials"|"organisms"|"genders"|"ages"|"statuses"|"known"|"freins"} List */

/**
 * @typedef {{number: number, motifs: string[], told: boolean, here: boolean, link: boolean, chosen: Work, choices: Record<List, Choice[]>}} WorkAnswer
 */

/** The theme that La Coop wants beside each procedure; the server adds it. */
const paperwork = "AideAuxDemarchesAdministratives";

/** Durations one may choose, in minutes; what was measured is there too. */
const lengths = [15, 30, 45, 60, 75, 90, 105, 120];

/** What is always there to touch besides what the motif lets expect. */
const usual = ["Email", "PrendreEnMainDuMateriel", "NavigationSurInternet", "SocialSante"];

/**
 * The themes in two parts: those that are likely, and all others.
 * @param {WorkAnswer} answer
 * @returns {{likely: Choice[], others: Choice[]}}
 */
export function themes({ chosen, choices }) {
  const all = [...choices.procedures, ...choices.themes].filter((c) => c.key !== paperwork);
  /** @param {Choice} c */
  const likely = (c) => chosen.themes.includes(c.key) || usual.includes(c.key);
  return { likely: all.filter(likely), others: all.filter((c) => !likely(c)) };
}

/**
 * One choice of a list of one: touched again, it is taken back.
 * @param {string} before
 * @param {string} key
 */
export function toggled(before, key) {
  return before === key ? "" : key;
}

/** What excludes every other tool, and every other difficulty. */
const none = { materials: "Aucun", freins: "rien" };

/**
 * A choice of several, where « none » excludes every other.
 * @param {"materials"|"freins"} what
 * @param {string[]} list
 * @param {string} key
 * @param {boolean} on
 */
export function several(what, list, key, on) {
  if (!on) return ticked(list, key, false);
  return key === none[what] ? [key] : ticked(list.filter((k) => k !== none[what]), key, true);
}

/**
 * @param {number} measured
 * @returns {Choice[]}
 */
export function minutes(measured) {
  const all = lengths.includes(measured) ? lengths : [...lengths, measured].sort((a, b) => a - b);
  return all.map((n) => ({ key: String(n), label: say("desk.end_minutes_n", { n }) }));
}

/**
 * What is sent. What was chosen of another place goes only with « orienté ».
 * @param {Work} work
 * @param {string} desk
 * @param {string} visit
 */
export function workBody(work, desk, visit) {
  const { toward_name: _, ...rest } = work;
  const there = work.oriented ? {} : { structure: "", toward: "", accompanied: false };
  return { ...rest, ...there, themes: work.themes.filter((t) => t !== paperwork || work.themes.length === 1), desk, visit };
}

/** The three things to see to before somebody leaves. They stay on this page. */
export function checks() {
  return ["desk.end_check_logout", "desk.end_check_papers", "desk.end_check_password"].map((key) => ({ key, label: say(key) }));
}

/**
 * What La Coop's file lacks, "" for nothing: a visit of which nothing is said has no row.
 * @param {number} n visits of all desks
 */
export function fileLacks(n) {
  return n <= 0 ? "" : n === 1 ? say("desk.coop_missing_one") : say("desk.coop_missing_many", { n });
}

/**
 * Under the button for La Coop's file, at the closing.
 * @param {{ended: number, told: number}} work
 */
export function fileHint({ ended, told }) {
  return [fileLacks(ended - told), say("desk.coop_download_hint")].filter(Boolean).join(" ");
}
