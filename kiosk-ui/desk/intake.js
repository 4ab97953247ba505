/**
 * @file Answering in somebody's place, who has a ticket or gets one: the same screens as
 * the kiosk, in an intake of this desk alone, while the kiosk serves the next person.
 *
 * They are drawn plainly: the kiosk's own renderer measures a panel in millimetres and
 * never scrolls, which a phone in a hand has no use for. Volume and size are not offered.
 */
import { h } from "../lib/dom.js";
import { picto } from "../lib/pictos.js";
import { say } from "../lib/words.js";
import { attr, enable, enabled, keyed, put } from "./dom.js";
import { order } from "./orders.js";
import { intakeButtons } from "./rules.js";

/** @import { DeskView, KioskView } from "./view.js" */

export class DeskIntake extends HTMLElement {
  #title = h("h2", { id: "intake-title" });
  #later = h("button", { type: "button", class: "quiet" });
  #end = h("button", { type: "button", class: "quiet" });
  #problem = h("p", { class: "problem", role: "status" });
  #question = h("h3", { tabindex: "-1" });
  #text = h("p");
  #number = h("p", { class: "number" });
  #lines = h("ul");
  #choices = h("div", { class: "choices" });
  #notice = h("p", { class: "small" });
  #controls = h("div", { class: "foot" });
  #screen = h("div", { class: "screen" }, this.#question, this.#number, this.#text, this.#lines, this.#notice, this.#choices);
  #dialog = h("dialog", { class: "intake", "aria-labelledby": "intake-title" },
    h("div", { class: "top" }, this.#title, this.#later, this.#end), this.#problem, this.#screen, this.#controls);
  /** The reader set it aside: it waits behind the page. */
  #aside = false;
  #covered = false;
  #turn = 0;
  #id = "";

  connectedCallback() {
    if (this.firstChild) return;
    put(this.#title, say("desk.intake"));
    put(this.#later, say("desk.intake_later"));
    put(this.#end, say("desk.intake_end"));
    this.problem("");
    this.#later.addEventListener("click", () => this.#dialog.close());
    this.#end.addEventListener("click", () => order(this, { do: "intake_close" }));
    // Escape sets it aside too: what the person answered is not lost.
    // The event comes after the fact: by then another intake may be here, or none.
    this.#dialog.addEventListener("close", () => {
      if (this.#id === "" || this.#covered || this.#dialog.open) return;
      this.#aside = true;
      this.dispatchEvent(new CustomEvent("desk-aside", { bubbles: true })); // the page offers to go on with it
    });
    this.#dialog.addEventListener("click", (event) => {
      const button = event.target instanceof Element ? event.target.closest("button") : null;
      const key = button?.dataset.key;
      if (key && enabled(button)) order(this, { do: "intake_press", turn: this.#turn, key }, true);
    });
    this.append(this.#dialog);
  }

  get isAside() {
    return this.#aside;
  }

  get isOpen() {
    return this.#dialog.open;
  }

  /** Shows an intake that was set aside. */
  open() {
    this.#aside = false;
    if (!this.#dialog.open) this.#dialog.showModal();
  }

  /** @param {string} text */
  problem(text) {
    this.#problem.hidden = text === "";
    put(this.#problem, text);
  }

  /** @param {boolean} on the veil is up */
  cover(on) {
    this.#covered = on;
    if (on) this.#dialog.close();
  }

  /** @param {DeskView} view */
  render(view) {
    const intake = view.intake;
    if (!intake) {
      this.#aside = false;
      this.#id = "";
      this.#dialog.close();
      return;
    }
    this.#draw(intake);
    if (this.#aside || this.#covered) return;
    this.open();
    if (this.#id !== intake.id + intake.title) {
      this.#id = intake.id + intake.title;
      this.problem("");
      this.#screen.scrollTop = 0;
      this.#question.focus();
    }
  }

  /** @param {KioskView} view */
  #draw(view) {
    this.#turn = view.turn;
    for (const part of [this.#screen, this.#controls]) {
      attr(part, "lang", view.lang);
      attr(part, "dir", view.dir);
    }
    show(this.#question, view.title);
    show(this.#text, view.ticket?.ahead || view.text);
    show(this.#number, view.ticket ? String(view.ticket.number) : "");
    show(this.#notice, view.notice);
    this.#lines.hidden = view.lines.length === 0;
    keyed(this.#lines, view.lines, (l) => l, () => h("li"), put);
    const { choices, controls } = intakeButtons(view);
    buttons(this.#choices, view.id + view.title, choices);
    buttons(this.#controls, "", controls);
  }
}

/**
 * @param {HTMLElement} node
 * @param {string} text
 */
function show(node, text) {
  node.hidden = !text;
  put(node, text);
}

/**
 * @param {HTMLElement} parent
 * @param {string} screen choices of another screen are other buttons, whatever their keys
 * @param {ReturnType<typeof intakeButtons>["choices"]} items
 */
function buttons(parent, screen, items) {
  keyed(parent, items, (i) => screen + i.key, (i) => {
    return h("button", { type: "button", class: "item", "data-key": i.key }, picto(i.picto), h("span", { class: "label" }), h("span", { class: "hint" }));
  }, (button, i) => {
    put(/** @type {Element} */ (button.querySelector(".label")), i.label);
    put(/** @type {Element} */ (button.querySelector(".hint")), i.sub);
    attr(button, "lang", i.lang || undefined);
    attr(button, "dir", i.dir || undefined);
    attr(button, "aria-pressed", i.selected === undefined ? undefined : String(i.selected));
    enable(button, i.enabled);
  });
}
