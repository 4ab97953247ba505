/**
 * @file « Fiche d’orientation »: up to three places for the person, in their language.
 */
import { h } from "../lib/dom.js";
import { send } from "../lib/send.js";
import { say } from "../lib/words.js";
import { refusal } from "./ask.js";
import { paperFields, slipChoices } from "./paper.js";
import { button, tick } from "./parts.js";
import { addressLine } from "./places.rules.js";
import { mayShare, orientationBody } from "./slips.rules.js";

/** @import { DeskFolder, Page } from "./folder.js" */

export class OrientationPage {
  #folder;
  #list = h("ol", { class: "rows chosen" });
  #form = h("div", { class: "stack" });
  #print = button(say("desk.orientation_print"), () => void this.#send(), "strong");
  /** The person said yes to their result on this paper. */
  #yes = false;
  #busy = false;
  /** @type {Page} */
  page;

  /** @param {DeskFolder} folder */
  constructor(folder) {
    this.#folder = folder;
    this.page = {
      key: "orientation", title: say("desk.orientation"), visit: true, foot: [this.#print],
      body: h("div", { class: "page" }, this.#list, this.#form),
      shown: () => {
        this.#draw();
        void this.#build();
      },
    };
  }

  async #build() {
    if (this.#form.firstChild) return;
    const choices = await slipChoices(this.#folder);
    if (!choices || this.#form.firstChild) return;
    this.#form.append(paperFields(this.#folder, choices));
    if (mayShare(this.#folder.mine)) {
      this.#form.append(tick(say("desk.orientation_result"), this.#yes, (on) => (this.#yes = on), say("desk.orientation_result_hint")));
    }
  }

  #draw() {
    const places = this.#folder.drafts.chosen;
    this.#list.replaceChildren(...places.map((p) => {
      const off = h("button", { type: "button", class: "quick", "aria-label": say("desk.orientation_off", { name: p.name }) }, say("desk.orientation_off_short"));
      off.addEventListener("click", () => {
        this.#folder.drafts.chosen = this.#folder.drafts.chosen.filter((q) => q.id !== p.id);
        if (this.#folder.drafts.chosen.length === 0) return this.#folder.back();
        this.#draw();
        /** @type {HTMLElement|null} */ (this.#list.querySelector("button"))?.focus();
      });
      return h("li", {}, h("div", { class: "card" }, h("strong", {}, p.name), h("span", {}, addressLine(p))), off);
    }));
  }

  async #send() {
    if (this.#busy) return;
    this.#busy = true;
    const { drafts, mine, desk } = this.#folder;
    const got = await send("/api/slip", orientationBody(drafts.chosen, drafts.lang || "fr", drafts.large, mine, this.#yes, desk));
    this.#busy = false;
    if (!got.ok) return this.#folder.problem(refusal(got));
    this.#yes = false;
    drafts.chosen = [];
    this.#folder.back();
    this.#folder.told(say("desk.slip_printing"));
  }
}
