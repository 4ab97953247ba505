/**
 * @file What frames a morning: « Prêt ? » on one page, what time it is, the people who
 * were counted on paper, and the reports of the permanences before.
 */
import { h } from "../lib/dom.js";
import { newId, send } from "../lib/send.js";
import { say } from "../lib/words.js";
import { ask, refusal } from "./ask.js";
import { attr, keyed, put } from "./dom.js";
import { test, unfold } from "./orders.js";
import { button, field, section, ticks } from "./parts.js";
import { may } from "./roles.js";

/** @import { DeskFolder, Page } from "./folder.js" */
/** @import { Choice } from "./view.js" */

/** @typedef {{ask: boolean, sure: boolean, phone: string, box: string}} Time */
/** @typedef {{key: string, ok: boolean, text: string, more: string, do: string, label: string}} Line */
/**
 * @typedef {{ready: boolean, title: string, time: Time, lines: Line[], tells: string[],
 *   desks: {label: string, roles: string[], there: boolean, text: string}[]}} Ready
 */

/** How often the time is held against this phone's while the page is looked at (ms). */
const look = 60_000;

/**
 * The question that nobody but a person can answer: what time is it? It stands above
 * everything until somebody has said yes, on any screen.
 */
export class DeskTime extends HTMLElement {
  #text = h("p", { role: "status" });
  #help = h("p", { class: "help", hidden: true });
  #yes = h("button", { type: "button", class: "strong" });
  #no = h("button", { type: "button", class: "quiet" });
  /** What was answered with no on this screen. */
  #denied = "";
  /** @type {Time|null} */
  #time = null;
  #busy = false;

  connectedCallback() {
    if (this.firstChild) return;
    this.hidden = true;
    put(this.#yes, say("desk.time_yes"));
    put(this.#no, say("desk.time_no"));
    put(this.#help, say("desk.time_no_help"));
    this.#yes.addEventListener("click", () => void this.#confirm());
    this.#no.addEventListener("click", () => {
      this.#denied = this.#time?.sure ? "sure" : "asked";
      this.#draw();
    });
    this.append(h("div", { class: "bar", "data-level": "warn" }, h("div", {}, this.#text, this.#help), h("div", { class: "actions" }, this.#yes, this.#no)));
    setInterval(() => document.hidden || void this.look(), look);
    void this.look();
  }

  /** Holds the box's time against that of this device. */
  async look() {
    if (!may("open_close")) return;
    const got = await ask("/api/time?at_ms=" + Date.now());
    this.#time = got.ok ? got.body : null;
    this.#draw();
  }

  #draw() {
    const time = this.#time;
    // A box that is sure, and a phone that is wrong: there is nothing to do here.
    this.hidden = !time?.ask || this.#denied === "sure";
    if (!time) return;
    put(this.#text, (time.sure ? say("desk.time_differs", { time: time.box }) + " " : "") + say("desk.time_ask", { time: time.phone }));
    this.#help.hidden = this.#denied === "";
  }

  async #confirm() {
    if (this.#busy) return;
    this.#busy = true;
    // Asked once: an answer that is sent again would be an old time.
    const got = await ask("/api/desk", { id: newId(), desk: new URLSearchParams(location.search).get("desk") ?? "", do: "confirm_time", at_ms: Date.now() });
    this.#busy = false;
    if (!got.ok) {
      put(this.#help, got.error);
      this.#help.hidden = false;
      return;
    }
    this.#denied = "";
    await this.look();
    this.dispatchEvent(new CustomEvent("desk-time", { bubbles: true }));
  }
}

/**
 * Sends an order of the desk that is in front.
 * @param {DeskFolder} folder
 * @param {Record<string, unknown> & {do: string}} command
 * @returns {Promise<boolean>} whether it was done; if not, the folder says why
 */
export async function tell(folder, command) {
  const answer = await send("/api/desk", { desk: folder.desk, ...command });
  if (answer.ok) return true;
  folder.problem(refusal(answer));
  return false;
}

/** « Prêt ? »: all that is to be well, who is where, and what the last team left word of. */
export class ReadyPage {
  #folder;
  #title = h("p", { class: "verdict" });
  #lines = h("ul", { class: "checks" });
  #tells = h("ul", { class: "tells" });
  #told = section(say("desk.ready_tells"), this.#tells);
  #desks = h("ul", { class: "duty" });
  /** @type {any} */
  #timer;
  /** @type {Page} */
  page;

  /** @param {DeskFolder} folder */
  constructor(folder) {
    this.#folder = folder;
    const time = new DeskTime();
    time.addEventListener("desk-time", () => void this.#look());
    this.page = {
      key: "ready", title: say("desk.ready"),
      body: h("div", { class: "page ready" }, this.#title, time, this.#lines, this.#told,
        section(say("desk.ready_duty"), this.#desks),
        section(say("desk.ready_paper"), h("p", { class: "help" }, say("desk.fallback_text")),
          button(say("desk.fallback_print"), () => void this.#print()),
          h("a", { class: "item", href: "/guide/secours.html", target: "_blank" }, h("span", { class: "label" }, say("desk.fallback_page")), h("span", { class: "hint" }, say("desk.fallback_page_hint")))),
        h("section", { class: "stack" }, h("h3", {}, say("desk.ready_help")),
          button(say("desk.export_log"), () => void this.#export(), "", say("desk.export_log_hint")))),
      shown: () => {
        void this.#look();
        clearInterval(this.#timer);
        this.#timer = setInterval(() => document.hidden || void this.#look(), 5_000);
      },
      left: () => clearInterval(this.#timer),
    };
    this.#told.hidden = true;
  }

  async #look() {
    const got = await ask("/api/ready?at_ms=" + Date.now());
    if (!got.ok) return this.#folder.problem(got.error);
    /** @type {Ready} */
    const r = got.body;
    put(this.#title, r.title);
    attr(this.#title, "data-ready", r.ready ? "yes" : "no");
    keyed(this.#lines, r.lines, (l) => l.key, (l) => {
      const act = h("button", { type: "button", class: "quiet" });
      act.addEventListener("click", () => {
        if (act.dataset.do !== "selftest") return void tell(this.#folder, { do: act.dataset.do ?? "" });
        this.#folder.shut();
        test(this.#folder);
      });
      return h("li", { "data-key": l.key }, h("span", { class: "mark", "aria-hidden": "true" }), h("div", {}, h("strong"), h("span", { class: "word" }), h("p", { class: "help" })), act);
    }, (node, l) => {
      attr(node, "data-ok", l.ok ? "yes" : "no");
      put(node.children[0], l.ok ? "✓" : "!");
      const text = node.children[1];
      put(text.children[0], l.text);
      put(text.children[1], l.ok ? say("desk.ready_ok") : say("desk.ready_todo"));
      put(text.children[2], l.more);
      const act = /** @type {HTMLButtonElement} */ (node.children[2]);
      act.hidden = l.do === "";
      act.dataset.do = l.do;
      put(act, l.label);
    });
    this.#told.hidden = r.tells.length === 0;
    keyed(this.#tells, r.tells, (t) => t, () => h("li"), put);
    keyed(this.#desks, r.desks, (d) => d.label, () => h("li", {}, h("strong"), h("span"), h("span", { class: "there" })), (node, d) => {
      attr(node, "data-there", d.there);
      put(node.children[0], d.label);
      put(node.children[1], d.roles.join(" + "));
      put(node.children[2], d.text);
    });
  }

  async #print() {
    if (await tell(this.#folder, { do: "print_fallback" })) this.#folder.told(say("desk.fallback_printing"));
  }

  async #export() {
    if (await tell(this.#folder, { do: "export_log" })) this.#folder.told(say("desk.export_log_done"));
  }
}

/** The people of the paper sheet, counted by motif and by what became of them. */
export class CatchUpPage {
  #folder;
  #form = h("form", { novalidate: true });
  #so = h("p", { class: "help" });
  #people = field({ label: say("desk.catch_up_people"), help: say("desk.catch_up_people_help"), attributes: { inputmode: "numeric", maxlength: 2 } });
  #motif = "";
  #outcome = "served";
  #busy = false;
  #built = false;
  #entered = 0;
  /** @type {Page} */
  page;

  /** @param {DeskFolder} folder */
  constructor(folder) {
    this.#folder = folder;
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#send();
    });
    this.page = {
      key: "catch_up", title: say("desk.catch_up"),
      foot: [button(say("desk.catch_up_add"), () => void this.#send(), "strong")],
      body: h("div", { class: "page form" }, h("p", {}, say("desk.catch_up_text")), this.#so, this.#form),
      shown: () => void this.#build(),
      typed: () => this.#people.input.value.trim() !== "",
    };
  }

  async #build() {
    const got = await ask("/api/frame");
    if (!got.ok) return this.#folder.problem(got.error);
    this.#draw(got.body.on_paper);
    if (this.#built) return;
    this.#built = true;
    /** @type {{motifs: Choice[], outcomes: Choice[]}} */
    const { motifs, outcomes } = got.body;
    this.#motif = motifs[0]?.key ?? "";
    this.#form.append(
      ticks({ legend: say("desk.catch_up_motif"), choices: motifs, chosen: [this.#motif], one: true, change: (key) => (this.#motif = key) }).node,
      ticks({ legend: say("desk.catch_up_outcome"), choices: outcomes, chosen: [this.#outcome], one: true, change: (key) => (this.#outcome = key) }).node,
      this.#people.node);
  }

  /** @param {number} entered */
  #draw(entered) {
    this.#entered = entered;
    put(this.#so, entered === 1 ? say("desk.catch_up_so_one") : say("desk.catch_up_so_many", { n: entered }));
  }

  async #send() {
    const people = Number(this.#people.input.value.trim());
    if (this.#busy) return;
    if (!Number.isInteger(people) || people < 1) {
      this.#people.problem(say("desk.catch_up_number"));
      return this.#people.input.focus();
    }
    this.#busy = true;
    const done = await tell(this.#folder, { do: "catch_up", motif: this.#motif, outcome: this.#outcome, people });
    this.#busy = false;
    if (!done) return;
    this.#people.input.value = "";
    this.#draw(this.#entered + people);
    this.#folder.told(people === 1 ? say("desk.catch_up_done_one") : say("desk.catch_up_done_many", { n: people }));
  }
}

/** The permanences that were closed: their reports, again; the last may go on. */
export class ReportsPage {
  #folder;
  #list = h("ul", { class: "rows reports" });
  #none = h("p", {}, say("desk.reports_none"));
  #copies = field({ label: say("desk.reports_copies"), kind: "select", choices: ["1", "2", "3", "4", "5"].map((n) => ({ key: n, label: n })), value: "1" });
  /** @type {Page} */
  page;

  /** @param {DeskFolder} folder */
  constructor(folder) {
    this.#folder = folder;
    this.#none.hidden = true;
    this.page = {
      key: "reports", title: say("desk.reports"),
      body: h("div", { class: "page form" }, this.#copies.node, this.#list, this.#none),
      shown: () => void this.#look(),
    };
  }

  async #look() {
    const got = await ask("/api/reports");
    if (!got.ok) return this.#folder.problem(got.error);
    /** @type {{id: string, text: string, issued: number, reopen: boolean}[]} */
    const reports = got.body.reports;
    this.#none.hidden = reports.length > 0;
    keyed(this.#list, reports, (r) => r.id, (r) => {
      const print = h("button", { type: "button", class: "quick" }, say("desk.reports_print"));
      print.addEventListener("click", () => void this.#print(r.id));
      const reopen = h("button", { type: "button", class: "quick" }, say("desk.reopen"));
      reopen.addEventListener("click", () => this.#ask(r.text));
      return h("li", {}, h("div", { class: "card" }, h("strong"), h("span")), print, reopen);
    }, (node, r) => {
      put(node.children[0].children[0], r.text);
      put(node.children[0].children[1], r.issued === 1 ? say("desk.reports_people_one") : say("desk.reports_people_many", { n: r.issued }));
      /** @type {HTMLElement} */ (node.children[2]).hidden = !r.reopen;
    });
  }

  /** @param {string} id */
  async #print(id) {
    const copies = Number(this.#copies.input.value);
    if (await tell(this.#folder, { do: "print_report", permanence: id, copies })) this.#folder.told(say("desk.reports_printing"));
  }

  /** @param {string} which */
  #ask(which) {
    const yes = button(say("desk.reopen_yes"), async () => {
      if (await tell(this.#folder, { do: "reopen" })) this.#folder.shut();
    }, "strong");
    this.#folder.push({
      key: "reopen", title: say("desk.reopen"), foot: [yes],
      body: h("div", { class: "page" }, h("p", {}, which), h("p", {}, say("desk.reopen_text")), h("p", {}, say("desk.reopen_logged"))),
    });
  }
}

/** The doors of the front page to what frames a morning. */
export function frameDoors() {
  /** @type {[import("./folder.js").Opening, string][]} */
  const doors = [["ready", say("desk.ready")], ["stats", say("desk.stats")], ["reports", say("desk.reports")]];
  return doors.map(([what, label]) => {
    const door = h("button", { type: "button", class: "quiet" }, label);
    door.addEventListener("click", () => unfold(door, what));
    return door;
  });
}
