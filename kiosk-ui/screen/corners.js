// The box tests itself: over the kiosk's screen lie four corners to touch, and a
// way on for whoever comes for a ticket meanwhile. It draws a view and keeps
// nothing; presses are those of the page (data-key).

import { h } from "../lib/dom.js";
import { picto } from "../lib/pictos.js";
import { compactBelow, fonts } from "./measures.js";

/** @import { KioskTest, Panel } from "../lib/views.js" */

/** The corners as they are numbered: from the top, as one reads in any language. */
const places = ["top-start", "top-end", "bottom-start", "bottom-end"];

export class Corners {
  #root = h("section", { class: "selftest", "aria-labelledby": "selftest-title" });
  #drawn = "";

  /** @param {HTMLElement} body whose other children it covers */
  constructor(body) {
    this.#root.hidden = true;
    body.append(this.#root);
  }

  /**
   * @param {KioskTest | undefined} test nothing, when there is none
   * @param {Panel} panel
   */
  draw(test, panel) {
    this.#root.hidden = !test;
    for (const other of this.#root.parentElement?.children ?? []) {
      if (other !== this.#root && other.localName !== "jeudi-veil") other.toggleAttribute("data-covered", !!test);
    }
    const now = JSON.stringify(test ?? null);
    if (!test || now === this.#drawn) {
      this.#drawn = now;
      return;
    }
    this.#drawn = now;
    const compact = panel.height < compactBelow;
    for (const [role, px] of Object.entries(fonts(panel, "m", compact ? -1 : 0))) this.#root.style.setProperty(`--${role}`, `${px}px`);
    this.#root.toggleAttribute("data-compact", compact);
    this.#root.toggleAttribute("data-corners", !!test.corners);
    this.#root.replaceChildren(
      ...(test.corners ?? []).map((touched, i) => h("button", {
        type: "button", class: "corner", "data-place": places[i], "data-key": `corner.${i + 1}`,
        "data-touched": touched, disabled: touched, "aria-label": `${test.corner} ${i + 1}`,
      }, touched ? picto("yes") : h("span", { class: "number" }, String(i + 1)))),
      h("div", { class: "staff" },
        h("h1", { id: "selftest-title" }, test.title),
        test.text ? h("p", {}, test.text) : null,
      ),
      h("ul", { class: "invites" }, ...test.choices.map((choice) => h("li", { lang: choice.lang, dir: choice.dir },
        h("p", {}, choice.text),
        h("button", { type: "button", "data-key": choice.key, lang: choice.lang, dir: choice.dir }, h("span", { class: "label" }, choice.label)),
      ))),
    );
  }
}
