/**
 * @file The box's version: an update from a USB stick or from this device, its trial, and
 * the way back. What goes on is the box's: this page may be left and opened again.
 */
import { h } from "../lib/dom.js";
import { say } from "../lib/words.js";
import { ask } from "./ask.js";
import { attr, keyed, put } from "./dom.js";
import { button, section } from "./parts.js";

/** @import { DeskFolder, Page } from "./folder.js" */

/**
 * How the box stands with its versions.
 * @typedef {object} UpdateView
 * @property {string} version
 * @property {string} text "" when there is nothing to say
 * @property {boolean} good whether that is good news
 * @property {string[]} missing what a version on trial still lacks
 * @property {string} ready the version that waits to be tried
 * @property {boolean} failed whether it was tried before
 * @property {string} before the version that can be gone back to
 * @property {{text: string, done: number, of: number}|null} work
 * @property {string} problem
 * @property {boolean} busy
 * @property {boolean} open a permanence is under way
 */

/** @typedef {{stick: string, model: string, name: string, bytes: number}} UpdateFile */

/** How often the box is asked (ms): a progress bar is to move. */
const every = 1000;

/** How long a file may take to be sent (ms). */
const patienceUpdate = 30 * 60_000;

export class UpdatePage {
  #folder;
  #version = h("p", { class: "help" });
  #text = h("p", { class: "told", role: "status" });
  #missing = h("ul");
  #lacks = h("div", {}, h("p", {}, say("desk.update_missing")), this.#missing);
  #step = h("p");
  #bar = h("progress", {});
  #work = h("div", { class: "stack", role: "status" }, this.#step, this.#bar);
  #problem = h("p", { class: "problem", role: "alert" });
  #open = h("p", {}, say("desk.update_open"));
  #file = h("input", { type: "file", accept: ".update", hidden: true });
  #files = h("ul", { class: "rows" });
  #none = h("p", { role: "status" }, say("desk.update_none"));
  #try = button("", () => this.#sure(say("desk.update_try", { version: this.#view?.ready ?? "" }), "try"), "strong", say("desk.update_try_hint"));
  #back = button("", () => this.#sure(say("desk.update_back", { version: this.#view?.before ?? "" }), "back"), "", say("desk.update_back_hint"));
  #new = section(say("desk.update_new"), h("p", { class: "help" }, say("desk.update_how")),
    button(say("desk.update_look"), () => void this.#look()), this.#none, this.#files, this.#file,
    button(say("desk.update_send"), () => this.#file.click(), "", say("desk.update_send_hint")));
  #old = section(say("desk.update_before"), this.#back);
  /** @type {UpdateView|null} */
  #view = null;
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #timer;
  #left = false;
  /** @type {Page} */
  page;

  /** @param {DeskFolder} folder */
  constructor(folder) {
    this.#folder = folder;
    this.#file.addEventListener("change", () => {
      const file = this.#file.files?.[0];
      this.#file.value = ""; // the same file may be chosen again
      if (file) void this.#tell("/api/update/file", file, patienceUpdate);
    });
    this.#none.hidden = true;
    this.page = {
      key: "update", title: say("desk.update"),
      body: h("div", { class: "page update" }, this.#version, this.#text, this.#lacks, this.#work, this.#problem, this.#open, this.#try, this.#new, this.#old),
      shown: () => void this.#ask(),
      left: () => {
        this.#left = true;
        clearTimeout(this.#timer);
      },
    };
    this.#render(null);
  }

  /** Asks how it stands, and again as long as the page is there: while the box starts anew nobody answers. */
  async #ask() {
    clearTimeout(this.#timer);
    const got = await ask("/api/update");
    if (got.ok) this.#render(/** @type {UpdateView} */ (got.body));
    if (!this.#left) this.#timer = setTimeout(() => void this.#ask(), every);
  }

  /** @param {UpdateView|null} view */
  #render(view) {
    this.#view = view;
    put(this.#version, view ? say("desk.update_version", { version: view.version }) : "");
    this.#text.hidden = !view?.text;
    put(this.#text, view?.text ?? "");
    attr(this.#text, "class", view?.good ?? true ? "told" : "problem");
    this.#lacks.hidden = !view || view.missing.length === 0;
    keyed(this.#missing, view?.missing ?? [], (m) => m, () => h("li"), put);
    this.#work.hidden = !view?.work;
    put(this.#step, view?.work?.text ?? "");
    const measured = (view?.work?.of ?? 0) > 0;
    attr(this.#bar, "max", String(measured ? (view?.work?.of ?? 1) : 1));
    if (measured) attr(this.#bar, "value", String(view?.work?.done ?? 0));
    else this.#bar.removeAttribute("value");
    attr(this.#bar, "aria-label", view?.work?.text ?? "");
    this.#problem.hidden = !view?.problem;
    put(this.#problem, view?.problem ?? "");
    this.#open.hidden = !view?.open;
    const idle = !!view && !view.busy && !view.open;
    this.#new.hidden = !idle;
    this.#try.hidden = !idle || view.ready === "";
    this.#old.hidden = !idle || view.before === "";
    put(label(this.#try), say("desk.update_try", { version: view?.ready ?? "" }));
    put(label(this.#back), say("desk.update_back", { version: view?.before ?? "" }));
  }

  /** What lies on the sticks that are plugged in. */
  async #look() {
    this.#folder.problem("");
    const got = await ask("/api/update/sticks");
    if (!got.ok) return this.#folder.problem(got.error);
    const files = /** @type {UpdateFile[]} */ (got.body.files);
    this.#none.hidden = files.length > 0;
    keyed(this.#files, files, (f) => f.stick + "/" + f.name, (f) =>
      h("li", {}, button(say("desk.update_install", { name: f.name }), () => void this.#tell("/api/update", { do: "stick", stick: f.stick, name: f.name }),
        "", say("desk.update_size", { n: Math.max(1, Math.round(f.bytes / 1e6)), model: f.model || f.stick }))), () => {});
  }

  /**
   * The machine starts anew: asked once more.
   * @param {string} title
   * @param {"try"|"back"} what
   */
  #sure(title, what) {
    const yes = button(say("desk.update_sure"), async () => {
      this.#folder.back();
      await this.#tell("/api/update", { do: what });
    }, "strong");
    this.#folder.push({ key: "update_sure", title, foot: [yes], body: h("div", { class: "page" }, h("p", {}, say("desk.update_sure_text"))) });
  }

  /**
   * @param {string} url
   * @param {Record<string, unknown>|File} body
   * @param {number} [patience]
   */
  async #tell(url, body, patience) {
    this.#folder.problem("");
    void this.#ask();
    const got = await ask(url, body, patience);
    if (!got.ok) this.#folder.problem(got.error);
    await this.#ask();
  }
}

/** The words of a button of parts.js, without its hint. @param {HTMLElement} of */
const label = (of) => /** @type {HTMLElement} */ (of.querySelector(".label") ?? of);
