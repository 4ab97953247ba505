/**
 * @file « Codes rapportés »: codes that partners bring back, typed, pasted or from a file,
 * and how many of those given arrived. A code knows nobody. Under them, how many people
 * of each month could not come.
 */
import { h } from "../lib/dom.js";
import { send } from "../lib/send.js";
import { say } from "../lib/words.js";
import { ask, refusal } from "./ask.js";
import { button, field } from "./parts.js";
import { arrivals, monthText } from "./slips.rules.js";

/** @import { DeskFolder, Page } from "./folder.js" */
/** @import { HomeNeed, VoucherCount } from "./slips.rules.js" */

export class VoucherPage {
  #folder;
  #codes = field({
    label: say("desk.vouchers_codes"), help: say("desk.vouchers_codes_help"), kind: "area", rows: 4,
    attributes: { autocapitalize: "characters", spellcheck: "false", autocomplete: "off" },
  });
  #results = h("div", { class: "results", role: "status" });
  #file = h("input", { type: "file", accept: ".csv,.txt", hidden: true });
  #counts = h("div", { class: "counts" });
  #busy = false;
  /** @type {Page} */
  page;

  /** @param {DeskFolder} folder */
  constructor(folder) {
    this.#folder = folder;
    this.#file.addEventListener("change", async () => {
      const text = (await this.#file.files?.[0]?.text()) ?? "";
      this.#file.value = "";
      this.#codes.input.value = [this.#codes.input.value.trim(), text.trim()].filter(Boolean).join("\n");
      this.#codes.input.focus();
    });
    this.page = {
      key: "vouchers", title: say("desk.vouchers"), foot: [button(say("desk.vouchers_count"), () => void this.#send(), "strong")],
      typed: () => this.#codes.input.value.trim() !== "",
      body: h("div", { class: "page form" }, this.#results, this.#codes.node, this.#file,
        button(say("desk.vouchers_file"), () => this.#file.click()), this.#counts),
      shown: () => void this.#ask(),
    };
  }

  async #ask() {
    const [got, needs] = await Promise.all([ask("/api/vouchers"), ask("/api/needs")]);
    if (!got.ok) return this.#folder.problem(got.error);
    if (!needs.ok) return this.#folder.problem(needs.error);
    const counts = /** @type {VoucherCount[]} */ (got.body.counts ?? []);
    this.#counts.replaceChildren(...this.#vouchers(counts), ...atHome(needs.body.home ?? []));
  }

  /** @param {VoucherCount[]} counts @returns {Node[]} */
  #vouchers(counts) {
    if (counts.length === 0) return [h("p", { class: "help" }, say("desk.vouchers_none"))];
    const places = [...new Set(counts.map((c) => c.id))];
    return [h("h3", {}, say("desk.vouchers_counts")), ...places.map((id) => {
      const of = counts.filter((c) => c.id === id);
      const name = of[0].place;
      const print = button(say("desk.vouchers_print"), () => void this.#print(id));
      print.setAttribute("aria-label", say("desk.vouchers_print_of", { name }));
      return h("section", { class: "part" },
        months(name, [say("desk.vouchers_given"), say("desk.vouchers_back")], of.map((c) => ({ month: c.month, numbers: [c.given, c.arrived] }))),
        h("div", { class: "items" }, print, h("a", { class: "item", href: "/api/vouchers/list?place=" + encodeURIComponent(id), download: "bons.csv", "aria-label": say("desk.vouchers_list_of", { name }) }, say("desk.vouchers_list"))));
    })];
  }

  async #send() {
    const text = this.#codes.input.value;
    if (this.#busy) return;
    if (text.trim() === "") {
      this.#codes.input.focus();
      return this.#folder.problem(say("desk.vouchers_empty"));
    }
    this.#busy = true;
    const got = await ask("/api/vouchers", { codes: text });
    this.#busy = false;
    if (!got.ok) return this.#folder.problem(got.error);
    this.#folder.problem("");
    const { summary, lines, rest } = arrivals(got.body);
    this.#codes.input.value = rest;
    this.#results.replaceChildren(...summary.map((s) => h("p", { class: "told" }, s)),
      h("ul", {}, ...lines.map((l) => h("li", { class: "wrong" }, h("strong", {}, l.code), " ", l.text))));
    this.#results.scrollIntoView({ block: "nearest" });
    void this.#ask();
  }

  /** A list for the partner, to tick on paper. @param {string} id */
  async #print(id) {
    const got = await send("/api/slip", { do: "partner", next: id });
    if (!got.ok) return this.#folder.problem(refusal(got));
    this.#folder.told(say("desk.slip_printing"));
  }
}

/**
 * Who could not come, by month: what help at home would be for.
 * @param {HomeNeed[]} needs
 * @returns {Node[]}
 */
function atHome(needs) {
  if (needs.length === 0) return [];
  return [h("section", { class: "part" },
    months(say("desk.needs_home"), [say("desk.needs_people")], needs.map((n) => ({ month: n.month, numbers: [n.people] }))))];
}

/**
 * A table with a line for each month.
 * @param {string} name
 * @param {string[]} columns
 * @param {{month: string, numbers: number[]}[]} lines
 */
function months(name, columns, lines) {
  return h("table", {}, h("caption", {}, name),
    h("thead", {}, h("tr", {}, ...[say("desk.vouchers_month"), ...columns].map((c) => h("th", { scope: "col" }, c)))),
    h("tbody", {}, ...lines.map((l) => h("tr", {}, h("th", { scope: "row" }, monthText(l.month)), ...l.numbers.map((n) => h("td", {}, String(n)))))));
}
