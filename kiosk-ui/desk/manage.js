/**
 * @file Keeping the directory of places: a new place, a newer file, the one before, and
 * a copy to take away. A report says line by line what a file had that was not right,
 * and what was done about it.
 */
import { h } from "../lib/dom.js";
import { say } from "../lib/words.js";
import { ask } from "./ask.js";
import { keyed } from "./dom.js";
import { button, section } from "./parts.js";
import { PlaceForm } from "./place-form.js";
import { addressLine, importLines, some } from "./places.rules.js";

/** @import { DeskFolder, Page } from "./folder.js" */
/** @import { ImportReport, PlaceView } from "./places.rules.js" */

export class ManagePage {
  #folder;
  #working = h("p", { class: "working", role: "status", hidden: true }, say("desk.import_reading"));
  #file = h("input", { type: "file", accept: ".csv,.json", hidden: true });
  #removed = h("ul", { class: "rows removed" });
  #gone = section(say("desk.manage_removed"), this.#removed);
  #busy = false;
  /** @type {Page} */
  page;

  /** @param {DeskFolder} folder */
  constructor(folder) {
    this.#folder = folder;
    this.#file.addEventListener("change", () => {
      const file = this.#file.files?.[0];
      if (file) void this.#import("/api/places/import?name=" + encodeURIComponent(file.name), file);
    });
    this.page = {
      key: "manage", title: say("desk.manage"),
      body: h("div", { class: "page" }, this.#working,
        section(say("desk.manage_one"),
          button(say("desk.form_add"), () => folder.push(new PlaceForm(folder, null).page), "", say("desk.form_add_hint"))),
        section(say("desk.manage_all"),
          h("p", { class: "help" }, say("desk.import_text")), this.#file,
          button(say("desk.import_file"), () => this.#file.click(), "", say("desk.import_file_hint")),
          button(say("desk.import_usb"), () => void this.#import("/api/places", { do: "usb" }), "", say("desk.import_usb_hint")),
          button(say("desk.import_before"), () => this.#before(), "", say("desk.import_before_hint"))),
        section(say("desk.manage_copy"),
          h("a", { class: "item", href: "/api/places/export", download: "lieux.csv" },
            h("span", { class: "label" }, say("desk.export")), h("span", { class: "hint" }, say("desk.export_hint")))), this.#gone),
      shown: () => void this.#showRemoved(),
    };
    this.#gone.hidden = true;
  }

  /** What the team took out, each with the way back. */
  async #showRemoved() {
    const got = await ask("/api/places/removed");
    if (!got.ok) return this.#folder.problem(got.error);
    const places = /** @type {PlaceView[]} */ (got.body.places);
    this.#gone.hidden = places.length === 0;
    keyed(this.#removed, places, (p) => p.id, (p) => {
      const back = h("button", { type: "button", class: "quick", "aria-label": say("desk.place_bring_back_one", { name: p.name }) }, say("desk.place_bring_back"));
      back.addEventListener("click", () => void this.#bringBack(p));
      return h("li", {}, h("div", { class: "card" }, h("strong", {}, p.name), h("span", {}, addressLine(p))), back);
    }, () => {});
  }

  /** @param {PlaceView} place */
  async #bringBack(place) {
    const got = await ask("/api/places", { do: "bring_back", id: place.id });
    if (!got.ok) return this.#folder.problem(got.error);
    this.#folder.told(say("desk.place_brought_back", { name: place.name }));
    await this.#showRemoved();
    /** @type {HTMLElement|null} */ (this.#removed.querySelector("button") ?? this.page.body.querySelector("button"))?.focus();
  }

  /**
   * @param {string} url
   * @param {File|Record<string, unknown>} body
   */
  async #import(url, body) {
    if (this.#busy) return;
    this.#busy = true;
    this.#folder.problem("");
    this.#working.hidden = false;
    this.#working.scrollIntoView({ block: "nearest" });
    const got = await ask(url, body);
    this.#working.hidden = true;
    this.#busy = false;
    this.#file.value = ""; // the same file may be chosen again
    if (!got.ok) return this.#folder.problem(got.error);
    this.#folder.push(report(got.body));
  }

  #before() {
    const yes = button(say("desk.import_before_yes"), async () => {
      const got = await ask("/api/places", { do: "restore" });
      if (!got.ok) return this.#folder.problem(got.error);
      this.#folder.back();
      this.#folder.told(say("desk.import_before_done"));
    }, "strong");
    this.#folder.push({
      key: "before", title: say("desk.import_before"), foot: [yes],
      body: h("div", { class: "page" }, h("p", {}, say("desk.import_before_text"))),
    });
  }
}

/**
 * What came of a file: in short, then line by line.
 * @param {ImportReport} got
 * @returns {Page}
 */
function report(got) {
  const problems = got.problems ?? [];
  return {
    key: "report", title: say("desk.import_done"),
    body: h("div", { class: "page" },
      h("ul", { class: "lead" }, ...importLines(got).map((l) => h("li", {}, l))),
      problems.length > 0 && h("h3", {}, say("desk.import_problems")),
      h("ol", { class: "problems" }, ...problems.map((p) => h("li", {},
        h("p", { class: "at" }, [p.file, p.line ? say("desk.import_line", { n: p.line }) : say("desk.import_no_line"), p.column].filter(Boolean).join(" · ")),
        h("p", {}, p.text),
        p.value !== "" && h("p", { class: "value" }, `«\u00a0${p.value}\u00a0»`),
        p.done !== "" && h("p", { class: "done" }, p.done)))),
      got.more > 0 && h("p", {}, some(got.more, "desk.import_more_one", "desk.import_more_many"))),
  };
}
