/**
 * @file The papers that a desk fills in, as values: what is chosen so far, what is sent,
 * and what came of vouchers. Pure functions; nothing here outlives the page.
 */
import { say } from "../lib/words.js";
import { some } from "./places.rules.js";

/** @import { Choice, Row } from "./view.js" */
/** @import { PlaceView } from "./places.rules.js" */

/** @typedef {{done: Choice[], bring: Choice[], roles: Choice[], langs: Choice[]}} SlipChoices */

/**
 * « Ce qu’on a fait aujourd’hui », as ticked so far.
 * @typedef {{done: string[], deadline: string, bring: string[], next: PlaceView|null, who: string}} Today
 */

/** @returns {Today} */
export function noToday() {
  return { done: [], deadline: "", bring: [], next: null, who: "" };
}

/**
 * Whether there is anything to print: a slip of nothing helps nobody.
 * @param {Today} today
 */
export function filled(today) {
  return today.done.length > 0 || today.bring.length > 0 || today.deadline !== "" || today.next !== null || today.who !== "";
}

/**
 * A list with one more or one fewer.
 * @param {string[]} list
 * @param {string} key
 * @param {boolean} on
 */
export function ticked(list, key, on) {
  return on ? [...list.filter((k) => k !== key), key] : list.filter((k) => k !== key);
}

/**
 * @param {Today} today
 * @param {string} lang
 * @param {boolean} large
 * @param {SlipChoices} choices their order is that of the paper
 */
export function todayBody(today, lang, large, choices) {
  /** @param {Choice[]} all @param {string[]} keys */
  const inOrder = (all, keys) => all.map((c) => c.key).filter((key) => keys.includes(key));
  return {
    do: "today", lang, large, done: inOrder(choices.done, today.done), deadline: today.deadline,
    bring: inOrder(choices.bring, today.bring), next: today.next?.id ?? "", who: today.who,
  };
}

/**
 * The visit is named for its own phone, which may read the slip too while the person is
 * here. The result goes along only for somebody who shared it, and said yes once more; the box
 * gives it to the desk that they are at alone.
 * @param {PlaceView[]} places
 * @param {string} lang
 * @param {boolean} large
 * @param {Row|null} mine
 * @param {boolean} yes
 * @param {string} desk
 */
export function orientationBody(places, lang, large, mine, yes, desk) {
  const shared = yes && mayShare(mine);
  return {
    do: "orientation", places: places.map((p) => p.id), lang, large, with_result: shared,
    ...(mine ? { visit: mine.id, desk } : {}),
  };
}

/** @param {Row|null} mine */
export function mayShare(mine) {
  return !!mine?.note?.self;
}

/**
 * The language of the person at the desk among those of the slips: their row names it in
 * its own script, and says nothing for French.
 * @param {Choice[]} langs
 * @param {Row|null} mine
 */
export function langOf(langs, mine) {
  return langs.find((l) => l.label === mine?.lang)?.key ?? (langs.some((l) => l.key === "fr") ? "fr" : langs[0]?.key ?? "fr");
}

/**
 * The languages of the papers that a page can be read in: not the one without words.
 * @param {Choice[]} langs
 * @param {{lang: string}[]} read those that have words
 */
export function besides(langs, read) {
  return langs.filter((l) => read.some((r) => r.lang === l.key));
}

// ---- vouchers ----

/** What became of codes. @typedef {{arrived: number, again: number, unknown: string[], typo: string[]}} Arrivals */

/** @typedef {{id: string, place: string, month: string, given: number, arrived: number}} VoucherCount place is its name */

/** How many people of a month could not come. @typedef {{month: string, people: number}} HomeNeed */

/**
 * What is said of codes, and what stays in the field to be corrected: good codes leave it.
 * @param {Arrivals} got
 * @returns {{summary: string[], lines: {code: string, text: string}[], rest: string}}
 */
export function arrivals(got) {
  const summary = [];
  if (got.arrived > 0) summary.push(some(got.arrived, "desk.vouchers_arrived_one", "desk.vouchers_arrived_many"));
  if (got.again > 0) summary.push(some(got.again, "desk.vouchers_again_one", "desk.vouchers_again_many"));
  const lines = [
    ...got.typo.map((code) => ({ code, text: say("desk.vouchers_typo") })),
    ...got.unknown.map((code) => ({ code, text: say("desk.vouchers_unknown") })),
  ];
  if (summary.length === 0 && lines.length === 0) summary.push(say("desk.vouchers_nothing"));
  return { summary, lines, rest: lines.map((l) => l.code).join("\n") };
}

/**
 * « 2026-11 » as people say it: « novembre 2026 ».
 * @param {string} month
 */
export function monthText(month) {
  const [, y, m] = month.match(/^(\d{4})-(\d\d)$/) ?? [];
  if (!y) return say("desk.vouchers_no_month");
  return new Intl.DateTimeFormat("fr", { month: "long", year: "numeric", timeZone: "UTC" }).format(new Date(Date.UTC(Number(y), Number(m) - 1, 1)));
}
