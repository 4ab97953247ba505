/** @file The page of the hall: a number, and where to go. It asks nothing and never scrolls. */
import "../lib/veil.js";
import { announcer } from "../lib/announce.js";
import { h } from "../lib/dom.js";
import { openStream } from "../lib/stream.js";
import { serverClock } from "../lib/time.js";
import { loadWords, say } from "../lib/words.js";
import { board, length, memory, scene } from "./board.js";
import { speaker } from "./voice.js";

/** @import { Call } from "../lib/announce.js" */
/** @import { HallView } from "../lib/views.js" */

/** A call flashes for so long (ms of this page). */
const flashes = 12_000;

class HallBoard extends HTMLElement {
  /** @type {HallView|null} */
  #view = null;
  #announce = announcer(speaker());
  /** When each call was first seen here: it flashes once. @type {Map<string, number>} */
  #seen = new Map();

  #place = h("p", { class: "place" });
  #test = h("p", { class: "test" });
  #waiting = h("p", { class: "waiting" });
  #large = h("div", { class: "large", "aria-live": "polite" });
  #words = h("div", { class: "words" }, h("p", { class: "title" }), h("p", { class: "text" }));
  #past = h("ol", { class: "past" });
  #before = h("section", { class: "before" }, h("h2", {}, say("hall.called_before")), this.#past);

  connectedCallback() {
    this.append(
      h("header", {}, this.#place, this.#test, this.#waiting),
      h("main", {}, this.#large, this.#words),
      this.#before);
    const veil = /** @type {import("../lib/veil.js").Veil} */ (document.querySelector("jeudi-veil"));
    void veil.speak("fr");
    openStream({
      url: "/ws/hall",
      view: (/** @type {HallView} */ view, received) => {
        this.#view = view;
        for (const call of this.#announce(view.calls, serverClock(view, received)(), view.speak)) this.#seen.set(call.call, performance.now());
        this.#render();
      },
      lost: (since) => veil.show(since),
      found: () => veil.hide(),
    });
    // A call stops flashing between two views.
    setInterval(() => this.#render(), 1000);
  }

  #render() {
    const view = this.#view;
    if (!view) return;
    const now = performance.now();
    for (const [call, at] of this.#seen) if (now - at > flashes) this.#seen.delete(call);

    put(this.#place, view.place);
    this.#test.hidden = !view.test;
    put(this.#test, view.test_label);
    const shown = scene(view);
    this.dataset.scene = shown;
    put(this.#waiting, shown === "message" || view.waiting === 0 ? "" : view.waiting === 1 ? say("hall.waiting_one") : say("hall.waiting_many", { n: view.waiting }));

    const { large, past } = board(view.calls);
    const [title, text] = this.#words.children;
    this.#words.hidden = shown === "calls";
    if (shown === "welcome") put(title, say("hall.welcome")), put(text, view.message || say("hall.welcome_text"));
    if (shown === "paused") put(title, say("hall.paused")), put(text, view.message || say("hall.paused_text"));
    if (shown === "message") put(title, view.place), put(text, view.message);

    this.#draw(this.#large, shown === "calls" ? large : []);
    const beneath = shown === "message" ? [] : shown === "paused" ? [...large, ...past].slice(0, memory) : past;
    this.#draw(this.#past, beneath);
    this.#before.hidden = beneath.length === 0;
    this.#large.dataset.count = String(large.length);
  }

  /**
   * One node for each call: one that flashes goes on flashing when another comes.
   * @param {HTMLElement} parent
   * @param {Call[]} calls
   */
  #draw(parent, calls) {
    const old = /** @type {HTMLElement[]} */ ([...parent.children]);
    const nodes = calls.map((call) => old.find((n) => n.dataset.call === call.call) ?? this.#node(parent, call));
    for (const node of nodes) node.classList.toggle("fresh", this.#seen.has(node.dataset.call ?? ""));
    if (nodes.length !== old.length || nodes.some((n, i) => n !== old[i])) {
      for (const node of old) if (!nodes.includes(node)) node.remove();
      nodes.forEach((node, i) => parent.children[i] === node || parent.insertBefore(node, parent.children[i] ?? null));
    }
    parent.hidden = calls.length === 0;
  }

  /**
   * @param {HTMLElement} parent
   * @param {Call} call
   */
  #node(parent, call) {
    return h(parent === this.#past ? "li" : "section", { class: "call", "data-call": call.call, "data-length": length(call.desk) },
      h("p", { class: "number" }, String(call.number)), h("p", { class: "desk" }, call.desk));
  }
}

/**
 * @param {Element} node
 * @param {string} text
 */
function put(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

while (!(await loadWords("/words/hall.json"))) await new Promise((done) => setTimeout(done, 1000));
customElements.define("hall-board", HallBoard);
