/**
 * @file « Ce qu’on a fait aujourd’hui »: what was done, what comes next, what to bring,
 * from closed lists. It lives in this page until it is printed or the visit ends.
 */
import { h } from "../lib/dom.js";
import { send } from "../lib/send.js";
import { say } from "../lib/words.js";
import { refusal } from "./ask.js";
import { put } from "./dom.js";
import { paperFields, slipChoices } from "./paper.js";
import { button, field, ticks } from "./parts.js";
import { PlaceSearch } from "./places.js";
import { filled, noToday, ticked, todayBody } from "./slips.rules.js";

/** @import { DeskFolder, Page } from "./folder.js" */
/** @import { SlipChoices } from "./slips.rules.js" */

export class TodayPage {
  #folder;
  /** @type {SlipChoices|null} */
  #choices = null;
  #form = h("form", { novalidate: true });
  #where = h("p", { class: "where" });
  #pick = button("", () => this.#search());
  #none = button(say("desk.today_next_none"), () => {
    this.#folder.drafts.today.next = null;
    this.#drawNext();
    this.#pick.focus();
  });
  #deadline = field({ label: say("desk.today_deadline"), help: say("desk.today_deadline_help"), kind: "date" });
  #busy = false;
  /** @type {Page} */
  page;

  /** @param {DeskFolder} folder */
  constructor(folder) {
    this.#folder = folder;
    this.#deadline.input.addEventListener("change", () => (this.#folder.drafts.today.deadline = this.#deadline.input.value));
    this.#form.addEventListener("submit", (event) => event.preventDefault());
    this.page = {
      key: "today", title: say("desk.today_slip"), visit: true,
      foot: [button(say("desk.today_print"), () => void this.#send(), "strong")],
      body: h("div", { class: "page form" }, this.#form),
      shown: () => {
        this.#drawNext();
        void this.#build();
      },
    };
  }

  async #build() {
    if (this.#choices) return;
    const choices = await slipChoices(this.#folder);
    if (!choices || this.#choices) return;
    this.#choices = choices;
    const today = this.#folder.drafts.today;
    /** @param {"done"|"bring"} list */
    const change = (list) => (/** @type {string} */ key, /** @type {boolean} */ on) => {
      const t = this.#folder.drafts.today;
      t[list] = ticked(t[list], key, on);
    };
    this.#deadline.input.value = today.deadline;
    this.#form.append(
      ticks({ legend: say("desk.today_done"), choices: choices.done, chosen: today.done, change: change("done") }).node,
      this.#deadline.node,
      ticks({ legend: say("desk.today_bring"), choices: choices.bring, chosen: today.bring, change: change("bring") }).node,
      h("fieldset", { class: "ticks" }, h("legend", {}, say("desk.today_next")), this.#where, h("div", { class: "items" }, this.#pick, this.#none)),
      ticks({
        legend: say("desk.today_who"), one: true, chosen: [today.who], choices: [{ key: "", label: say("desk.today_nobody") }, ...choices.roles],
        change: (key) => (this.#folder.drafts.today.who = key),
      }).node,
      paperFields(this.#folder, choices));
  }

  #drawNext() {
    const { next } = this.#folder.drafts.today;
    put(this.#where, next?.name ?? "");
    this.#where.hidden = this.#none.hidden = !next;
    put(this.#pick.children[0], next ? say("desk.today_next_other") : say("desk.today_next_pick"));
  }

  #search() {
    const search = new PlaceSearch(this.#folder, (place) => {
      this.#folder.drafts.today.next = place;
      this.#folder.backTo(this.page);
    });
    this.#folder.push(search.page);
  }

  async #send() {
    const { drafts } = this.#folder;
    if (this.#busy || !this.#choices) return;
    if (!filled(drafts.today)) return this.#folder.problem(say("desk.today_empty"));
    this.#busy = true;
    const got = await send("/api/slip", todayBody(drafts.today, drafts.lang || "fr", drafts.large, this.#choices));
    this.#busy = false;
    if (!got.ok) return this.#folder.problem(refusal(got));
    drafts.today = noToday();
    this.#folder.replace(new TodayPage(this.#folder).page);
    this.#folder.told(say("desk.slip_printing"));
  }
}
