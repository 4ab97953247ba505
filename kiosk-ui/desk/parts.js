/**
 * @file The parts that the pages of the folder are made of: fields with their label,
 * their help and their problem, ticks, and choices.
 */
import { h } from "../lib/dom.js";
import { attr, put } from "./dom.js";

/** @import { Choice } from "./view.js" */

let ids = 0;

/** An identifier that no other element of the page has. */
export function newId() {
  return "f" + ++ids;
}

/**
 * A part of a page under its own title.
 * @param {string} title
 * @param {...Node} parts
 */
export function section(title, ...parts) {
  return h("section", { class: "stack" }, h("h3", {}, title), ...parts);
}

/**
 * A field: its label above, its help and its problem below, all said with it.
 * @typedef {object} Field
 * @property {HTMLElement} node
 * @property {HTMLInputElement|HTMLTextAreaElement|HTMLSelectElement} input
 * @property {(text: string) => void} problem shows what is wrong, "" takes it away
 */

/**
 * @param {{label: string, help?: string, kind?: "text"|"search"|"tel"|"date"|"area"|"select", value?: string, choices?: Choice[],
 *   rows?: number, attributes?: Record<string, string|boolean|number>}} options
 * @returns {Field}
 */
export function field({ label, help = "", kind = "text", value = "", choices = [], rows = 3, attributes = {} }) {
  const id = newId();
  const input = kind === "area"
    ? h("textarea", { id, rows, ...attributes })
    : kind === "select"
      ? h("select", { id, ...attributes }, ...choices.map((c) => h("option", { value: c.key }, c.label)))
      : h("input", { id, type: kind, autocomplete: "off", ...attributes });
  input.value = value;
  const hint = h("p", { class: "help", id: id + "h" }, help);
  const wrong = h("p", { class: "wrong", id: id + "p", hidden: true });
  hint.hidden = help === "";
  const describe = () => attr(input, "aria-describedby", [hint.hidden ? "" : hint.id, wrong.hidden ? "" : wrong.id].filter(Boolean).join(" ") || undefined);
  /** @param {string} text */
  const problem = (text) => {
    wrong.hidden = text === "";
    put(wrong, text);
    attr(input, "aria-invalid", text === "" ? undefined : "true");
    describe();
  };
  problem("");
  input.addEventListener("input", () => problem("")); // what is typed now was not judged yet
  return { node: h("div", { class: "field" }, h("label", { for: id }, label), hint, input, wrong), input, problem };
}

/**
 * A box to tick, as large as a button.
 * @param {string} label
 * @param {boolean} on
 * @param {(on: boolean) => void} change
 * @param {string} [help]
 */
export function tick(label, on, change, help = "") {
  const input = h("input", { type: "checkbox" });
  input.checked = on;
  input.addEventListener("change", () => change(input.checked));
  return h("label", { class: "tick" }, input, h("span", {}, label, help !== "" && h("small", {}, help)));
}

/**
 * A closed list of which several may be ticked, or one.
 * @param {{legend: string, choices: Choice[], chosen: string[], one?: boolean, change: (key: string, on: boolean) => void}} options
 * @returns {{node: HTMLElement, problem: (text: string) => void}}
 */
export function ticks({ legend, choices, chosen, one = false, change }) {
  const name = newId();
  const wrong = h("p", { class: "wrong", id: name + "p", hidden: true });
  const node = h("fieldset", { class: "ticks" }, h("legend", {}, legend), wrong, ...choices.map((c) => {
    const input = h("input", { type: one ? "radio" : "checkbox", name, value: c.key });
    input.checked = chosen.includes(c.key);
    input.addEventListener("change", () => change(c.key, input.checked));
    return h("label", { class: "tick" }, input, h("span", {}, c.label));
  }));
  return {
    node,
    problem(text) {
      wrong.hidden = text === "";
      put(wrong, text);
      attr(node, "aria-describedby", text === "" ? undefined : wrong.id);
    },
  };
}

/**
 * A button that says what it does.
 * @param {string} label
 * @param {() => void} press
 * @param {"strong"|"danger"|""} [tone]
 * @param {string} [hint]
 */
export function button(label, press, tone = "", hint = "") {
  const node = h("button", { type: "button", class: "item", "data-tone": tone || undefined }, h("span", { class: "label" }, label), h("span", { class: "hint" }, hint));
  node.addEventListener("click", press);
  return node;
}

/**
 * A title and a text, nothing when there is no text.
 * @param {string} title
 * @param {...(Node|string|false)} texts
 */
export function part(title, ...texts) {
  const shown = texts.filter((t) => t !== "" && t !== false);
  if (shown.length === 0) return false;
  return h("section", { class: "part" }, h("h3", {}, title), ...shown.map((t) => (typeof t === "string" ? h("p", {}, t) : t)));
}
