// <jeudi-veil> covers a page that the server no longer feeds, says for how long,
// and keeps everything under it from being pressed. With the attribute `staff` it
// tells those who receive how to go on, not where to ask.

import { h } from "./dom.js";
import { picto } from "./pictos.js";
import { speaker } from "./words.js";

/**
 * How long ago, in the unit people count in.
 * @param {number} ms
 * @returns {{key: string, n: number}}
 */
export function offlineText(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 100) return { key: "veil.offline", n: seconds };
  return { key: "veil.offline_minutes", n: Math.floor(seconds / 60) };
}

export class Veil extends HTMLElement {
  #say = speaker({});
  #lang = "";
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #timer;
  #since = 0;
  /** In the page from the start: once the server is away, a picture does not come any more. */
  #picture = picto("offline");
  #text = h("p", { class: "veil-text" });
  #ask = h("p", { class: "veil-ask" });

  connectedCallback() {
    this.hidden = true;
    this.replaceChildren(h("div", {}, this.#picture, this.#text, this.#ask));
    this.setAttribute("role", "alert");
  }

  disconnectedCallback() {
    clearInterval(this.#timer);
  }

  /**
   * Fetches the words while the server is there: it will not be when they serve.
   * @param {string} lang
   */
  async speak(lang) {
    if (lang === this.#lang) return;
    this.#lang = lang;
    try {
      const response = await fetch(`/words/veil.json?lang=${encodeURIComponent(lang)}`);
      if (!response.ok) throw new Error(String(response.status));
      const words = speaker(await response.json());
      if (lang === this.#lang) this.#say = words;
    } catch {
      if (lang === this.#lang) this.#lang = ""; // ask again with the next view
    }
  }

  /** @param {number} since performance.now() when the server was last heard */
  show(since) {
    this.#since = since;
    this.#draw();
    this.hidden = false;
    for (const other of document.body.children) if (other !== this) /** @type {HTMLElement} */ (other).inert = true;
    clearInterval(this.#timer);
    this.#timer = setInterval(() => this.#draw(), 1000);
  }

  hide() {
    clearInterval(this.#timer);
    this.hidden = true;
    for (const other of document.body.children) /** @type {HTMLElement} */ (other).inert = false;
  }

  #draw() {
    const { key, n } = offlineText(performance.now() - this.#since);
    const then = this.hasAttribute("staff") ? "veil.staff" : "veil.ask";
    const text = this.#say.has(key) ? this.#say(key, { n }) : String(n);
    if (this.#text.textContent !== text) this.#text.textContent = text;
    this.#ask.hidden = !this.#say.has(then);
    if (!this.#ask.hidden) this.#ask.textContent = this.#say(then);
  }
}

customElements.define("jeudi-veil", Veil);
