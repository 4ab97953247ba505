// « S’entraîner »: seven short practice pieces, drawn into any element of a page,
// at the kiosk or on a visitor's own phone. Nothing is stored, sent or scored;
// nothing has a time limit; what is typed stays in its field and goes with it.

import { h } from "../dom.js";
import { helped, resumed, sentences, shown, spoken, stage, step } from "./engine.js";
import { picture } from "./pictures.js";
import { piece as find, pieces as all } from "./pieces.js";
import { presses } from "./press.js";
import { face, task } from "./tasks.js";
import { Walk } from "./walk.js";

/** @import { Command, State } from "./engine.js" */
/** @import { Task } from "./tasks.js" */

/**
 * What a menu needs: the id, the drawing, the title's key, about how many minutes.
 * @type {{id: string, picto: string, title: string, minutes: number}[]}
 */
export const pieces = all.map(({ id, picto, title, minutes }) => ({ id, picto, title, minutes }));

/**
 * Says a text of the catalogue. What is being said stops first, unless the text
 * comes after it. With at and of it is the name of what has the focus and where
 * that stands, and may be "".
 * @typedef {(key: string, options: {after: boolean, at?: number, of?: number}) => void} Say
 */

/**
 * @typedef {object} Options
 * @property {string} piece its id
 * @property {Say} say
 * @property {Record<string, string>} words the texts, by key; a missing one shows its key
 * @property {string} lang of the texts
 * @property {string} dir "ltr" or "rtl"
 * @property {boolean} ownKeyboard whether there is no other: the kiosk, where nothing scrolls, sizes come from the panel, and « back » and « listen » are in the bar below
 * @property {boolean} [wordless] pictures and the voice ask, and only texts that are to be copied or judged are shown
 * @property {number} [stage] where to go on, as onStage told it; 0 begins
 * @property {(stage: number) => void} [onStage] how far one is: 0 before the first step
 * @property {(finished: boolean) => void} onDone the person finished or left; the piece draws nothing more
 * @property {() => void} onTouched something was touched, typed or scrolled
 */

/** What must be seen whole. */
const inspected = [
  ".practice-label", ".practice-ask", ".practice-note", ".practice-task", ".practice-task > *", ".practice-rules", ".practice-message", ".practice-input",
  ".practice-model", "button",
].join();

/** What a panel of buttons does. @typedef {"next" | "previous" | "ok" | "back" | "repeat"} Act */

/**
 * The smallest letters: 3.5 mm of capital height where a target is 12.7 mm.
 * (0.668 is the capital height of our letters, in em.)
 */
const leastLetter = 3.5 / 0.668 / 12.7;

/** The letters wanted at each size of the kiosk, in the same measure. @type {Record<string, number>} */
const wantedLetter = { m: 5 / 0.668 / 12.7, l: 6.4 / 0.668 / 12.7, xl: 8.5 / 0.668 / 12.7 };

/**
 * Draws a piece.
 * @param {HTMLElement} element empty; at the kiosk it has a height
 * @param {Options} options
 * @returns {{unmount: () => void, act: (action: Act) => boolean}} act walks through the
 *   piece as buttons do, and is false when it led nowhere: past the first or last
 *   thing that can be pressed, after which it comes in again at the other end
 */
export function mountPractice(element, { piece: id, say, words, lang, dir, ownKeyboard, wordless = false, stage: from = 0, onDone, onTouched, onStage = () => {} }) {
  const known = find(id);
  if (!known) throw new Error(`practice: no piece ${id}`);
  const piece = known; // for the functions below, which are sure of it
  const text = (/** @type {string} */ key) => words[key] ?? key;
  const root = h("section", { class: "practice", lang, dir, "data-own": ownKeyboard, "data-wordless": wordless });
  const { on, stop: deaf } = presses(root);
  const walk = new Walk(root);
  let state = resumed(piece, from);
  /** @type {{at: number, task: Task} | null} */
  let doing = null;
  let gone = false;

  const control = (/** @type {string} */ name, /** @type {string} */ drawn, /** @type {string} */ key, /** @type {() => void} */ act) =>
    on(face({ text }, { picture: drawn, key, class: `practice-control practice-${name}` }), act);
  const back = ownKeyboard ? null : control("back", "back", "practice.ui.back", () => go({ do: "back" }));
  const listen = ownKeyboard ? null : control("listen", "repeat", "practice.ui.listen", () => tell(true));
  const leave = control("stop", "stop", "practice.ui.stop", () => go({ do: "stop" }));
  const ask = h("h2", { class: "practice-ask", tabindex: -1 });
  const progress = h("div", { class: "practice-progress", role: "progressbar", "aria-valuemin": 0 });
  const place = h("div", { class: "practice-task" });
  const note = h("p", { class: "practice-note", role: "status" });
  const foot = h("div", { class: "practice-foot" });
  root.append(...[back, listen].filter((e) => e !== null), ask, progress, place, note, foot, leave);

  /** @param {boolean} [whole] */
  function tell(whole = false) {
    spoken(piece, state, whole).forEach((key, i) => say(key, { after: i > 0 }));
  }

  /** @param {Command} command */
  function go(command) {
    const before = state;
    state = step(piece, state, command);
    if (state === before) return;
    if (state.phase === "left") return finish(before.phase === "end");
    draw(before);
    tell();
    const here = walk.on && state.phase !== "step" ? walk.now() : null;
    if (here) say(here.stop[0].dataset.say ?? "", { after: true });
  }

  /** @param {boolean} finished */
  function finish(finished) {
    unmount();
    onDone(finished);
  }

  /** @param {State | null} before */
  function draw(before) {
    const { phase, at } = state;
    root.dataset.phase = phase;
    const said = sentences(piece, state);
    const seen = wordless ? shown(piece, state) : { ask: phase === "right" || phase === "end" ? ["yes"] : [], note: [] };
    ask.replaceChildren(...seen.ask.map((name) => picture(name) ?? ""), h("span", {}, text(said.ask)));
    note.replaceChildren(...seen.note.map((name) => picture(name) ?? ""), h("span", {}, said.note ? text(said.note) : ""));
    note.hidden = said.note === "";
    note.toggleAttribute("data-hint", phase === "step");
    const past = phase === "end" ? piece.steps.length : phase === "intro" ? 0 : at + (phase === "right" ? 1 : 0);
    progress.setAttribute("aria-valuemax", String(piece.steps.length));
    progress.setAttribute("aria-valuenow", String(past));
    progress.setAttribute("aria-label", text("practice.ui.progress").replace("{n}", String(Math.min(at + 1, piece.steps.length))).replace("{of}", String(piece.steps.length)));
    progress.replaceChildren(...piece.steps.map((_, i) => h("span", { "data-at": i < past ? "done" : i === past && phase === "step" ? "here" : "ahead" })));

    const same = phase === "step" && before?.phase === "step" && before.at === at;
    if (!same) {
      const kept = phase === "right" ? doing : null;
      if (!kept) {
        forget();
        doing = phase === "step" ? { at, task: task(piece.steps[at], { text, on, ownKeyboard, answer: (right) => go({ do: "answer", right }) }) } : null;
        place.replaceChildren(doing ? doing.task.element : h("div", { class: "practice-cover" }, picture(phase === "end" ? "thanks" : piece.picto)));
      }
      place.toggleAttribute("inert", phase === "right");
      place.toggleAttribute("data-done", phase === "right");
      foot.replaceChildren(...buttons(phase));
    }
    if (helped(state)) doing?.task.help?.();
    fit();
    if (same) return;
    walk.reset();
    (phase === "step" ? ask : /** @type {HTMLElement} */ (foot.lastElementChild)).focus({ preventScroll: ownKeyboard });
    if (walk.on) walk.show();
    onStage(stage(state));
  }

  /** @param {State["phase"]} phase */
  function buttons(phase) {
    const next = (/** @type {string} */ key) => on(face({ text }, { picture: "next", key, class: "practice-next" }), () => go({ do: "next" }));
    if (phase === "intro") return [next("practice.ui.start")];
    if (phase === "right") return [next("practice.ui.next")];
    if (phase === "end") {
      return [on(face({ text }, { picture: "restart", key: "practice.ui.again", class: "practice-again" }), () => go({ do: "again" })), next("practice.ui.finish")];
    }
    return [];
  }

  /** What was typed goes before its field does. */
  function forget() {
    for (const input of root.querySelectorAll("input")) input.value = "";
  }

  /** At the kiosk, takes the largest letters with which nothing scrolls. */
  function fit() {
    root.toggleAttribute("data-narrow", root.clientWidth < 560);
    if (!ownKeyboard) return;
    root.removeAttribute("data-tight");
    const target = parseFloat(getComputedStyle(root).getPropertyValue("--target-block")) || 48;
    const wanted = wantedLetter[document.documentElement.dataset.size ?? "m"] ?? wantedLetter.m;
    const set = (/** @type {number} */ part, /** @type {boolean} */ tight, /** @type {string} */ columns) => {
      root.style.setProperty("--practice-text", `${Math.ceil(part * target)}px`);
      root.dataset.columns = columns;
      root.toggleAttribute("data-tight", tight);
      return fits();
    };
    const parts = Array.from({ length: 9 }, (_, i) => wanted - ((wanted - leastLetter) * i) / 8);
    const columns = root.querySelector(".practice-options:not([data-pictures])") ? ["1", "2"] : ["1"];
    for (const tight of [false, true]) {
      const fit = (/** @type {number} */ n) => columns.some((c) => set(parts[n], tight, c));
      if (fit(0)) return;
      if (!fit(parts.length - 1)) continue;
      let [cut, whole] = [0, parts.length - 1]; // each is measured: as few as will do
      while (whole - cut > 1) {
        const n = (cut + whole) >> 1;
        if (fit(n)) whole = n;
        else cut = n;
      }
      fit(whole);
      return;
    }
  }

  function fits() {
    const whole = root.getBoundingClientRect();
    if (root.scrollHeight > root.clientHeight + 1) return false;
    for (const part of root.querySelectorAll(inspected)) {
      const box = part.getBoundingClientRect();
      if (box.width === 0 || part.closest(".practice-scroll")) continue;
      const [left, right] = part.matches(".practice-key") ? [0, innerWidth] : [whole.left, whole.right]; // keys take the whole panel
      if (box.left < left - 1 || box.right > right + 1 || box.top < whole.top - 1 || box.bottom > whole.bottom + 1) return false;
      if (part.clientWidth > 1 && part.scrollWidth > part.clientWidth + 1) return false; // a name for the voice alone is a dot
      const holder = part.matches(".practice-label") ? part.closest("button")?.getBoundingClientRect() : null;
      if (holder && (box.left < holder.left || box.right > holder.right || box.top < holder.top || box.bottom > holder.bottom)) return false;
    }
    const tasks = place.firstElementChild;
    return !tasks || tasks.scrollHeight <= tasks.clientHeight + 1 || getComputedStyle(place).display === "contents";
  }

  /** @param {Act} action @returns {boolean} */
  function act(action) {
    if (gone) return false;
    walk.on = true;
    switch (action) {
      case "back":
        if (walk.out()) speak();
        else go({ do: "back" });
        return true;
      case "repeat":
        tell(true);
        return true;
      case "ok": {
        const before = state;
        if (!walk.now()) walk.go(1);
        else if (walk.press()) {
          if (gone || state !== before) return true; // what came says itself
          walk.out();
          walk.show();
          return true;
        }
        speak();
        return true;
      }
      case "next":
      case "previous":
        if (walk.go(action === "next" ? 1 : -1)) {
          speak();
          return true;
        }
        ask.focus({ preventScroll: ownKeyboard });
        return false;
    }
    return false; // what is no button of a piece
  }

  /** Says the name of what buttons stand on, and where it is; what is typed in secret, never. */
  function speak() {
    const here = walk.now();
    if (!here || (here.stop[0].matches(".practice-key") && here.stop[0].closest("[data-secret]"))) return;
    const key = here.stop.length > 1 ? "" : here.stop[0].dataset.say ?? "";
    if (key || ownKeyboard) say(key, { after: false, at: here.at, of: here.of });
  }

  /** @param {Element} target what the focus is on: its name is said, a typed text never */
  function name(target) {
    const key = target instanceof HTMLElement ? target.dataset.say : "";
    if (key) say(key, { after: false });
  }

  /** @type {[string, (event: any) => void][]} */
  const heard = [
    ["pointerdown", () => {
      onTouched();
      walk.on = false;
      walk.reset();
    }],
    ["input", () => onTouched()],
    ["wheel", (event) => {
      onTouched();
      event.stopPropagation();
    }],
    ["keydown", (event) => {
      onTouched();
      if (event.ctrlKey || event.altKey || event.metaKey || /^F\d+$/.test(event.key)) return;
      event.stopPropagation(); // the page around has keys of its own
      if (event.key === "Escape") {
        event.preventDefault();
        go({ do: "back" });
      } else if (/^Arrow/.test(event.key) && !(event.target instanceof HTMLInputElement)) {
        const ahead = event.key === "ArrowDown" || event.key === (dir === "rtl" ? "ArrowLeft" : "ArrowRight");
        if (act(ahead ? "next" : "previous")) event.preventDefault();
      }
    }],
    ["keyup", (event) => {
      if (event.key !== "Tab" || !document.activeElement) return;
      walk.reset(); // one stands where the focus is
      name(document.activeElement);
    }],
  ];
  for (const [name, listener] of heard) root.addEventListener(name, listener);
  root.addEventListener("scroll", onTouched, { capture: true, passive: true });
  addEventListener("resize", fit);

  function unmount() {
    if (gone) return;
    gone = true;
    forget();
    deaf();
    removeEventListener("resize", fit);
    root.remove();
  }

  element.replaceChildren(root);
  styled(() => {
    if (!gone) fit();
  });
  draw(null);
  tell();
  return { unmount, act };
}

/**
 * The look comes with the piece, once per page; a page may also link it itself.
 * @param {() => void} then when it is there
 */
function styled(then) {
  const href = new URL("practice.css", import.meta.url).pathname;
  const there = [...document.querySelectorAll("link")].find((l) => new URL(l.href, location.href).pathname === href);
  const link = there ?? h("link", { rel: "stylesheet", href });
  if (!there) document.head.append(link);
  if (!link.sheet) link.addEventListener("load", then, { once: true });
}
