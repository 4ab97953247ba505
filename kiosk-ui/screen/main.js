// The kiosk's page: views in, presses out.

import { send } from "../lib/send.js";
import { openStream } from "../lib/stream.js";
import { Veil } from "../lib/veil.js";
import { Corners } from "./corners.js";
import { action } from "./keys.js";
import { Pairing } from "./pairing.js";
import { practise } from "./practise.js";
import { Guard } from "./press.js";
import { Screen } from "./render.js";

/** @import { KioskView } from "../lib/views.js" */

const veil = /** @type {Veil} */ (document.querySelector("jeudi-veil"));
const screen = new Screen({
  main: /** @type {HTMLElement} */ (document.querySelector("main")),
  controls: /** @type {HTMLElement} */ (document.querySelector("nav")),
  notext: new URLSearchParams(location.search).has("notext"),
  practise: (element, view) => practise(element, view, () => shown?.view),
});
const corners = new Corners(document.body);
const pairing = new Pairing(document.body);
const guard = new Guard();
/** @type {{view: KioskView, received: number} | null} */
let shown = null;

/** @param {KioskView} view @param {number} received */
function draw(view, received) {
  guard.answered();
  if (view.turn !== shown?.view.turn) document.documentElement.removeAttribute("data-peek");
  shown = { view, received };
  pairing.draw(view, received); // first: the screen leaves room for its button
  screen.draw(view, received);
  corners.draw(view.selftest, view.panel);
  veil.speak(view.lang);
}

// Sizes are found by measuring, so the letters must be there first.
const letters = ["400", "700"].flatMap((weight) => [
  document.fonts.load(`${weight} 40px "Atkinson Hyperlegible Next"`, "aœ"),
  document.fonts.load(`${weight} 40px "Noto Sans"`, "ж"),
  document.fonts.load(`${weight} 40px "Noto Sans Arabic"`, "ع"),
]);
Promise.allSettled(letters).then(again);
// A screen that is switched on after the box, or another one in its place.
addEventListener("resize", again);

/** What is on the screen is measured again. */
function again() {
  screen.forget();
  if (shown) screen.draw(shown.view, shown.received);
}

/** Whether the line is lost. */
let lost = false;

/** How often a box that is not heard is asked what it does instead (ms). */
const every = 2_000;

/** A box that came back with the questions of its set-up has no line for this page, but one of its own. */
async function wait() {
  const answer = await fetch("/healthz").then((r) => r.text(), () => "");
  if (answer.startsWith("setup ")) location.reload();
  else if (lost) setTimeout(() => void wait(), every);
}

openStream({
  url: "/ws/kiosk",
  view: draw,
  beat: "painted",
  lost: (since) => {
    lost = true;
    veil.show(since);
    void wait();
  },
  found: () => {
    lost = false;
    veil.hide();
  },
});

/**
 * @param {string} name for the guard
 * @param {Record<string, string>} what
 * @param {boolean} [repeat]
 * @returns {boolean} whether it counted
 */
function press(name, what, repeat = false) {
  const now = performance.now();
  if (!shown || !veil.hidden || !guard.press(name, now, repeat)) return false;
  send("/api/kiosk", { turn: shown.view.turn, ...what }).then((answer) => {
    if (answer.ok || !guard.refused(now)) return;
    for (const button of document.querySelectorAll("[data-sent]")) button.removeAttribute("data-sent");
  });
  return true;
}

/** @param {EventTarget | Element | null} target @returns {HTMLButtonElement | null} */
function pressable(target) {
  const button = target instanceof Element ? target.closest("button") : null;
  return button && !button.disabled && button.dataset.key ? button : null;
}

/** @param {HTMLButtonElement} button */
function pressButton(button) {
  const key = button.dataset.key ?? "";
  if (press(`key ${key}`, { key })) button.setAttribute("data-sent", "");
}

// A press is a finger going down and up on the same button, however it trembles
// in between: browsers give no click once a finger has slid a few millimetres.
/** @type {{pointer: number, button: HTMLButtonElement} | null} */
let down = null;

document.addEventListener("pointerdown", (event) => {
  if (down || event.button !== 0) return; // one finger at a time
  const root = document.documentElement;
  if (root.hasAttribute("data-dark") && event.target instanceof Element && event.target.closest("main")) root.setAttribute("data-peek", "");
  const button = pressable(event.target);
  if (!button) return;
  down = { pointer: event.pointerId, button };
  button.setAttribute("data-down", "");
});
document.addEventListener("pointermove", (event) => {
  if (down?.pointer === event.pointerId) down.button.toggleAttribute("data-down", under(event) === down.button);
});
document.addEventListener("pointerup", (event) => {
  if (down?.pointer !== event.pointerId) return;
  const { button } = down;
  lift();
  if (under(event) === button) pressButton(button);
});
document.addEventListener("pointercancel", (event) => {
  if (down?.pointer === event.pointerId) lift();
});
// Assistive technology clicks without a pointer.
document.addEventListener("click", (event) => {
  const button = pressable(event.target);
  if (button && event.detail === 0) pressButton(button);
});

function lift() {
  down?.button.removeAttribute("data-down");
  down = null;
}

/** @param {PointerEvent} event */
function under(event) {
  return pressable(document.elementFromPoint(event.clientX, event.clientY));
}

document.addEventListener("keydown", (event) => {
  // Whoever writes in a piece of practice writes; Escape and F1 lead out of it.
  const writing = event.target instanceof Element && !!event.target.closest(".piece");
  if (writing && event.key !== "Escape" && event.key !== "F1") return;
  const act = action(event, document.documentElement.dir, !!shown?.view.scan);
  if (!act) return;
  event.preventDefault();
  press(`action ${act}`, { action: act }, event.repeat);
});

for (const unwanted of ["contextmenu", "dragstart", "selectstart", "gesturestart"]) {
  document.addEventListener(unwanted, (event) => event.preventDefault());
}
document.addEventListener("wheel", (event) => {
  if (!(event.target instanceof Element && event.target.closest(".piece"))) event.preventDefault();
}, { passive: false });
