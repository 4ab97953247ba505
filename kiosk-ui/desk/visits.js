/**
 * @file « Visites finies »: those that this desk received, of which something may be said
 * until the closing, and the file of all desks for La Coop.
 */
import { h } from "../lib/dom.js";
import { say } from "../lib/words.js";
import { ask } from "./ask.js";
import { fileLink } from "./coop.js";
import { attr, keyed, put } from "./dom.js";
import { EndPage } from "./end.js";
import { fileLacks } from "./end.rules.js";
import { may } from "./roles.js";
import { monthText } from "./slips.rules.js";

/** @import { DeskFolder, Page } from "./folder.js" */
/** @import { Row } from "./view.js" */

export class VisitsPage {
  #folder;
  #list = h("ul", { class: "rows visits" });
  #none = h("p", { class: "help", hidden: true }, say("desk.visits_none"));
  #lacks = h("span", { class: "hint" });
  #blocked = h("section", { class: "part", hidden: true });
  /** @type {Page} */
  page;

  /** @param {DeskFolder} folder */
  constructor(folder) {
    this.#folder = folder;
    this.page = {
      key: "visits", title: say("desk.visits"), body: h("div", { class: "page" }, this.#none, this.#list, fileLink(this.#lacks), h("p", { class: "help" }, say("desk.end_ephemeral")), this.#blocked),
      shown: () => {
        void this.#ask();
        if (may("figures")) void this.#askBlocked();
      },
    };
  }

  /** How many procedures each organism blocked: what the team owes it to know. */
  async #askBlocked() {
    const got = await ask("/api/work/blocked");
    if (!got.ok) return;
    const rows = /** @type {{month: string, organism: string, n: number}[]} */ (got.body.blocked);
    this.#blocked.hidden = rows.length === 0;
    this.#blocked.replaceChildren(h("table", {}, h("caption", {}, say("desk.visits_blocked")),
      h("thead", {}, h("tr", {}, h("th", { scope: "col" }, say("desk.vouchers_month")), h("th", { scope: "col" }, say("desk.end_with")), h("th", { scope: "col" }, say("desk.visits_times")))),
      h("tbody", {}, ...rows.map((r) => h("tr", {}, h("th", { scope: "row" }, monthText(r.month)), h("td", {}, r.organism), h("td", {}, String(r.n)))))));
  }

  async #ask() {
    const got = await ask("/api/work?desk=" + encodeURIComponent(this.#folder.desk));
    if (!got.ok) return this.#folder.problem(got.error);
    const visits = /** @type {(Row & {noted: boolean})[]} */ (got.body.visits);
    this.#none.hidden = visits.length > 0;
    put(this.#lacks, fileLacks(got.body.untold));
    keyed(this.#list, visits, (v) => v.id, (v) => {
      const open = h("button", { type: "button", class: "row" }, h("span", { class: "n" }), h("span", { class: "about" }, h("span", { class: "what" })), h("span", { class: "wait" }));
      open.addEventListener("click", () => this.#folder.push(new EndPage(this.#folder, v.id).page));
      return h("li", {}, open);
    }, (node, v) => {
      const [number, about, told] = node.children[0].children;
      put(number, String(v.number));
      put(about.children[0], v.motifs.join(" + "));
      put(told, v.noted ? say("desk.visits_told") : say("desk.visits_untold"));
      attr(told, "data-told", v.noted);
    });
    this.#folder.renew(this.page);
  }
}
