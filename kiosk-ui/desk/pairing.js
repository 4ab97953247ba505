/**
 * @file Which screens are connected: the list with « Dissocier », the bars that tell of
 * a new one, and what lies over this page when its own pairing ended. A technician's
 * page is here too, which is that list and the devices.
 */
import { h } from "../lib/dom.js";
import { eraseIfLost } from "../lib/escrow.js";
import { send } from "../lib/send.js";
import { say } from "../lib/words.js";
import { refusal } from "./ask.js";
import { attr, keyed, put } from "./dom.js";
import { renderDevices } from "./front.js";
import { test, unfold } from "./orders.js";
import { button } from "./parts.js";
import { become } from "./roles.js";

/** @import { DeskFolder, Page } from "./folder.js" */
/** @import { Connected, DeskView } from "./view.js" */

/** The list of connected screens. */
export class ConnectedPage {
  #folder;
  #list = h("ul", { class: "rows connected" });
  #none = h("p", {}, say("desk.connected_none"));
  #all = button(say("desk.unpair_all"), () => void this.#tell({ do: "end_all" }), "danger", say("desk.unpair_all_text"));
  #lost = button(say("desk.lost"), () => this.#askLost(), "danger", say("desk.lost_hint"));
  /** @type {Page} */
  page;

  /** @param {DeskFolder} folder */
  constructor(folder) {
    this.#folder = folder;
    this.page = { key: "connected", title: say("desk.connected"), body: h("div", { class: "page" }, this.#none, this.#list, this.#all, this.#lost) };
  }

  /** @param {Connected|null|undefined} connected */
  render(connected) {
    const devices = connected?.devices ?? [];
    this.#none.hidden = devices.length > 0;
    this.#all.hidden = devices.length === 0;
    keyed(this.#list, devices, (d) => String(d.id), (d) => {
      const end = h("button", { type: "button", class: "quick" }, say("desk.unpair"));
      end.addEventListener("click", () => void this.#tell({ do: "end", who: d.id }));
      return h("li", {}, h("div", { class: "card" }, h("strong"), h("span"), h("span")), end);
    }, (node, d) => {
      const [card, end] = node.children;
      put(card.children[0], d.role + (d.id === connected?.me ? ` · ${say("desk.connected_me")}` : ""));
      put(card.children[1], d.desk);
      put(card.children[2], say("desk.connected_at", { time: d.at }) + (d.locked ? ` · ${say("desk.connected_locked")}` : ""));
      attr(end, "aria-label", say("desk.unpair_one", { role: d.role, time: d.at }));
    });
  }

  /** A phone in other hands: all forget the key of the answers, and are connected again. */
  #askLost() {
    const yes = button(say("desk.lost_yes"), () => void this.#tell({ do: "end_all", lost: true }).then((done) => done && this.#folder.back()), "danger");
    this.#folder.push({ key: "lost", title: say("desk.lost"), foot: [yes], body: h("div", { class: "page" }, h("p", {}, say("desk.lost_text")), h("p", {}, say("desk.lost_then"))) });
  }

  /**
   * @param {Record<string, unknown>} body
   * @returns {Promise<boolean>} whether it was done
   */
  async #tell(body) {
    const answer = await send("/api/connected", body);
    if (!answer.ok) this.#folder.problem(refusal(answer));
    return answer.ok;
  }
}

/**
 * Sends what a bar of Newcomers asks for.
 * @param {Record<string, unknown>} action
 * @returns {Promise<string>} what is wrong, or ""
 */
export async function settle(action) {
  const { what, who, number } = action;
  return refusal(await send("/api/connected", { do: what, ...(who === undefined ? {} : { who }), ...(number === undefined ? {} : { number }) }));
}

/**
 * Asks as whom this page is here.
 * @returns {Promise<string>} why it is nobody, or "", also while the box is away
 */
export async function whoAmI() {
  try {
    const response = await fetch("/api/me");
    const body = await response.json();
    if (response.ok) become(body);
    return response.status === 401 ? String(body.key) : "";
  } catch {
    return "";
  }
}

/** Lies over the page when its pairing has ended, or the screen is locked. */
export class DeskLock extends HTMLElement {
  #title = h("h1", { tabindex: "-1" });
  #text = h("p");
  #dialog = h("dialog", { class: "lock", "aria-labelledby": "lock-title" }, this.#title, this.#text,
    h("a", { class: "big", href: "/" }, say("desk.reconnect")));

  connectedCallback() {
    if (this.firstChild) return;
    this.#title.id = "lock-title";
    this.#dialog.addEventListener("cancel", (event) => event.preventDefault());
    this.append(this.#dialog);
  }

  /**
   * Asks as whom this page is here; whoever is nobody is told so.
   * @returns {Promise<boolean>} whether it is over
   */
  async check() {
    const over = await whoAmI();
    if (over) {
      this.#show(over === "refuse.pair_locked");
      void eraseIfLost();
    }
    return over !== "";
  }

  /** @param {boolean} locked */
  #show(locked) {
    put(this.#title, say(locked ? "desk.locked" : "desk.gone"));
    put(this.#text, say(locked ? "desk.locked_text" : "desk.gone_text"));
    this.hidden = false;
    // Nothing of anybody is left behind it.
    for (const other of this.parentElement?.children ?? []) if (other !== this) other.remove();
    if (!this.#dialog.open) this.#dialog.showModal();
    this.#title.focus();
  }
}

/** What a technician sees: the devices, their test, and who is connected. */
export class DeskTechnician extends HTMLElement {
  #devices = h("ul", { class: "devices" });
  #faults = h("ul", { class: "faults" });
  #test = h("button", { type: "button", class: "big" });
  #connected = h("button", { type: "button", class: "quiet" });
  #update = h("button", { type: "button", class: "quiet" });
  #care = h("button", { type: "button", class: "quiet" });

  connectedCallback() {
    if (this.firstChild) return;
    put(this.#test, say("desk.selftest"));
    put(this.#connected, say("desk.connected"));
    put(this.#update, say("desk.update"));
    put(this.#care, say("desk.care"));
    this.#update.addEventListener("click", () => unfold(this, "update"));
    this.#care.addEventListener("click", () => unfold(this, "care"));
    this.#test.addEventListener("click", () => test(this));
    this.#connected.addEventListener("click", () => unfold(this, "connected"));
    this.append(h("h1", {}, say("desk.technician")), this.#faults, this.#devices, this.#test, this.#care, this.#update, this.#connected,
      h("p", { class: "guides" }, h("a", { href: "/guide/technicien.html" }, say("desk.guides"))));
  }

  /** @param {DeskView} view */
  render(view) {
    keyed(this.#faults, view.devices.filter((d) => !d.ok), (d) => d.key, () => h("li"), (node, d) => put(node, d.text));
    renderDevices(this.#devices, view);
    this.#update.hidden = !view.updates;
    this.#care.hidden = !view.care;
  }
}
