/**
 * @file What the page of the self test shows and what each of its buttons sends: a pure
 * function of the view.
 */
import { say } from "../lib/words.js";

/** @import { Command, SelfTestView, TestRow } from "./view.js" */

/** @typedef {{key: string, label: string, tone?: "strong"|"danger", send: Command}} Answer */

/**
 * One page. `at` changes when it is another one.
 * @typedef {object} Step
 * @property {string} at
 * @property {string} progress
 * @property {string} title
 * @property {string} verdict of a test that is over, ""
 * @property {string} notice
 * @property {string} text
 * @property {Answer[]} choices
 * @property {string} when
 * @property {TestRow[]} rows
 * @property {boolean} save whether there is something to save
 */

/**
 * The step of a test under way, else the last result and how to begin.
 * @param {SelfTestView} view
 * @returns {Step}
 */
export function step(view) {
  const { now, last } = view;
  if (now) {
    return {
      at: `${now.at} ${now.item}`, progress: say("desk.selftest_step", { at: now.at, of: now.of }), verdict: "",
      title: now.title, notice: now.notice, text: now.text, when: "", rows: now.rows, save: false,
      choices: [
        ...now.choices.map((c) => answer(c.key, c.label, now.turn, c.main ? "strong" : undefined)),
        answer("stop", say("desk.selftest_stop"), now.turn, "danger"),
      ],
    };
  }
  /** @type {Answer} */
  const start = {
    key: "start", tone: last?.ok ? undefined : "strong", send: { do: "selftest_start", on: view.ask },
    label: view.ask ? say("desk.selftest_open_on") : last ? say("desk.selftest_again") : say("desk.selftest_start"),
  };
  /** @type {Answer} */
  const print = { key: "print", label: say("desk.selftest_print"), send: { do: "selftest_print" } };
  const intro = view.ask ? say("desk.selftest_open") : last ? "" : say("desk.selftest_intro");
  if (!last) {
    return { at: "begin", progress: "", verdict: "", title: say("desk.selftest_hint"), notice: "", text: intro, choices: [start], when: "", rows: [], save: false };
  }
  return {
    at: `over ${last.ended_ms}`, progress: "", verdict: last.verdict, title: last.title, notice: last.notice,
    text: intro, choices: last.ok ? [print, start] : [start, print], when: `${last.when}. ${last.version}.`, rows: last.rows, save: true,
  };
}

/**
 * @param {string} key
 * @param {string} label
 * @param {number} turn of the step that was read: an answer to another one counts for nothing
 * @param {"strong"|"danger"} [tone]
 * @returns {Answer}
 */
function answer(key, label, turn, tone) {
  return { key, label, tone, send: { do: "selftest_answer", turn, key } };
}
