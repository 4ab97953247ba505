/**
 * @file The page of one desk: follows the server's views, sends orders, and keeps only
 * what is the reader's own: which sheet is open, and a sentence not yet acknowledged.
 */
import "../lib/veil.js";
import { h } from "../lib/dom.js";
import { send } from "../lib/send.js";
import { openStream } from "../lib/stream.js";
import { serverClock } from "../lib/time.js";
import { loadWords, say } from "../lib/words.js";
import { attr, keyed, put } from "./dom.js";
import { Beeper } from "./beep.js";
import { DeskFolder } from "./folder.js";
import { DeskTime } from "./frame.js";
import { DeskChooser, DeskFront, renderDevices } from "./front.js";
import { DeskIntake } from "./intake.js";
import { DeskNote } from "./note.js";
import { go, order } from "./orders.js";
import { DeskLock, DeskTechnician, settle, whoAmI } from "./pairing.js";
import { Newcomers } from "./pairing.rules.js";
import { DeskPeople } from "./people.js";
import { DeskActions, DeskPerson } from "./person.js";
import { mayOrder, whole } from "./roles.js";
import { banners, can, duration, gravest, running, shortcut } from "./rules.js";
import { DeskSelfTest } from "./selftest.js";
import { DeskSheet } from "./sheet.js";
import { beep, teamBars } from "./team.rules.js";

/** @import { Banner, DeskView } from "./view.js" */
/** @import { Order } from "./orders.js" */
/** @import { Opening } from "./folder.js" */
/** @import { Place } from "./menus.js" */

/** Two presses of one button closer than this (ms) are one press. */
const twice = 500;

class DeskApp extends HTMLElement {
  #desk = new URLSearchParams(location.search).get("desk") ?? "";
  /** @type {DeskView|null} */
  #view = null;
  /** @type {() => number} */
  #clock = () => 0;
  /** The box's time less this page's own (ms). */
  #ahead = NaN;

  #name = h("a", { class: "desk-name", href: "/desk" });
  #test = h("span", { class: "test" });
  #status = h("span", { class: "status" });
  #notice = h("p");
  #understood = h("button", { type: "button", class: "quiet" });
  #noticeBar = h("div", { class: "bar notice" }, h("div", { role: "status" }, this.#notice), this.#understood);
  /** What cannot wait stands above the number, what can stands beside the list. */
  #urgent = h("div", { class: "bars" });
  #bars = h("div", { class: "bars" });
  #devices = h("ul", { class: "devices" });
  #person = new DeskPerson();
  #note = new DeskNote();
  #actions = new DeskActions();
  #people = new DeskPeople();
  #front = new DeskFront();
  #chooser = new DeskChooser();
  #sheet = new DeskSheet();
  #intake = new DeskIntake();
  #selftest = new DeskSelfTest();
  #folder = new DeskFolder();
  #beeper = new Beeper();
  #time = new DeskTime();
  #lock = new DeskLock();
  #technician = new DeskTechnician();
  #newcomers = new Newcomers();
  #main = h("main", {}, this.#person, h("div", { class: "side" }, this.#bars, this.#note, this.#people), this.#devices, this.#actions);

  /** The order on its way, and the last one that was done, to tell a double tap. */
  #busy = "";
  #last = { what: "", at: -Infinity };

  connectedCallback() {
    put(this.#understood, say("desk.understood"));
    this.#noticeBar.hidden = true;
    this.#understood.addEventListener("click", () => this.#tell(""));
    this.append(
      h("header", {}, h("h1", {}, this.#name), this.#test, this.#status),
      this.#noticeBar, this.#time, this.#urgent, this.#chooser, this.#front, this.#main, this.#sheet, this.#intake, this.#selftest, this.#folder, this.#technician, this.#lock);
    for (const part of this.children) /** @type {HTMLElement} */ (part).hidden = true;
    this.addEventListener("desk-order", (event) => this.#order(/** @type {CustomEvent<Order>} */ (event).detail));
    this.addEventListener("desk-go", (event) => this.#sheet.open(/** @type {CustomEvent<Place>} */ (event).detail));
    this.addEventListener("desk-aside", () => this.#render());
    this.addEventListener("desk-selftest", () => this.#selftest.open());
    this.addEventListener("desk-folder", (event) => this.#folder.open(/** @type {CustomEvent<Opening>} */ (event).detail));
    document.addEventListener("keydown", (event) => this.#key(event));

    const veil = /** @type {import("../lib/veil.js").Veil} */ (document.querySelector("jeudi-veil"));
    void veil.speak("fr");
    // A socket does not say why it ended: perhaps this screen is connected no longer, or
    // the box began anew and knows nobody. It is asked as long as nothing comes.
    /** @type {ReturnType<typeof setInterval>|undefined} */
    let asking;
    const look = async () => {
      if (!(await this.#lock.check())) return;
      clearInterval(asking);
      stream.close();
      veil.hide();
      this.#view = null; // nothing of it is drawn again
    };
    const stream = openStream({
      url: "/ws/desk?desk=" + encodeURIComponent(this.#desk),
      view: (/** @type {Partial<DeskView>} */ shown, received) => {
        const view = whole(shown);
        const sound = beep(this.#view, view);
        if (sound) this.#beeper.sound(sound);
        this.#view = view;
        void this.#folder.keeper.look(view);
        this.#clock = serverClock(view, received);
        // Somebody set the box's clock, here or on another screen: one answer is enough.
        const ahead = view.now_ms - received;
        if (view.speed === 1 && Math.abs(ahead - this.#ahead) > 60_000) void this.#time.look();
        this.#ahead = ahead;
        this.#render();
      },
      lost: (since) => {
        this.#sheet.cover(true);
        this.#intake.cover(true);
        this.#selftest.cover(true);
        this.#folder.cover(true);
        veil.show(since);
        void look();
        asking = setInterval(look, 3000);
      },
      found: () => {
        clearInterval(asking);
        veil.hide();
        this.#sheet.cover(false);
        this.#intake.cover(false);
        this.#selftest.cover(false);
        this.#folder.cover(false);
      },
    });
    void look();
    // Waits and countdowns move on between two views.
    setInterval(() => {
      if (this.#view) void this.#folder.keeper.look(this.#view); // a box that did not answer
      if (!document.hidden) this.#render();
    }, 1000);
  }

  #render() {
    const view = this.#view;
    if (!view) return;
    const now = this.#clock();
    this.#technician.hidden = view.role !== "technicien";
    if (view.role === "technicien") return this.#renderTechnician(view);
    const desk = view.desks.find((d) => d.key === this.#desk);
    const only = view.desks.length === 1 ? view.desks[0] : undefined;
    if (!desk && only) return location.replace("?desk=" + encodeURIComponent(only.key));

    const on = running(view);
    this.#header(view, desk?.label ?? "");
    this.#chooser.hidden = !!desk;
    this.#front.hidden = !desk || on;
    this.#main.hidden = !desk || !on;
    this.#urgent.hidden = !desk;
    this.#sheet.hidden = this.#intake.hidden = this.#selftest.hidden = this.#folder.hidden = !desk;
    attr(document.body, "data-page", !desk ? "chooser" : on ? "morning" : "front");
    if (!desk) return this.#chooser.render(view);

    const bars = this.#listBars(view, now);
    this.#drawBars(this.#urgent, on ? bars.filter((b) => b.level === "alert") : bars);
    this.#drawBars(this.#bars, on ? bars.filter((b) => b.level !== "alert") : []);
    if (on) {
      this.#person.render(view, now);
      this.#note.render(view.mine);
      this.#actions.render(view, now);
      this.#people.render(view, now);
      renderDevices(this.#devices, view);
    } else {
      this.#front.render(view);
    }
    this.#sheet.render(view, now);
    this.#intake.render(view);
    this.#selftest.render(view);
    this.#folder.render(view);
  }

  /** @param {DeskView} view */
  #renderTechnician(view) {
    this.#header(view, "");
    attr(document.body, "data-page", "technician");
    this.#urgent.hidden = this.#selftest.hidden = this.#folder.hidden = false;
    this.#drawBars(this.#urgent, this.#listBars(view, this.#clock()));
    this.#technician.render(view);
    this.#selftest.render(view);
    this.#folder.render(view);
  }

  /**
   * @param {DeskView} view
   * @param {string} label
   */
  #header(view, label) {
    const p = view.permanence;
    /** @type {HTMLElement} */ (this.firstElementChild).hidden = false;
    put(this.#name, label || view.place);
    this.#name.title = say("desk.change");
    this.#test.hidden = !p.test;
    put(this.#test, say("desk.test"));
    const hours = p.from && p.until ? say("desk.hours", { from: p.from, until: p.until }) : "";
    put(this.#status, p.status === "paused" ? say("desk.status_paused") : p.status === "open" ? hours : "");
    attr(this.#status, "data-status", p.status);
    const title = view.mine ? say("desk.title_mine", { n: view.mine.number, desk: label }) : label || view.place;
    if (document.title !== title) document.title = title;
  }

  /**
   * Somebody asks for help, what is wrong, what waits for an answer.
   * @param {DeskView} view
   * @param {number} now
   * @returns {Banner[]}
   */
  #listBars(view, now) {
    /** @type {Banner[]} */
    const all = [];
    all.push(...this.#newcomers.bars(view.connected));
    if (view.help) all.push(helpBar(view.help, now));
    if (view.intake && this.#intake.isAside) {
      all.push({ key: "intake", level: "info", text: say("desk.intake_aside"), actions: [{ do: "local_intake", label: say("desk.intake_continue") }] });
    }
    if (view.selftest.now && !this.#selftest.isOpen) {
      all.push({ key: "selftest", level: "info", text: say("desk.selftest_going"), actions: [{ do: "local_selftest", label: say("desk.selftest_continue") }] });
    }
    // After a cut, going on comes before the notes that were lost.
    all.push(...banners(view), ...teamBars(view, now));
    /** @param {string} what */
    const offers = (what) => all.some((b) => b.actions?.some((a) => a.do === what));
    if (view.permanence.stale && !offers("close")) {
      all.push({ key: "stale", level: "alert", text: say("desk.stale", { date: view.permanence.date }), actions: [{ do: "close", rest: "unresolved", label: say("desk.close") }] });
    }
    if (view.permanence.status === "paused" && !view.permanence.stale && !offers("resume")) {
      all.push({ key: "paused", level: "info", text: say("desk.paused"), actions: [{ do: "resume", label: say("desk.resume") }] });
    }
    const n = view.unprinted.length;
    if (n > 0) {
      all.push({ key: "unprinted", level: "warn", text: n === 1 ? say("desk.unprinted_one", { n: view.unprinted[0].number }) : say("desk.unprinted_many", { n }), actions: [{ do: "reprint_all", label: say("desk.reprint_short") }] });
    }
    /** @param {{do: string}} a */
    const mine = (a) => a.do.startsWith("local_") || mayOrder(a.do);
    this.#shown = gravest(all).map((b) => (b.actions ? { ...b, actions: b.actions.filter(mine) } : b));
    return this.#shown;
  }

  /**
   * @param {HTMLElement} parent
   * @param {Banner[]} bars
   */
  #drawBars(parent, bars) {
    keyed(parent, bars, (b) => b.key, (b) => {
      return h("div", { class: "bar" }, h("p", { role: b.level === "alert" ? "alert" : "status" }), h("div", { class: "actions" }));
    }, (node, b) => {
      attr(node, "data-level", b.level);
      put(node.children[0], b.text);
      keyed(node.children[1], b.actions ?? [], (a) => a.do, (a) => {
        const button = h("button", { type: "button", class: "quiet" });
        button.addEventListener("click", () => this.#act(b.key, a.do));
        return button;
      }, (button, a) => put(button, a.label));
    });
  }

  /** @type {Banner[]} */
  #shown = [];

  /**
   * An action of a bar, as the newest view gives it.
   * @param {string} bar
   * @param {string} what
   */
  #act(bar, what) {
    const action = this.#shown.find((b) => b.key === bar)?.actions?.find((a) => a.do === what);
    if (!action) return;
    if (action.do === "local_intake") return this.#intake.open();
    if (action.do === "local_selftest") return this.#selftest.open();
    if (action.do === "local_known") {
      this.#newcomers.known(/** @type {number[]} */ (action.who));
      return this.#render();
    }
    if (action.do === "local_connected" || action.do === "local_doubt") return void settle(action).then((problem) => this.#tell(problem));
    if (action.do === "local_see") return this.#folder.open("connected");
    if (action.do === "local_escrow") return this.#folder.open("escrow");
    if (action.do === "local_end") return this.#folder.open(`end:${this.#view?.untold?.id ?? ""}`);
    if (action.do === "open" && (this.#view?.choices.stops ?? []).length > 0) return this.#sheet.open({ page: "stop" });
    const { label: _, ...command } = action;
    order(this, /** @type {import("./view.js").Command} */ (command));
  }

  /** @param {Order} wish */
  async #order({ command, stay }) {
    const what = JSON.stringify(command);
    const now = performance.now();
    if (this.#busy === what || (this.#last.what === what && now - this.#last.at < twice)) return;
    this.#busy = what;
    this.#last = { what, at: now };
    const answer = await send("/api/desk", { desk: this.#desk, ...command });
    if (this.#busy === what) this.#busy = "";
    if (answer.ok) {
      if (!stay) this.#sheet.close();
      return;
    }
    this.#tell(answer.error || (answer.status === 0 ? say("desk.error_silent") : say("desk.error_other")));
  }

  /**
   * One sentence that stays until acknowledged, where the reader looks.
   * @param {string} text
   */
  #tell(text) {
    this.#noticeBar.hidden = text === "";
    put(this.#notice, text);
    if (this.#sheet.isOpen) this.#sheet.problem(text);
    if (this.#intake.isOpen) this.#intake.problem(text);
    if (this.#selftest.isOpen) this.#selftest.problem(text);
    if (this.#folder.isOpen) this.#folder.problem(text);
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const view = this.#view;
    const target = event.target;
    if (!view || !running(view) || this.#sheet.isOpen || this.#intake.isOpen || this.#selftest.isOpen || this.#folder.isOpen) return;
    if (/** @type {HTMLElement} */ (this.parentElement).inert || this.inert) return;
    if (target instanceof HTMLElement && target.closest("input, select, textarea")) return;
    const what = shortcut(event);
    const may = can(view, this.#clock());
    if (what === "next" && may.next) order(this, { do: "next" });
    if (what === "done" && may.done) order(this, { do: "end", outcome: "served" });
    if (what === "recall" && may.recall) order(this, { do: "recall" });
    if (what === "undo" && may.undo) order(this, { do: "undo" });
    if (what === "pause" && may.pause) order(this, { do: "pause" });
    if (what === "pause" && may.resume) order(this, { do: "resume" });
    if (what === "keys") go(this, { page: "keys" });
    if (what) event.preventDefault();
  }
}

/**
 * @param {NonNullable<DeskView["help"]>} help
 * @param {number} now
 * @returns {Banner}
 */
function helpBar(help, now) {
  const time = duration(now - help.since_ms);
  return {
    key: "help",
    level: help.coming ? "info" : "alert",
    text: help.coming ? say("desk.help_coming_since", { text: help.text, time }) : help.text,
    actions: [
      help.coming ? { do: "help_done", label: say("desk.help_done") } : { do: "help_coming", label: say("desk.help_coming") },
      { do: "intake_take_over", label: say("desk.intake_take_over") },
    ],
  };
}

while (!(await loadWords("/words/desk.json"))) await new Promise((done) => setTimeout(done, 1000));
await whoAmI(); // before anything is offered
customElements.define("desk-chooser", DeskChooser);
customElements.define("desk-time", DeskTime);
customElements.define("desk-front", DeskFront);
customElements.define("desk-note", DeskNote);
customElements.define("desk-person", DeskPerson);
customElements.define("desk-actions", DeskActions);
customElements.define("desk-people", DeskPeople);
customElements.define("desk-sheet", DeskSheet);
customElements.define("desk-intake", DeskIntake);
customElements.define("desk-selftest", DeskSelfTest);
customElements.define("desk-folder", DeskFolder);
customElements.define("desk-lock", DeskLock);
customElements.define("desk-technician", DeskTechnician);
customElements.define("desk-app", DeskApp);
