// The six questions, on a phone. The box judges every answer and keeps it; the page keeps
// what is being typed and nothing else, so that another phone, or this one later, goes on
// where the first has stopped.

import { h } from "../lib/dom.js";
import { loadWords, say } from "../lib/words.js";

/** @typedef {{day: string, from: string, until: string}} Hours */
/** @typedef {{label: string, roles: string[] | null}} Desk */
/** @typedef {{use?: string, ssid?: string, passphrase?: string, name?: string}} Wifi */
/** @typedef {{name: string, address?: string, phone?: string, zone?: string, hours?: Hours[], desks?: Desk[], languages?: string[],
 *   screen?: string, printer?: string, profile?: string, panel?: string, speaker?: string, wifi?: Wifi}} Answers */
/** @typedef {{key: string, label: string}} Choice */
/** @typedef {{device: string, kind: string, name?: string, profile?: string}} Printer */
/** @typedef {{answers: Answers, passphrase_kept: boolean, answered: boolean[], doubts: {question: number, item: number, key: string, text: string}[],
 *   problems?: string[], more?: number, found: {printers: Printer[] | null, panel: boolean, sound: boolean},
 *   panel?: {layout: string, buttons: {label: string, pressed: boolean}[], error?: string},
 *   zones: [string, string][], roles: Choice[], languages: Choice[], screen?: string, finished: boolean, again?: boolean, own_wifi?: boolean,
 *   stick?: string[], taken?: string}} View */

const main = /** @type {HTMLElement} */ (document.querySelector("main"));

const questions = ["place", "hours", "desks", "languages", "devices", "wifi"];

/** What each question asks for, as the answers name it. @type {(keyof Answers)[][]} */
const fields = [["name", "address", "phone", "zone"], ["hours"], ["desks"], ["languages"], ["screen", "printer", "profile", "panel", "speaker"], ["wifi"]];
const days = ["lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"];

/** The title of a question. @param {number} n from 1 */
const title = (n) => [say("setup.place.title"), say("setup.hours.title"), say("setup.desks.title"), say("setup.languages.title"), say("setup.devices.title"), say("setup.wifi.title")][n - 1];

/** How often devices are looked for, and pressed buttons asked for (ms). */
const every = 1_000;

/** @type {View} */
let view;

/** @type {Answers} what is typed */
let typed;

/** The question on the page, from 1; one more is the summary. */
let at = 1;

/** Which page is drawn: an older one's timers end. */
let page = 0;

/**
 * @param {string} path
 * @param {unknown} [body]
 * @returns {Promise<{status: number, body: any}>} status 0: nobody answered
 */
async function ask(path, body) {
  try {
    const response = await fetch(path, body === undefined ? undefined : { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
    return { status: response.status, body: await response.json() };
  } catch {
    return { status: 0, body: { error: say("setup.silent") } };
  }
}

/** @param {string} label @param {() => void} press @param {Record<string, string | boolean>} [more] */
function button(label, press, more = {}) {
  const b = h("button", { type: "button", ...more }, label);
  b.addEventListener("click", press);
  return b;
}

/** @param {string} [text] */
function problem(text = "") {
  return h("p", { class: "problem", role: "alert", hidden: text === "" }, text);
}

/** Says what went wrong without taking away what is typed. @param {string} text */
function complain(text) {
  const p = /** @type {HTMLElement} */ (main.querySelector(".problem.main") ?? main.querySelector(".problem"));
  p.textContent = text;
  p.hidden = text === "";
  p.scrollIntoView({ block: "nearest" });
}

/** @param {...(Node | "")} parts */
function show(...parts) {
  page++;
  main.replaceChildren(...parts.filter((p) => p !== ""));
  scrollTo(0, 0);
  /** @type {HTMLElement | null} */ (main.querySelector("h1"))?.focus();
}

/** @param {string} text */
const heading = (text) => h("h1", { tabindex: "-1" }, text);

// ---- the code ----

/** @param {string} [wrong] */
function askCode(wrong = "") {
  const field = h("input", { id: "code", inputmode: "numeric", autocomplete: "one-time-code", maxlength: 12 });
  const form = h("form", {},
    h("label", { for: "code" }, say("setup.code.ask")), field,
    h("button", { type: "submit", class: "go" }, say("setup.code.go")));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (field.value.replace(/\D/g, "").length !== 8) return complain(say("setup.code.short"));
    const mine = page;
    const got = await ask("/api/setup/code", { code: field.value });
    if (page !== mine) return;
    if (got.status !== 200) return complain(got.body.error);
    await begin();
  });
  show(heading(say("setup.code.title")), problem(wrong), form);
}

/** The code as a camera has read it. @param {string} code */
async function scanned(code) {
  const got = await ask("/api/setup/code", { code });
  if (got.status !== 200) return askCode(got.body.error);
  await begin();
}

async function begin() {
  const got = await ask("/api/setup");
  if (got.status === 401) return askCode();
  if (got.status !== 200) {
    show(heading(say("setup.title")), problem(got.body.error), button(say("setup.code.go"), () => void begin(), { class: "go" }));
    return;
  }
  const left = takeUp();
  if (left && !view) {
    typed = left.typed;
    view = { ...got.body, answers: left.told };
  }
  take(got.body);
  if (view.finished || view.taken) return over();
  const first = view.answered.indexOf(false);
  at = first < 0 ? questions.length + 1 : first + 1;
  draw();
}

// ---- what a page that is loaded again, or that the phone has put away, goes on with ----

/** @typedef {{typed: Answers, told: Answers}} Left what was typed, and what the box knew then */

function putDown() {
  if (!view) return;
  const { passphrase: _, ...wifi } = typed.wifi ?? {}; // a passphrase lies in no browser
  const left = { typed: { ...typed, wifi: typed.wifi && wifi }, told: view.answers };
  try {
    sessionStorage.setItem("left", JSON.stringify(view.finished ? null : left));
  } catch {
    // a browser that keeps nothing
  }
}

/** @returns {Left | null} */
function takeUp() {
  try {
    return JSON.parse(sessionStorage.getItem("left") ?? "null");
  } catch {
    return null;
  }
}

addEventListener("pagehide", putDown);
document.addEventListener("visibilitychange", () => { if (document.hidden) putDown(); });

/**
 * Takes what the box knows, and keeps what is typed and not sent yet, unless another phone
 * has answered meanwhile.
 * @param {View} fresh
 * @param {number} [sent] the question that was just answered
 */
function take(fresh, sent = 0) {
  const before = typed, told = view?.answers;
  view = fresh;
  typed = JSON.parse(JSON.stringify(fresh.answers));
  if (!before) return;
  for (const key of fields.flatMap((keys, i) => (i + 1 === sent ? [] : keys))) {
    const was = JSON.stringify(told[key]);
    if (JSON.stringify(before[key]) !== was && JSON.stringify(fresh.answers[key]) === was) Object.assign(typed, { [key]: before[key] });
  }
}

// ---- the questions ----

function draw() {
  if (at > questions.length) return summary();
  const name = questions[at - 1];
  const parts = [place, hours, desks, languages, devices, wifi][at - 1]();
  const form = h("form", { novalidate: true }, ...parts,
    h("div", { class: "steps" },
      at > 1 || view.answered.every(Boolean) ? button(say("setup.back"), () => { at = view.answered.every(Boolean) ? questions.length + 1 : at - 1; draw(); }) : "",
      h("button", { type: "submit", class: "go" }, say("setup.next"))));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void answer();
  });
  const doubts = view.doubts.filter((d) => d.question === at && d.item < 0);
  show(
    h("p", { class: "at" }, say("setup.at", { n: at })),
    heading(title(at)),
    at === 1 && (view.problems ?? []).length > 0 ? h("div", { class: "problem" }, h("p", {}, say("setup.problems")), ...(view.problems ?? []).map((text) => h("p", {}, text)),
      view.more ? h("p", {}, say("setup.more", { n: view.more })) : "") : "",
    ofStick(),
    at === 1 ? h("div", { class: "backups", "aria-live": "polite" }) : "",
    h("p", { class: "problem main", role: "alert", hidden: doubts.length === 0 }, doubts.map((d) => d.text).join(" ")),
    form);
  if (name === "devices") void watch(page);
  else void listen(page);
  if (at === 1) void lookForBackups(page);
}

// ---- the site file of a stick, which the box takes by itself ----

/** What is wrong with the one that is plugged in. */
function ofStick() {
  return h("div", { class: "problem stick", role: "alert", hidden: (view.stick ?? []).length === 0 }, ...(view.stick ?? []).map((text) => h("p", {}, text)));
}

/** Shows what the box says of the stick now; true when it has taken it. @param {View} fresh */
function heard(fresh) {
  const other = JSON.stringify(fresh.stick) !== JSON.stringify(view.stick);
  view = { ...view, stick: fresh.stick, taken: fresh.taken };
  if (view.taken) over();
  else if (other) main.querySelector(".stick")?.replaceWith(ofStick());
  return Boolean(view.taken);
}

/** How often the box is asked about it (ms). */
const everyNews = 3_000;

/** Follows it, as long as this page is shown; a box that has its site takes none. @param {number} mine */
async function listen(mine) {
  while (!view.again) {
    await new Promise((done) => setTimeout(done, everyNews));
    if (page !== mine) return;
    const got = await ask("/api/setup");
    if (page !== mine || got.status === 200 && heard(got.body)) return;
  }
}

// ---- what another box has left on a stick ----

/** @typedef {{stick: string, name: string, site?: boolean}} Backup */

/** How often sticks are looked for (ms): the box mounts them each time. */
const everyStick = 5_000;

/** Offers what lies on the sticks, as long as this page is shown. @param {number} mine */
async function lookForBackups(mine) {
  for (let shown = ""; page === mine; await new Promise((done) => setTimeout(done, everyStick))) {
    const got = await ask("/api/setup", { do: "sticks" });
    if (page !== mine) return;
    if (got.status !== 200 || JSON.stringify(got.body.backups) === shown) continue;
    shown = JSON.stringify(got.body.backups);
    const backups = /** @type {Backup[]} */ (got.body.backups);
    main.querySelector(".backups")?.replaceChildren(...(backups.length === 0 ? [] : [h("fieldset", {},
      h("legend", {}, say(backups.every((b) => b.site) ? "setup.stick.title" : "setup.restore.title")),
      backups.every((b) => b.site) ? "" : h("p", {}, say("setup.restore.found")),
      ...backups.map((b) => button(say(b.site ? "setup.stick.file" : "setup.restore.file", { file: b.name }), () => restore(b))))]));
  }
}

/** @param {Backup} backup @param {boolean} [sealed] it needs its code */
function restore(backup, sealed = backup.name.startsWith("jeudi-matinee")) {
  const code = h("input", { autocomplete: "off", autocapitalize: "characters", spellcheck: "false", maxlength: 40 });
  const go = h("button", { type: "submit", class: "go" }, say(backup.site ? "setup.stick.go" : "setup.restore.go"));
  const form = h("form", { novalidate: true },
    sealed ? h("label", {}, h("span", {}, say("setup.restore.code")), code) : "",
    sealed ? h("p", { class: "faint" }, say("setup.restore.code_text")) : "",
    h("p", { class: "result", role: "status" }),
    h("div", { class: "steps" }, button(say("setup.back"), draw), go));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const mine = page;
    const result = /** @type {HTMLElement} */ (form.querySelector(".result"));
    go.disabled = true;
    complain("");
    result.textContent = say("setup.restore.going");
    const got = await ask("/api/setup", { do: "restore", stick: backup.stick, name: backup.name, code: code.value });
    if (page !== mine) return;
    if (got.status === 200) return over();
    if (got.status === 401) return askCode();
    go.disabled = false;
    result.textContent = "";
    if (got.body.key === "care.needs_code" && !sealed) return restore(backup, true);
    complain(got.body.error);
  });
  show(heading(say(backup.site ? "setup.stick.title" : "setup.restore.title")), problem(),
    h("p", {}, say(backup.site ? "setup.stick.text" : "setup.restore.text", { file: backup.name })), form);
}

async function answer() {
  const question = at;
  const got = await ask("/api/setup", { do: "answer", question, answers: typed, keep_passphrase: view.passphrase_kept && !typed.wifi?.passphrase });
  if (got.status === 401) return askCode();
  if (got.status !== 200) return complain(got.body.error);
  const passphrase = typed.wifi?.passphrase;
  take(got.body, question);
  if (view.doubts.length > 0 && typed.wifi && passphrase) typed.wifi.passphrase = passphrase; // the box never tells it
  if (view.doubts.length === 0) {
    const next = view.answered.indexOf(false);
    at = view.answered.every(Boolean) ? questions.length + 1 : next >= 0 && view.answered.slice(0, question).every(Boolean) ? next + 1 : question + 1;
  }
  draw();
}

/** What is wrong with one row of a list. @param {number} item */
function rowProblem(item) {
  return problem(view.doubts.filter((d) => d.question === at && d.item === item).map((d) => d.text).join(" "));
}

/**
 * @param {string} label
 * @param {string} value
 * @param {(value: string) => void} changed
 * @param {Record<string, string | boolean>} [more]
 */
function field(label, value, changed, more = {}) {
  const input = h("input", { value, ...more });
  input.addEventListener("input", () => changed(input.value));
  return h("label", {}, h("span", {}, label), input);
}

/**
 * @param {string} label
 * @param {[string, string][]} options key and words
 * @param {string} value
 * @param {(value: string) => void} changed
 */
function list(label, options, value, changed) {
  const select = h("select", {}, ...options.map(([key, text]) => h("option", { value: key, selected: key === value }, text)));
  select.addEventListener("change", () => changed(select.value));
  return h("label", {}, h("span", {}, label), select);
}

/**
 * One of several, as rows to touch.
 * @param {string} legend "" where the title of the page says it
 * @param {string} name
 * @param {[string, string, string?][]} options key, words, more words
 * @param {string} value
 * @param {(value: string) => void} changed
 */
function one(legend, name, options, value, changed) {
  return h("fieldset", { "data-name": name, ...(legend ? {} : { "aria-label": title(at) }) }, legend ? h("legend", {}, legend) : "", ...options.map(([key, text, more]) => {
    const input = h("input", { type: "radio", name, value: key, checked: key === value });
    input.addEventListener("change", () => changed(key));
    return h("label", { class: "row" }, input, h("span", {}, text, more ? h("small", {}, more) : ""));
  }));
}

/**
 * Several, as rows to touch.
 * @param {string} legend "" where the title of the page says it
 * @param {Choice[]} options
 * @param {string[]} values changed in place
 * @param {string} [fixed] always chosen
 */
function several(legend, options, values, fixed) {
  return h("fieldset", legend ? {} : { "aria-label": title(at) }, legend ? h("legend", {}, legend) : "", ...options.map(({ key, label }) => {
    const input = h("input", { type: "checkbox", value: key, checked: values.includes(key) || key === fixed, disabled: key === fixed });
    input.addEventListener("change", () => {
      if (input.checked) values.push(key);
      else values.splice(values.indexOf(key), 1);
    });
    return h("label", { class: "row" }, input, h("span", {}, label));
  }));
}

function place() {
  if (!typed.zone) {
    const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
    typed.zone = view.zones.some(([zone]) => zone === here) ? here : view.zones[0][0];
  }
  return [
    field(say("setup.place.name"), typed.name, (v) => { typed.name = v; }, { placeholder: say("setup.place.name_like"), autocomplete: "organization" }),
    field(say("setup.place.address"), typed.address ?? "", (v) => { typed.address = v; }, { placeholder: say("setup.place.address_like"), autocomplete: "street-address" }),
    field(say("setup.place.phone"), typed.phone ?? "", (v) => { typed.phone = v; }, { type: "tel", autocomplete: "off" }),
    list(say("setup.place.zone"), view.zones, typed.zone, (v) => { typed.zone = v; }),
  ];
}

function hours() {
  const rows = (typed.hours ??= []);
  if (rows.length === 0) rows.push({ day: "jeudi", from: "09:00", until: "12:00" });
  return [
    h("p", {}, say("setup.hours.text")),
    ...rows.map((row, i) => h("fieldset", {}, h("legend", {}, say("setup.hours.row", { n: i + 1 })), rowProblem(i),
      list(say("setup.hours.day"), days.map((d) => [d, d]), row.day, (v) => { row.day = v; }),
      h("div", { class: "two" },
        field(say("setup.hours.from"), padded(row.from), (v) => { row.from = v; }, { type: "time" }),
        field(say("setup.hours.until"), padded(row.until), (v) => { row.until = v; }, { type: "time" })),
      rows.length > 1 ? button(say("setup.remove"), () => { rows.splice(i, 1); again(); }, { class: "small" }) : "")),
    button(say("setup.add"), () => { rows.push({ day: "jeudi", from: "14:00", until: "17:00" }); again(); }, { class: "small" }),
  ];
}

/** A time as a time field takes it. @param {string} time */
const padded = (time) => (/^\d:/.test(time) ? `0${time}` : time);

function desks() {
  const rows = (typed.desks ??= []);
  if (rows.length === 0) rows.push({ label: say("setup.desks.row", { n: 1 }), roles: ["travailleur_social", "mediateur_numerique"] });
  return [
    h("p", {}, say("setup.desks.text")),
    ...rows.map((row, i) => h("fieldset", {}, h("legend", {}, say("setup.desks.row", { n: i + 1 })), rowProblem(i),
      field(say("setup.desks.label"), row.label, (v) => { row.label = v; }),
      several(say("setup.desks.roles"), view.roles, (row.roles ??= [])),
      rows.length > 1 ? button(say("setup.remove"), () => { rows.splice(i, 1); again(); }, { class: "small" }) : "")),
    button(say("setup.add"), () => { rows.push({ label: say("setup.desks.row", { n: rows.length + 1 }), roles: [] }); again(); }, { class: "small" }),
  ];
}

/** Draws the question anew with what is typed, without what was wrong before. */
function again() {
  view = { ...view, doubts: [] };
  const y = scrollY;
  draw();
  scrollTo(0, y);
}

function languages() {
  const chosen = (typed.languages ??= ["fr"]);
  return [h("p", {}, say("setup.languages.text")), several("", view.languages, chosen, "fr")];
}

// ---- the devices ----

/** @param {Printer} p */
function printerName(p) {
  switch (p.kind) {
    case "sim": return say("setup.devices.sim");
    case "serial": return say("setup.devices.serial", { name: p.device.replace(/^.*\//, "") });
    default: return p.name ? say("setup.devices.usb_named", { name: p.name }) : say("setup.devices.usb");
  }
}

const speeds = ["9600", "19200", "38400", "115200"];

function devices() {
  typed.screen ||= view.screen || "10.1";
  const printers = view.found.printers ?? [];
  const device = (typed.printer ?? "").replace(/\?.*$/, "");
  const chosen = printers.find((p) => p.device === device);
  const usual = view.found.printers?.some((p) => p.kind === "sim") ? "sim:" : "sound:";
  return [
    one(say("setup.devices.screen"), "screen", [["10.1", say("setup.devices.screen_10")], ["7", say("setup.devices.screen_7")]], typed.screen, (v) => { typed.screen = v; drawMeasured(); }),
    h("p", { class: "faint", id: "measured", role: "status" }, measured()),
    one(say("setup.devices.printer"), "printer", [...printers.map((p) => /** @type {[string, string]} */ ([p.device, printerName(p)])), ["none:", say("setup.devices.none")]],
      chosen ? device : "none:", (v) => {
        const now = printers.find((p) => p.device === v);
        typed.printer = now?.kind === "serial" ? `${v}?baud=19200` : v;
        typed.profile = now?.profile ?? "";
        again();
      }),
    printers.length === 0 ? h("p", { class: "faint" }, say("setup.devices.look")) : "",
    chosen?.kind === "serial" ? list(say("setup.devices.speed"), speeds.map((s) => [s, s]), typed.printer?.match(/baud=(\d+)/)?.[1] ?? "19200",
      (v) => { typed.printer = `${chosen.device}?baud=${v}`; }) : "",
    chosen && !chosen.profile ? list(say("setup.devices.paper"), [["", say("setup.devices.paper_80")], ["generic-58", say("setup.devices.paper_58")]], typed.profile ?? "",
      (v) => { typed.profile = v; }) : "",
    chosen?.profile ? h("p", { class: "faint" }, say("setup.devices.known")) : "",
    chosen ? tryButton(say("setup.devices.print"), "print", say("setup.devices.printing")) : "",
    view.found.panel ? one(say("setup.devices.panel"), "panel", view.found.printers?.some((p) => p.kind === "sim")
      ? [["sim:", say("setup.devices.panel_sim")], ["none", say("setup.devices.panel_none")]]
      : [["visitor8", say("setup.devices.panel_8")], ["visitor4", say("setup.devices.panel_4")], ["none", say("setup.devices.panel_none")]],
      typed.panel ?? "none", (v) => { typed.panel = v; again(); }) : "",
    view.found.panel && typed.panel !== "none" ? h("div", { class: "trial" }, button(say("setup.devices.try_panel"), () => void tryPanel()), h("div", { class: "pressed", "aria-live": "polite" }, ...pressed())) : "",
    view.found.sound ? one(say("setup.devices.sound"), "speaker", [[usual, say("setup.devices.sound_yes")], ["none:", say("setup.devices.sound_none")]], typed.speaker || "none:",
      (v) => { typed.speaker = v; again(); }) : "",
    view.found.sound && typed.speaker && typed.speaker !== "none:" ? tryButton(say("setup.devices.try_sound"), "sound", "") : "",
  ];
}

/** @param {string} [screen] */
const inches = (screen) => say(screen === "7" ? "setup.devices.screen_7" : "setup.devices.screen_10");

/** What the kiosk measures where another screen is chosen. */
const measured = () => (view.screen && view.screen !== typed.screen ? say("setup.devices.measured", { size: inches(view.screen) }) : "");

function drawMeasured() {
  const p = main.querySelector("#measured");
  if (p && p.textContent !== measured()) p.textContent = measured();
}

/** @param {string} label @param {string} what @param {string} meanwhile */
function tryButton(label, what, meanwhile) {
  const result = h("p", { class: "result", role: "status", "data-try": what });
  const b = button(label, async () => {
    b.disabled = true;
    result.textContent = meanwhile;
    const got = await ask("/api/setup", { do: what, answers: typed });
    result.textContent = got.body.text ?? got.body.error;
    b.disabled = false;
  });
  return h("div", { class: "trial" }, b, result);
}

async function tryPanel() {
  const got = await ask("/api/setup", { do: "panel", answers: typed });
  if (got.status !== 200) return complain(got.body.error);
  view = { ...view, panel: got.body.panel };
  drawPressed();
}

function pressed() {
  const panel = view.panel;
  if (!panel || panel.layout !== typed.panel) return [];
  if (panel.error) return [h("p", { class: "problem" }, panel.error)];
  return [
    h("p", {}, say(panel.buttons.every((b) => b.pressed) ? "setup.devices.all" : "setup.devices.press")),
    h("ul", { class: "buttons" }, ...panel.buttons.map((b) => h("li", { "data-pressed": b.pressed }, h("span", {}, b.label), b.pressed ? h("span", { class: "mark" }, ` ✓ ${say("setup.pressed")}`) : ""))),
  ];
}

function drawPressed() {
  main.querySelector(".pressed")?.replaceChildren(...pressed());
}

/** Follows what is plugged in and pressed, as long as this page is shown. @param {number} mine */
async function watch(mine) {
  for (;;) {
    await new Promise((done) => setTimeout(done, every));
    if (page !== mine) {
      if (questions[at - 1] !== "devices") void ask("/api/setup", { do: "panel_end" });
      return;
    }
    const got = await ask("/api/setup");
    if (page !== mine || got.status !== 200) continue;
    const fresh = /** @type {View} */ (got.body);
    if (heard(fresh)) return;
    const other = JSON.stringify(fresh.found) !== JSON.stringify(view.found);
    view = { ...view, found: fresh.found, panel: fresh.panel, screen: fresh.screen };
    if (!other) {
      drawPressed();
      drawMeasured();
    } else {
      if (!typed.printer || typed.printer === "none:") Object.assign(typed, { printer: fresh.answers.printer, profile: fresh.answers.profile });
      again();
      return;
    }
  }
}

function wifi() {
  const w = (typed.wifi ??= {});
  w.use ||= "own";
  return [
    h("p", {}, say("setup.wifi.text")),
    one("", "wifi", [["own", say("setup.wifi.own"), say("setup.wifi.own_text")], ["place", say("setup.wifi.place"), say("setup.wifi.place_text")],
      ["cable", say("setup.wifi.cable"), say("setup.wifi.cable_text")]], w.use, (v) => { w.use = v; again(); }),
    w.use === "place" ? field(say("setup.wifi.ssid"), w.ssid ?? "", (v) => { w.ssid = v; }, { autocomplete: "off", autocapitalize: "none", spellcheck: "false" }) : "",
    w.use === "place" ? field(say("setup.wifi.passphrase"), w.passphrase ?? "", (v) => { w.passphrase = v; }, { autocomplete: "off", autocapitalize: "none", spellcheck: "false" }) : "",
    w.use === "place" && view.passphrase_kept ? h("p", { class: "faint" }, say("setup.wifi.kept")) : "",
  ];
}

// ---- the end ----

function summary() {
  const a = view.answers;
  const named = (/** @type {Choice[]} */ all, /** @type {string[]} */ keys) => keys.map((k) => all.find((c) => c.key === k)?.label ?? k).join(", ");
  const texts = [
    [a.name, a.address].filter(Boolean).join(", "),
    (a.hours ?? []).map((row) => `${row.day} ${row.from}–${row.until}`).join(", "),
    (a.desks ?? []).map((d) => d.label).join(", "),
    named(view.languages, a.languages ?? ["fr"]),
    [say("setup.end.screen", { size: inches(a.screen) }), a.printer && a.printer !== "none:" ? say("setup.end.printer") : "", a.panel && a.panel !== "none" ? say("setup.end.panel") : "",
      a.speaker && a.speaker !== "none:" ? say("setup.end.sound") : ""].filter(Boolean).join(", "),
    a.wifi?.use === "place" ? `${say("setup.wifi.place")} (${a.wifi.ssid})` : say(a.wifi?.use === "cable" ? "setup.wifi.cable" : "setup.wifi.own"),
  ];
  show(
    heading(say(view.again ? "setup.again.title" : "setup.end.title")), problem(), ofStick(),
    h("p", {}, say(view.again ? "setup.again.text" : "setup.end.text")),
    h("ol", { class: "summary" }, ...questions.map((_, i) => h("li", { "data-answered": view.answered[i] },
      h("div", {}, h("strong", {}, title(i + 1)), h("span", {}, view.answered[i] ? texts[i] || "–" : say("setup.end.none"))),
      button(say("setup.change"), () => { at = i + 1; draw(); }, { class: "small", "aria-label": `${say("setup.change")} : ${title(i + 1)}` })))),
    button(say("setup.end.finish"), () => void finish(), { class: "go" }),
    view.again ? button(say("setup.again.leave"), () => void leave()) : "");
  void listen(page);
}

async function leave() {
  const got = await ask("/api/setup", { do: "leave" });
  if (got.status === 401) return askCode();
  if (got.status !== 200) return complain(got.body.error);
  show(heading(say("setup.again.title")), h("p", {}, say("setup.again.left")));
}

async function finish() {
  const got = await ask("/api/setup", { do: "finish" });
  if (got.status === 200) return over();
  if (got.status === 401) return askCode();
  if (got.body.question) {
    at = got.body.question;
    draw();
  }
  complain(got.body.error);
}

function over() {
  view = { ...view, finished: true };
  putDown();
  show(heading(say("setup.done.title")), view.taken ? h("p", {}, say("setup.stick.taken", { place: view.taken })) : "", h("p", {}, say("setup.done.text")), view?.own_wifi ? h("p", {}, say("setup.done.wifi")) : "", h("p", {}, say("setup.done.next")));
}

async function start() {
  while (!(await loadWords("/words/setup.json"))) await new Promise((done) => setTimeout(done, every));
  document.title = say("setup.title");
  const code = new URLSearchParams(location.hash.slice(1)).get("c");
  if (code === null) return begin();
  history.replaceState(null, "", location.pathname); // it is used once, and stays in no history
  await scanned(code);
}

void start();
