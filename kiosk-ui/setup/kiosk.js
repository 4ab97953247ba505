// The kiosk while the box has no site: how to reach the questions, and how far they are.
// When the site is there, another server answers at this address, and the page becomes
// the visitors' kiosk.

import { h } from "../lib/dom.js";
import { qr } from "../lib/qr.js";
import { loadWords, say } from "../lib/words.js";

/** @typedef {{size: number, path: string}} Code */
/** @typedef {{ssid?: string, passphrase?: string, wifi_code?: Code, address?: string, page_code?: Code, code?: string,
 *   laptop?: boolean, again?: boolean, phone: boolean, answered: boolean[], finished: boolean, problems?: string[], more?: number,
 *   sticks?: boolean, stick?: string[], taken?: string}} View */

const main = /** @type {HTMLElement} */ (document.querySelector("main"));

/** How often the box is asked (ms). */
const every = 1_000;

/** @type {string} what is drawn, so that nothing is drawn twice */
let drawn = "";

/** Whether something of this page is on the screen: a version on trial is judged by it. */
let painted = false;

/** @param {string} text */
const line = (text) => h("p", {}, text);

/**
 * @param {string} title
 * @param {Code} code
 * @param {...string} lines
 */
function step(title, code, ...lines) {
  return h("section", {}, h("h2", {}, title), qr(code, { class: "qr", role: "img", "aria-label": title }), ...lines.map(line));
}

/** @param {View} view */
function draw(view) {
  const key = JSON.stringify(view);
  if (key === drawn) return;
  drawn = key;
  // The first frame is about to be painted, at the second one it has been.
  requestAnimationFrame(() => requestAnimationFrame(() => { painted = true; }));
  document.documentElement.dataset.screen = view.finished || view.taken ? "done" : "setup";
  if (view.finished || view.taken) {
    main.replaceChildren(h("h1", {}, view.taken ? say("setup.stick.taken", { place: view.taken }) : say("setup.kiosk.done")));
    return;
  }
  const n = view.answered.filter(Boolean).length;
  const steps = [];
  if (view.wifi_code) steps.push(step(say("setup.kiosk.wifi"), view.wifi_code, say("setup.kiosk.name", { name: view.ssid ?? "" }), view.passphrase ? say("setup.kiosk.key", { key: view.passphrase }) : ""));
  if (view.page_code) {
    steps.push(step(say(view.wifi_code ? "setup.kiosk.page" : "setup.kiosk.page_alone"), view.page_code,
      say("setup.kiosk.address", { address: view.address ?? "" }), say("setup.kiosk.code", { code: (view.code ?? "").replace(/(....)(....)/, "$1\u2002$2") })));
  }
  // The phone shows them, and the codes need the room. Of a stick they are what somebody has just done.
  const [first, ...others] = view.stick ?? [say("setup.problems"), ...(view.problems ?? []), ...(view.more ? [say("setup.more", { n: view.more })] : [])];
  const wrong = view.stick ? view.stick.length > 0 : (view.problems ?? []).length > 0 && !view.phone;
  main.replaceChildren(
    h("header", {}, h("h1", {}, say(view.again ? "setup.again.title" : "setup.title")),
      h("p", { class: "state", "aria-live": "polite" }, view.again ? say("setup.kiosk.again") : n === 0 && !view.phone ? say(view.sticks ? "setup.kiosk.ask_stick" : "setup.kiosk.ask") : say(view.phone ? "setup.kiosk.phone" : "setup.kiosk.count", { n }))),
    wrong ? h("div", { class: "problems", role: "alert" }, h("p", {}, h("strong", {}, first)), ...others.map(line)) : "",
    steps.length > 0 ? h("div", { class: "steps", "data-steps": steps.length }, ...steps)
      : h("div", { class: "steps" }, h("section", {}, line(view.laptop ? say("setup.kiosk.here", { address: `${location.host}/setup` }) : say("setup.kiosk.no_network")))));
}

async function ask() {
  try {
    const response = await fetch("/api/setup/kiosk", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ width: innerWidth, height: innerHeight, painted }),
    });
    if (response.status === 404) { // the box has its site, and another server
      location.replace("/kiosk");
      return;
    }
    if (response.ok) draw(await response.json());
  } catch {
    // The box changes from one server to the other: the next try meets the new one.
  }
  setTimeout(() => void ask(), every);
}

while (!(await loadWords("/words/setup.json"))) {
  await new Promise((done) => setTimeout(done, every));
  if (document.documentElement.dataset.screen === undefined && (await fetch("/api/setup/kiosk").catch(() => null))?.status === 404) location.replace("/kiosk");
}
document.title = say("setup.title");
void ask();
