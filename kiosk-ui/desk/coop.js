/** @file La Coop: the file of the permanence, and the link that opens its own form filled. */
import { h } from "../lib/dom.js";
import { qr } from "../lib/qr.js";
import { say } from "../lib/words.js";
import { ask } from "./ask.js";
import { may } from "./roles.js";

/** @import { DeskFolder, Page } from "./folder.js" */

/** Where the file is. */
export const coopFile = "/api/work/coop.csv";

/**
 * A link that takes the file away, as large as a button; nothing for a role that may not.
 * @param {Element} lacks says what the file lacks
 */
export function fileLink(lacks) {
  return may("open_close") && h("a", { class: "item", href: coopFile, download: "la-coop.csv" }, h("span", { class: "label" }, say("desk.coop_download")), lacks);
}

/** The link to La Coop's form, and its code for a phone that has the Internet. */
export class CoopPage {
  #folder;
  #visit;
  #body = h("div", { class: "page coop" });
  /** @type {Page} */
  page;

  /**
   * @param {DeskFolder} folder
   * @param {string} visit
   * @param {number} number
   */
  constructor(folder, visit, number) {
    this.#folder = folder;
    this.#visit = visit;
    this.page = { key: "coop", title: say("desk.end_page", { n: number }), body: this.#body, shown: () => void this.#ask() };
  }

  async #ask() {
    if (this.#body.firstChild) return;
    const got = await ask(`/api/work/link?desk=${encodeURIComponent(this.#folder.desk)}&visit=${this.#visit}`);
    if (this.#body.firstChild) return;
    if (!got.ok) return this.#folder.problem(got.error);
    const { url, qr: code } = /** @type {{url: string, qr: {size: number, path: string}|null}} */ (got.body);
    this.#body.append(
      ...(code ? [h("p", {}, say("desk.coop_scan")), qr(code, { class: "qr", role: "img", "aria-label": say("desk.coop_open") })] : []),
      h("p", { class: "help" }, say("desk.coop_check")),
      h("a", { class: "item", href: url, target: "_blank", rel: "noreferrer" }, h("span", { class: "label" }, say("desk.coop_here"))));
    this.#folder.renew(this.page);
  }
}
