/**
 * @file « Qui fait quoi »: all that is known of one place, and what can be done with it.
 */
import { h } from "../lib/dom.js";
import { say } from "../lib/words.js";
import { ask } from "./ask.js";
import { attr, put } from "./dom.js";
import { button, part } from "./parts.js";
import { PlaceForm } from "./place-form.js";
import { addressLine, callURL, dateText, distance, labels, mostPlaces, openLine, siteURL, toggled } from "./places.rules.js";

/** @import { DeskFolder, Page } from "./folder.js" */
/** @import { PlaceView } from "./places.rules.js" */

/**
 * Puts a place on the slip or takes it off, or says that the slip is full.
 * @param {DeskFolder} folder
 * @param {PlaceView} place
 */
export function choose(folder, place) {
  const before = folder.drafts.chosen;
  folder.drafts.chosen = toggled(before, place);
  folder.problem(folder.drafts.chosen === before ? say("desk.places_full", { n: mostPlaces }) : "");
}

/**
 * Whether it is open, as a sentence; its mark has a shape of its own for each.
 * @param {Element} node
 * @param {PlaceView} place
 */
export function drawState(node, place) {
  attr(node, "data-state", place.open_state);
  put(node, openLine(place));
}

/** « Qui fait quoi »: all that is known of one place. */
export class PlaceSheet {
  #folder;
  #place;
  #pick;
  #take = button("", () => this.#choose(), "strong");
  #remove = button(say("desk.place_remove"), () => this.#confirm(), "danger");
  /** @type {Page} */
  page;

  /**
   * @param {DeskFolder} folder
   * @param {PlaceView} place
   * @param {(place: PlaceView) => void} [pick]
   */
  constructor(folder, place, pick) {
    this.#folder = folder;
    this.#place = place;
    this.#pick = pick;
    const correct = button(say("desk.place_correct"), () => folder.push(new PlaceForm(folder, this.#place).page));
    this.page = {
      key: "place", title: place.name, body: h("div", { class: "page sheet-place" }), foot: pick || place.staff === "site" ? [this.#take] : [this.#take, correct],
      shown: () => {
        this.#draw();
        void this.#refresh();
      },
    };
  }

  async #refresh() {
    const got = await ask("/api/places/" + encodeURIComponent(this.#place.id));
    if (!got.ok) return;
    this.#place = got.body;
    this.#draw();
  }

  #choose() {
    if (this.#pick) return this.#pick(this.#place);
    choose(this.#folder, this.#place);
    this.#drawTake();
  }

  #drawTake() {
    const on = !this.#pick && this.#folder.drafts.chosen.some((p) => p.id === this.#place.id);
    put(this.#take.children[0], this.#pick ? say("desk.places_choose") : on ? say("desk.place_off_slip") : say("desk.place_on_slip"));
    attr(this.#take, "data-tone", on ? undefined : "strong");
  }

  #draw() {
    const p = this.#place;
    this.page.title = p.name;
    const site = p.staff === "site"; // of its own places a site says where, and when in its own words
    const state = h("p", { class: "state" });
    drawState(state, p);
    const tel = callURL(p.phone);
    const entitles = part(say("desk.place_entitles"), p.entitles);
    if (entitles) entitles.classList.add("entitles");
    const note = part(say("desk.place_note"), p.note, p.note !== "" && h("p", { class: "help" }, say("desk.place_note_hint")));
    if (note) note.classList.add("colleagues");
    /** @type {(Node|false)[]} */
    const parts = [
      h("section", { class: "part first" }, !site && state,
        h("p", {}, [addressLine(p), distance(p.metres)].filter(Boolean).join(" · ")),
        p.phone !== "" && h("p", {}, tel ? h("a", { class: "call", href: tel }, p.phone) : p.phone),
        p.gone && h("p", { class: "warn" }, say("desk.place_gone"))),
      entitles,
      part(say("desk.place_services"), labels(p.services)),
      part(say("desk.place_fees"), labels(p.fees)),
      !site && part(say("desk.place_for"), p.publics.length > 0 ? labels(p.publics) : say("desk.place_everybody"), labels(p.care)),
      part(say("desk.place_hours"), p.hours_unsure && p.hours !== "" && h("p", { class: "warn" }, say("desk.place_hours_unsure")),
        p.hours_lines.length > 0 ? h("ul", { class: "hours" }, ...p.hours_lines.map((l) => h("li", {}, l))) : p.hours || say("desk.place_hours_none")),
      part(say("desk.place_access"), labels(p.access), labels(p.support)),
      part(say("desk.place_way"), p.way),
      part(say("desk.place_bring"), p.bring),
      part(say("desk.place_languages"), p.tongues.join(", ")),
      note,
      part(say("desk.place_about"), p.summary, p.detail !== p.summary && p.detail),
      part(say("desk.place_contact"), ...p.emails.map((e) => h("p", {}, h("a", { href: "mailto:" + e }, e))),
        ...p.sites.map((s) => h("p", {}, siteURL(s) ? h("a", { href: siteURL(s), target: "_blank", rel: "noreferrer" }, s) : s))),
      h("p", { class: "origin" }, [
        site ? say("desk.place_site") : p.staff === "added" ? say("desk.place_added") : p.staff === "corrected" ? say("desk.place_corrected") : "",
        p.source ? say("desk.place_source", { source: p.source }) : "",
        p.updated ? say("desk.place_updated", { date: dateText(p.updated) }) : "",
      ].filter(Boolean).join(" ")),
      !this.#pick && !site && h("div", { class: "items" }, this.#remove, p.staff === "corrected" && !p.gone && this.#reset()),
    ];
    this.page.body.replaceChildren(...parts.filter((x) => x instanceof Node));
    this.#drawTake();
    this.#folder.renew(this.page);
  }

  #reset() {
    return button(say("desk.place_reset"), () => void this.#send("reset", say("desk.place_reset_done")), "", say("desk.place_reset_hint"));
  }

  #confirm() {
    const yes = button(say("desk.place_remove_yes"), () => void this.#send("remove", say("desk.place_removed", { name: this.#place.name })), "danger");
    const no = button(say("desk.place_remove_no"), () => this.#folder.back());
    const text = this.#place.staff === "imported" ? say("desk.place_remove_text_imported") : say("desk.place_remove_text");
    this.#folder.push({
      key: "remove", title: say("desk.place_remove_ask"), foot: [yes, no],
      body: h("div", { class: "page" }, h("p", { class: "lead" }, this.#place.name), h("p", {}, text)),
    });
  }

  /**
   * @param {"remove"|"reset"} what
   * @param {string} done
   */
  async #send(what, done) {
    const got = await ask("/api/places", { do: what, id: this.#place.id });
    if (!got.ok) return this.#folder.problem(got.error);
    if (what === "remove") {
      this.#folder.drafts.chosen = this.#folder.drafts.chosen.filter((p) => p.id !== this.#place.id);
      this.#folder.back(2); // the question, and the sheet of what is no more
    } else {
      await this.#refresh();
    }
    this.#folder.told(done);
  }
}
