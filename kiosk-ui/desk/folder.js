/**
 * @file The folder of a desk: places, papers, vouchers, rights. One page at a time over
 * the whole window; each keeps what was typed on it until the reader leaves it. What is
 * prepared for somebody is forgotten when their visit ends, and nothing is kept
 * anywhere else than in this page.
 */
import { h } from "../lib/dom.js";
import { say } from "../lib/words.js";
import { attr, put } from "./dom.js";
import { CatchUpPage, ReadyPage, ReportsPage } from "./frame.js";
import { noToday } from "./slips.rules.js";
import { AgendaPage } from "./agenda.js";
import { EndPage } from "./end.js";
import { EscrowPage, Keeper } from "./escrow.js";
import { PlaceMap } from "./map.js";
import { OrientationPage } from "./orientation.js";
import { ConnectedPage } from "./pairing.js";
import { PlaceSearch } from "./places.js";
import { RightsPage } from "./rights.js";
import { StatsPage } from "./stats.js";
import { TodayPage } from "./today.js";
import { CarePage } from "./care.js";
import { UpdatePage } from "./update.js";
import { VisitsPage } from "./visits.js";
import { VoucherPage } from "./vouchers.js";

/** @import { DeskView, Row } from "./view.js" */
/** @import { PlaceView } from "./places.rules.js" */
/** @import { Today } from "./slips.rules.js" */

/**
 * One page of the folder.
 * @typedef {object} Page
 * @property {string} key
 * @property {string} title
 * @property {HTMLElement} body
 * @property {HTMLElement[]} [foot] what leads on from it, under the thumb
 * @property {boolean} [visit] it is about the person at the desk, and goes with them
 * @property {() => void} [shown] each time it comes to the front
 * @property {() => void} [left] it will not come back
 * @property {() => boolean} [typed] whether leaving it loses something typed
 */

/** The pages that the rest of the desk may open; end: and a visit says what was done in it. @typedef {"visits"|"agenda"|`end:${string}`|"places"|"map"|"orientation"|"today"|"rights"|"vouchers"|"ready"|"catch_up"|"reports"|"connected"|"escrow"|"stats"|"update"|"care"} Opening */

/** What is prepared for the person at the desk; in memory alone. */
export class Drafts {
  /** @type {PlaceView[]} */
  chosen = [];
  /** @type {Today} */
  today = noToday();
  /** The language chosen for the papers, "" before anybody chose. */
  lang = "";
  large = false;

  /** Nothing of the last person is left for the next. */
  clear() {
    this.chosen = [];
    this.today = noToday();
    this.lang = "";
    this.large = false;
  }

  /** Whether anything would be lost. */
  get any() {
    const t = this.today;
    return this.chosen.length > 0 || t.done.length > 0 || t.bring.length > 0 || t.deadline !== "" || t.next !== null || t.who !== "";
  }
}

export class DeskFolder extends HTMLElement {
  #title = h("h2", { id: "folder-title", tabindex: "-1" });
  #problem = h("p", { class: "problem", role: "alert" });
  #told = h("p", { class: "told", role: "status" });
  #bodies = h("div", { class: "bodies" });
  #actions = h("div", { class: "onward" });
  #back = h("button", { type: "button", class: "quiet back" });
  #shut = h("button", { type: "button", class: "quiet shut" });
  #dialog = h("dialog", { class: "folder", "aria-labelledby": "folder-title" },
    h("div", { class: "top" }, this.#title), this.#problem, this.#told, this.#bodies,
    h("div", { class: "foot" }, this.#actions, h("div", { class: "ways" }, this.#back, this.#shut)));
  /** @type {Page[]} the last is the one in front */
  #pages = [];
  #covered = false;
  /** The reader was told that leaving loses what they typed. */
  #warned = false;
  /** @type {Map<Page, number>} how far each is scrolled */
  #scrolled = new Map();
  /** @type {DeskView|null} */
  #view = null;
  #visit = "";
  /** @type {PlaceSearch|null} */
  #search = null;
  /** @type {ConnectedPage|null} */
  #connected = null;
  /** @type {EscrowPage|null} */
  #escrow = null;
  keeper = new Keeper();
  drafts = new Drafts();

  connectedCallback() {
    if (this.firstChild) return;
    put(this.#back, say("desk.back"));
    put(this.#shut, say("desk.shut"));
    this.problem("");
    this.#told.hidden = true;
    this.#back.addEventListener("click", () => this.#mayLeave() && this.back());
    this.#shut.addEventListener("click", () => this.#mayLeave() && this.shut());
    this.#dialog.addEventListener("cancel", (event) => {
      if (event.target !== this.#dialog) return; // a file picker that was cancelled
      event.preventDefault();
      if (this.#mayLeave()) this.back();
    });
    // Whoever goes on typing has read what was wrong, and does not leave.
    this.#bodies.addEventListener("input", () => {
      this.#warned = false;
      this.problem("");
    });
    // Chromium closes a dialog on the second Escape whatever the first was answered.
    this.#dialog.addEventListener("close", () => {
      if (!this.#covered && !this.#dialog.open) this.#empty();
    });
    this.append(this.#dialog);
  }

  get isOpen() {
    return this.#pages.length > 0;
  }

  /** The person at this desk, for whom papers are printed. @returns {Row|null} */
  get mine() {
    return this.#view?.mine ?? null;
  }

  /** The key of this desk, "" when it is none. */
  get desk() {
    return this.#view?.desk ?? "";
  }

  /** @param {Opening} what */
  open(what) {
    this.#empty();
    if (what === "places") this.push((this.#search ??= new PlaceSearch(this)).page);
    if (what === "map") this.push(new PlaceMap(this).page);
    if (what === "orientation") this.push(new OrientationPage(this).page);
    if (what === "today") this.push(new TodayPage(this).page);
    if (what === "rights") this.push(new RightsPage(this).page);
    if (what === "vouchers") this.push(new VoucherPage(this).page);
    if (what === "visits") this.push(new VisitsPage(this).page);
    if (what === "agenda") this.push(new AgendaPage(this).page);
    if (what.startsWith("end:")) this.push(new EndPage(this, what.slice(4)).page);
    if (what === "ready") this.push(new ReadyPage(this).page);
    if (what === "catch_up") this.push(new CatchUpPage(this).page);
    if (what === "connected") {
      this.#connected = new ConnectedPage(this);
      this.#connected.render(this.#view?.connected);
      this.push(this.#connected.page);
    }
    if (what === "escrow") {
      this.#escrow = new EscrowPage(this, this.keeper);
      this.#escrow.render(this.#view?.escrow);
      this.push(this.#escrow.page);
    }
    if (what === "reports") this.push(new ReportsPage(this).page);
    if (what === "update") this.push(new UpdatePage(this).page);
    if (what === "care") this.push(new CarePage(this).page);
    if (what === "stats") this.push(new StatsPage(this).page);
  }

  /**
   * Lays a page on top.
   * @param {Page} page
   */
  push(page) {
    this.#keepScroll();
    this.#pages.push(page);
    this.#show();
  }

  /**
   * Takes pages away from the front, or closes the folder with the last one.
   * @param {number} [pages]
   */
  back(pages = 1) {
    for (const page of this.#pages.splice(-pages)) this.#drop(page);
    if (this.#pages.length === 0) return this.shut();
    this.#show();
  }

  /**
   * Takes away all that lies on a page.
   * @param {Page} page
   */
  backTo(page) {
    while (this.#pages.length > 1 && this.#pages.at(-1) !== page) this.#drop(/** @type {Page} */ (this.#pages.pop()));
    this.#show();
  }

  /**
   * Puts a page in the place of the one in front.
   * @param {Page} page
   */
  replace(page) {
    const old = this.#pages.pop();
    if (old) this.#drop(old);
    this.push(page);
  }

  shut() {
    this.#empty();
    this.#dialog.close();
  }

  /**
   * What went wrong; "" takes it away.
   * @param {string} text
   */
  problem(text) {
    this.#problem.hidden = text === "";
    put(this.#problem, text);
    if (text) this.#tell("");
  }

  /**
   * What was done.
   * @param {string} text
   */
  told(text) {
    this.problem("");
    this.#tell(text);
  }

  /** @param {string} text */
  #tell(text) {
    this.#told.hidden = text === "";
    put(this.#told, text);
  }

  /** The title of a page or its buttons under the thumb have changed. @param {Page} page */
  renew(page) {
    if (this.#pages.at(-1) !== page) return;
    put(this.#title, page.title);
    // A page without anything to press is scrolled by the keyboard all the same.
    attr(page.body, "tabindex", page.body.querySelector("a, button, input, select, textarea, summary") ? undefined : "0");
    const focus = document.activeElement;
    this.#actions.replaceChildren(...(page.foot ?? []).filter((b) => !b.hidden));
    if (focus instanceof HTMLElement && this.#actions.contains(focus)) focus.focus({ preventScroll: true });
  }

  /**
   * A modal dialog lies above the veil: it steps aside while the server is not heard.
   * @param {boolean} on
   */
  cover(on) {
    this.#covered = on;
    if (on) {
      this.#keepScroll();
      this.#dialog.close();
    } else if (this.isOpen && !this.#dialog.open) {
      this.#dialog.showModal();
      this.#unscroll();
    }
  }

  /** @param {DeskView} view */
  render(view) {
    this.#view = view;
    this.#connected?.render(view.connected);
    this.#escrow?.render(view.escrow);
    const visit = view.mine?.id ?? "";
    if (visit === this.#visit) return;
    const lost = this.#visit !== "" && (this.drafts.any || this.#pages.some((p) => p.visit));
    this.#visit = visit;
    this.drafts.clear();
    // What lies on a page about the person speaks of them too.
    const first = this.#pages.findIndex((p) => p.visit);
    const gone = first < 0 ? [] : this.#pages.splice(first);
    for (const page of gone) this.#drop(page);
    if (this.#search && !this.#pages.includes(this.#search.page)) this.#search = null; // what was looked for was theirs
    if (this.#pages.length === 0) return gone.length > 0 ? this.shut() : undefined;
    if (gone.length > 0) this.#show();
    else this.#pages.at(-1)?.shown?.();
    if (lost) this.told(say("desk.folder_forgotten"));
  }

  /** Whether the page in front may be left; the first time that it may not, it says why. */
  #mayLeave() {
    if (this.#warned || !this.#pages.at(-1)?.typed?.()) return true;
    this.#warned = true;
    this.problem(say("desk.folder_unsaved"));
    return false;
  }

  #show() {
    const page = this.#pages.at(-1);
    if (!page) return;
    this.#warned = false;
    this.problem("");
    this.#tell("");
    if (page.body.parentElement !== this.#bodies) this.#bodies.append(page.body);
    for (const body of this.#bodies.children) /** @type {HTMLElement} */ (body).hidden = body !== page.body;
    this.#back.hidden = this.#pages.length === 1;
    this.#dialog.dataset.page = page.key;
    page.shown?.();
    this.renew(page);
    if (!this.#dialog.open && !this.#covered) this.#dialog.showModal();
    this.#unscroll();
    this.#title.focus({ preventScroll: true });
  }

  #keepScroll() {
    const page = this.#pages.at(-1);
    if (page) this.#scrolled.set(page, page.body.scrollTop);
  }

  #unscroll() {
    const page = this.#pages.at(-1);
    if (page) page.body.scrollTop = this.#scrolled.get(page) ?? 0;
  }

  /** @param {Page} page */
  #drop(page) {
    this.#scrolled.delete(page);
    page.left?.();
    page.body.remove();
  }

  #empty() {
    for (const page of this.#pages.splice(0)) this.#drop(page);
  }
}
