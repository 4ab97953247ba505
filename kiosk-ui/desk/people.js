/** @file The people of the morning: waiting, held, out, absent, and those whose visit ended. */
import { say } from "../lib/words.js";
import { h } from "../lib/dom.js";
import { attr, keyed, put } from "./dom.js";
import { addsUp, countLines, ended, groups, motifs, wait, wayBack } from "./rules.js";
import { go, order } from "./orders.js";
import { renderMarks } from "./person.js";

/** @import { DeskView, Row } from "./view.js" */

export class DeskPeople extends HTMLElement {
  #newcomer = h("p");
  #learning = h("p");
  #waits = h("div", { class: "waits" }, this.#newcomer, this.#learning);
  #lists = h("div", { class: "lists" });
  #elsewhere = h("ul", { class: "elsewhere" });
  #endedTitle = h("summary");
  #endedList = h("ul", { class: "rows" });
  #ended = h("details", { class: "ended" }, this.#endedTitle, this.#endedList);
  #countsTitle = h("summary");
  #counts = h("tbody");
  #sum = h("p", { class: "sum" });
  #today = h("details", { class: "today" }, this.#countsTitle, h("table", {}, this.#counts), this.#sum);

  connectedCallback() {
    if (this.firstChild) return;
    put(this.#countsTitle, say("desk.today"));
    this.append(this.#lists, this.#waits, this.#elsewhere, this.#ended, this.#today);
  }

  /**
   * @param {DeskView} view
   * @param {number} now
   */
  render(view, now) {
    const lists = groups(view).filter((g) => g.rows.length > 0 || g.key === "waiting");
    keyed(this.#lists, lists, (g) => g.key, (g) => {
      return h("section", { class: "list " + g.key }, h("h2", { class: "heading" }), h("ul", { class: "rows" }), h("p", { class: "others" }));
    }, (node, g) => {
      const [title, list, others] = node.children;
      put(title, g.title);
      rows(list, g.rows, now);
      put(others, g.more === 0 ? "" : g.more === 1 ? say("desk.more_one") : say("desk.more_many", { n: g.more }));
    });

    this.#waits.hidden = !view.waits?.newcomer;
    put(this.#newcomer, view.waits?.newcomer ?? "");
    put(this.#learning, view.waits?.learning ?? "");

    const busy = view.desks.filter((d) => d.row && d.key !== view.desk);
    this.#elsewhere.hidden = busy.length === 0;
    keyed(this.#elsewhere, busy, (d) => d.key, () => h("li"), (node, d) => {
      if (d.row) put(node, say("desk.elsewhere", { desk: d.label, n: d.row.number, time: wait(d.row, now) }));
    });

    const gone = ended(view);
    this.#ended.hidden = gone.length === 0;
    put(this.#endedTitle, say("desk.list_ended"));
    rows(this.#endedList, gone, now);

    keyed(this.#counts, countLines(view.counts), (l) => l.key, (l) => h("tr", { class: l.key }, h("th", { scope: "row" }), h("td")), (node, l) => {
      put(node.children[0], l.label);
      put(node.children[1], String(l.n));
    });
    put(this.#sum, addsUp(view.counts) ? say("desk.sum_true") : say("desk.sum_false"));
    this.#sum.classList.toggle("false", !addsUp(view.counts));
  }
}

/**
 * @param {Element} list
 * @param {Row[]} people
 * @param {number} now
 */
function rows(list, people, now) {
  keyed(list, people, (r) => r.id, row, (node, r) => {
    const [open, quick] = node.children;
    const [number, about, time] = open.children;
    put(number, String(r.number));
    put(about.children[0], motifs(r));
    renderMarks(/** @type {HTMLElement} */ (about.children[1]), r, now);
    put(time, wait(r, now));
    drawQuick(/** @type {HTMLElement} */ (quick), r);
  });
}

/**
 * The one thing most often wanted of a row: ready, back from outside, back after an absence.
 * @param {HTMLElement} button
 * @param {Row} r
 */
function drawQuick(button, r) {
  const back = wayBack(r);
  button.hidden = !back;
  if (!back) return;
  button.dataset.command = back.do;
  put(button, back.short);
  attr(button, "aria-label", say("desk.quick_label", { word: back.short, n: r.number }));
}

/** @param {Row} r */
function row(r) {
  const visit = r.id;
  const open = h("button", { type: "button", class: "row" },
    h("span", { class: "n" }),
    h("span", { class: "about" }, h("span", { class: "what" }), h("span", { class: "marks" })),
    h("span", { class: "wait" }));
  const quick = h("button", { type: "button", class: "quick" });
  open.addEventListener("click", () => go(open, { page: "person", visit }));
  quick.addEventListener("click", () => order(quick, { do: quick.dataset.command ?? "", visit }));
  return h("li", {}, open, quick);
}
