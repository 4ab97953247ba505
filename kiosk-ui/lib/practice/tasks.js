// What is done at a step: one drawing function per kind. Each gives an element
// and, where help is more than words, what to show when help is due.

import { h } from "../dom.js";
import { judge } from "./engine.js";
import { board, named, pages, strike, way } from "./keys.js";
import { best, good, press, start, wrong } from "./photo.js";
import { picture } from "./pictures.js";
import { common, nextKey, strength, strong } from "./typing.js";

/** @import { Option, Step } from "./engine.js" */
/** @import { Action, Scene } from "./photo.js" */

/**
 * @typedef {object} Tools
 * @property {(key: string) => string} text
 * @property {(right: boolean) => void} answer
 * @property {(button: HTMLButtonElement, action: () => void) => HTMLButtonElement} on
 * @property {boolean} ownKeyboard
 */

/** @typedef {{element: HTMLElement, help?: () => void, first?: HTMLElement}} Task */

/** @type {Record<Action, string>} */
const actionNames = {
  left: "practice.name.left",
  right: "practice.name.right",
  up: "practice.name.up",
  down: "practice.name.down",
  turn_left: "practice.name.turn_left",
  turn_right: "practice.name.turn_right",
  nearer: "practice.name.nearer",
  farther: "practice.name.farther",
  light: "practice.name.light",
  focus: "practice.name.focus",
  shoot: "practice.name.shoot",
};

/** @type {Record<string, string>} */
const keyNames = {
  shift: "practice.ui.shift",
  erase: "practice.ui.erase",
  space: "practice.ui.space",
  signs: "practice.ui.signs",
  letters: "practice.ui.letters",
};

/** What stands on a key that changes the page. @type {Record<string, string>} */
const keyFaces = { signs: "1@", letters: "abc" };

/** @type {{rule: "long" | "words" | "rare", text: string}[]} */
const rules = [
  { rule: "long", text: "practice.password.rule_long" },
  { rule: "words", text: "practice.password.rule_words" },
  { rule: "rare", text: "practice.password.rule_rare" },
];

/**
 * @param {Step} now
 * @param {Tools} tools
 * @returns {Task}
 */
export function task(now, tools) {
  switch (now.kind) {
    case "type":
      return typing(now, tools);
    case "password":
      return password(now, tools);
    case "reveal":
      return reveal(now, tools);
    case "photo":
      return photo(now, tools);
    case "scroll":
      return scroll(now, tools);
    default:
      return options(now, tools);
  }
}

/**
 * A button with its drawing and its word.
 * @param {{text: (key: string) => string}} tools
 * @param {{picture?: string, key?: string, plain?: string, class?: string}} what
 */
export function face({ text }, { picture: drawn, key, plain, class: name }) {
  const label = key ? text(key) : plain ?? "";
  return h("button", { type: "button", class: name, "data-say": key, "aria-label": label },
    drawn ? picture(drawn) : null,
    h("span", { class: "practice-label", dir: key ? null : "ltr" }, label));
}

/** @param {Step & {options: Option[]}} now @param {Tools} tools @returns {Task} */
function options(now, tools) {
  const frame = now.kind === "tap" ? now.frame ?? "plain" : "plain";
  const buttons = now.options.map((o) => {
    const button = face(tools, { picture: frame === "box" ? "box" : o.picture, key: o.text, plain: o.plain, class: "practice-option" });
    button.dataset.option = o.id;
    if (frame === "box") {
      button.setAttribute("role", "checkbox");
      button.setAttribute("aria-checked", "false");
      button.prepend(h("span", { class: "practice-box" }, picture("yes")));
    }
    return tools.on(button, () => {
      const right = judge(now, o.id);
      if (right && frame === "box") button.setAttribute("aria-checked", "true");
      button.setAttribute(right ? "data-right" : "data-tried", "");
      tools.answer(right);
    });
  });
  const list = h("div", { class: "practice-options", "data-count": buttons.length, "data-pictures": now.kind === "tap" && frame !== "box" }, ...buttons);
  const message = now.kind === "choose" && now.message ? now.message : null;
  const card = message && h("div", { class: "practice-message" },
    picture(message.picture),
    h("div", {}, h("p", { class: "practice-from" }, tools.text(message.from)), h("p", {}, tools.text(message.text))));
  const element = frame === "window" ? h("div", { class: "practice-window" }, list) : h("div", { class: "practice-asked" }, card, list);
  return { element, first: buttons[0], help: () => ring(buttons.filter((_, i) => now.options[i].right)) };
}

/** @param {Step & {kind: "scroll"}} now @param {Tools} tools @returns {Task} */
function scroll(now, tools) {
  const { element: list, help, first } = options({ ...now, kind: "choose" }, tools);
  const view = h("div", { class: "practice-scroll", tabindex: -1 }, list);
  const button = (/** @type {string} */ drawn, /** @type {string} */ key, /** @type {number} */ by) =>
    tools.on(face(tools, { picture: drawn, key, class: "practice-mover" }), () => view.scrollBy({ top: by * view.clientHeight * 0.8 }));
  const up = button("up", "practice.ui.scroll_up", -1);
  const down = button("down", "practice.ui.scroll_down", 1);
  return {
    element: h("div", { class: "practice-scrolling" }, view, h("div", { class: "practice-movers" }, up, down)),
    first,
    help: () => {
      help?.();
      ring([down], false);
    },
  };
}

/**
 * A field with what is to be copied over it, its own keyboard when asked, and a
 * button that ends it. The text stays in the field.
 * @param {Tools} tools
 * @param {{model: string, begin: string, label: string, secret: boolean, ok: (text: string) => void, changed?: (text: string) => void}} what
 */
function field(tools, { model, begin, label, secret, ok, changed }) {
  const input = h("input", {
    class: "practice-input",
    dir: "ltr",
    lang: "fr",
    type: secret ? "password" : "text",
    // "off" would let browsers offer to keep a password; this one never does.
    autocomplete: secret ? "one-time-code" : "off",
    autocapitalize: "none",
    autocorrect: "off",
    spellcheck: "false",
    inputmode: tools.ownKeyboard ? "none" : null,
    maxlength: 60,
    "aria-label": label,
  });
  input.value = begin;
  const shown = model && h("p", { class: "practice-model", dir: "ltr", lang: "fr", role: "img", "aria-label": `${tools.text("practice.ui.model")} ${model}` },
    ...[...model].map((letter) => h("span", { "data-space": letter === " " }, letter)));
  const done = tools.on(face(tools, { picture: "yes", key: "practice.ui.ok", class: "practice-ok" }), () => ok(input.value));
  let helps = false;
  let now = board();
  const keys = h("div", { class: "practice-keys", dir: "ltr", role: "group", tabindex: -1 });
  /** @type {Map<string, HTMLButtonElement>} */
  const drawn = new Map();

  const drawKeys = () => {
    drawn.clear();
    keys.replaceChildren(...pages[now.page].flat().map((key) => {
      const name = keyNames[key];
      const sign = now.shift && !name ? key.toLocaleUpperCase("fr") : key;
      const button = h("button", { type: "button", class: "practice-key", "data-key-name": key, "data-quick": true, "data-say": name, "aria-label": name ? tools.text(name) : sign },
        named.includes(key) && !keyFaces[key] ? picture(key) : keyFaces[key] ?? sign);
      if (key === "shift") button.setAttribute("aria-pressed", String(now.shift));
      drawn.set(key, button);
      return tools.on(button, () => {
        const before = now;
        const held = document.activeElement === button;
        const after = strike(now, input.value, key);
        now = after.board;
        input.value = after.text;
        update();
        if (now.page !== before.page || now.shift !== before.shift) {
          drawKeys();
          update();
          if (held) (drawn.get(key) ?? drawn.get(now.page === "signs" ? "letters" : "signs"))?.focus({ preventScroll: true });
        }
      });
    }));
  };
  const update = () => {
    changed?.(input.value);
    if (!helps || !model) return;
    const n = common(model, input.value);
    const next = nextKey(model, input.value);
    if (shown) [...shown.children].forEach((letter, i) => letter.toggleAttribute("data-ring", i === n && next !== "ok"));
    for (const button of [...drawn.values(), done]) button.removeAttribute("data-ring");
    input.toggleAttribute("data-ring", next === "erase" && !tools.ownKeyboard);
    const key = way(now, next);
    (key === "ok" ? done : drawn.get(key))?.setAttribute("data-ring", "");
  };
  input.addEventListener("input", update);
  input.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.repeat) return;
    event.preventDefault();
    ok(input.value);
  });
  if (tools.ownKeyboard) drawKeys();
  changed?.(begin);
  return {
    input,
    model: shown || null,
    done,
    keys: tools.ownKeyboard ? keys : null,
    help: () => {
      helps = true;
      update();
    },
  };
}

/** @param {Step & {kind: "type"}} now @param {Tools} tools @returns {Task} */
function typing(now, tools) {
  const label = tools.text(now.label ?? "practice.ui.field");
  const { input, model, done, keys, help } = field(tools, {
    model: now.model, begin: now.start ?? "", label, secret: false, ok: (text) => tools.answer(judge(now, text)),
  });
  // On the smallest panel the name of the field stands in the field alone.
  if (now.label && tools.ownKeyboard) input.placeholder = label;
  return {
    element: h("div", { class: "practice-typing" },
      h("div", { class: "practice-line" }, model, now.label ? h("span", { class: "practice-name" }, label) : null, input, done),
      keys),
    first: input,
    help,
  };
}

/** @param {Step & {kind: "password"}} now @param {Tools} tools @returns {Task} */
function password(now, tools) {
  const marks = rules.map(({ rule, text }) => ({
    rule,
    line: h("li", {}, h("span", { class: "practice-box" }, picture("yes")), h("span", {}, tools.text(text)), h("span", { class: "practice-unseen" })),
  }));
  const element = h("div", { class: "practice-typing", "data-secret": true });
  const changed = (/** @type {string} */ text) => {
    element.toggleAttribute("data-begun", text !== ""); // what is asked stands there first, then what is missing
    const met = strength(text);
    for (const { rule, line } of marks) {
      line.toggleAttribute("data-met", met[rule]);
      /** @type {Element} */ (line.lastElementChild).textContent = tools.text(met[rule] ? "practice.ui.yes" : "practice.ui.not_yet");
    }
    const next = marks.find(({ rule }) => !met[rule]) ?? marks[marks.length - 1];
    for (const { line } of marks) line.toggleAttribute("data-next", line === next.line);
  };
  const { input, done, keys } = field(tools, {
    model: "", begin: "", label: tools.text("practice.ui.field"), secret: true, changed,
    ok: (text) => tools.answer(judge(now, strong(text) ? "strong" : "weak")),
  });
  element.append(h("div", { class: "practice-line" }, input, eye(tools, input), done), h("ul", { class: "practice-rules" }, ...marks.map(({ line }) => line)), ...(keys ? [keys] : []));
  return { element, first: input };
}

/**
 * The button that shows what is masked, and masks it again.
 * @param {Tools} tools
 * @param {HTMLInputElement} input
 * @param {(shown: boolean) => void} [then]
 */
function eye(tools, input, then) {
  const button = face(tools, { picture: "eye", key: "practice.ui.show", class: "practice-eye" });
  return tools.on(button, () => {
    const shown = input.type === "password";
    input.type = shown ? "text" : "password";
    const key = shown ? "practice.ui.hide" : "practice.ui.show";
    const next = face(tools, { picture: shown ? "eye_off" : "eye", key });
    button.replaceChildren(...next.childNodes);
    button.setAttribute("aria-label", tools.text(key));
    button.dataset.say = key;
    then?.(shown);
  });
}

/** @param {Step & {kind: "reveal"}} now @param {Tools} tools @returns {Task} */
function reveal(now, tools) {
  const input = h("input", { class: "practice-input", dir: "ltr", lang: "fr", type: "password", autocomplete: "one-time-code", readonly: true, tabindex: -1, "aria-label": tools.text("practice.ui.field") });
  input.value = now.value;
  const button = eye(tools, input, (shown) => tools.answer(judge(now, shown ? "shown" : "hidden")));
  return { element: h("div", { class: "practice-typing" }, h("div", { class: "practice-line" }, input, button)), first: button, help: () => ring([button]) };
}

/** @param {Step & {kind: "photo"}} now @param {Tools} tools @returns {Task} */
function photo(now, tools) {
  /** @type {Scene} */
  let scene = { ...start(), ...now.scene };
  let helps = false;
  const paper = h("div", { class: "practice-paper" }, ...Array.from({ length: 6 }, () => h("span")));
  const stage = h("div", { class: "practice-stage", dir: "ltr", "aria-hidden": "true" }, paper, h("div", { class: "practice-frame" }));
  const draw = () => {
    for (const name of /** @type {const} */ (["x", "y", "turn", "near"])) stage.style.setProperty(`--${name}`, String(scene[name]));
    stage.toggleAttribute("data-dark", !scene.light);
    stage.toggleAttribute("data-blurred", !scene.sharp);
    stage.toggleAttribute("data-good", good(scene, now.goals));
    if (helps) ring(best(scene, now.actions, now.goals) === "" ? [] : [buttons[now.actions.indexOf(/** @type {Action} */ (best(scene, now.actions, now.goals)))]]);
  };
  const buttons = now.actions.map((action) =>
    tools.on(face(tools, { picture: action, key: actionNames[action], class: "practice-mover" }), () => {
      const before = scene;
      const after = press(before, action);
      const bad = wrong(before, after, now.goals);
      scene = bad ? { ...after, taken: false } : after;
      draw();
      if (good(scene, now.goals)) tools.answer(true);
      else if (bad) tools.answer(false);
    }));
  draw();
  return {
    // Left is left in every language: the paper does not turn round with the text.
    element: h("div", { class: "practice-photo" }, stage, h("div", { class: "practice-movers", dir: "ltr" }, ...buttons)),
    first: buttons[0],
    help: () => {
      helps = true;
      draw();
    },
  };
}

/**
 * Shows what is right, and nothing else.
 * @param {Element[]} elements
 * @param {boolean} [alone] whether other rings go
 */
function ring(elements, alone = true) {
  const within = alone && elements[0]?.parentElement;
  if (within) for (const old of within.querySelectorAll("[data-ring]")) old.removeAttribute("data-ring");
  for (const element of elements) element.setAttribute("data-ring", "");
}
