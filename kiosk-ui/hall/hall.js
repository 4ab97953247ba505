/** @file The page of the hall: a number, and where to go. It asks nothing and never scrolls. */
import "../lib/veil.js";
import { announcer } from "../lib/announce.js";
import { h, put } from "../lib/dom.js";
import { openStream } from "../lib/stream.js";
import { serverClock } from "../lib/time.js";
import { loadWords, say } from "../lib/words.js";
import { board, flash, length, scene } from "./board.js";
import { speaker } from "./voice.js";

/** @import { Call } from "../lib/announce.js" */
/** @import { HallView } from "../lib/views.js" */

class HallBoard extends HTMLElement {
  /** @type {HallView|null} */
  #view = null;
  #voice = speaker();
  #announce = announcer((call) => {
    this.#flash([call], 0);
    this.#render();
    return this.#voice.say(call);
  }, undefined, storage());
  /** Until when each call flashes (ms of this page). @type {Map<string, number>} */
  #fresh = new Map();
  /** When the box's voice is free for another call, as far as this page can tell (ms). */
  #free = 0;

  #place = h("p", { class: "place" });
  #test = h("p", { class: "test" });
  #paused = h("p", { class: "test" }, say("hall.paused"));
  #waiting = h("p", { class: "waiting" });
  #large = h("div", { class: "large", "aria-live": "polite" });
  #words = h("div", { class: "words" }, h("p", { class: "title" }), h("p", { class: "text" }));
  #past = h("ol", { class: "past" });
  #before = h("section", { class: "before" }, h("h2", {}, say("hall.called_before")), this.#past);
  #sound = h("p", { class: "sound", hidden: true }, say("hall.sound"));

  connectedCallback() {
    this.append(
      h("header", {}, this.#place, this.#test, this.#paused, this.#waiting),
      h("main", {}, this.#large, this.#words),
      this.#before,
      this.#sound);
    // A finger, a mouse, or the remote control of a television.
    for (const touch of ["pointerdown", "keydown"]) addEventListener(touch, () => this.#voice.wake());
    const veil = /** @type {import("../lib/veil.js").Veil} */ (document.querySelector("jeudi-veil"));
    void veil.speak("fr");
    openStream({
      url: "/ws/hall",
      view: (/** @type {HallView} */ view, received) => {
        this.#view = view;
        this.#flash(this.#announce(view.calls, serverClock(view, received)(), view.speak), this.#free);
        this.#render();
      },
      lost: (since) => veil.show(since),
      found: () => veil.hide(),
    });
    // A call stops flashing between two views.
    setInterval(() => this.#render(), 1000);
  }

  /**
   * @param {Call[]} calls oldest first
   * @param {number} free when they can begin to be heard
   */
  #flash(calls, free) {
    if (calls.length === 0) return;
    const { until, free: then } = flash(performance.now(), free, calls.length);
    calls.forEach((call, i) => this.#fresh.set(call.call, until[i]));
    this.#free = then;
  }

  #render() {
    const view = this.#view;
    if (!view) return;
    const now = performance.now();
    for (const [call, until] of this.#fresh) if (now > until) this.#fresh.delete(call);

    put(this.#place, view.place);
    this.#sound.hidden = !view.speak || this.#voice.awake;
    this.#test.hidden = !view.test;
    put(this.#test, view.test_label);
    const shown = scene(view);
    this.dataset.scene = shown;
    this.#paused.hidden = view.status !== "paused" || shown !== "calls";
    put(this.#waiting, shown === "message" || view.waiting === 0 ? "" : view.waiting === 1 ? say("hall.waiting_one") : say("hall.waiting_many", { n: view.waiting }));

    const { large, past } = board(view.calls);
    const [title, text] = this.#words.children;
    this.#words.hidden = shown === "calls";
    if (shown === "welcome") put(title, say("hall.welcome")), put(text, view.message || say("hall.welcome_text"));
    if (shown === "paused") put(title, say("hall.paused")), put(text, view.message || say("hall.paused_text"));
    if (shown === "message") put(title, view.place), put(text, view.message);

    this.#draw(this.#large, shown === "calls" ? large : []);
    const beneath = shown === "message" ? [] : past;
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
    for (const node of nodes) node.classList.toggle("fresh", this.#fresh.has(node.dataset.call ?? ""));
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

/** What this tab may remember until it is closed, if the browser lets it. */
function storage() {
  try {
    return sessionStorage;
  } catch {
    return null;
  }
}

// Televisions are old: no await stands outside a function here.
async function begin() {
  while (!(await loadWords("/words/hall.json"))) await new Promise((done) => setTimeout(done, 1000));
  customElements.define("hall-board", HallBoard);
}
void begin();
