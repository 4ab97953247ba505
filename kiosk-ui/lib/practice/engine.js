// A practice piece walked through, without a screen. Pure.
//
// A piece is data: an introduction, steps, an end. The engine knows where one
// is, what was wrong, and what is said now. It promises that every step can be
// left backwards and stopped, that nothing is scored or timed, that help comes
// after two wrong answers, and that it never holds what a person typed.

import { good, start as scene } from "./photo.js";
import { matches } from "./typing.js";

/** Help is given after so many wrong answers to one step. */
export const helpAfter = 2;

/**
 * A thing to choose. Its words are a key of the catalogue; what is the same in
 * every language, as an address, stands as it is.
 * @typedef {{id: string, right?: boolean, text?: string, plain?: string, picture?: string}} Option
 */

/**
 * A made-up message to judge.
 * @typedef {{picture: string, from: string, text: string}} Message
 */

/**
 * What every step has: one sentence that asks, a kind one after a wrong answer,
 * one that helps, and, where there is something to know, why the answer is right.
 * @typedef {{ask: string, hint: string, help: string, because?: string}} Sentences
 */

/**
 * @typedef {Sentences & (
 *   | {kind: "tap", options: Option[], frame?: "plain" | "window" | "box"}
 *   | {kind: "scroll", options: Option[]}
 *   | {kind: "choose", options: Option[], message?: Message}
 *   | {kind: "type", model: string, start?: string, match: import("./typing.js").Match, label?: string}
 *   | {kind: "password"}
 *   | {kind: "reveal", value: string}
 *   | {kind: "photo", scene: Partial<import("./photo.js").Scene>, actions: import("./photo.js").Action[], goals: import("./photo.js").Goal[]}
 * )} Step
 */

/**
 * @typedef {object} Piece
 * @property {string} id
 * @property {string} picto
 * @property {string} title key
 * @property {number} minutes how long it takes, about
 * @property {string} intro key
 * @property {string} end key
 * @property {Step[]} steps
 */

/**
 * Where one is. wrongs counts the wrong answers to this step alone.
 * @typedef {{phase: "intro" | "step" | "right" | "end" | "left", at: number, wrongs: number}} State
 */

/** @typedef {{do: "next"} | {do: "back"} | {do: "again"} | {do: "stop"} | {do: "answer", right: boolean}} Command */

/** @type {() => State} */
export const begin = () => ({ phase: "intro", at: 0, wrongs: 0 });

/**
 * How far one is, for who comes back later: 0 before the first step, then its rank.
 * @param {State} state
 */
export const stage = (state) => (state.phase === "intro" ? 0 : state.at + 1);

/**
 * The state at a stage; the step is done again.
 * @param {Piece} piece
 * @param {number} n
 * @returns {State}
 */
export const resumed = (piece, n) => (n > 0 && n <= piece.steps.length ? { phase: "step", at: n - 1, wrongs: 0 } : begin());

/**
 * The state after a command; one that means nothing here changes nothing.
 * @param {Piece} piece
 * @param {State} state
 * @param {Command} command
 * @returns {State}
 */
export function step(piece, state, command) {
  const at = (/** @type {number} */ n) => ({ ...state, phase: /** @type {const} */ ("step"), at: n, wrongs: 0 });
  if (state.phase === "left") return state;
  switch (command.do) {
    case "stop":
      return { ...state, phase: "left" };
    case "again":
      return state.phase === "end" ? begin() : state;
    case "next":
      if (state.phase === "intro") return at(0);
      if (state.phase === "end") return { ...state, phase: "left" };
      if (state.phase !== "right") return state;
      return state.at + 1 < piece.steps.length ? at(state.at + 1) : { ...state, phase: "end" };
    case "back":
      if (state.phase === "intro") return { ...state, phase: "left" };
      if (state.phase === "step") return state.at === 0 ? begin() : at(state.at - 1);
      return at(state.at);
    case "answer":
      if (state.phase !== "step") return state;
      return command.right ? { ...state, phase: "right" } : { ...state, wrongs: state.wrongs + 1 };
  }
}

/**
 * Whether the step now shows what to do, besides saying it.
 * @param {State} state
 */
export const helped = (state) => state.phase === "step" && state.wrongs >= helpAfter;

/**
 * The sentence of the moment, and the one below it, or "".
 * @param {Piece} piece
 * @param {State} state
 * @returns {{ask: string, note: string}} keys
 */
export function sentences(piece, state) {
  const now = piece.steps[state.at];
  switch (state.phase) {
    case "intro":
      return { ask: piece.intro, note: "" };
    case "right":
      return { ask: "practice.ui.good", note: now.because ?? "" };
    case "end":
      return { ask: "practice.ui.bravo", note: piece.end };
    case "left":
      return { ask: "", note: "" };
    default:
      return { ask: now.ask, note: state.wrongs === 0 ? "" : helped(state) ? now.help : now.hint };
  }
}

/** What a photo step wants, drawn. @type {Record<import("./photo.js").Goal, string>} */
const wanted = { placed: "photo_good", straight: "turn_right", near: "nearer", light: "light", sharp: "focus", taken: "shoot" };

/**
 * The drawings that stand for the sentences where no word is shown: what to do, and
 * with what. The voice says the same.
 * @param {Piece} piece
 * @param {State} state
 * @returns {{ask: string[], note: string[]}}
 */
export function shown(piece, state) {
  switch (state.phase) {
    case "right":
    case "end":
      return { ask: ["yes"], note: [] };
    case "step":
      return { ask: task(piece.steps[state.at]), note: state.wrongs === 0 ? [] : helped(state) ? ["touch"] : ["restart"] };
    default:
      return { ask: [], note: [] };
  }
}

/** @param {Step} now @returns {string[]} */
function task(now) {
  switch (now.kind) {
    case "type":
    case "password":
      return ["keyboard"];
    case "reveal":
      return ["touch", "eye"];
    case "photo":
      return now.goals.map((goal) => wanted[goal]);
    default: {
      const right = now.options.find((o) => o.right)?.picture ?? "";
      if (now.kind === "choose") return now.message ? [now.message.picture, "search"] : ["voice", "touch"];
      if (now.kind === "scroll") return ["down", "touch", right];
      return ["touch", right || "agree"];
    }
  }
}

/**
 * What is said when a state comes, in this order: the whole of it at first, with
 * the answers that are words, for who does not read them; after a wrong answer
 * the new sentence alone.
 * @param {Piece} piece
 * @param {State} state
 * @param {boolean} [whole] everything, for who listens again
 * @returns {string[]} keys
 */
export function spoken(piece, state, whole = false) {
  const { ask, note } = sentences(piece, state);
  const now = piece.steps[state.at];
  if (note && state.phase === "step" && !whole) return [note];
  const read = state.phase !== "step" || now.kind !== "choose" ? []
    : [now.message?.from ?? "", now.message?.text ?? "", ...now.options.map((o) => o.text ?? "")];
  return [ask, ...read, note].filter((key) => key !== "");
}

/**
 * Whether an answer to a step is right. The password is judged where it is
 * typed and comes here as "strong" or "weak" alone.
 * @param {Step} now
 * @param {any} value an option's id, a text, a scene
 * @returns {boolean}
 */
export function judge(now, value) {
  switch (now.kind) {
    case "type":
      return matches(now.match, now.model, value);
    case "password":
      return value === "strong";
    case "reveal":
      return value === "shown";
    case "photo":
      return good(value, now.goals);
    default:
      return now.options.some((o) => o.id === value && o.right === true);
  }
}

/**
 * Some answers that a person may give: the right one first.
 * @param {Step} now
 * @returns {any[]}
 */
export function answers(now) {
  switch (now.kind) {
    case "type":
      return [now.model, now.start ?? "", `${now.model}x`];
    case "password":
      return ["strong", "weak"];
    case "reveal":
      return ["shown", "hidden"];
    case "photo":
      return [{ ...scene(), ...now.scene, x: 0, y: 0, turn: 0, near: 0, light: true, sharp: true, taken: true }, { ...scene(), ...now.scene }];
    default:
      return [...now.options].sort((a, b) => Number(b.right ?? false) - Number(a.right ?? false)).map((o) => o.id);
  }
}
