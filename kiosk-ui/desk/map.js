/**
 * @file The places around here, drawn from their coordinates: rings for how far, a
 * number for each place, and beside it the same list in words. It asks no network.
 */
import { h } from "../lib/dom.js";
import { say } from "../lib/words.js";
import { ask } from "./ask.js";
import { attr } from "./dom.js";
import { field } from "./parts.js";
import { PlaceSheet } from "./place-sheet.js";
import { byDistance, half, length, marks, radii, rings } from "./map.rules.js";
import { distance, openWord, some } from "./places.rules.js";

/** @import { DeskFolder, Page } from "./folder.js" */
/** @import { PlaceView } from "./places.rules.js" */
/** @import { Mark, Spot } from "./map.rules.js" */

const svgns = "http://www.w3.org/2000/svg";

/**
 * @param {string} tag
 * @param {Record<string, string|number>} attributes
 * @param {...(Node|string)} children
 */
function s(tag, attributes, ...children) {
  const node = document.createElementNS(svgns, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, String(value));
  node.append(...children);
  return node;
}

export class PlaceMap {
  #folder;
  #pick;
  #radius = 5000;
  #asked = 0;
  #line = h("p", { class: "found", role: "status" });
  #draws = h("div", { class: "drawing", "aria-hidden": "true" });
  #list = h("ol", { class: "rows spots" });
  /** @type {Page} */
  page;

  /**
   * @param {DeskFolder} folder
   * @param {(place: PlaceView) => void} [pick]
   */
  constructor(folder, pick) {
    this.#folder = folder;
    this.#pick = pick;
    const far = field({
      label: say("desk.map_radius"), kind: "select", value: String(this.#radius),
      choices: radii.map((m) => ({ key: String(m), label: distance(m) })),
    });
    far.input.addEventListener("change", () => {
      this.#radius = Number(far.input.value);
      void this.#ask();
    });
    const key = h("ul", { class: "map-key", "aria-hidden": "true" },
      ...(/** @type {const} */ (["open", "closed", "unknown"])).map((state) => h("li", { "data-state": state }, openWord(state))),
      h("li", { "data-state": "many" }, say("desk.map_several")), h("li", { "data-state": "here" }, say("desk.map_here")));
    this.page = {
      key: "map", title: say("desk.map"),
      body: h("div", { class: "page map" }, h("div", { class: "asks" }, far.node, this.#draws, key), h("div", { class: "answers" }, this.#line, this.#list)),
      shown: () => void this.#ask(),
    };
  }

  async #ask() {
    const turn = ++this.#asked;
    const got = await ask("/api/places/map?radius=" + this.#radius);
    if (turn !== this.#asked) return;
    if (!got.ok) return this.#folder.problem(got.error);
    this.#folder.problem("");
    const { here, places, more } = /** @type {{here: boolean, places: Spot[], more: number|boolean}} */ (got.body);
    this.#draws.hidden = !here;
    if (!here) {
      this.#line.textContent = say("desk.map_no_here");
      return this.#list.replaceChildren();
    }
    const spots = byDistance(places);
    this.#line.textContent = more ? say("desk.map_more", { n: spots.length }) : spots.length === 0 ? say("desk.map_none")
      : some(spots.length, "desk.map_one", "desk.map_many");
    this.#draws.replaceChildren(this.#draw(spots));
    this.#list.replaceChildren(...spots.map((spot, i) => {
      const open = h("button", { type: "button", class: "row place", "data-id": spot.id }, h("span", { class: "n" }, String(i + 1)), h("span", { class: "name" }, spot.name),
        h("span", { class: "when" }, h("span", { class: "state", "data-state": spot.open_state }, openWord(spot.open_state)), h("span", { class: "far" }, distance(spot.metres))));
      open.addEventListener("click", () => void this.#open(spot.id));
      return h("li", {}, open);
    }));
  }

  /** @param {Spot[]} spots */
  #draw(spots) {
    const edge = half + 2;
    const map = s("svg", { viewBox: `${-edge} ${-edge} ${2 * edge} ${2 * edge}` });
    for (const metres of rings(this.#radius)) {
      const r = length(metres, this.#radius);
      map.append(s("circle", { class: "ring", r }), s("text", { class: "ring-name", x: 0, y: r - 2.5 }, distance(metres)));
    }
    map.append(s("text", { class: "north", x: 0, y: -half + 4 }, say("desk.map_north")), s("path", { class: "here", d: "M-5 0H5M0 -5V5" }), s("circle", { class: "here", r: 3 }));
    // The nearest last: it lies on top.
    for (const mark of marks(spots, this.#radius).reverse()) map.append(this.#mark(mark));
    return map;
  }

  /** @param {Mark} mark */
  #mark(mark) {
    const wide = mark.ids.length > 1 ? 10.5 : 7;
    const node = s("g", { class: "mark", "data-state": mark.state, transform: `translate(${mark.x.toFixed(2)} ${mark.y.toFixed(2)})` },
      s("rect", { x: -wide, y: -7, width: 2 * wide, height: 14, rx: mark.state === "closed" ? 2 : 7 }),
      s("text", { y: 3 }, mark.label));
    // One place opens; of several the first in the list takes the focus, those after it follow.
    node.addEventListener("click", () => {
      if (mark.ids.length === 1) return void this.#open(mark.ids[0]);
      for (const row of this.#list.querySelectorAll("button")) attr(row, "data-near", mark.ids.includes(row.dataset.id ?? ""));
      const first = /** @type {HTMLElement|null} */ (this.#list.querySelector("[data-near]"));
      first?.scrollIntoView({ block: "center" });
      first?.focus();
    });
    return node;
  }

  /** @param {string} id */
  async #open(id) {
    const got = await ask("/api/places/" + encodeURIComponent(id));
    if (!got.ok) return this.#folder.problem(got.error);
    this.#folder.push(new PlaceSheet(this.#folder, got.body, this.#pick).page);
  }
}
