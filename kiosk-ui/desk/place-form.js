/**
 * @file Adding a place or correcting one. What is wrong is said at its field, and what
 * was typed stays until it is saved or given up.
 */
import { h } from "../lib/dom.js";
import { say } from "../lib/words.js";
import { ask } from "./ask.js";
import { button, field, tick, ticks } from "./parts.js";
import { byField, draftOf, placeOf } from "./places.rules.js";
import { ticked } from "./slips.rules.js";

/** @import { DeskFolder, Page } from "./folder.js" */
/** @import { Draft, FieldProblem, PlaceView, Terms } from "./places.rules.js" */
/** @import { Choice } from "./view.js" */

/** The days of a week, from Monday. */
const dayNames = ["desk.day_monday", "desk.day_tuesday", "desk.day_wednesday", "desk.day_thursday", "desk.day_friday", "desk.day_saturday", "desk.day_sunday"];

/** Languages of the slips that a place does not speak: they are ways of writing French. */
const written = ["falc", "images"];

export class PlaceForm {
  #folder;
  #place;
  /** @type {Draft} */
  #draft;
  /** The draft as it began, to know whether anything was typed. */
  #before = "";
  /** @type {Map<string, {node: HTMLElement, problem: (text: string) => void}>} */
  #fields = new Map();
  #saved = false;
  #busy = false;
  #body = h("div", { class: "page form" });
  /** @type {Page} */
  page;

  /**
   * @param {DeskFolder} folder
   * @param {PlaceView|null} place null adds one
   */
  constructor(folder, place) {
    this.#folder = folder;
    this.#place = place;
    this.#draft = draftOf(place);
    this.#before = JSON.stringify(this.#draft);
    this.page = {
      key: "form", title: place ? say("desk.form_correct") : say("desk.form_add"), body: this.#body,
      foot: [button(say("desk.form_save"), () => void this.#save(), "strong")],
      typed: () => !this.#saved && JSON.stringify(this.#draft) !== this.#before,
      shown: () => void this.#build(),
    };
  }

  /** A language that the site does not speak, by name. @param {string} key */
  #tongue(key) {
    return this.#place?.tongues[this.#place.languages.indexOf(key)] ?? key;
  }

  async #build() {
    if (this.#body.firstChild) return;
    const [terms, slips] = await Promise.all([ask("/api/places/terms"), ask("/api/slip/choices")]);
    if (!terms.ok) return this.#folder.problem(terms.error);
    if (this.#body.firstChild) return;
    const lists = /** @type {Terms} */ (terms.body);
    const langs = slips.ok ? /** @type {Choice[]} */ (slips.body.langs).filter((l) => !written.includes(l.key)) : [];
    const spoken = [...langs, ...this.#draft.languages.filter((l) => !langs.some((c) => c.key === l)).map((key) => ({ key, label: this.#tongue(key) }))];

    this.#body.append(h("form", { novalidate: true },
      this.#text("nom", say("desk.form_name"), { required: true }),
      this.#text("adresse", say("desk.form_address")),
      h("div", { class: "two" },
        this.#text("code_postal", say("desk.form_postcode"), { inputmode: "numeric" }),
        this.#text("commune", say("desk.form_town"))),
      this.#text("telephone", say("desk.form_phone"), { inputmode: "tel" }),
      this.#hours(),
      this.#many("services", say("desk.place_services"), lists.services),
      this.#many("frais_a_charge", say("desk.place_fees"), lists.fees),
      this.#many("publics_specifiquement_adresses", say("desk.form_publics"), lists.publics),
      this.#many("prise_en_charge_specifique", say("desk.form_care"), lists.care),
      this.#area("entitles", say("desk.place_entitles"), say("desk.form_entitles_help")),
      this.#area("way", say("desk.place_way"), say("desk.form_way_help")),
      this.#area("bring", say("desk.place_bring"), say("desk.form_bring_help")),
      spoken.length > 0 && this.#many("languages", say("desk.place_languages"), spoken),
      this.#area("note", say("desk.place_note"), say("desk.place_note_hint")),
      this.#text("point", say("desk.form_point"), {}, say("desk.form_point_help"))));
    this.#body.querySelector("form")?.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#save();
    });
  }

  /**
   * @param {"nom"|"adresse"|"code_postal"|"commune"|"telephone"|"point"|"horaires"} name
   * @param {string} label
   * @param {Record<string, string|boolean>} [attributes]
   * @param {string} [help]
   */
  #text(name, label, attributes = {}, help = "") {
    const f = field({ label, help, value: this.#draft[name], attributes: { name, ...attributes } });
    f.input.addEventListener("input", () => (this.#draft[name] = f.input.value));
    this.#fields.set(name, f);
    return f.node;
  }

  /**
   * @param {"entitles"|"way"|"bring"|"note"} name
   * @param {string} label
   * @param {string} help
   */
  #area(name, label, help) {
    const f = field({ label, help, kind: "area", value: this.#draft[name], attributes: { name } });
    f.input.addEventListener("input", () => (this.#draft[name] = f.input.value));
    this.#fields.set(name, f);
    return f.node;
  }

  /**
   * @param {"services"|"frais_a_charge"|"publics_specifiquement_adresses"|"prise_en_charge_specifique"|"languages"} name
   * @param {string} legend
   * @param {Choice[]} choices
   */
  #many(name, legend, choices) {
    const t = ticks({ legend, choices, chosen: this.#draft[name], change: (key, on) => (this.#draft[name] = ticked(this.#draft[name], key, on)) });
    this.#fields.set(name, t);
    return t.node;
  }

  /** Day by day, or as the directory writes them when a week cannot say it. */
  #hours() {
    const week = this.#draft.week;
    if (!week) {
      const node = this.#text("horaires", say("desk.place_hours"), {}, say("desk.form_hours_raw"));
      this.#fields.set("hours", /** @type {{node: HTMLElement, problem: (text: string) => void}} */ (this.#fields.get("horaires")));
      return node;
    }
    const wrong = h("p", { class: "wrong", hidden: true });
    const days = week.days.map((value, day) => {
      const f = field({ label: say(dayNames[day]), value, attributes: { name: "day" + day, placeholder: say("desk.form_day_closed") } });
      f.input.addEventListener("input", () => (week.days[day] = f.input.value));
      this.#fields.set("day:" + day, f);
      return f;
    });
    const copy = button(say("desk.form_copy_monday"), () => {
      for (const day of [1, 2, 3, 4]) {
        days[day].input.value = week.days[day] = week.days[0];
        days[day].problem("");
      }
    });
    const node = h("fieldset", { class: "week" }, h("legend", {}, say("desk.place_hours")), wrong, h("p", { class: "help" }, say("desk.form_hours_help")),
      days[0].node, copy, ...days.slice(1).map((d) => d.node),
      tick(say("desk.form_holidays"), week.holidays, (on) => (week.holidays = on)));
    this.#fields.set("hours", {
      node,
      problem(text) {
        wrong.hidden = text === "";
        wrong.textContent = text;
      },
    });
    return node;
  }

  async #save() {
    if (this.#busy) return;
    const { place, problems } = placeOf(this.#draft, this.#place);
    if (problems.length > 0) return this.#tell(say("desk.form_look"), problems);
    this.#busy = true;
    const got = await ask("/api/places", { do: "put", place });
    this.#busy = false;
    const said = byField(got.ok ? got.body.problems ?? [] : got.problems, [...this.#fields.keys()]);
    if (!got.ok) return this.#tell(got.error, said);
    this.#saved = true;
    this.#folder.back();
    this.#folder.told([say("desk.form_saved"), ...said.map((p) => p.text)].join(" "));
  }

  /**
   * Says what is wrong at each field, and leads to the first.
   * @param {string} text
   * @param {FieldProblem[]} problems
   */
  #tell(text, problems) {
    for (const f of this.#fields.values()) f.problem("");
    for (const p of problems) this.#fields.get(p.field)?.problem(p.text);
    this.#folder.problem([text, ...problems.filter((p) => p.field === "").map((p) => p.text)].join(" "));
    const wrong = this.#body.querySelector(".wrong:not([hidden])")?.parentElement;
    if (!wrong) return;
    wrong.scrollIntoView({ block: "center" });
    /** @type {HTMLElement|null} */ (wrong.querySelector("input, textarea, select"))?.focus({ preventScroll: true });
  }
}
