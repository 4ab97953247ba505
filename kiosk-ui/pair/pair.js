// A phone of the staff is connected. With the code that the kiosk shows, the address
// holds a token behind its #: it is sent once, and taken out of the address at once.
// Without one, the phone shows six digits to type at the kiosk. Nothing is kept here
// but the claim, in memory; the cookie that comes at the end no script can read.

import { h } from "../lib/dom.js";
import { eraseIfLost, Keys } from "../lib/escrow.js";
import { loadWords, say } from "../lib/words.js";

/** @typedef {{claim: string, stage: "waiting"|"asking"|"vouching"|"confirmed", number: number, pin: string, seconds: number}} Claim */

const main = /** @type {HTMLElement} */ (document.querySelector("main"));

/** How often the kiosk's answer is asked for (ms). */
const every = 800;

/** @type {string} the token of the code, used once */
let token = "";

function readToken() {
  const found = new URLSearchParams(location.hash.slice(1)).get("p") ?? "";
  if (found === "") return;
  token = found;
  history.replaceState(null, "", location.pathname);
}

/**
 * @param {Record<string, unknown>} body
 * @returns {Promise<{ok: true, body: any} | {ok: false, error: string}>}
 */
async function post(body) {
  try {
    const response = await fetch("/api/pair", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
    const got = await response.json();
    return response.ok ? { ok: true, body: got } : { ok: false, error: got.error };
  } catch {
    return { ok: false, error: say("pair.silent") };
  }
}

/** @param {...(Node|null)} parts */
function show(...parts) {
  main.replaceChildren(...parts.filter((p) => p !== null));
}

/** @param {string} [problem] */
async function begin(problem = "") {
  delete main.dataset.drawn;
  /** @type {{key: string, label: string}[]} */
  let roles = [];
  try {
    roles = await (await fetch("/api/roles")).json();
  } catch {
    problem ||= say("pair.silent");
  }
  show(
    h("h1", {}, say("pair.page")),
    problem ? h("p", { class: "problem", role: "alert" }, problem) : null,
    new Keys().list().length > 0 ? h("p", { class: "keeper" }, say("pair.keeper")) : null,
    token ? null : h("p", {}, say("pair.begin")),
    token ? null : h("p", {}, say("pair.begin_pin")),
    h("h2", { id: "role" }, say("pair.role")),
    h("div", { class: "roles", role: "group", "aria-labelledby": "role" }, ...roles.map((role) => {
      const button = h("button", { type: "button", "data-role": role.key }, role.label);
      button.addEventListener("click", () => void come(role.key));
      return button;
    })));
}

/** @param {string} role */
async function come(role) {
  const mine = token;
  token = "";
  const got = await post(mine ? { do: "claim", token: mine, role } : { do: "ask", role });
  if (!got.ok) return begin(got.error);
  await wait(got.body);
}

/** @param {Claim} claim */
async function wait(claim) {
  for (;;) {
    draw(claim);
    if (claim.stage === "confirmed") return enter(claim);
    await new Promise((done) => setTimeout(done, every));
    const got = await post({ do: "standing", claim: claim.claim });
    if (!got.ok) return over(got.error);
    claim = got.body;
  }
}

/** @param {Claim} claim */
async function enter(claim) {
  const got = await post({ do: "collect", claim: claim.claim });
  if (!got.ok) return over(got.error);
  location.replace("/desk" + (got.body.desk ? "?desk=" + encodeURIComponent(got.body.desk) : ""));
}

/** @param {Claim} claim */
function draw(claim) {
  const asking = claim.stage === "asking";
  const vouching = claim.stage === "vouching";
  const shown = asking ? claim.pin : String(claim.number);
  const key = `${claim.stage} ${shown}`;
  const left = say("pair.seconds", { n: claim.seconds });
  if (main.dataset.drawn === key) {
    /** @type {HTMLElement} */ (main.querySelector(".left")).textContent = left;
    return;
  }
  show(
    h("h1", {}, say(asking ? "pair.pin" : vouching ? "pair.vouch_title" : "pair.number")),
    h("p", { class: "number", "data-digits": shown.length }, asking ? shown.replace(/(...)(...)/, "$1\u2009$2") : shown),
    h("p", {}, asking ? say("pair.begin_pin_at") : vouching ? say("pair.vouch") : say("pair.number_text")),
    h("p", { class: "left", "aria-live": "off" }, left));
  main.dataset.drawn = key;
}

/** @param {string} problem */
function over(problem) {
  delete main.dataset.drawn;
  const again = h("button", { type: "button" }, say("pair.again"));
  again.addEventListener("click", () => void begin());
  show(h("h1", {}, say("pair.page")), h("p", { class: "problem", role: "alert" }, problem), again);
}

readToken();
// Another code read while this page is open is another address of the same page.
addEventListener("hashchange", () => {
  readToken();
  if (token) void begin();
});
while (!(await loadWords("/words/pair.json"))) await new Promise((done) => setTimeout(done, 1000));
document.title = say("pair.page");
await eraseIfLost();
void begin();
