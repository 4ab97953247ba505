/**
 * @file The end of a visit: what to see to before the person leaves, and what was really
 * done, from closed lists, by thumb. « Terminé » alone is enough; this may follow until
 * the permanence closes, and is kept in the box's memory alone.
 */
import { h } from "../lib/dom.js";
import { send } from "../lib/send.js";
import { say } from "../lib/words.js";
import { ask, refusal } from "./ask.js";
import { chips } from "./chips.js";
import { CoopPage } from "./coop.js";
import { put } from "./dom.js";
import { checks, minutes, several, themes, toggled, workBody } from "./end.rules.js";
import { button, field, newId } from "./parts.js";
import { PlaceSearch } from "./places.js";
import { ticked } from "./slips.rules.js";

/** @import { DeskFolder, Page } from "./folder.js" */
/** @import { Work, WorkAnswer } from "./end.rules.js" */
/** @import { Choice } from "./view.js" */

export class EndPage {
  #folder;
  #visit;
  /** @type {WorkAnswer|null} */
  #answer = null;
  #form = h("form", { novalidate: true, class: "end" });
  #where = h("p", { class: "where" });
  #changed = false;
  #busy = false;
  /** @type {Page} */
  page;

  /**
   * @param {DeskFolder} folder
   * @param {string} visit
   */
  constructor(folder, visit) {
    this.#folder = folder;
    this.#visit = visit;
    this.#form.addEventListener("submit", (event) => event.preventDefault());
    this.page = {
      key: "end", title: say("desk.end_ask"), foot: [button(say("desk.end_save"), () => void this.#save(), "strong")],
      body: h("div", { class: "page form" }, this.#form),
      typed: () => this.#changed,
      shown: () => void this.#ask(),
    };
  }

  async #ask() {
    if (this.#answer) return;
    const got = await ask(`/api/work/visit?desk=${encodeURIComponent(this.#folder.desk)}&visit=${this.#visit}`);
    if (this.#answer) return;
    if (!got.ok) return this.#folder.problem(got.error);
    this.#answer = /** @type {WorkAnswer} */ (got.body);
    this.page.title = say("desk.end_page", { n: this.#answer.number });
    this.#build(this.#answer);
    this.#folder.renew(this.page);
  }

  /** @param {WorkAnswer} answer */
  #build(answer) {
    const { chosen, choices } = answer;
    const seen = new Set();
    /** @param {string} legend @param {Choice[]} list @param {(key: string) => boolean} on @param {(key: string) => void} press */
    const group = (legend, list, on, press) => chips({ legend, choices: list, on, press: (key) => {
      this.#changed = true;
      press(key);
    } }).node;
    /** @param {string} legend @param {Choice[]} list @param {"manner"|"autonomy"|"known"|"gender"|"age"|"status"} name */
    const one = (legend, list, name) => group(legend, list, (key) => chosen[name] === key, (key) => (chosen[name] = toggled(chosen[name], key)));
    /** @param {string} label @param {Choice[]} list @param {string} none @param {"with"|"blocked"|"structure"} name */
    const select = (label, list, none, name) => {
      const f = field({ label, kind: "select", choices: [{ key: "", label: none }, ...list], value: chosen[name] });
      f.input.addEventListener("change", () => {
        this.#changed = true;
        chosen[name] = f.input.value;
      });
      return f.node;
    };
    /** @param {string} legend @param {Choice[]} list */
    const some = (legend, list) => group(legend, list, (key) => chosen.themes.includes(key),
      (key) => (chosen.themes = ticked(chosen.themes, key, !chosen.themes.includes(key))));

    const { likely, others } = themes(answer);
    const there = h("div", { class: "there" },
      select(say("desk.end_structure"), choices.structures, say("desk.end_structure_none"), "structure"),
      this.#where, this.#placeButtons(chosen),
      group("", [{ key: "accompanied", label: say("desk.end_accompanied") }], () => chosen.accompanied, () => (chosen.accompanied = !chosen.accompanied)));
    there.hidden = !chosen.oriented;
    const time = field({ label: say("desk.end_minutes"), kind: "select", choices: minutes(chosen.minutes), value: String(chosen.minutes) });
    time.input.addEventListener("change", () => {
      this.#changed = true;
      chosen.minutes = Number(time.input.value);
    });
    this.#form.replaceChildren(
      chips({ legend: say("desk.end_before"), choices: checks(), on: (key) => seen.has(key), press: (key) => void (seen.delete(key) || seen.add(key)) }).node,
      some(say("desk.end_themes"), likely),
      h("details", {}, h("summary", {}, say("desk.end_more_themes")), some("", others)),
      one(say("desk.end_manner"), choices.manners, "manner"),
      one(say("desk.end_autonomy"), choices.autonomies, "autonomy"),
      group(say("desk.end_freins"), choices.freins, (key) => chosen.freins.includes(key),
        (key) => (chosen.freins = several("freins", chosen.freins, key, !chosen.freins.includes(key)))),
      group(say("desk.end_then"), [{ key: "oriented", label: say("desk.end_oriented") }, { key: "see_again", label: say("desk.end_see_again") }],
        (key) => (key === "oriented" ? chosen.oriented : chosen.see_again),
        (key) => {
          if (key === "oriented") there.hidden = !(chosen.oriented = !chosen.oriented);
          else chosen.see_again = !chosen.see_again;
        }),
      there,
      select(say("desk.end_blocked"), choices.organisms, say("desk.end_blocked_none"), "blocked"),
      h("details", {}, h("summary", {}, say("desk.end_coop")), h("div", { class: "stack" },
        time.node,
        select(say("desk.end_with"), choices.organisms, say("desk.end_with_none"), "with"),
        group(say("desk.end_materials"), choices.materials, (key) => chosen.materials.includes(key),
          (key) => (chosen.materials = several("materials", chosen.materials, key, !chosen.materials.includes(key)))),
        h("p", { class: "help" }, say("desk.end_help")),
        one(say("desk.end_known"), choices.known, "known"), one(say("desk.end_gender"), choices.genders, "gender"),
        one(say("desk.end_age"), choices.ages, "age"), one(say("desk.end_status"), choices.statuses, "status"))),
      h("p", { class: "help" }, say("desk.end_ephemeral")));
    for (const group of this.#form.querySelectorAll("legend:empty")) group.remove();
    this.#form.querySelectorAll("fieldset:not(:has(legend))").forEach((f) => f.setAttribute("aria-labelledby", this.#titleOf(f)));
    this.#drawWhere();
  }

  /** The words above a group without a title of its own. @param {Element} group */
  #titleOf(group) {
    const title = group.parentElement?.querySelector("summary, label") ?? group;
    title.id ||= newId();
    return title.id;
  }

  /** @param {Work} chosen */
  #placeButtons(chosen) {
    const pick = button("", () => {
      this.#folder.push(new PlaceSearch(this.#folder, (place) => {
        this.#changed = true;
        chosen.toward = place.id;
        chosen.toward_name = place.name;
        this.#folder.backTo(this.page);
        this.#drawWhere();
      }).page);
    });
    const none = button(say("desk.end_place_none"), () => {
      this.#changed = true;
      chosen.toward = chosen.toward_name = "";
      this.#drawWhere();
      pick.focus();
    });
    this.#pick = pick;
    this.#none = none;
    return h("div", { class: "items" }, pick, none);
  }

  /** @type {HTMLElement|null} */
  #pick = null;
  /** @type {HTMLElement|null} */
  #none = null;

  #drawWhere() {
    const name = this.#answer?.chosen.toward_name ?? "";
    put(this.#where, name);
    this.#where.hidden = name === "";
    if (this.#none) this.#none.hidden = name === "";
    if (this.#pick) put(this.#pick.children[0], name === "" ? say("desk.end_place") : say("desk.end_place_other"));
  }

  async #save() {
    const answer = this.#answer;
    if (this.#busy || !answer) return;
    this.#busy = true;
    const got = await send("/api/work", workBody(answer.chosen, this.#folder.desk, this.#visit));
    this.#busy = false;
    if (!got.ok) return this.#folder.problem(refusal(got));
    this.#changed = false;
    if (answer.link && !answer.here) this.#folder.replace(new CoopPage(this.#folder, this.#visit, answer.number).page);
    else this.#folder.back();
    if (this.#folder.isOpen) this.#folder.told(say("desk.end_saved"));
  }
}
