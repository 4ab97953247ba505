/** @file The person at this desk, and the buttons that are enough for a whole morning. */
import { say } from "../lib/words.js";
import { h } from "../lib/dom.js";
import { picto } from "../lib/pictos.js";
import { attr, enable, enabled, keyed, put } from "./dom.js";
import { can, marks, motifs, nextHint, recallIn, slotLine, stateLine, undoIn } from "./rules.js";
import { undoLabel } from "./menus.js";
import { go, order } from "./orders.js";

/** @import { DeskView, Row } from "./view.js" */

/** Who is at my desk now. */
export class DeskPerson extends HTMLElement {
  #number = h("p", { class: "number" });
  #motif = h("p", { class: "motif" });
  #since = h("p", { class: "since" });
  #marks = h("p", { class: "marks" });
  #nobody = h("p", { class: "nobody" });
  #recall = h("button", { type: "button", class: "quiet", "aria-keyshortcuts": "r" });
  #absent = h("button", { type: "button", class: "quiet" });
  /** A clock, and once the time is over an hourglass: words, icon and colour say the same. */
  #slotText = h("span");
  #slot = h("p", { class: "slot" }, h("span", { class: "icon within" }, picto("clock")), h("span", { class: "icon over" }, picto("hourglass")), this.#slotText);
  #hint = h("p", { class: "proposal" });
  #tools = h("div", { class: "tools" }, this.#hint, this.#recall, this.#absent);
  #heading = h("h2", { class: "heading" });
  #some = h("div", { class: "some" }, this.#number, h("div", { class: "about" }, this.#motif, this.#since, this.#marks), this.#slot, this.#tools);
  /** @type {Row|null} */
  #row = null;

  connectedCallback() {
    if (this.firstChild) return;
    put(this.#heading, say("desk.mine"));
    this.#recall.title = say("desk.recall_title");
    put(this.#absent, say("desk.no_show"));
    this.#recall.addEventListener("click", () => enabled(this.#recall) && order(this, { do: "recall" }));
    this.#absent.addEventListener("click", () => this.#row && order(this, { do: "no_show", visit: this.#row.id }));
    this.append(this.#heading, this.#nobody, this.#some);
  }

  /**
   * @param {DeskView} view
   * @param {number} now
   */
  render(view, now) {
    const row = (this.#row = view.mine);
    this.#some.hidden = !row;
    this.#nobody.hidden = !!row;
    attr(this, "data-state", row ? row.state : "free");
    if (!row) {
      put(this.#nobody, say("desk.mine_nobody"));
      return;
    }
    put(this.#number, String(row.number));
    put(this.#motif, motifs(row));
    put(this.#since, stateLine(row, now));
    renderMarks(this.#marks, row, now);
    const slot = slotLine(view, now);
    this.#slot.hidden = !slot;
    put(this.#slotText, slot?.text ?? "");
    attr(this.#slot, "data-over", slot?.over || undefined);
    const may = can(view, now);
    const left = recallIn(row, now);
    this.#tools.hidden = row.state !== "called";
    put(this.#recall, left > 0 ? say("desk.recall_wait", { n: left }) : say("desk.recall"));
    enable(this.#recall, may.recall);
    this.#hint.hidden = this.#absent.hidden = !row.propose_no_show;
    if (row.propose_no_show) put(this.#hint, say("desk.no_show_proposed", { n: row.calls }));
  }
}

/**
 * @param {HTMLElement} list
 * @param {Row} row
 * @param {number} now
 */
export function renderMarks(list, row, now) {
  const all = marks(row, now);
  list.hidden = all.length === 0;
  keyed(list, all, (m) => m.key, (m) => h("span", { class: "mark " + m.key }, h("bdi")), (node, m) => put(/** @type {Node} */ (node.firstChild), m.text));
}

/** The undo bar and the three big buttons, under the thumb on a phone. */
export class DeskActions extends HTMLElement {
  #undo = h("button", { type: "button", class: "undo", "aria-keyshortcuts": "u" });
  #next = big("next", "n");
  #done = big("done", "t");
  #not = big("not", "");
  #more = big("more", "");

  connectedCallback() {
    if (this.firstChild) return;
    put(this.#next.label, say("desk.next"));
    put(this.#done.label, say("desk.done"));
    put(this.#not.label, say("desk.not_received"));
    put(this.#more.label, say("desk.more"));
    this.#next.button.title = say("desk.next_title");
    this.#done.button.title = say("desk.done_title");
    this.#undo.title = say("desk.undo_title");
    this.#more.button.title = say("desk.more_title");
    this.#next.button.addEventListener("click", () => enabled(this.#next.button) && order(this, { do: "next" }));
    this.#done.button.addEventListener("click", () => enabled(this.#done.button) && order(this, { do: "end", outcome: "served" }));
    this.#undo.addEventListener("click", () => order(this, { do: "undo" }));
    this.#not.button.addEventListener("click", () => go(this, { page: "not_received" }));
    this.#more.button.addEventListener("click", () => go(this, { page: "more" }));
    this.append(this.#undo, h("div", { class: "buttons" }, this.#next.button, this.#done.button, this.#not.button, this.#more.button));
  }

  /**
   * @param {DeskView} view
   * @param {number} now
   */
  render(view, now) {
    const may = can(view, now);
    enable(this.#next.button, may.next);
    enable(this.#done.button, may.done);
    enable(this.#not.button, may.notReceived);
    put(this.#next.hint, nextHint(view));
    attr(this, "data-lead", may.next ? "next" : may.done ? "done" : undefined);
    this.#undo.hidden = !may.undo;
    if (view.undo && may.undo) put(this.#undo, undoLabel(view.undo.label, undoIn(view, now)));
  }
}

/**
 * @param {string} name
 * @param {string} key its key on a keyboard, or ""
 */
function big(name, key) {
  const label = h("span", { class: "label" });
  const hint = h("span", { class: "hint" });
  const button = h("button", { type: "button", class: "big " + name, "aria-keyshortcuts": key || undefined }, label, hint);
  return { button, label, hint };
}
