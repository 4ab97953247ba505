// Every screen of the kiosk, without walking to each of them again: the path of a
// real box is walked once by its interface, and the views that it sent are shown
// on a stage, in any size and any colours.

import { execFileSync } from "node:child_process";
import { patience, until } from "./box.mjs";

/** @typedef {any} View as the box sends it */

/**
 * The way through all screens, after the language: keys to press, « * » to look at
 * all pages of the choices, « ^ » for the first choice, « ~ » for the first choices
 * until another kind of screen comes, « ?key » where it is there.
 * @type {{closed: string[][], open: string[][], away: string[][]}}
 */
export const tour = {
  closed: [
    [..."assess no * ^ done finish".split(" ")],
    [..."places ^ ?print skip skip".split(" "), ..."opinion good no".split(" ")],
  ],
  open: [
    "* for_other settings language * skip contrast skip voice skip scan skip go_on help go_on skip * my_ticket ?large finish charter line skip home finish restart no practice * practice_touch finish practice_keyboard finish ?practice_password ?finish practice_fake finish ?practice_form ?finish ?practice_mail ?finish practice_photo finish skip questions yes alone helped no alone alone alone * ^ done ^ ^ ^ ^ ^ ^ ^ send finish".split(" "),
    "skip questions no peur done places ^ ?print ?no finish skip go_on yes * ^ * ^ * ^ * ^ skip".split(" "),
    "skip questions no pass skip".split(" "),
    "telephone * places skip ticket rights * ~ ?print finish".split(" "),
    // Of the workshops the first is full; the next is offered in its place.
    "telephone seats ^ ^ take finish seats finish".split(" "),
  ],
  // Whoever steps out comes back before the others: after them.
  away: [["skip", "back_at", "in_15", "finish"]],
};

/** What tells screens apart: numbers and times change. @param {View} v */
export const kind = (v) => [
  v.id, v.title.replace(/[\d:]+/g, "#"), v.piece ?? "", v.ticket?.paper ?? "", v.ticket?.before > 0, !!v.called, v.choices.map((/** @type {any} */ c) => c.key).join(), v.skip?.key, v.toggle?.key,
].join("|");

/** What a site has that draws every screen: homes it goes to, courses, and a kiosk that nobody looks at. @type {[RegExp, string][]} */
export const everything = [[/^home_visits = false$/m, "home_visits = true"], [/^workshops = false$/m, "workshops = true"], [/^at_kiosk = false$/m, "at_kiosk = true"]];

/** So many that the hours do not suffice. */
const crowd = 12;

/** Whether the box has no more to say of a screen by itself. @param {View} v */
const settled = (v) => v.ticket?.paper !== "printing";

/** A visitor without a finger: presses by the interface of the box, views by its page. */
export class Walker {
  /** @param {import("./box.mjs").Box} box @param {import("./box.mjs").Kiosk} kiosk */
  constructor(box, kiosk) {
    this.box = box;
    this.kiosk = kiosk;
    this.presses = 0;
  }

  get view() {
    return this.kiosk.view;
  }

  /** Presses, and waits for the answer. @param {string} key @returns {Promise<View>} */
  async press(key) {
    for (let tries = 0; ; tries++) {
      const { turn } = this.view;
      this.presses++;
      await this.box.post("/api/kiosk", { turn, key });
      const deadline = Date.now() + (tries < 3 ? 150 : patience);
      while (this.view.turn === turn && Date.now() < deadline) await new Promise((done) => setTimeout(done, 4));
      if (this.view.turn !== turn) break;
      if (tries === 4) throw new Error(`no answer to « ${key} » on ${this.view.id}`); // the same key too soon is no press
    }
    return this.kiosk.shows("what the box still has to say", (v) => settled(v) && v);
  }

  /** Back to where nobody is, and nobody waits: what is offered then is offered. */
  async home() {
    await this.#leave();
    for (;;) {
      const { number } = await this.box.desk("next").catch(() => ({}));
      if (!number) return;
      await this.box.desk("end", { outcome: "served" });
    }
  }

  /** Leaves the kiosk to whoever comes next. */
  async #leave() {
    for (let i = 0; i < 12; i++) {
      const v = this.view;
      const restart = v.controls.find((/** @type {any} */ c) => c.key === "restart");
      if (v.id === "language" && !v.controls[0].enabled) break;
      if (restart?.enabled) await this.press("restart");
      else await this.press(v.choices[0]?.key ?? "back");
    }
  }

  /** Two workshops to come, the first one full. */
  async workshops() {
    const date = new Date(Date.now() + 5 * 24 * 3_600_000).toISOString().slice(0, 10);
    const [full] = await Promise.all([["9:00", 1], ["14:00", 100]].map(([from, seats]) => this.box.post("/api/agenda", {
      do: "put", form: { kind: "atelier", title: "Mes premiers mails", date, from, until: "16:00", room: "Salle 2", themes: ["Email"], seats },
    })));
    await this.box.post("/api/agenda", { do: "reserve", event: full.event, lang: "fr" });
  }

  /** Chooses a language, wherever it stands. @param {string} lang */
  async choose(lang) {
    for (let i = 0; i < 6 && !this.view.choices.some((/** @type {any} */ c) => c.key === lang); i++) await this.press("more");
    return this.press(lang);
  }

  /**
   * Walks a path of the tour.
   * @param {string} lang
   * @param {string[]} path
   * @param {(v: View) => void} see
   */
  async go(lang, path, see) {
    await this.home();
    see(await this.choose(lang));
    for (const step of path) {
      if (step === "*") {
        let pages = 0;
        for (; this.#has("more") && pages < 9; pages++) see(await this.press("more"));
        for (; pages > 0; pages--) await this.press("back");
        continue;
      }
      if (step === "~") {
        for (const { id } = this.view; this.view.id === id;) see(await this.press(this.view.choices[0].key));
        continue;
      }
      const key = step === "^" ? this.view.choices[0].key : step.replace("?", "");
      if (step.startsWith("?") && !await this.#offered(key, see)) continue;
      await this.#reach(key, see);
      see(await this.press(key));
    }
  }

  /** Whether a key is on this page or a later one, to which it goes. @param {string} key @param {(v: View) => void} see */
  async #offered(key, see) {
    let pages = 0;
    for (; pages < 6 && !this.#has(key) && this.#has("more"); pages++) see(await this.press("more"));
    if (this.#has(key)) return true;
    for (; pages > 0; pages--) await this.press("back");
    return false;
  }

  /** Pages until there is a key; it may come with the paper, and where many are here it is said first. @param {string} key @param {(v: View) => void} [see] */
  async #reach(key, see = () => {}) {
    if (this.view.id === "crowded" && !this.#has(key)) see(await this.press("ticket"));
    const { id } = this.view;
    for (let i = 0; i < 6 && !this.#has(key) && this.#has("more"); i++) see(await this.press("more"));
    for (let i = 0; i < 6 && !this.#has(key) && this.view.id === id && this.#paged; i++) await this.press("back");
    await until(`« ${key} » on ${this.view.id}`, () => this.#has(key));
    see(this.view);
  }

  /** Says that one does not know why one comes; where many wait, it says so before it gives a ticket. */
  async #skipped() {
    const v = await this.press("skip");
    return v.id === "crowded" ? this.press("ticket") : v;
  }

  /**
   * Many people are here, and the hours will not suffice for one more.
   * @param {string[]} langs
   * @param {(lang: string, v: View) => void} see
   */
  async crowded(langs, see) {
    await this.home();
    for (let i = 0; i < crowd; i++) await this.box.ticket();
    for (const lang of langs) {
      await this.#leave();
      await this.choose(lang);
      await this.press("skip");
      see(lang, await this.kiosk.shows("that many people are here", (v) => v.id === "crowded" && v));
    }
    await this.home();
  }

  /** Presses while the disk is full: it is refused. @param {string} key @returns {Promise<View>} */
  async #refused(key) {
    const limit = (/** @type {string} */ size) => execFileSync("prlimit", ["--pid", String(this.box.pid), `--fsize=${size}:unlimited`]);
    limit("0");
    try {
      const { id } = this.view;
      await this.box.post("/api/kiosk", { turn: this.view.turn, key }).catch(() => {});
      const v = await this.kiosk.shows("that it did not work", (v) => v.id !== id && v);
      if (v.id === "crowded") await this.box.post("/api/kiosk", { turn: v.turn, key: "ticket" }).catch(() => {});
      return await this.kiosk.shows("that it did not work", (v) => v.id === "sorry" && v);
    } finally {
      limit("unlimited");
    }
  }

  /**
   * What happens seldom: no paper, a wait, a call, a disk that is full.
   * @param {string} lang
   * @param {(v: View) => void} see
   */
  async rare(lang, see) {
    const { box, kiosk } = this;
    await this.home();
    await this.choose(lang);
    see(await this.#refused("skip"));
    await this.press("again");
    await this.#skipped();
    await this.#reach("back_at");
    await this.press("back_at");
    see(await this.#refused("in_15"));
    await this.home();

    await fetch(`${box.url}/dock/printer?state=no_paper&on=1`, { method: "POST" });
    await box.ticket();
    await box.ticket();
    await this.choose(lang);
    await this.#skipped();
    const mine = await kiosk.shows("no paper", (v) => v.ticket?.paper === "unprinted" && v);
    see(mine);
    await fetch(`${box.url}/dock/printer?state=ready&on=1`, { method: "POST" });
    // Whoever stepped out for the tour may be back, and before them.
    while ((await box.desk("next")).number !== mine.ticket.number) await box.desk("end", { outcome: "served" });
    see(await kiosk.shows("that it is called", (v) => v.called && v));
    see(await this.press("questions"));
    await box.desk("end", { outcome: "served" });
    await this.home();
  }

  /** The end of a time without a press. @param {string} lang @param {(v: View) => void} see */
  async silence(lang, see) {
    await this.home();
    await this.choose(lang);
    see(await this.kiosk.shows("the question whether more time is wanted", (v) => v.id === "more_time" && v));
    see(await this.kiosk.shows("the end of what was said", (v) => v.id === "erased" && v));
    await this.home();
  }

  /** Whether the screen is a later page of a list. */
  get #paged() {
    return ["ticket", "motif", "practice", "question", "rights"].includes(this.view.id);
  }

  /** @param {string} key */
  #has(key) {
    const { choices, skip, toggle, controls } = this.view;
    return [...choices, skip, toggle, ...controls].some((k) => k?.key === key && k.enabled !== false);
  }

  /** The screens of a language. @param {string} lang @param {string[][]} paths @returns {Promise<View[]>} */
  async collect(lang, paths) {
    /** @type {Map<string, View>} */
    const views = new Map();
    for (const path of paths) {
      if (lang === "images" && path.includes("seats")) continue; // names and days are words: not offered
      await this.go(lang, path, (v) => {
        if (v.id !== "language") views.set(kind(v), v);
      });
    }
    return [...views.values()];
  }
}

/** A kiosk's page to which the test says what to show. */
export class Stage {
  #turn = 0;
  /** @type {any} */
  view = null;

  /** @param {import("playwright-core").Page} page */
  constructor(page) {
    this.page = page;
  }

  /** @param {import("playwright-core").Browser} browser @param {string} url @param {{width: number, height: number}} panel @param {string} [query] */
  static async open(browser, url, { width, height }, query = "") {
    const context = await browser.newContext({ viewport: { width, height }, hasTouch: true, reducedMotion: "reduce" });
    const stage = new Stage(await context.newPage());
    // A connection that says what the test says: drawn when it returns, without a frame in between.
    await stage.page.addInitScript(() => Object.assign(window, { WebSocket: class {
      constructor() {
        Object.assign(window, { stage: this });
      }
      close() {}
    } }));
    await stage.page.goto(`${url}/kiosk${query}`);
    await until("the page asks for a view", () => stage.page.evaluate(() => "stage" in window));
    await stage.page.evaluate(() => document.fonts.ready);
    return stage;
  }

  /** Draws a view. @param {View} view @param {Record<string, unknown>} [changes] */
  async show(view, changes = {}) {
    const turn = ++this.#turn;
    this.view = { ...view, focus: "", ...changes, turn, seq: turn, now_ms: 0, speed: 1 };
    if (view.countdown) this.view.countdown = { seconds: 60, until_ms: 60_000 };
    // A page that heard nothing for long gave its connection up: the next one hears it.
    await until(`${view.id} is drawn`, () => this.page.evaluate(([data, now]) => {
      /** @type {any} */ (window).stage.onmessage({ data });
      return document.documentElement.dataset.turn === now;
    }, [JSON.stringify(this.view), String(turn)]));
    return this.view;
  }

  async close() {
    await this.page.context().close();
  }
}
