// A phone of the staff is connected: over the kiosk's screen lie the code to read, the
// number to compare, or the digits to type. It is for staff, never spoken, and the
// buttons of the panel go on for the visitor under it. Where the box has a Wi-Fi of its
// own, its code comes first, alone: a camera that sees two takes either. It keeps the
// digits that are typed, whether the Wi-Fi is shown, and nothing else.

import { h } from "../lib/dom.js";
import { picto } from "../lib/pictos.js";
import { qr } from "../lib/qr.js";
import { compactBelow, fonts } from "./measures.js";

/** @import { KioskPairing, KioskView, KioskWifi } from "../lib/views.js" */

/** How many digits a code has. */
const digits = 6;

/**
 * @param {Record<string, unknown>} body
 * @returns {Promise<string>} what is wrong, or ""
 */
async function post(body) {
  try {
    const response = await fetch("/api/pairing", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
    const { error } = await response.json(); // read in any case: an answer that is not keeps its connection
    return response.ok ? "" : error;
  } catch {
    return ""; // the veil says that the box is away
  }
}

export class Pairing {
  #root = h("section", { class: "pairing", lang: "fr", dir: "ltr", "aria-labelledby": "pairing-title" });
  // It stands where the page's lines end; its own words are French in every language.
  #label = h("span", { lang: "fr", dir: "ltr" });
  #team = h("button", { type: "button", class: "team" }, this.#label);
  #left = h("p", { class: "remaining" });
  #typed = h("p", { class: "typed" });
  #problem = h("p", { class: "problem", role: "status" });
  #drawn = "";
  #pin = "";
  #end = 0;
  #wifi = false;
  /** @type {{view: KioskView, received: number} | null} */
  #shown = null;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #clock;

  /** @param {HTMLElement} body whose other children it covers */
  constructor(body) {
    this.#root.hidden = this.#team.hidden = true;
    body.append(this.#team, this.#root);
    this.#team.addEventListener("click", () => {
      if (this.#shown?.view.wifi) this.#turn(true);
      else void post({ do: "offer" });
    });
    this.#root.addEventListener("click", (event) => {
      const button = event.target instanceof Element ? event.target.closest("button") : null;
      if (button?.dataset.digit) this.#type(button.dataset.digit);
      else if (button?.dataset.erase) this.#erase();
      else if (button?.dataset.wifi) this.#step(button.dataset.wifi);
      else if (button?.dataset.do) void this.#do({ do: button.dataset.do, ...(button.dataset.number ? { number: Number(button.dataset.number) } : {}) });
    });
    // A keyboard types digits too; none of it reaches the visitor's screen.
    document.addEventListener("keydown", (event) => {
      if (this.#root.hidden) return;
      event.stopImmediatePropagation();
      if (this.#root.dataset.stage === "pin" && /^[0-9]$/.test(event.key)) this.#type(event.key);
      if (event.key === "Backspace") this.#erase();
      if (event.key === "Escape" && this.#wifi) this.#turn(false);
      else if (event.key === "Escape") void this.#do({ do: "withdraw" });
    }, { capture: true });
  }

  /** @param {KioskView} view @param {number} received performance.now() when it came */
  draw(view, received) {
    this.#shown = { view, received };
    // What is asked of somebody at the kiosk comes before what they look at.
    if (!view.wifi || view.pairing && view.pairing.stage !== "offer") this.#wifi = false;
    const pairing = this.#wifi && view.wifi ? joining(view.wifi) : offering(view);
    const compact = view.panel.height < compactBelow;
    for (const element of [this.#root, this.#team]) {
      for (const [role, px] of Object.entries(fonts(view.panel, "m", compact ? -1 : 0))) element.style.setProperty(`--${role}`, `${px}px`);
    }
    this.#team.hidden = !view.team || !!pairing;
    this.#label.textContent = view.team ?? "";
    document.documentElement.style.setProperty("--team-inline", `${this.#team.offsetWidth}px`);
    this.#root.hidden = !pairing;
    if (!view.selftest) {
      for (const other of this.#root.parentElement?.children ?? []) {
        if (other !== this.#root && other.localName !== "jeudi-veil") other.toggleAttribute("data-covered", !!pairing);
      }
    }
    clearInterval(this.#clock);
    if (!pairing) {
      this.#drawn = this.#pin = "";
      return;
    }
    this.#left.textContent = "";
    if (pairing.stage !== "wifi") {
      this.#end = received + pairing.left_ms;
      this.#tick();
      this.#clock = setInterval(() => this.#tick(), 500);
    }
    const { left_ms: _, ...rest } = pairing;
    const now = JSON.stringify(rest);
    if (now === this.#drawn) return;
    this.#drawn = now;
    this.#pin = "";
    this.#problem.textContent = "";
    this.#root.dataset.stage = pairing.stage;
    this.#root.toggleAttribute("data-compact", compact);
    this.#root.replaceChildren(
      h("h1", { id: "pairing-title" }, pairing.title),
      h("div", { class: "halves" }, picture(pairing), h("div", { class: "steps" },
        h("p", {}, pairing.text),
        pairing.address ? h("p", { class: "address" }, pairing.address) : null,
        pairing.key ? h("p", { class: "address" }, pairing.key) : null,
        pairing.print ? h("p", { class: "print" }, pairing.print) : null,
        pairing.stage === "pin" ? this.#typed : null,
        this.#problem,
        this.#left)),
      h("div", { class: "buttons" }, ...pairing.buttons.map((b) => h("button", {
        type: "button", "data-do": b.do ?? null, "data-wifi": b.wifi ?? null, "data-number": pairing.number || null, "data-main": b.main,
      }, b.label))));
    this.#show();
  }

  /** @param {boolean} wifi whether the code of the Wi-Fi is shown */
  #turn(wifi) {
    this.#wifi = wifi;
    if (this.#shown) this.draw(this.#shown.view, this.#shown.received);
  }

  /** @param {string} to show, next or close */
  #step(to) {
    const offered = this.#shown?.view.pairing;
    this.#turn(to === "show");
    if (to === "next" && !offered) void post({ do: "offer" });
    if (to === "close" && offered) void post({ do: "withdraw" });
  }

  #tick() {
    this.#left.textContent = `${Math.max(0, Math.ceil((this.#end - performance.now()) / 1000))} s`;
  }

  /** @param {Record<string, unknown>} body */
  async #do(body) {
    this.#problem.textContent = await post(body);
  }

  /** @param {string} digit */
  #type(digit) {
    if (this.#pin.length >= digits) return;
    this.#pin += digit;
    this.#show();
    if (this.#pin.length < digits) return;
    void post({ do: "type", pin: this.#pin }).then((problem) => {
      this.#pin = "";
      this.#problem.textContent = problem;
      this.#show();
    });
  }

  #erase() {
    this.#pin = this.#pin.slice(0, -1);
    this.#show();
  }

  #show() {
    this.#typed.textContent = this.#pin.padEnd(digits, "–").replace(/(...)(...)/, "$1\u2002$2");
  }
}

/**
 * What lies over the screen: a stage of pairing, or the Wi-Fi.
 * @typedef {Omit<KioskPairing, "stage" | "buttons"> & {
 *   stage: KioskPairing["stage"] | "wifi", key?: string,
 *   buttons: {do?: string, wifi?: string, label: string, main: boolean}[],
 * }} Step
 */

/**
 * The box's own Wi-Fi, to join before.
 * @param {KioskWifi} wifi
 * @returns {Step}
 */
function joining(wifi) {
  return {
    stage: "wifi", title: wifi.title, text: wifi.text, qr: wifi.qr, address: wifi.name, key: wifi.passphrase, print: wifi.alone, left_ms: 0,
    buttons: [{ wifi: "next", label: wifi.next, main: true }, { wifi: "close", label: wifi.close, main: false }],
  };
}

/**
 * Pairing as it stands, with a way back to the Wi-Fi.
 * @param {KioskView} view
 * @returns {Step | undefined}
 */
function offering({ pairing, wifi }) {
  if (!pairing || !wifi || pairing.stage !== "offer") return pairing;
  return { ...pairing, buttons: [{ wifi: "show", label: wifi.show, main: false }, ...pairing.buttons] };
}

/** @param {Step} pairing */
function picture(pairing) {
  if (pairing.qr) return qr(pairing.qr, { class: "code", "aria-hidden": "true" });
  if (pairing.stage === "confirm") return h("p", { class: "number" }, String(pairing.number));
  const keys = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "", "0"].map((digit) =>
    digit ? h("button", { type: "button", "data-digit": digit }, digit) : h("span"));
  return h("div", { class: "pad" }, ...keys, h("button", { type: "button", "data-erase": "1", "aria-label": pairing.erase ?? "" }, picto("back")));
}
