// The kiosk's screen: draws a view and keeps nothing the server knows.
//
// Elements stay the same from one view to the next as long as their keys do, so
// that a finger already down is not lost when the ticket's state changes.

import { h } from "../lib/dom.js";
import { picto, symbol } from "../lib/pictos.js";
import { countdownAt, serverClock } from "../lib/time.js";
import { capRatio, caps, choose, compactBelow, fonts, grow, layouts, leastCap, sizes, tile } from "./measures.js";

/** @import { KioskView, Choice, Control } from "../lib/views.js" */
/** @import { Fit } from "./measures.js" */

/** Screens whose idea is also a picture, so that no reading is needed. */
const pictures = new Map([
  ["language", "language"],
  ["closed", "closed"],
  ["places", "places"],
  ["place", "places"],
  ["practice", "practice"],
  ["help", "help"],
  ["more_time", "hourglass"],
  ["erased", "erased"],
  ["sorry", "sorry"],
  ["thanks", "thanks"],
  ["back_at", "clock"],
  ["share", "privacy"],
]);

/** What becomes of the paper: coming, to be taken, or read the number here. */
const papers = { printing: "printer", printed: "take", unprinted: "screen_number", unknown: "screen_number" };

/** The bar with its words is at most so many targets high. */
const barHeight = 2.1;

/** Between a button's edge and what it holds (px). */
const air = 7;

export class Screen {
  #root = document.documentElement;
  #title = h("h1", { class: "title" });
  #picture = h("span", { class: "picture" });
  #text = h("p", { class: "text" });
  #progress = h("div", { class: "progress" });
  #test = h("p", { class: "test" });
  #countdown = h("div", { class: "countdown", role: "timer" }, h("div", { class: "left" }), h("p", { class: "seconds number" }));
  #ticket = h("div", { class: "ticket" });
  #lines = h("ul", { class: "lines" });
  #aside = h("div", { class: "aside" }, this.#ticket, this.#lines);
  #choices = h("div", { class: "choices" });
  #body = h("div", { class: "body" }, this.#aside, this.#choices);
  #notice = h("p", { class: "notice" });
  #skip = h("div", { class: "skip" });
  #foot = h("div", { class: "foot" }, this.#notice, this.#skip);
  /** @type {HTMLElement} */
  #main;
  /** @type {HTMLElement} */
  #controls;
  /** @type {Map<string, Fit & {fits: boolean}>} */
  #fits = new Map();
  #bars = new Map();
  #drawn = "";
  #notext;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #clock;

  /**
   * @param {{main: HTMLElement, controls: HTMLElement, notext?: boolean}} options
   *   notext hides every word, to test the pictograms
   */
  constructor({ main, controls, notext = false }) {
    this.#main = main;
    this.#controls = controls;
    this.#notext = notext;
    this.#root.toggleAttribute("data-notext", notext);
    main.replaceChildren(
      this.#progress,
      this.#test,
      h("header", { class: "head" }, this.#picture, this.#title, this.#text),
      this.#countdown,
      this.#body,
      this.#foot,
    );
  }

  /** Letters have come or changed: measure again with the next view. */
  forget() {
    this.#fits.clear();
    this.#bars.clear();
    this.#drawn = "";
  }

  /**
   * @param {KioskView} view
   * @param {number} received performance.now() when it came
   */
  draw(view, received) {
    const root = this.#root;
    root.lang = view.lang;
    root.dir = view.dir;
    root.dataset.contrast = view.contrast;
    root.dataset.size = view.size;
    root.dataset.screen = view.id;
    root.toggleAttribute("data-listening", view.listening);
    for (const [name, px] of Object.entries(sizes(view.panel))) root.style.setProperty(`--${name}`, `${px}px`);
    root.style.setProperty("--width", `${view.panel.width}px`);
    root.style.setProperty("--height", `${view.panel.height}px`);

    put(this.#title, view.title);
    // A ticket's wait stands under its number, not twice.
    const text = view.ticket && view.text === view.ticket.ahead ? "" : view.text;
    const compact = view.panel.height < compactBelow;
    const below = compact && view.skip !== null;
    this.#main.toggleAttribute("data-compact", compact);
    put(this.#text, below ? "" : text);
    // Where two buttons stand at the foot, a low panel has no room for help beside them.
    put(this.#notice, below && text && !view.toggle ? `${text} ${view.notice}`.trim() : view.notice);
    this.#picture.replaceChildren(...some(picto(pictures.get(view.id))));
    this.#picture.hidden = !this.#picture.firstChild;
    put(this.#test, view.test ? view.test_label : "");
    this.#drawProgress(view.progress);
    this.#drawTicket(view.ticket);
    this.#drawLines(view.lines ?? []);
    this.#main.toggleAttribute("data-ticket", !this.#ticket.hidden);
    this.#aside.hidden = this.#ticket.hidden && this.#lines.hidden;
    this.#main.toggleAttribute("data-beside", !this.#aside.hidden && view.choices.length > 0);

    // The same picture on every choice tells nothing: the title has it once.
    const drawings = new Set(view.choices.map((c) => symbol(c.picto)));
    const plain = !this.#notext && (drawings.has("") || view.choices.length > 1) && drawings.size === 1;
    this.#choices.toggleAttribute("data-plain", plain);
    patch(this.#choices, view.choices, view.choices.map((c) => choiceParts(plain ? { ...c, picto: "" } : c)));
    const skip = [...some(view.toggle ?? null), ...some(view.skip)];
    patch(this.#skip, skip, skip.map((item) => [...plainParts(item), "selected" in item && item.selected ? h("span", { class: "mark" }, picto("yes")) : null]));
    this.#choices.hidden = view.choices.length === 0;
    this.#skip.hidden = skip.length === 0;
    this.#foot.hidden = this.#skip.hidden && this.#notice.hidden;
    patch(this.#controls, view.controls, view.controls.map(controlParts));
    this.#countdown.hidden = !view.countdown;

    this.#fit(view);
    this.#drawCountdown(view, received);
    this.#focus(view.focus);
  }

  /** @param {KioskView["progress"]} progress */
  #drawProgress(progress) {
    this.#progress.hidden = !progress;
    if (!progress) return;
    this.#progress.setAttribute("role", "progressbar");
    this.#progress.setAttribute("aria-valuenow", String(progress.at));
    this.#progress.setAttribute("aria-valuemax", String(progress.of));
    const steps = Array.from({ length: progress.of }, (_, i) =>
      h("span", { class: "step", "data-at": i + 1 < progress.at ? "done" : i + 1 === progress.at ? "here" : "ahead" }),
    );
    this.#progress.replaceChildren(...steps);
  }

  /** @param {KioskView["ticket"]} ticket */
  #drawTicket(ticket) {
    this.#ticket.hidden = !ticket;
    if (!ticket) return this.#ticket.replaceChildren();
    this.#ticket.dataset.paper = ticket.paper;
    // The drawing is renewed only when it changes, or its movement would jump.
    const drawn = `${ticket.number} ${ticket.paper} ${ticket.ahead}`;
    if (this.#ticket.dataset.drawn === drawn) return;
    this.#ticket.dataset.drawn = drawn;
    this.#ticket.replaceChildren(
      h("div", { class: "stub", "data-digits": String(ticket.number).length },
        h("p", { class: "number big" }, String(ticket.number)),
        h("span", { class: "paper" }, picto(papers[ticket.paper])),
      ),
      h("p", { class: "ahead" }, ticket.ahead),
    );
  }

  /** @param {string[]} lines */
  #drawLines(lines) {
    this.#lines.hidden = lines.length === 0;
    this.#lines.replaceChildren(...lines.map((line) => h("li", {}, h("span", { dir: "auto" }, line))));
  }

  /** @param {KioskView} view @param {number} received */
  #drawCountdown(view, received) {
    clearInterval(this.#clock);
    const countdown = view.countdown;
    if (!countdown) return;
    const now = serverClock(view, received);
    const [bar, seconds] = /** @type {HTMLElement[]} */ ([...this.#countdown.children]);
    const tick = () => {
      const { left, part, urgent } = countdownAt(countdown, now());
      bar.style.setProperty("--part", part.toFixed(4));
      this.#countdown.toggleAttribute("data-urgent", urgent);
      seconds.textContent = urgent ? String(left) : "";
      if (left === 0) clearInterval(this.#clock);
    };
    tick();
    this.#clock = setInterval(tick, 200);
  }

  /** @param {string} key */
  #focus(key) {
    for (const button of buttons()) {
      const here = button.dataset.key === key && key !== "";
      if (here) button.setAttribute("aria-current", "true");
      else button.removeAttribute("aria-current");
      if (here && document.activeElement !== button) button.focus({ preventScroll: true });
    }
    if (key === "" && document.activeElement instanceof HTMLButtonElement) document.activeElement.blur();
  }

  /**
   * Finds the largest letters that fit, once per content.
   * @param {KioskView} view
   */
  #fit(view) {
    const content = JSON.stringify([
      view.lang, view.size, view.panel, view.id, view.title, view.text, view.notice, view.lines, view.test, this.#notext,
      view.choices.map((c) => [c.label, c.sub, c.picto, c.selected]), view.skip, view.toggle, view.ticket, view.progress?.of,
      view.countdown !== null, view.controls.map((c) => [c.key, c.sub || c.label]),
    ]);
    if (content === this.#drawn) return;
    this.#drawn = content;
    this.#fitControls(view);
    const beside = !this.#aside.hidden;
    const ways = layouts(view.choices.length, beside);
    const known = this.#fits.get(content);
    const fits = (/** @type {Fit} */ fit) => {
      this.#apply(view, fit);
      return this.#overflows() === "";
    };
    const fit = known ?? grow(choose(view.size, ways, fits, beside), fits);
    this.#apply(view, fit);
    if (this.#fits.size > 200) this.#fits.clear();
    this.#fits.set(content, fit);
    this.#root.toggleAttribute("data-overflow", !fit.fits);
  }

  /** @param {KioskView} view @param {Fit} fit */
  #apply(view, { t, layout, examples, picture, quiet }) {
    const letters = fonts(view.panel, view.size, t, quiet);
    for (const [role, px] of Object.entries(letters)) {
      this.#main.style.setProperty(`--${role}`, `${px}px`);
    }
    const rows = Math.max(1, Math.ceil(view.choices.length / layout.columns));
    this.#main.style.setProperty("--picture", `${tile(view.panel, letters.label, layout, picture)}px`);
    this.#main.style.setProperty("--columns", String(layout.columns));
    this.#main.style.setProperty("--rows", String(rows));
    this.#choices.dataset.picto = layout.picto;
    this.#main.toggleAttribute("data-brief", !examples);
  }

  /**
   * The bar's words are as large as fit in it; when even the smallest do not,
   * its pictograms stand alone.
   * @param {KioskView} view
   */
  #fitControls(view) {
    const bar = this.#controls;
    const wanted = caps[view.size].small[1];
    const content = JSON.stringify([view.lang, view.size, view.panel, this.#notext, view.controls.map((c) => [c.key, c.sub || c.label])]);
    const more = view.controls.some((c) => c.key === "new_ticket");
    bar.toggleAttribute("data-new", more);
    // Before anything is measured: the bar's height must not depend on the screen before.
    bar.toggleAttribute("data-help", !more && !this.#notext);
    const set = (/** @type {number | null} */ mm) => {
      bar.toggleAttribute("data-words", mm !== null);
      bar.style.setProperty("--word", `${Math.ceil(((mm ?? leastCap) * view.panel.pxmm_v) / capRatio)}px`);
      const least = sizes(view.panel);
      return bar.offsetHeight <= barHeight * least["target-block"]
        && [...bar.children].every((b) => inside(b, bar) && b.clientWidth >= least["target-inline"] - 6 && fills(b, 3));
    };
    if (!this.#bars.has(content)) {
      /** @type {number | null} */
      let mm = wanted;
      while (mm !== null && (this.#notext || !set(mm))) mm = mm - 0.2 >= leastCap - 1e-9 && !this.#notext ? mm - 0.2 : null;
      this.#bars.set(content, mm);
    }
    set(this.#bars.get(content));
    const help = bar.querySelector('[data-key="help"]');
    if (help && !fills(help, 3)) bar.removeAttribute("data-help");
  }

  /**
   * What does not fit, or "".
   * @returns {string}
   */
  #overflows() {
    const main = this.#main;
    if (main.scrollHeight > main.clientHeight || main.scrollWidth > main.clientWidth) return "screen";
    for (const part of main.querySelectorAll(".title, .text, .notice, .ahead, .lines li")) {
      if (shown(part) && !wide(part)) return "text";
    }
    for (const part of main.querySelectorAll(".ticket, .lines")) {
      if (shown(part) && ![part, ...part.children].every((p) => !shown(p) || inside(p, this.#aside))) return "aside";
    }
    const root = getComputedStyle(this.#root);
    const least = (/** @type {string} */ name) => parseFloat(root.getPropertyValue(name));
    for (const button of [...this.#choices.children, ...this.#skip.children]) {
      const box = button.getBoundingClientRect();
      if (box.width < least("--target-inline") || box.height < least("--target-block")) return "target";
      if (!fills(button)) return "label";
    }
    const stub = this.#ticket.querySelector(".stub");
    if (stub && shown(stub) && stub.clientHeight < least("--target-block") * 1.4) return "number";
    return "";
  }
}

/** All that can be pressed. */
export function buttons() {
  return /** @type {NodeListOf<HTMLButtonElement>} */ (document.querySelectorAll("button[data-key]"));
}

/** @param {Element} element whether it is drawn at all */
function shown(element) {
  return element.getClientRects().length > 0;
}

/** @param {Element} element whether its longest word fits in it */
function wide(element) {
  return element.scrollWidth <= element.clientWidth + 1;
}

/**
 * Whether a button holds its words and pictures. Heights are compared as boxes:
 * scrollHeight counts the room of accents that a tight line does not need.
 * @param {Element} button
 * @param {number} [margin]
 */
function fills(button, margin = air) {
  return [...button.querySelectorAll(".label, .sub, .tile, .picto")].every(
    (part) => !shown(part) || (inside(part, button, margin) && (!part.matches(".label, .sub") || wide(part))),
  );
}

/** @param {Element} inner @param {Element} outer @param {number} [air] px between them, on each side */
function inside(inner, outer, air = -1) {
  const a = inner.getBoundingClientRect();
  const b = outer.getBoundingClientRect();
  return a.left >= b.left + air && a.right <= b.right - air && a.top >= b.top + air && a.bottom <= b.bottom - air;
}

/** @param {HTMLElement} element @param {string} text an empty one hides it */
function put(element, text = "") {
  if (element.textContent !== text) element.textContent = text;
  element.hidden = text === "";
}

/** @template T @param {T | null} one @returns {T[]} */
function some(one) {
  return one === null ? [] : [one];
}

/**
 * Gives a container one button per item. With the same keys in the same order
 * the buttons stay and only change; otherwise they are new.
 * @param {HTMLElement} container
 * @param {readonly {key: string, label: string, lang?: string, dir?: string, selected?: boolean, enabled?: boolean}[]} items
 * @param {(Node | null)[][]} parts of each button
 */
function patch(container, items, parts) {
  const old = /** @type {HTMLButtonElement[]} */ ([...container.children]);
  const same = old.length === items.length && old.every((b, i) => b.dataset.key === items[i].key);
  const all = same ? old : items.map((item) => h("button", { type: "button", "data-key": item.key }));
  items.forEach((item, i) => {
    const button = all[i];
    button.setAttribute("aria-label", item.label);
    for (const name of /** @type {const} */ (["lang", "dir"])) {
      if (item[name]) button.setAttribute(name, item[name]);
      else button.removeAttribute(name);
    }
    if (item.selected === undefined) button.removeAttribute("aria-pressed");
    else button.setAttribute("aria-pressed", String(item.selected));
    button.disabled = item.enabled === false;
    button.removeAttribute("data-sent");
    const html = parts[i].filter((p) => p !== null);
    const now = h("span", {}, ...html).innerHTML;
    if (button.innerHTML !== now) button.replaceChildren(...html);
  });
  if (!same) container.replaceChildren(...all);
}

/** @param {Choice} choice */
function choiceParts(choice) {
  const drawing = picto(choice.picto);
  return [
    drawing && h("span", { class: "tile" }, drawing),
    h("span", { class: "words" },
      h("span", { class: "label" }, choice.label),
      choice.sub ? h("span", { class: "sub" }, choice.sub) : null,
    ),
    choice.selected ? h("span", { class: "mark" }, picto("yes")) : null,
  ];
}

/** @param {{label: string, picto?: string}} item */
function plainParts(item) {
  return [picto(item.picto), h("span", { class: "label" }, item.label)];
}

/** @param {Control} control */
function controlParts(control) {
  return plainParts({ label: control.sub || control.label, picto: symbol(control.picto) || control.key });
}
