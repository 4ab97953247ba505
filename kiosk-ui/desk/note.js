/**
 * @file Beside the person who is received: what they wanted the team to know,
 * what the team says of the visit, and the papers to make with them. It leaves with
 * the visit.
 */
import { h } from "../lib/dom.js";
import { say } from "../lib/words.js";
import { attr, keyed, put } from "./dom.js";
import { order, unfold } from "./orders.js";
import { levels, noteLines } from "./rules.js";

/** @import { Row } from "./view.js" */

export class DeskNote extends HTMLElement {
  #shared = h("ul");
  #sharedPart = h("section", { class: "shared" }, h("h3"), this.#shared);
  #seen = h("div", { class: "seen", role: "group" });
  #charter = h("button", { type: "button", class: "item charter" }, h("span", { class: "label" }));
  #papers = h("div", { class: "papers" });
  #ask = h("h3", { id: "seen-ask" });
  /** @type {Row|null} */
  #row = null;

  connectedCallback() {
    if (this.firstChild) return;
    put(this.#sharedPart.children[0], say("desk.note_shared"));
    put(this.#ask, say("desk.see_ask"));
    put(this.#charter.children[0], say("desk.charter_read"));
    attr(this.#seen, "aria-labelledby", this.#ask.id);
    this.#charter.addEventListener("click", () => {
      if (this.#row?.note) order(this, { do: "charter", visit: this.#row.id, read: !this.#row.note.charter });
    });
    for (const [what, key] of /** @type {const} */ ([["places", "desk.note_places"], ["today", "desk.note_today"], ["rights", "desk.note_rights"], ["end", "desk.end_ask"]])) {
      const button = h("button", { type: "button", class: "quiet" }, say(key));
      button.addEventListener("click", () => unfold(this, what === "end" ? `end:${this.#row?.id ?? ""}` : what));
      this.#papers.append(button);
    }
    this.append(this.#sharedPart, this.#papers, this.#ask, this.#seen, this.#charter);
  }

  /** @param {Row|null} row who is at this desk */
  render(row) {
    this.#row = row;
    this.hidden = !row;
    const note = row?.note;
    const lines = note ? noteLines(note) : [];
    this.#sharedPart.hidden = lines.length === 0;
    keyed(this.#shared, lines, (l) => l.key, (l) => h("li", { class: l.key }), (node, l) => put(node, l.text));
    this.#ask.hidden = this.#seen.hidden = this.#charter.hidden = !note;
    if (!note) return;
    keyed(this.#seen, levels(), (l) => l.key, (l) => {
      const button = h("button", { type: "button", class: "item" }, h("span", { class: "label" }));
      button.addEventListener("click", () => this.#row && order(this, { do: "see_level", visit: this.#row.id, level: l.key }));
      return button;
    }, (button, l) => {
      put(button.children[0], l.label);
      attr(button, "aria-pressed", String(note.seen === l.key));
    });
    attr(this.#charter, "aria-pressed", String(note.charter));
  }
}
