// The kiosk's screen: draws a view and keeps nothing the server knows.
//
// Elements stay the same from one view to the next as long as their keys do, so
// that a finger already down is not lost when the ticket's state changes.

import { h } from "../lib/dom.js";
import { picto, symbol } from "../lib/pictos.js";
import { countdownAt, serverClock } from "../lib/time.js";
import { choicePicture, marks, screenPicture } from "./pictures.js";
import { capRatio, caps, choose, compactBelow, fonts, grow, layouts, leastCap, lineHeight, sizes, tile } from "./measures.js";

/** @import { KioskView, Choice, Control } from "../lib/views.js" */
/** @import { Fit } from "./measures.js" */

/**
 * How the bar is drawn: the height of its words' capitals (mm), null without words,
 * and whether its keys are as wide as their words.
 * @typedef {{mm: number | null, uneven: boolean}} Bar
 */

/** @typedef {(element: HTMLElement, view: KioskView) => {unmount: () => void, follow: (view: KioskView) => void}} Practise */

/** What becomes of the paper: coming, to be taken, or read the number here. */
const papers = { printing: "printer", printed: "take", unprinted: "screen_number", unknown: "screen_number" };

/** Languages that HTML knows by another name: easy French and pictures are French. */
const tags = new Map([["falc", "fr"], ["images", "fr"]]);

/** @param {string} lang */
const tag = (lang) => tags.get(lang) ?? lang;

/** So many people who wait are drawn; more are a number. */
const mostDrawn = 4;

/** The digits of a desk's name or of a number, all that is shown of it where no word is. @param {string} label */
const digits = (label) => /\p{Nd}+/u.exec(label)?.[0] ?? "";

/** Between a button's edge and what it holds (px). */
const air = 5;

export class Screen {
  #root = document.documentElement;
  #title = h("h1", { class: "title", id: "title" });
  #picture = h("span", { class: "picture" });
  #text = h("p", { class: "text" });
  #called = h("div", { class: "called", "aria-hidden": "true" });
  #progress = h("div", { class: "progress" });
  #test = h("p", { class: "test" });
  #countdown = h("div", { class: "countdown", role: "timer" }, h("div", { class: "left" }), h("p", { class: "seconds number" }));
  #ticket = h("div", { class: "ticket" });
  #lines = h("ul", { class: "lines" });
  #aside = h("div", { class: "aside" }, this.#ticket, this.#lines);
  #choices = h("div", { class: "choices" });
  #body = h("div", { class: "body" }, this.#aside, this.#choices);
  #notice = h("p", { class: "notice" });
  #aid = h("p", { class: "notice" });
  #skip = h("div", { class: "skip" });
  #foot = h("div", { class: "foot" }, this.#aid, this.#skip);
  #head = h("header", { class: "head" }, this.#picture, this.#title, this.#text, this.#called);
  #piece = h("section", { class: "piece" });
  #mounted = "";
  /** @type {ReturnType<Practise> | undefined} */
  #practising;
  /** @type {HTMLElement} */
  #main;
  /** @type {HTMLElement} */
  #controls;
  /** @type {Map<string, Fit & {fits: boolean}>} */
  #fits = new Map();
  /** @type {Map<string, Bar>} */
  #bars = new Map();
  #drawn = "";
  #notext;
  #practise;
  #wordless = false;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #clock;

  /**
   * @param {{main: HTMLElement, controls: HTMLElement, notext?: boolean, practise?: Practise}} options
   *   notext hides every word, to test the pictograms; practise draws a piece of
   *   practice and gives what takes it away
   */
  constructor({ main, controls, notext = false, practise }) {
    this.#main = main;
    this.#controls = controls;
    this.#notext = notext;
    this.#practise = practise;
    this.#root.toggleAttribute("data-notext", notext);
    main.replaceChildren(
      this.#progress,
      this.#test,
      this.#head,
      this.#countdown,
      this.#body,
      this.#foot,
      this.#piece,
    );
  }

  /** Letters or the room for them have come or changed: measure again with the next view. */
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
    root.lang = view.tag ?? tag(view.lang);
    root.dir = view.dir;
    root.dataset.contrast = view.contrast;
    root.dataset.size = view.size;
    root.dataset.screen = view.id;
    root.toggleAttribute("data-listening", view.listening);
    root.toggleAttribute("data-dark", view.dark ?? false);
    root.toggleAttribute("data-scan", !!view.scan);
    // Words stay where assistive technology and the voice find them. Names of
    // languages are what one looks for, and are no words to be read.
    this.#wordless = this.#notext || view.words === false || (view.words === undefined && view.lang === "images");
    root.toggleAttribute("data-wordless", this.#wordless);
    for (const [name, px] of Object.entries(sizes(view.panel))) root.style.setProperty(`--${name}`, `${px}px`);
    root.style.setProperty("--width", `${view.panel.width}px`);
    root.style.setProperty("--height", `${view.panel.height}px`);

    put(this.#title, view.title);
    // A ticket's wait stands under its number, not twice.
    const text = view.ticket && view.text === view.ticket.ahead ? "" : view.text;
    const compact = view.panel.height < compactBelow;
    // Where there are many people the text says what to do, and the rest is said of it.
    const first = view.id === "crowded";
    const below = compact && !first && (view.skip !== null || view.lines?.length > 0);
    this.#main.toggleAttribute("data-compact", compact);
    put(this.#text, below ? "" : text);
    // What is said of a screen stands with its title. Of a ticket, it is said of what
    // comes after it; on a low panel the text goes to the foot, and what is said with
    // it. Where two buttons stand there, it has no room for help beside them.
    const early = !view.ticket && view.notice !== "" && (!compact || !first && view.choices.length > 0 && !view.lines?.length);
    const under = below && text && !view.toggle;
    const home = early ? this.#head : this.#foot;
    if (this.#notice.parentElement !== home) home.prepend(this.#notice);
    put(this.#notice, under && !early ? `${text} ${view.notice}`.trim() : view.notice);
    put(this.#aid, under && early ? text : "");
    this.#drawPiece(view);
    this.#picture.replaceChildren(...some(picto(screenPicture(view))));
    this.#picture.hidden = !this.#picture.firstChild;
    put(this.#test, view.test ? view.test_label : "");
    this.#drawProgress(view.progress);
    this.#drawTicket(view.ticket, view.called ?? "");
    this.#main.toggleAttribute("data-called", !!view.called);
    this.#called.hidden = !this.#wordless || !view.called || view.ticket !== null;
    this.#called.replaceChildren(...(this.#called.hidden ? [] : atDesk(view.called ?? "")));
    this.#drawLines(view.lines ?? [], view.line ?? 0);
    this.#main.toggleAttribute("data-ticket", !this.#ticket.hidden);
    this.#aside.hidden = this.#ticket.hidden && this.#lines.hidden;
    this.#main.toggleAttribute("data-many", view.choices.length > 2);
    this.#main.toggleAttribute("data-beside", !this.#aside.hidden && view.choices.length > 0);

    // The same picture on every choice tells nothing: the title has it once.
    const named = view.id === "language" || view.id === "settings_language";
    const drawings = new Set(view.choices.map((c) => choicePicture(view.id, c)));
    const plain = !this.#wordless && !named && (drawings.has("") || view.choices.length > 1) && drawings.size === 1;
    const told = this.#wordless ? marks(view.id, view.choices) : [];
    this.#choices.toggleAttribute("data-plain", plain);
    patch(this.#choices, view.choices, view.choices.map((c, i) => choiceParts(view.id, c, { plain, named, told: told[i] })));
    const skip = [...some(view.toggle ?? null), ...some(view.skip)];
    patch(this.#skip, skip, skip.map((item) => [...plainParts({ ...item, picto: choicePicture(view.id, item) }), "selected" in item && item.selected ? h("span", { class: "mark" }, picto("yes")) : null]));
    this.#choices.hidden = view.choices.length === 0;
    this.#skip.hidden = skip.length === 0;
    this.#foot.hidden = [...this.#foot.children].every((part) => /** @type {HTMLElement} */ (part).hidden);
    patch(this.#controls, view.controls, view.controls.map(controlParts));
    this.#countdown.hidden = !view.countdown;

    this.#fit(view);
    this.#drawCountdown(view, received);
    this.#focus(view.focus);
    root.dataset.turn = String(view.turn);
  }

  /** @param {KioskView["progress"]} progress */
  #drawProgress(progress) {
    this.#progress.hidden = !progress;
    if (!progress) return;
    this.#progress.setAttribute("role", "progressbar");
    this.#progress.setAttribute("aria-labelledby", "title");
    this.#progress.setAttribute("aria-valuenow", String(progress.at));
    this.#progress.setAttribute("aria-valuemax", String(progress.of));
    const steps = Array.from({ length: progress.of }, (_, i) =>
      h("span", { class: "step", "data-at": i + 1 < progress.at ? "done" : i + 1 === progress.at ? "here" : "ahead" }),
    );
    this.#progress.replaceChildren(...steps);
  }

  /** @param {KioskView["ticket"]} ticket @param {string} called the name of the desk that calls it, or "" */
  #drawTicket(ticket, called) {
    this.#ticket.hidden = !ticket;
    if (!ticket) {
      delete this.#ticket.dataset.drawn; // the same ticket may come back
      return this.#ticket.replaceChildren();
    }
    this.#ticket.dataset.paper = ticket.paper;
    this.#ticket.toggleAttribute("data-called", called !== "");
    // The drawing is renewed only when it changes, or its movement would jump.
    const drawn = `${ticket.number} ${ticket.paper} ${ticket.ahead} ${called} ${this.#wordless}`;
    if (this.#ticket.dataset.drawn === drawn) return;
    this.#ticket.dataset.drawn = drawn;
    this.#ticket.replaceChildren(
      h("div", { class: "stub", "data-digits": String(ticket.number).length },
        h("p", { class: "number big" }, String(ticket.number)),
        h("span", { class: "paper" }, picto(papers[ticket.paper])),
      ),
      h("p", { class: "ahead" }, ticket.ahead),
      this.#wordless ? h("div", { class: called ? "queue called" : "queue", "aria-hidden": "true" }, ...(called ? atDesk(called) : inLine(ticket.before ?? 0))) : "",
    );
  }

  /** @param {string[]} lines @param {number} said the one that was read last, from 1 */
  #drawLines(lines, said) {
    this.#lines.hidden = lines.length === 0;
    this.#lines.replaceChildren(...lines.map((line, i) => h("li", { "aria-current": i + 1 === said && "step" }, h("span", { dir: "auto" }, line))));
  }

  /**
   * A piece of practice draws itself, and stays as long as it is the same.
   * @param {KioskView} view
   */
  #drawPiece(view) {
    const now = view.id === "practice_piece" && this.#practise ? `${view.piece} ${view.lang}` : "";
    this.#main.toggleAttribute("data-piece", now !== "");
    this.#piece.hidden = now === "";
    if (now === this.#mounted) return this.#practising?.follow(view);
    this.#practising?.unmount();
    this.#piece.replaceChildren();
    this.#mounted = now;
    this.#practising = now === "" ? undefined : this.#practise?.(this.#piece, view);
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
    const practising = key === "" && this.#piece.contains(document.activeElement);
    for (const button of buttons()) {
      const here = button.dataset.key === key && key !== "";
      if (here) button.setAttribute("aria-current", "true");
      else button.removeAttribute("aria-current");
      if (here && document.activeElement !== button) button.focus({ preventScroll: true });
    }
    if (key === "" && !practising && document.activeElement instanceof HTMLButtonElement) document.activeElement.blur();
  }

  /**
   * Finds the largest letters that fit, once per content.
   * @param {KioskView} view
   */
  #fit(view) {
    const content = JSON.stringify([
      view.lang, view.size, view.panel, view.id, view.picto, view.title, view.text, view.notice, view.lines, view.test, this.#wordless,
      view.choices.map((c) => [c.label, c.sub, c.picto, c.selected]), view.skip, view.toggle, view.ticket, view.progress?.of,
      !!view.countdown, view.called, view.controls.map((c) => [c.key, c.sub || c.label]),
    ]);
    if (content === this.#drawn) return;
    this.#drawn = content;
    this.#fitControls(view);
    this.#root.removeAttribute("data-overflow");
    if (!this.#piece.hidden) return; // it measures itself
    const beside = !this.#aside.hidden;
    const ways = layouts(view.choices.length, beside && !(this.#wordless && this.#ticket.hidden));
    // Pictures without words are the larger the higher their keys are.
    if (this.#wordless && !beside) ways.sort((a, b) => Number(a.picto === "start") - Number(b.picto === "start") || b.columns - a.columns);
    const known = this.#fits.get(content);
    const fits = (/** @type {Fit} */ fit) => {
      this.#apply(view, fit);
      return this.#overflows() === "";
    };
    const pictured = !this.#wordless && !this.#picture.hidden && view.panel.height < compactBelow;
    const fit = known ?? grow(choose(view.size, ways, fits, beside, pictured), fits);
    this.#apply(view, fit);
    if (this.#fits.size > 200) this.#fits.clear();
    this.#fits.set(content, fit);
    if (!fit.fits) this.#root.dataset.overflow = this.#overflows();
  }

  /** @param {KioskView} view @param {Fit} fit */
  #apply(view, { t, layout, examples, picture, quiet, bare, air }) {
    const letters = fonts(view.panel, view.size, t, quiet);
    for (const [role, px] of Object.entries(letters)) {
      this.#main.style.setProperty(`--${role}`, `${px}px`);
    }
    const rows = Math.max(1, Math.ceil(view.choices.length / layout.columns));
    this.#main.style.setProperty("--picture", `${tile(view.panel, letters.label, layout, picture, this.#wordless)}px`);
    this.#main.style.setProperty("--columns", String(layout.columns));
    this.#main.style.setProperty("--rows", String(rows));
    this.#choices.dataset.picto = layout.picto;
    this.#main.style.setProperty("--leading", lineHeight(air, view.panel.height < compactBelow).toFixed(3));
    this.#main.toggleAttribute("data-brief", !examples);
    this.#main.toggleAttribute("data-bare", bare);
  }

  /**
   * The bar's keys stand at the same places and have the same size on every screen.
   * Their words are as large as fit in keys of one width; else in keys as wide as
   * their words; when even the smallest do not, the pictograms stand alone.
   * @param {KioskView} view
   */
  #fitControls(view) {
    const bar = this.#controls;
    const wanted = caps[view.size].small[1];
    const content = JSON.stringify([view.lang, view.size, view.panel, this.#wordless, view.controls.map((c) => [c.key, c.sub || c.label])]);
    const set = (/** @type {Bar} */ { mm, uneven }) => {
      bar.toggleAttribute("data-words", mm !== null);
      bar.toggleAttribute("data-uneven", uneven);
      bar.style.setProperty("--word", `${Math.ceil(((mm ?? leastCap) * view.panel.pxmm_v) / capRatio)}px`);
      return bar.scrollWidth <= bar.clientWidth && [...bar.children].every((b) => fills(b, 6));
    };
    const bars = [false, true].flatMap((uneven) => steps(wanted).map((mm) => ({ mm, uneven })));
    if (!this.#bars.has(content)) this.#bars.set(content, (this.#wordless ? undefined : bars.find(set)) ?? { mm: null, uneven: false });
    set(this.#bars.get(content) ?? { mm: null, uneven: false });
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
      const parent = /** @type {Element} */ (button.parentElement);
      if (box.bottom > parent.getBoundingClientRect().bottom - parseFloat(getComputedStyle(parent).paddingBlockEnd) + 1) return "room";
    }
    const stub = this.#ticket.querySelector(".stub");
    if (stub && shown(stub) && stub.clientHeight < least("--target-block") * 1.4) return "number";
    return "";
  }
}

/** From the wanted height of capitals down to the least (mm). @param {number} wanted */
const steps = (wanted) => [...Array.from({ length: Math.floor((wanted - leastCap) / 0.2 + 1e-9) }, (_, i) => wanted - i * 0.2), leastCap];

/** Who waits, as people: those before, and at the end whoever looks at it. @param {number} before */
function inLine(before) {
  const others = before > mostDrawn
    ? [h("span", { class: "number" }, String(before)), picto("waiting")]
    : Array.from({ length: before }, () => picto("waiting"));
  return [...others, picto("you")].filter((p) => p !== null);
}

/** Whoever is called goes to a desk. @param {string} label its name */
function atDesk(label) {
  return [picto("you"), picto("go"), picto("desk"), h("span", { class: "number" }, digits(label))].filter((p) => p !== null);
}

/** All that can be pressed. */
export function buttons() {
  return /** @type {NodeListOf<HTMLButtonElement>} */ (document.querySelectorAll("button[data-key]"));
}

/** @param {Element} element whether it is to be seen: words that only the voice reads are a dot */
function shown(element) {
  return [element, element.parentElement].every((e) => e && e.getBoundingClientRect().width > 1);
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
  return [...button.querySelectorAll(".label, .sub, .tile, .told, .picto")].every(
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
  const chosen = items.some((item) => item.selected);
  items.forEach((item, i) => {
    const button = all[i];
    for (const name of /** @type {const} */ (["lang", "dir"])) {
      const value = item[name];
      if (value) button.setAttribute(name, name === "lang" ? tag(value) : value);
      else button.removeAttribute(name);
    }
    // Only where something is chosen is a button one that stays down.
    if (item.selected === undefined || !chosen) button.removeAttribute("aria-pressed");
    else button.setAttribute("aria-pressed", String(item.selected));
    button.disabled = item.enabled === false;
    button.removeAttribute("data-sent");
    const html = parts[i].filter((p) => p !== null);
    const now = h("span", {}, ...html).innerHTML;
    if (button.innerHTML !== now) button.replaceChildren(...html);
  });
  if (!same) container.replaceChildren(...all);
}

/**
 * @param {string} screen
 * @param {Choice} choice
 * @param {{plain: boolean, named: boolean, told?: string}} how
 *   plain: no picture; named: languages, whose picture says whether they can be
 *   heard; told: what tells it apart without a word
 */
function choiceParts(screen, choice, { plain, named, told }) {
  const language = named && !!choice.lang;
  const drawn = choicePicture(screen, choice);
  const drawing = plain ? null : picto(language && drawn === "language" ? (choice.mute ? "mute" : "voice") : drawn);
  return [
    drawing && h("span", { class: "tile" }, drawing),
    told && !language ? h("span", { class: "told number" }, told) : null,
    h("span", { class: language ? "words name" : "words" },
      h("span", { class: "label" }, choice.label),
      choice.sub && (!language || choice.mute) ? h("span", { class: "sub" }, choice.sub) : null,
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
