/**
 * @file « Les lieux »: words and filters, and the places that they find.
 */
import { h } from "../lib/dom.js";
import { say } from "../lib/words.js";
import { ask } from "./ask.js";
import { attr, keyed, put } from "./dom.js";
import { ManagePage } from "./manage.js";
import { PlaceMap } from "./map.js";
import { OrientationPage } from "./orientation.js";
import { button, field } from "./parts.js";
import { choose, drawState, PlaceSheet } from "./place-sheet.js";
import { addressLine, distance, filters, labels, noWish, ofSite, pageful, resultLine, searchURL } from "./places.rules.js";

/** @import { DeskFolder, Page } from "./folder.js" */
/** @import { PlaceView, Terms, Wish } from "./places.rules.js" */
/** @import { Choice } from "./view.js" */

/** How long (ms) the search waits for another letter. */
const pause = 200;

export class PlaceSearch {
  #folder;
  #pick;
  /** @type {Wish} */
  #wish = noWish();
  /** @type {PlaceView[]} */
  #shown = [];
  /** @type {PlaceView[]} those of the site's own list */
  #own = [];
  /** The newest question: older answers come too late. */
  #asked = 0;
  #timer = 0;
  #words = field({ label: say("desk.places_words"), kind: "search", attributes: { placeholder: say("desk.places_words_hint"), enterkeyhint: "search" } });
  #summary = h("summary");
  #filters = h("div", { class: "filters" });
  #ownList = h("ul", { class: "rows places" });
  #site = h("section", { class: "group", hidden: true }, h("h3", {}, say("desk.places_site")), this.#ownList);
  #found = h("h3", { hidden: true }, say("desk.places_found"));
  #line = h("p", { class: "found", role: "status" });
  #list = h("ul", { class: "rows places" });
  #more = button(say("desk.places_more"), () => {
    this.#wish.limit += pageful;
    void this.#ask();
  });
  #first = button(say("desk.manage"), () => this.#folder.push(new ManagePage(this.#folder).page), "strong", say("desk.manage_hint"));
  #prepare = button("", () => this.#folder.push(new OrientationPage(this.#folder).page), "strong");
  #around = button(say("desk.map"), () => this.#folder.push(new PlaceMap(this.#folder, this.#pick).page));
  #manage = button(say("desk.manage"), () => this.#folder.push(new ManagePage(this.#folder).page));
  /** @type {Page} */
  page;

  /**
   * @param {DeskFolder} folder
   * @param {(place: PlaceView) => void} [pick] what becomes of a place that is chosen; without it, it goes on the orientation slip
   */
  constructor(folder, pick) {
    this.#folder = folder;
    this.#pick = pick;
    const details = h("details", { class: "more-filters", open: matchMedia("(min-width: 720px)").matches }, this.#summary, this.#filters);
    const body = h("div", { class: "page search" }, h("div", { class: "asks" }, this.#words.node, details),
      h("div", { class: "answers" }, this.#site, h("section", { class: "group" }, this.#found, this.#line, this.#list), h("div", { class: "items after" }, this.#more, this.#first)));
    this.#words.input.addEventListener("input", () => {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#wishes({ q: this.#words.input.value }), pause);
    });
    this.page = {
      key: "places", title: pick ? say("desk.places_pick") : say("desk.places"), body,
      foot: pick ? [this.#around] : [this.#prepare, this.#around, this.#manage],
      shown: () => {
        void this.#ask();
        this.#draw();
        if (!this.#filters.firstChild) void this.#drawFilters();
      },
    };
    this.#more.hidden = this.#first.hidden = true;
  }

  /** @param {Partial<Wish>} change */
  #wishes(change) {
    this.#wish = { ...this.#wish, limit: pageful, ...change };
    put(this.#summary, filters(this.#wish) > 0 ? say("desk.places_filters_n", { n: filters(this.#wish) }) : say("desk.places_filters"));
    void this.#ask();
  }

  async #drawFilters() {
    put(this.#summary, say("desk.places_filters"));
    const got = await ask("/api/places/terms");
    if (!got.ok || this.#filters.firstChild) return;
    const terms = /** @type {Terms} */ (got.body);
    /** @param {"service"|"public"|"care"|"fee"} name @param {string} label @param {Choice[]} list */
    const select = (name, label, list) => {
      const f = field({ label, kind: "select", choices: [{ key: "", label: say("desk.places_any") }, ...list] });
      f.input.addEventListener("change", () => this.#wishes({ [name]: f.input.value }));
      return f.node;
    };
    const open = field({ label: say("desk.places_when"), kind: "select", choices: [
      { key: "", label: say("desk.places_any") }, { key: "now", label: say("desk.places_open_now") }, { key: "soon", label: say("desk.places_open_soon") },
    ] });
    open.input.addEventListener("change", () => this.#wishes({ open: /** @type {Wish["open"]} */ (open.input.value) }));
    this.#filters.append(
      select("service", say("desk.places_service"), terms.services), open.node, select("fee", say("desk.places_fee"), terms.fees),
      select("public", say("desk.places_public"), terms.publics), select("care", say("desk.places_care"), terms.care));
  }

  async #ask() {
    const turn = ++this.#asked;
    const got = await ask(searchURL(this.#wish));
    if (turn !== this.#asked) return;
    if (!got.ok) return this.#folder.problem(got.error);
    const { places, total, elsewhere = [] } = /** @type {{places: PlaceView[], total: number, elsewhere?: PlaceView[]}} */ (got.body);
    this.#shown = places;
    this.#own = ofSite(elsewhere, this.#wish);
    const empty = total === 0 && this.#wish.q.trim() === "" && filters(this.#wish) === 0;
    put(this.#line, empty ? say("desk.places_empty") : resultLine(places.length, total));
    this.#more.hidden = places.length >= total;
    this.#first.hidden = !empty || !!this.#pick;
    this.#draw();
  }

  #draw() {
    const chosen = this.#folder.drafts.chosen;
    this.#site.hidden = this.#found.hidden = this.#own.length === 0;
    this.#rows(this.#ownList, this.#own);
    this.#rows(this.#list, this.#shown);
    this.#prepare.hidden = chosen.length === 0;
    put(this.#prepare.children[0], chosen.length === 1 ? say("desk.orientation_one") : say("desk.orientation_many", { n: chosen.length }));
    this.#folder.renew(this.page);
  }

  /**
   * @param {HTMLElement} list
   * @param {PlaceView[]} places
   */
  #rows(list, places) {
    const chosen = this.#folder.drafts.chosen;
    keyed(list, places, (p) => p.id, (p) => {
      const open = h("button", { type: "button", class: "row place" },
        h("span", { class: "name" }), h("span", { class: "when" }, h("span", { class: "state" }), h("span", { class: "far" })), h("span", { class: "what" }));
      const take = h("button", { type: "button", class: "quick" });
      open.addEventListener("click", () => this.#folder.push(new PlaceSheet(this.#folder, this.#now(p.id), this.#pick).page));
      take.addEventListener("click", () => this.#take(this.#now(p.id)));
      return h("li", {}, open, take);
    }, (node, p) => {
      const [open, take] = node.children;
      const [name, when, what] = open.children;
      put(name, p.name);
      attr(when, "hidden", p.staff === "site"); // its hours are the site's own words
      drawState(when.children[0], p);
      put(when.children[1], [distance(p.metres), p.town].filter(Boolean).join(" · "));
      put(what, p.staff === "site" ? [addressLine(p), p.hours].filter(Boolean).join(" · ") : [labels(p.fees), labels(p.services)].filter(Boolean).join(" · "));
      const on = !this.#pick && chosen.some((c) => c.id === p.id);
      put(take, on ? say("desk.places_chosen") : say("desk.places_choose"));
      attr(take, "aria-pressed", this.#pick ? undefined : String(on));
      attr(take, "aria-label", say(on ? "desk.places_chosen_one" : "desk.places_choose_one", { name: p.name }));
    });
  }

  /** A place of the list, as it was last told. @param {string} id */
  #now(id) {
    return /** @type {PlaceView} */ ([...this.#own, ...this.#shown].find((p) => p.id === id));
  }

  /** @param {PlaceView} place */
  #take(place) {
    if (this.#pick) return this.#pick(place);
    choose(this.#folder, place);
    this.#draw();
  }
}
