/**
 * @file One dialog for everything that is one tap further. Where the reader is stays
 * here; what a page offers comes from menus.js with each view.
 */
import { say } from "../lib/words.js";
import { h } from "../lib/dom.js";
import { attr, enable, enabled, keyed, put } from "./dom.js";
import { leave, sheet } from "./menus.js";
import { order, test, unfold } from "./orders.js";

/** @import { DeskView } from "./view.js" */
/** @import { Item, Place, Section } from "./menus.js" */

export class DeskSheet extends HTMLElement {
  #title = h("h2", { tabindex: "-1", id: "sheet-title" });
  #text = h("p", { class: "text" });
  #problem = h("p", { class: "problem", role: "status" });
  #body = h("div", { class: "body" });
  #back = h("button", { type: "button", class: "quiet back" });
  #shut = h("button", { type: "button", class: "quiet shut" });
  #dialog = h("dialog", { class: "sheet", "aria-labelledby": "sheet-title" },
    h("div", { class: "top" }, this.#title, this.#text), this.#problem, this.#body, h("div", { class: "foot" }, this.#back, this.#shut));
  /** @type {Place|null} */
  #place = null;
  /** @type {DeskView|null} */
  #view = null;
  #now = 0;
  #covered = false;
  /** What each button now does. @type {WeakMap<Element, Item>} */
  #items = new WeakMap();

  connectedCallback() {
    if (this.firstChild) return;
    put(this.#back, say("desk.back"));
    this.#back.addEventListener("click", () => this.#place?.back && this.open(this.#place.back));
    this.#shut.addEventListener("click", () => this.close());
    this.#dialog.addEventListener("close", () => {
      if (!this.#covered && !this.#dialog.open) this.#place = null;
    });
    this.#dialog.addEventListener("click", (event) => {
      if (event.target === this.#dialog) this.close(); // the backdrop
      const button = event.target instanceof Element ? event.target.closest("button") : null;
      const item = button && this.#items.get(button);
      if (item && enabled(button)) this.#press(item);
    });
    this.append(this.#dialog);
  }

  get isOpen() {
    return this.#dialog.open;
  }

  close() {
    this.#covered = false;
    this.#place = null;
    this.#dialog.close();
  }

  /**
   * A modal dialog lies above everything, the veil too: it steps aside while the server
   * is not heard, and comes back at the same place.
   * @param {boolean} on
   */
  cover(on) {
    if (on) {
      this.#covered = this.#dialog.open;
      this.#dialog.close();
    } else if (this.#covered && this.#place) {
      this.#covered = false;
      if (this.#draw()) this.#dialog.showModal();
    }
  }

  /**
   * Shows what went wrong, above the items; "" takes it away.
   * @param {string} text
   */
  problem(text) {
    this.#problem.hidden = text === "";
    put(this.#problem, text);
  }

  /**
   * Opens at a place, or goes there.
   * @param {Place} place
   */
  open(place) {
    const moved = !this.#place || this.#place.page !== place.page || this.#place.visit !== place.visit;
    this.#place = place;
    this.problem("");
    if (!this.#view || !this.#draw()) return;
    if (!this.#dialog.open) this.#dialog.showModal();
    if (moved) {
      this.#body.scrollTop = 0;
      this.#title.focus();
    }
  }

  /**
   * @param {DeskView} view
   * @param {number} now
   */
  render(view, now) {
    this.#view = view;
    this.#now = now;
    if (this.#place) this.#draw();
  }

  /** Draws the page, or closes when it speaks of somebody the server shows no more. */
  #draw() {
    const place = this.#place;
    const page = this.#view && place ? sheet(this.#view, place, this.#now) : null;
    if (!page || !place) {
      this.close();
      return false;
    }
    put(this.#title, page.title);
    put(this.#text, page.text);
    this.#text.hidden = page.text === "";
    this.#back.hidden = !page.back;
    put(this.#shut, leave(place));
    attr(this.#dialog, "data-page", place.page);
    const here = place.page + " " + (place.visit ?? "") + " ";
    keyed(this.#body, page.sections, (s) => here + s.key, (s) => this.#section(s), (node, s) => this.#update(node, s));
    return true;
  }

  /** @param {Section} s */
  #section(s) {
    const one = s.key.startsWith("visit:") ? " visit" : "";
    return h("section", { class: (s.wide ? "wide" : "") + one }, h("h3"), h("p"), h("div", { class: "items" }));
  }

  /**
   * @param {HTMLElement} node
   * @param {Section} s
   */
  #update(node, s) {
    const [title, text, items] = /** @type {HTMLElement[]} */ ([...node.children]);
    put(title, s.title);
    title.hidden = s.title === "";
    put(text, s.text ?? "");
    text.hidden = !s.text;
    keyed(items, s.items, (i) => i.key, () => {
      return h("button", { type: "button", class: "item" }, h("span", { class: "label" }), h("span", { class: "hint" }));
    }, (button, i) => {
      this.#items.set(button, i);
      put(button.children[0], i.label);
      put(button.children[1], i.hint ?? "");
      attr(button, "data-tone", i.tone);
      attr(button, "aria-pressed", i.pressed === undefined ? undefined : String(i.pressed));
      enable(button, !i.disabled);
    });
  }

  /** @param {Item} item */
  #press(item) {
    if (item.go) this.open(item.go);
    if (item.test) {
      this.close();
      test(this);
    }
    if (item.open) {
      this.close();
      unfold(this, item.open);
    }
    if (item.file) h("a", { href: item.file, download: true }).click();
    if (item.send) {
      this.problem("");
      order(this, item.send, item.stay);
    }
  }
}
