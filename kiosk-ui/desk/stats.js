/**
 * @file « Statistiques »: the figures of this permanence and of those before, how far the
 * period is, and, for who has them, the bilans of closed periods.
 */
import { h } from "../lib/dom.js";
import { say } from "../lib/words.js";
import { ask } from "./ask.js";
import { keyed, put } from "./dom.js";
import { tell } from "./frame.js";
import { button, section, ticks } from "./parts.js";
import { ticked } from "./slips.rules.js";

/** @import { DeskFolder, Page } from "./folder.js" */

/** @typedef {{label: string, value: number}} Figure */
/**
 * The table of one permanence.
 * @typedef {{live: boolean, title: string, test: boolean, figures: Figure[], motifs: Figure[], identity: string,
 *   sections: {title: string, rows: Figure[], remarks: string[]}[]}} Table
 */
/**
 * @typedef {{now: Table|null, bilans: boolean, past: {id: string, text: string, issued: number, served: number}[],
 *   period: {text: string, kinds: string[], due: boolean, close: string, asked: string}|null}} Statistics
 */
/** @typedef {{periods: {id: string, label: string, notes: string}[], files: {name: string, label: string, hint: string}[]}} Bilans */

export class StatsPage {
  #folder;
  #now = h("section", { class: "stack" });
  #past = h("ul", { class: "rows reports" });
  #pastPart = section(say("desk.stats_past"), this.#past);
  #periodText = h("p", {});
  #kinds = h("ul", { class: "kinds" });
  #note = h("p", { class: "help" }, say("desk.stats_batches"));
  #due = h("p", { class: "warn" }, say("desk.stats_due"));
  #close = button("", () => this.#ask());
  #period = section(say("desk.stats_period_title"), this.#periodText, this.#kinds,
    this.#note, this.#due, this.#close);
  #bilan = button(say("desk.bilan"), () => this.#folder.push(new BilanPage(this.#folder).page), "", say("desk.bilan_hint"));
  #bilans = h("section", { class: "stack" }, this.#bilan);
  /** @type {Statistics["period"]} */
  #open = null;
  #busy = false;
  /** What is drawn, so that it is drawn again only when it has changed. */
  #drawn = "";
  /** @type {any} */
  #timer;
  /** @type {Page} */
  page;

  /** @param {DeskFolder} folder */
  constructor(folder) {
    this.#folder = folder;
    for (const part of [this.#pastPart, this.#period, this.#bilans]) part.hidden = true;
    this.page = {
      key: "stats", title: say("desk.stats"),
      body: h("div", { class: "page stats" }, this.#now, this.#pastPart, this.#period, this.#bilans),
      shown: () => {
        void this.#look();
        clearInterval(this.#timer);
        this.#timer = setInterval(() => document.hidden || void this.#look(), 10_000);
      },
      left: () => clearInterval(this.#timer),
    };
  }

  async #look() {
    const got = await ask("/api/statistics");
    if (!got.ok) return this.#folder.problem(got.error);
    /** @type {Statistics} */
    const { now, past, period, bilans } = got.body;
    const what = JSON.stringify(now);
    if (what !== this.#drawn) {
      this.#drawn = what;
      const open = [...this.#now.querySelectorAll("details")].map((d) => d.open);
      this.#now.replaceChildren(...(now ? tableParts(now) : [h("p", {}, say("desk.stats_none"))]));
      this.#now.querySelectorAll("details").forEach((d, i) => (d.open = open[i] ?? false)); // what the reader unfolded stays
    }
    this.#pastPart.hidden = past.length === 0;
    keyed(this.#past, past, (p) => p.id, (p) => {
      const see = h("button", { type: "button", class: "item" }, h("span", { class: "label" }), h("span", { class: "hint" }));
      see.addEventListener("click", () => this.#folder.push(tablePage(this.#folder, p.id, p.text)));
      return h("li", {}, see);
    }, (node, p) => {
      put(node.children[0].children[0], p.text);
      put(node.children[0].children[1], p.issued === 1 ? say("desk.stats_past_one", { served: p.served }) : say("desk.stats_past_many", { n: p.issued, served: p.served }));
    });
    this.#open = period;
    this.#period.hidden = !period;
    this.#note.hidden = !period || period.kinds.length === 0;
    this.#bilans.hidden = !bilans;
    if (!period) return;
    put(this.#periodText, period.text);
    keyed(this.#kinds, period.kinds, (k) => k, () => h("li"), put);
    this.#due.hidden = !period.due;
    this.#close.hidden = period.close === "";
    put(this.#close.children[0], period.close);
  }

  /** Asks whether the period is to be closed: it is not opened again. */
  #ask() {
    const period = this.#open;
    if (!period) return;
    const yes = button(period.close, async () => {
      if (this.#busy) return;
      this.#busy = true;
      const done = await tell(this.#folder, { do: "close_period" });
      this.#busy = false;
      if (!done) return;
      this.#folder.back();
      this.#folder.told(say("desk.stats_close_done"));
    }, "strong");
    this.#folder.push({ key: "close_period", title: period.close, foot: [yes], body: h("div", { class: "page" }, h("p", {}, period.asked)) });
  }
}

/**
 * The table of a permanence: what is read first, then, unfolded, all of it.
 * @param {Table} table
 * @returns {Node[]}
 */
function tableParts(table) {
  const whole = h("details", { class: "whole" }, h("summary", {}, say("desk.stats_table")), ...sections(table));
  return [
    h("h3", {}, table.title),
    ...(table.test ? [h("p", { class: "warn" }, say("desk.stats_test"))] : table.live ? [h("p", { class: "help" }, say("desk.stats_live"))] : []),
    h("dl", { class: "figures" }, ...table.figures.map((f) => h("div", {}, h("dt", {}, f.label), h("dd", {}, String(f.value))))),
    ...(table.motifs.length > 0
      ? [h("details", {}, h("summary", {}, say("desk.stats_motifs")), rows("", table.motifs), h("p", { class: "help" }, say("desk.stats_motifs_text")))]
      : []),
    whole,
  ];
}

/** @param {Table} table @returns {Node[]} */
function sections(table) {
  return [
    h("div", { class: "tables" }, ...table.sections.map((s) => h("section", { class: "part" }, rows(s.title, s.rows), ...s.remarks.map((r) => h("p", { class: "help" }, r))))),
    h("p", { class: "sum" }, table.identity),
  ];
}

/** @param {string} caption @param {Figure[]} list */
function rows(caption, list) {
  return h("table", {}, caption !== "" && h("caption", {}, caption),
    h("tbody", {}, ...list.map((r) => h("tr", {}, h("th", { scope: "row" }, r.label), h("td", {}, String(r.value))))));
}

/**
 * A permanence of before.
 * @param {DeskFolder} folder
 * @param {string} id
 * @param {string} title
 * @returns {Page}
 */
function tablePage(folder, id, title) {
  const body = h("div", { class: "page stats" });
  /** @type {Page} */
  const page = {
    key: "table", title, body,
    shown: async () => {
      if (body.firstChild) return;
      const got = await ask("/api/statistics/table?permanence=" + id);
      if (!got.ok) return folder.problem(got.error);
      body.replaceChildren(...sections(got.body));
      folder.renew(page);
    },
  };
  return page;
}

/**
 * The address of a file of the bilan of some periods.
 * @param {string} file
 * @param {string[]} periods
 */
const bilanAddress = (file, periods) => "/api/bilan/" + file + "?" + new URLSearchParams(periods.map((p) => ["period", p]));

/** The bilans: which periods, to read, and as files. */
class BilanPage {
  #folder;
  #form = h("form", { novalidate: true });
  #links = h("div", { class: "items" });
  /** The periods that are ticked. @type {string[]} */
  #chosen = [];
  /** @type {Bilans|null} */
  #bilans = null;
  /** @type {Page} */
  page;

  /** @param {DeskFolder} folder */
  constructor(folder) {
    this.#folder = folder;
    this.#form.addEventListener("submit", (event) => event.preventDefault());
    this.page = { key: "bilan", title: say("desk.bilan"), body: h("div", { class: "page form" }, this.#form), shown: () => void this.#build() };
  }

  async #build() {
    if (this.#bilans) return;
    const got = await ask("/api/bilan");
    if (!got.ok) return this.#folder.problem(got.error);
    const bilans = /** @type {Bilans} */ (got.body);
    this.#bilans = bilans;
    if (bilans.periods.length === 0) return this.#form.replaceChildren(h("p", {}, say("desk.bilan_none")));
    this.#chosen = [bilans.periods[0].id];
    this.#form.replaceChildren(
      ticks({
        legend: say("desk.bilan_periods"), chosen: this.#chosen,
        choices: bilans.periods.map((p) => ({ key: p.id, label: p.label + ". " + p.notes })),
        change: (key, on) => {
          this.#chosen = ticked(this.#chosen, key, on);
          this.#draw();
        },
      }).node, this.#links);
    this.#draw();
    this.#folder.renew(this.page);
  }

  #draw() {
    const { files } = this.#bilans ?? { files: [] };
    if (this.#chosen.length === 0) return this.#links.replaceChildren(h("p", { class: "warn" }, say("desk.bilan_pick")));
    this.#links.replaceChildren(
      h("a", { class: "item", "data-tone": "strong", href: bilanAddress("bilan.html", this.#chosen), target: "_blank" },
        h("span", { class: "label" }, say("desk.bilan_read")), h("span", { class: "hint" }, say("desk.bilan_read_hint"))),
      ...files.map((f) => h("a", { class: "item", href: bilanAddress(f.name, this.#chosen), download: "" },
        h("span", { class: "label" }, f.label), h("span", { class: "hint" }, f.hint))));
  }
}
