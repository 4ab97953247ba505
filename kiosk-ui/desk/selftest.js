/**
 * @file The box's test of itself, walked through with somebody beside it. The server
 * holds the test; this page only shows its newest step, and may be closed meanwhile.
 */
import { h } from "../lib/dom.js";
import { say } from "../lib/words.js";
import { attr, keyed, put } from "./dom.js";
import { order } from "./orders.js";
import { step } from "./selftest.rules.js";

/** @import { DeskView, TestRow } from "./view.js" */

export class DeskSelfTest extends HTMLElement {
  #title = h("h2", { id: "selftest-title" });
  #shut = h("button", { type: "button", class: "quiet" });
  #problem = h("p", { class: "problem", role: "status" });
  #progress = h("p", { class: "step" });
  #question = h("h3", { tabindex: "-1" });
  #notice = h("p", { class: "warn", role: "status" });
  #text = h("p", { class: "ask" });
  #choices = h("div", { class: "choices" });
  #verdict = h("p", { class: "when" });
  #rows = h("ul", { class: "rows-test" });
  #save = h("a", { class: "save", href: "/api/selftest/reports", download: "jeudi-tests.json" });
  #body = h("div", { class: "screen" }, this.#progress, this.#question, this.#notice, this.#text, this.#choices, this.#verdict, this.#rows, this.#save);
  #dialog = h("dialog", { class: "intake selftest", "aria-labelledby": "selftest-title" },
    h("div", { class: "top" }, this.#title, this.#shut), this.#problem, this.#body);
  /** Whether the reader asked for this page. */
  #wanted = false;
  #covered = false;
  #at = "";
  /** What each button now sends. @type {WeakMap<Element, import("./view.js").Command>} */
  #sends = new WeakMap();

  connectedCallback() {
    if (this.firstChild) return;
    put(this.#title, say("desk.selftest"));
    put(this.#shut, say("desk.shut"));
    put(this.#save, say("desk.selftest_save"));
    this.problem("");
    this.#shut.addEventListener("click", () => this.#dialog.close());
    this.#dialog.addEventListener("close", () => {
      if (!this.#covered && !this.#dialog.open) this.#wanted = false;
    });
    this.#choices.addEventListener("click", (event) => {
      const button = event.target instanceof Element ? event.target.closest("button") : null;
      const command = button && this.#sends.get(button);
      if (!command) return;
      this.problem("");
      order(this, command, true);
    });
    this.append(this.#dialog);
  }

  get isOpen() {
    return this.#wanted;
  }

  open() {
    this.#wanted = true;
    this.problem("");
    if (!this.#dialog.open && !this.#covered) this.#dialog.showModal();
    this.#question.focus();
  }

  /** @param {string} text */
  problem(text) {
    this.#problem.hidden = text === "";
    put(this.#problem, text);
  }

  /** @param {boolean} on the veil is up */
  cover(on) {
    this.#covered = on;
    if (on) this.#dialog.close();
    else if (this.#wanted && !this.#dialog.open) this.#dialog.showModal();
  }

  /** @param {DeskView} view */
  render(view) {
    const page = step(view.selftest);
    show(this.#progress, page.progress);
    show(this.#question, page.title);
    show(this.#notice, page.notice);
    show(this.#text, page.text);
    show(this.#verdict, page.when);
    attr(this.#question, "data-verdict", page.verdict);
    this.#save.hidden = !page.save;
    keyed(this.#choices, page.choices, (c) => page.at + c.key, () => {
      return h("button", { type: "button", class: "item" }, h("span", { class: "label" }));
    }, (button, c) => {
      this.#sends.set(button, c.send);
      put(button.children[0], c.label);
      attr(button, "data-tone", c.tone);
      attr(button, "data-key", c.key);
    });
    drawRows(this.#rows, page.rows);
    // Another step is another page: it begins at its top, and is said from there.
    if (this.#at !== page.at) {
      this.#at = page.at;
      this.#body.scrollTop = 0;
      if (this.#dialog.open) this.#question.focus();
    }
  }
}

/**
 * @param {HTMLElement} list
 * @param {TestRow[]} rows
 */
function drawRows(list, rows) {
  list.hidden = rows.length === 0;
  keyed(list, rows.map((r, i) => ({ ...r, key: i + r.label })), (r) => r.key, () => {
    return h("li", {}, h("span", { class: "what" }), h("span", { class: "word" }), h("span", { class: "notes" }));
  }, (node, r) => {
    attr(node, "data-result", r.result);
    put(node.children[0], r.label);
    put(node.children[1], r.word);
    put(node.children[2], r.notes.join(" "));
  });
}

/**
 * @param {HTMLElement} node
 * @param {string} text
 */
function show(node, text) {
  node.hidden = !text;
  put(node, text);
}
