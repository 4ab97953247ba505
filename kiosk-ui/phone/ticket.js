// The page of a ticket on its visitor's own phone: the number, how long, the call,
// something to do meanwhile, and where to go afterwards. It knows its ticket from the
// part of its address that no browser sends, and stores nothing.

import { chime, clip, ownVoice } from "../lib/chime.js";
import { h, put } from "../lib/dom.js";
import { mountPractice, pieces } from "../lib/practice/index.js";
import { picture } from "../lib/practice/pictures.js";
import { openStream } from "../lib/stream.js";
import { open } from "./phone.js";
import { after, awaits, capability, idle, over, rings, shake, slipOf } from "./ticket.rules.js";

/** @import { Line, PhoneTicket } from "./ticket.rules.js" */

/** The call flashes for so long (ms). */
const flashes = 12_000;

/** @type {PhoneTicket} */
const nobody = { seq: 0, lang: "", tag: "", dir: "", place: "", test: "", state: "gone", number: 0, desk: "", call: "0", text: "", wait: [], slip: [] };

class TicketPage {
  #ticket;
  #opened;
  #view = nobody;
  #lost = false;
  #rung = "";
  /** Ends the flashing of a call. @type {ReturnType<typeof setTimeout> | undefined} */
  #flashing;
  /** @type {readonly Line[]} */
  #slip = [];
  /** Made by the first touch: before, no phone plays anything. @type {AudioContext | undefined} */
  #audio;
  /** What is being said. @type {AbortController | undefined} */
  #saying;
  /** @type {{unmount: () => void} | null} */
  #practice = null;

  #place = h("p", { class: "turn-place" });
  #test = h("p", { class: "turn-test" });
  #number = h("p", { class: "number" });
  #desk = h("p", { class: "turn-desk" });
  #text = h("p", { class: "turn-text" });
  #wait = h("div", { class: "turn-wait" });
  #card = h("section", { class: "turn-card", role: "status", "aria-live": "assertive" }, this.#number, this.#desk, this.#text, this.#wait);
  #offline = h("p", { class: "turn-offline", role: "alert", hidden: true });
  #hear = h("button", { type: "button", class: "turn-hear" });
  #keep = h("div", { class: "turn-keep" });
  #slipBox = h("section", { class: "turn-slip", hidden: true });
  #meanwhile = h("section", { class: "turn-meanwhile" });
  #piece = h("section", { class: "turn-piece", hidden: true });

  /**
   * @param {string} ticket
   * @param {Awaited<ReturnType<typeof open>>} opened
   * @param {PhoneTicket} view
   */
  constructor(ticket, opened, view) {
    this.#ticket = ticket;
    this.#opened = opened;
    const { text } = opened;
    this.#offline.textContent = text("phone.turn.offline");
    this.#hear.addEventListener("click", () => void this.#wake());
    this.#keep.append(...["phone.turn.keep", "phone.turn.locked", "phone.turn.screen"].map((key) => h("p", {}, text(key))));
    this.#meanwhile.append(h("h2", {}, text("phone.turn.meanwhile")), h("nav", { class: "ways" }, ...pieces.map(({ id, picto, title, minutes }) => {
      const button = h("button", { type: "button", class: "way" },
        h("span", { class: "tile" }, picture(picto)),
        h("span", { class: "words" }, h("strong", {}, text(title)), h("span", {}, text("practice.ui.minutes").replace("{n}", String(minutes)))));
      button.addEventListener("click", () => this.#practise(id));
      return button;
    })));
    const main = /** @type {HTMLElement} */ (document.querySelector("main"));
    main.replaceChildren(h("header", {}, this.#place, this.#test), this.#card, this.#offline, this.#piece, this.#hear, this.#keep, this.#slipBox, this.#meanwhile);
    this.show(view);
  }

  /** @param {PhoneTicket} view */
  show(view) {
    this.#view = view = after(this.#view, view);
    const { ring, rung } = rings(this.#rung, view);
    this.#rung = rung;
    const slip = slipOf(this.#slip, view);
    if (JSON.stringify(slip) !== JSON.stringify(this.#slip)) this.#drawSlip(slip);
    if (!idle(view.state)) this.#leavePiece();
    this.#draw();
    if (ring) void this.#ring();
  }

  lost() {
    this.#lost = true;
    this.#draw();
  }

  found() {
    this.#lost = false;
    this.#draw();
  }

  #draw() {
    const view = this.#view;
    const { text } = this.#opened;
    document.body.dataset.state = view.state;
    put(this.#place, view.place);
    put(this.#test, view.test);
    this.#test.hidden = view.test === "";
    const gone = view.state === "gone";
    this.#number.hidden = gone;
    if (!gone) put(this.#number, String(view.number));
    const at = view.state === "called" || view.state === "serving";
    this.#desk.hidden = !at;
    put(this.#desk, at ? view.desk : "");
    put(this.#text, gone ? text("phone.turn.gone") : view.text);
    const lost = this.#lost && !over(view.state);
    this.#text.hidden = lost && !at; // how many come before is no longer known
    const wait = view.wait.join("\n"); // drawn when it changes, or it would be read aloud each time
    if (this.#wait.dataset.text !== wait) this.#wait.replaceChildren(...view.wait.map((line) => h("p", {}, line)));
    this.#wait.dataset.text = wait;
    this.#wait.hidden = view.wait.length === 0 || lost;
    this.#offline.hidden = !lost;
    const open = awaits(view.state) && !this.#practice;
    this.#hear.hidden = !open || lost; // no call comes through
    this.#keep.hidden = !open;
    const heard = String(this.#audio?.state === "running");
    if (this.#hear.getAttribute("aria-pressed") !== heard) {
      this.#hear.replaceChildren(h("span", { class: "tile" }, picture("louder")),
        h("span", {}, text(heard === "true" ? "phone.turn.heard" : "phone.turn.hear")));
    }
    this.#hear.setAttribute("aria-pressed", heard);
    this.#meanwhile.hidden = !idle(view.state) || !!this.#practice;
    this.#slipBox.hidden = this.#slip.length === 0 || !!this.#practice;
    document.title = gone ? view.place : [view.number, view.desk].filter(Boolean).join(" → ");
  }

  /**
   * Lets this phone sound, which takes a touch. A phone that has slept or rung in between
   * may be mute again: the button says which.
   */
  async #sound() {
    try {
      if (!this.#audio) {
        this.#audio = new AudioContext();
        this.#audio.addEventListener("statechange", () => this.#draw());
      }
      await this.#audio.resume();
    } catch {
      // It is seen all the same.
    }
    return this.#audio;
  }

  /** Each touch lets it be heard that calls will be. */
  async #wake() {
    const audio = await this.#sound();
    this.#draw();
    if (this.#view.state === "called") await this.#ring();
    else if (audio) await chime(audio);
  }

  async #ring() {
    navigator.vibrate?.(shake);
    this.#card.classList.remove("fresh");
    void this.#card.offsetWidth; // begins again at a recall
    this.#card.classList.add("fresh");
    clearTimeout(this.#flashing);
    this.#flashing = setTimeout(() => this.#card.classList.remove("fresh"), flashes);
    scrollTo({ top: 0 });
    const audio = this.#audio;
    if (!audio) return;
    const stop = this.#hush();
    const words = this.#said();
    await chime(audio);
    if (!await clip(audio, words, stop)) await ownVoice(this.#view.text, this.#view.tag, stop);
  }

  /** Ends what is being said, for something else. */
  #hush() {
    this.#saying?.abort();
    this.#saying = new AbortController();
    return this.#saying.signal;
  }

  /**
   * A clip of the call, or of a line of the slip. Which ticket it is stands in the body.
   * @param {number} [line]
   * @returns {Promise<ArrayBuffer | null>}
   */
  async #said(line) {
    try {
      const response = await fetch("said", {
        method: "POST", credentials: "omit", headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ ticket: this.#ticket, ...(line === undefined ? {} : { line }) }),
      });
      return response.status === 200 ? await response.arrayBuffer() : null;
    } catch {
      return null;
    }
  }

  /** @param {readonly Line[]} slip */
  #drawSlip(slip) {
    this.#slip = slip;
    const { text } = this.#opened;
    const read = h("button", { type: "button", class: "turn-read" }, text("rights.listen"));
    const lines = slip.map(({ kind, text, tag, dir }) => h(kind === "title" ? "h2" : kind === "place" ? "h3" : "p", { class: `slip-${kind}`, lang: tag, dir }, text));
    let reading = false;
    read.addEventListener("click", async () => {
      if (reading) return void this.#hush();
      reading = true;
      put(read, text("rights.silence"));
      await this.#read(slip, lines);
      reading = false;
      put(read, text("rights.listen"));
    });
    this.#slipBox.replaceChildren(lines[0] ?? "", read, ...lines.slice(1));
  }

  /**
   * @param {readonly Line[]} slip
   * @param {HTMLElement[]} lines
   */
  async #read(slip, lines) {
    const audio = await this.#sound();
    const stop = this.#hush();
    for (const [i, line] of slip.entries()) {
      if (stop.aborted) break;
      lines[i].setAttribute("aria-current", "true");
      // The box has no clips of names and addresses: those are for the phone's own voice.
      if (!audio || !await clip(audio, this.#said(i), stop)) await ownVoice(line.text, line.tag, stop);
      lines[i].removeAttribute("aria-current");
    }
  }

  /** @param {string} id of the piece */
  #practise(id) {
    const { say, quiet, words, tag, dir } = this.#opened;
    this.#hush();
    this.#piece.hidden = false;
    this.#practice = mountPractice(this.#piece, {
      piece: id, say, words, lang: tag, dir, ownKeyboard: false,
      onTouched() {},
      onDone: () => {
        quiet();
        this.#leavePiece();
        this.#draw();
      },
    });
    document.body.toggleAttribute("data-practice", true);
    this.#draw();
    this.#piece.scrollIntoView({ block: "nearest" });
  }

  /** A call ends a piece: it is the visitor's turn. */
  #leavePiece() {
    if (!this.#practice) return;
    this.#opened.quiet();
    this.#practice.unmount();
    this.#practice = null;
    this.#piece.replaceChildren();
    this.#piece.hidden = true;
    document.body.toggleAttribute("data-practice", false);
  }
}

/**
 * Opens the page with its texts, however long they take to come.
 * @param {string} [lang]
 */
async function opened(lang) {
  for (;;) {
    const page = await open(lang);
    if (page.words["phone.turn.gone"]) return page;
    await new Promise((done) => setTimeout(done, 2000));
  }
}

/** @param {string} ticket */
function follow(ticket) {
  /** @type {TicketPage | null} */
  let page = null;
  let lost = false;
  /** The newest view while the texts are still to come. @type {PhoneTicket | null} */
  let first = null;
  const stream = openStream({
    url: "/ws/ticket",
    hello: JSON.stringify({ ticket }),
    view: (/** @type {PhoneTicket} */ view) => {
      if (view.state === "gone") stream.close();
      if (page) return page.show(view);
      const asked = first;
      first = view;
      if (asked) return;
      void opened(view.lang || undefined).then((texts) => {
        page = new TicketPage(ticket, texts, first ?? view);
        if (lost) page.lost();
      });
    },
    lost: () => {
      lost = true;
      if (page) return page.lost();
      void opened().then(({ text }) => {
        if (lost && !page && !first) document.querySelector("main")?.replaceChildren(h("p", { class: "turn-offline", role: "alert" }, text("phone.turn.offline")));
      });
    },
    found: () => {
      lost = false;
      page?.found();
    },
  });
  // A phone that was locked may have missed its call: it is told when it is looked at.
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && stream.again());
}

const ticket = capability(location.hash);
if (ticket) follow(ticket);
else void opened().then((texts) => new TicketPage("", texts, nobody));
// Another ticket that is scanned into the same page is another page.
addEventListener("hashchange", () => location.reload());
