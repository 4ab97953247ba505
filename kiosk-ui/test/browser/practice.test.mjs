// The practice pieces as a person does them: all seven, with a finger and with a
// keyboard, on a phone and on the small panel of a kiosk, in French and in Arabic.
// Nothing is cut, everything is large enough, nothing is stored, and nothing is
// asked of anybody but the box. With SHOTS=1, pictures come into kiosk-ui/test/shots.

import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { after, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { board, strike, way } from "../../lib/practice/keys.js";
import { best, press, start } from "../../lib/practice/photo.js";
import { pieces } from "../../lib/practice/pieces.js";
import { nextKey } from "../../lib/practice/typing.js";
import { sizes } from "../../screen/measures.js";
import { patience, sampleSite, scene, shots, until } from "./box.mjs";

const ui = fileURLToPath(new URL("../..", import.meta.url));
const words = (/** @type {string} */ lang) => {
  const all = JSON.parse(readFileSync(join(ui, `../firmware/words/${lang}.json`), "utf8"));
  return Object.fromEntries(Object.entries(all).filter(([k]) => /^(practice|phone)\./.test(k)).map(([k, v]) => [k, /** @type {any} */ (v).text ?? ""]));
};
const texts = /** @type {Record<string, Record<string, string>>} */ ({ fr: words("fr"), ar: words("ar") });
const languages = [
  { lang: "fr", tag: "fr", dir: "ltr", name: "Français" },
  { lang: "ar", tag: "ar", dir: "rtl", name: "العربية" },
];

/** A kiosk without its box: the panel of 7 inches, a bar where the controls are, one piece. */
const kioskPage = `<!doctype html><html lang="fr" dir="ltr" data-contrast="normal"><head><meta charset="utf-8"><title>.</title>
<link rel="icon" href="data:,"><link rel="stylesheet" href="/lib/base.css"><link rel="stylesheet" href="/screen/screen.css"><link rel="stylesheet" href="/test/kiosk.css">
<script type="module" src="/test/kiosk.js"></script></head><body><main class="screen"></main><nav class="controls"><span></span></nav></body></html>`;
const panel = { width: 800, height: 480, pxmm_h: 5.19, pxmm_v: 5.58, choices: 4 };
const kioskStyle = `:root { ${Object.entries(sizes(panel)).map(([k, v]) => `--${k}: ${v}px`).join("; ")} }
.screen { display: block; } .screen .practice { block-size: 100%; } .controls { block-size: 95px; }`;
const kioskScript = `import { mountPractice } from "/lib/practice/index.js";
const query = new URLSearchParams(location.search);
const { tag, dir } = (await (await fetch("/phone/languages")).json()).find((l) => l.lang === query.get("lang"));
Object.assign(document.documentElement, { lang: tag, dir });
document.documentElement.dataset.size = query.get("size") ?? "m";
const words = await (await fetch("/phone/words?lang=" + query.get("lang"))).json();
window.said = []; window.touched = 0; window.done = null; window.keysOutside = [];
document.addEventListener("keydown", (event) => { if (event.key === "Tab") return; window.keysOutside.push(event.key); event.preventDefault(); });
window.practice = mountPractice(document.querySelector("main"), { piece: query.get("piece"), words, lang: tag, dir, ownKeyboard: true, wordless: query.has("wordless"),
  say: (key, how) => window.said.push(how.of ? key + " " + how.at + "/" + how.of : key), onTouched: () => window.touched++, onDone: (finished) => (window.done = finished) });`;

/** What the box will serve, and nothing else. */
const server = createServer((request, response) => {
  const { pathname, searchParams } = new URL(request.url ?? "/", "http://box");
  const give = (/** @type {string} */ type, /** @type {string | Buffer} */ body, status = 200) =>
    response.writeHead(status, { "Content-Type": type, "Content-Security-Policy": "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'", "Cache-Control": "max-age=600" }).end(body);
  if (request.method !== "GET") return give("text/plain", "only GET", 405);
  if (pathname === "/phone/words") return give("application/json", JSON.stringify(texts[searchParams.get("lang") ?? "fr"]));
  if (pathname === "/phone/languages") return give("application/json", JSON.stringify(languages));
  if (pathname === "/phone/clip") return give("audio/wav", silence);
  if (pathname === "/test/kiosk") return give("text/html", kioskPage);
  if (pathname === "/test/kiosk.css") return give("text/css", kioskStyle);
  if (pathname === "/test/kiosk.js") return give("text/javascript", kioskScript);
  const path = normalize(pathname);
  if (!/^\/(lib|phone|screen)\//.test(path)) return give("text/plain", "no such file", 404);
  const types = /** @type {Record<string, string>} */ ({ ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".woff2": "font/woff2" });
  try {
    give(types[extname(path)] ?? "text/plain", readFileSync(join(ui, path)));
  } catch {
    give("text/plain", "no such file", 404);
  }
});

/** A hundredth of a second of nothing, as WAV. */
const silence = Buffer.concat([Buffer.from("RIFF"), Buffer.from([36 + 160, 0, 0, 0]), Buffer.from("WAVEfmt "),
  Buffer.from([16, 0, 0, 0, 1, 0, 1, 0, 0x40, 0x1f, 0, 0, 0x80, 0x3e, 0, 0, 2, 0, 16, 0]), Buffer.from("data"), Buffer.from([160, 0, 0, 0]), Buffer.alloc(160)]);

await new Promise((ready) => server.listen(0, "127.0.0.1", () => ready(undefined)));
const base = `http://127.0.0.1:${/** @type {import("node:net").AddressInfo} */ (server.address()).port}`;
const plain = process.getuid?.() !== 0;
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", chromiumSandbox: plain, args: ["--disable-gpu", ...(plain ? [] : ["--no-sandbox"])] });
after(async () => {
  await browser.close();
  server.close();
});
mkdirSync(shots, { recursive: true });

const surfaces = /** @type {const} */ ({
  phone: { width: 360, height: 640, own: false, least: { across: 44, down: 44 } },
  kiosk: { width: 800, height: 480, own: true, least: { across: 12.7 * panel.pxmm_h - 0.5, down: 12.7 * panel.pxmm_v - 0.5 } },
});

/**
 * What a page has wrong.
 * @param {{own: boolean, least: {across: number, down: number}, gap: number[]}} surface
 */
function faults({ own, least, gap }) {
  const found = [];
  const root = document.documentElement;
  if (root.scrollWidth > innerWidth) found.push(`the page is ${root.scrollWidth} px wide`);
  if (own && (root.scrollHeight > innerHeight)) found.push(`the page is ${root.scrollHeight} px high`);
  const text = document.body.innerText;
  if (/\b(practice|phone)\.[a-z]|undefined|\bnull\b|NaN|\{\w+\}/.test(text)) found.push(`it reads: ${text}`);
  const inside = [...document.querySelectorAll("button, input, a, .practice-ask, .practice-note, .practice-label, .practice-model, .practice-message, .practice-rules li")]
    .filter((e) => e.getClientRects().length > 0 && e.getBoundingClientRect().width > 1);
  const bar = own ? /** @type {Element} */ (document.querySelector("nav")).getBoundingClientRect().top : Infinity;
  const boxes = [];
  for (const e of inside) {
    const b = e.getBoundingClientRect();
    const name = `« ${e.getAttribute("aria-label") ?? e.textContent} »`;
    if (b.left < -0.5 || b.right > innerWidth + 0.5) found.push(`${name} is beyond the side`);
    if (own && !e.closest(".practice-scroll") && (b.top < -0.5 || b.bottom > bar + 0.5)) found.push(`${name} is beyond the screen (${Math.round(b.top)} to ${Math.round(b.bottom)})`);
    if (e.matches(".practice-label") && e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).display === "block") found.push(`${name} is cut`);
    if (!e.matches("button, a") || e.closest("[inert]")) continue;
    if (b.width < least.across || b.height < least.down) found.push(`${name} is ${Math.round(b.width)}×${Math.round(b.height)} px`);
    if (!e.closest(".practice-scroll")) boxes.push({ name, b });
  }
  boxes.forEach((p, i) => boxes.slice(i + 1).forEach((q) => {
    const across = Math.max(p.b.left, q.b.left) - Math.min(p.b.right, q.b.right);
    const down = Math.max(p.b.top, q.b.top) - Math.min(p.b.bottom, q.b.bottom);
    if (across < gap[0] && down < gap[1]) found.push(`${p.name} and ${q.name} are too near (${Math.round(across)}, ${Math.round(down)} px)`);
  }));
  return found;
}

/**
 * How often Tab leads to an element, below 0 with Shift.
 * @param {Element} target
 */
function tabsTo(target) {
  const here = document.activeElement ?? document.body;
  if (here === target) return 0;
  const all = [...document.querySelectorAll("a, button, input")].filter((e) => e.getClientRects().length > 0 && !e.closest("[inert]") && /** @type {HTMLElement} */ (e).tabIndex >= 0);
  const after = !!(here.compareDocumentPosition(target) & Node.DOCUMENT_POSITION_FOLLOWING);
  const between = all.filter((e) => e !== here && e !== target
    && !!(here.compareDocumentPosition(e) & Node.DOCUMENT_POSITION_FOLLOWING) === after && !!(e.compareDocumentPosition(target) & Node.DOCUMENT_POSITION_FOLLOWING) === after);
  return (between.length + 1) * (after ? 1 : -1);
}

/**
 * Next until a thing, or the row that holds it, has the focus, then OK.
 * @param {Element} target
 */
function walkTo(target) {
  const { practice } = /** @type {any} */ (window);
  for (let i = 0; i < 100; i++) {
    const here = [...document.querySelectorAll("[data-walked]")];
    const there = here.includes(target);
    if (there && document.activeElement !== (here.length > 1 ? target.parentElement : target)) return false;
    practice.act(there ? "ok" : "next");
    if (there && here.length === 1) return true;
  }
  return false;
}

/** The words that are shown, but for those to be copied or judged. */
function wordsSeen() {
  const seen = (/** @type {Element | null} */ e) => {
    for (; e && e !== document.body; e = e.parentElement) if (e.getBoundingClientRect().width <= 1 || getComputedStyle(e).display === "none") return false;
    return true;
  };
  return [...document.querySelectorAll(".practice *")]
    .filter((e) => !e.closest(".practice-model, .practice-message, .practice-key") && [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent?.trim()) && seen(e))
    .map((e) => e.textContent);
}

/** One person at one surface. */
class Visit {
  /** @type {string[]} */
  problems = [];
  /** @type {string[]} */
  requests = [];

  /** Whether wrong answers are given first: what a finger does, who has keys or buttons need not do again. */
  get errs() {
    return this.by === "touch";
  }

  /** @param {{surface: "phone" | "kiosk", lang: string, by: "touch" | "keyboard" | "buttons", size?: string, width?: number, wordless?: boolean}} how */
  constructor({ surface, lang, by, size = "m", width, wordless = false }) {
    this.wordless = wordless;
    Object.assign(this, { surface, lang, by, size });
    /** @type {any} */
    this.of = { ...surfaces[surface], ...(width ? { width } : {}) };
    this.surface = surface;
    this.lang = lang;
    this.by = by;
    this.size = size;
  }

  async open() {
    this.context = await browser.newContext({ viewport: { width: this.of.width, height: this.of.height }, hasTouch: true, reducedMotion: "reduce" });
    this.context.setDefaultTimeout(patience);
    this.page = await this.context.newPage();
    this.page.on("request", (r) => this.requests.push(`${r.method()} ${r.url()}`));
    this.page.on("pageerror", (e) => this.problems.push(`${e.stack}`));
    this.page.on("console", (m) => m.type() === "error" && this.problems.push(m.text()));
    return this;
  }

  /** @param {string} name */
  async look(name) {
    if (!this.errs) return; // the finger has seen the same, and more
    const at = `practice-${this.surface}-${this.wordless ? "images" : this.lang}-${name}${this.size === "m" ? "" : `-${this.size}`}`;
    const gap = this.of.own ? [2.54 * panel.pxmm_h - 0.5, 2.54 * panel.pxmm_v - 0.5] : [4, 4];
    for (const fault of await this.page.evaluate(faults, { own: this.of.own, least: this.of.least, gap })) this.problems.push(`${at}: ${fault}`);
    if (this.wordless) for (const word of await this.page.evaluate(wordsSeen)) this.problems.push(`${at}: the word « ${word} » is to be read`);
    if (process.env.SHOTS) await this.page.screenshot({ path: join(shots, `${at}.png`), fullPage: !this.of.own, animations: "disabled" });
  }

  /** @param {string} phase */
  phase(phase) {
    return this.page.locator(`.practice[data-phase="${phase}"]`).waitFor();
  }

  /** Presses one thing: with the finger, with Tab and Enter, or with next and OK. @param {string} selector */
  async press(selector) {
    const target = this.page.locator(selector).first();
    switch (this.by) {
      case "touch": {
        const at = await target.evaluate((e) => {
          e.scrollIntoView({ block: "nearest" });
          const box = e.getBoundingClientRect();
          return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
        });
        return this.page.touchscreen.tap(at.x, at.y);
      }
      case "keyboard":
        for (let i = 0; i < 3; i++) {
          const tabs = await target.evaluate(tabsTo);
          for (let n = 0; n < Math.abs(tabs); n++) await this.page.keyboard.press(tabs > 0 ? "Tab" : "Shift+Tab");
          if (await target.evaluate((e) => e === document.activeElement)) return this.page.keyboard.press("Enter");
        }
        throw new Error(`no Tab leads to ${selector}`);
      default:
        if (!(await target.evaluate(walkTo))) throw new Error(`no « next » leads to ${selector}`);
    }
  }

  /** Presses until something has come: the same press twice at once is one. @param {string} selector @param {string} sign */
  async pressUntil(selector, sign) {
    await until(sign, async () => {
      if ((await this.page.locator(sign).count()) > 0) return true;
      await this.press(selector);
      return (await this.page.locator(sign).count()) > 0;
    });
  }

  /** Writes in the field, with our keys where there are some. @param {string} model @param {string} begun @param {boolean} [keyByKey] */
  async write(model, begun, keyByKey = false) {
    // With our keys where they are the lesson, or there is nothing else; elsewhere a
    // keyboard is quicker.
    if (this.by === "buttons" || (this.by === "touch" && this.of.own && keyByKey)) {
      let now = board();
      let text = begun;
      while (nextKey(model, text) !== "ok") {
        const key = way(now, nextKey(model, text));
        const before = text;
        const selector = `.practice-key[data-key-name=${JSON.stringify(key)}]`;
        ({ board: now, text } = strike(now, text, key));
        if (text === before) await this.press(selector);
        else await until(`the key ${key}`, async () => (await this.page.locator(".practice-input").inputValue()) === text || (await this.press(selector), false));
      }
      return;
    }
    const input = this.page.locator(".practice-input");
    if (this.by === "touch") await this.press(".practice-input");
    else for (let tabs = await input.evaluate(tabsTo); tabs !== 0; tabs = await input.evaluate(tabsTo)) await this.page.keyboard.press(tabs > 0 ? "Tab" : "Shift+Tab");
    for (let i = 0; i < begun.length; i++) await this.page.keyboard.press("Backspace");
    await this.page.keyboard.type(model);
  }

  /** @param {import("../../lib/practice/engine.js").Step} step @param {string} name */
  async do(step, name) {
    const hint = '.practice-note[data-hint]:not([hidden])';
    switch (step.kind) {
      case "type":
        if (this.errs) {
          await this.press(".practice-ok");
          await this.page.locator(hint).waitFor();
          await this.look(`${name}-hint`);
          await this.press(".practice-input");
          await this.page.keyboard.press("Enter"); // as the button, and at once
          await this.page.locator("[data-ring]").first().waitFor();
          await this.look(`${name}-help`);
        }
        await this.write(step.model, step.start ?? "", name.startsWith("keyboard"));
        await this.pressUntil(".practice-ok", '[data-phase="right"]');
        break;
      case "password":
        await this.write("girafe-velo-soupe", "");
        assert.equal(await this.page.locator(".practice-input").getAttribute("type"), "password", "it is masked at first");
        await this.look(`${name}-typed`);
        await this.press(".practice-ok");
        break;
      case "reveal":
        await this.press(".practice-eye");
        break;
      case "photo":
        for (let scene = { ...start(), ...step.scene }; ;) {
          const action = best(scene, step.actions, step.goals);
          if (!action) break;
          const before = await this.page.locator(".practice-stage").getAttribute("style");
          const selector = `.practice-photo button:nth-of-type(${step.actions.indexOf(action) + 1})`;
          await until(`the press ${action}`, async () => {
            await this.press(selector);
            const now = await this.page.locator(".practice-stage").evaluate((e) => [e.getAttribute("style"), e.hasAttribute("data-blurred"), e.closest("section")?.dataset.phase]);
            return now[0] !== before || action === "light" || (action === "focus" && !now[1]) || (action === "shoot" && now[2] === "right");
          });
          scene = press(scene, action);
        }
        break;
      default: {
        const [wrong, other = wrong] = this.errs ? step.options.filter((o) => !o.right) : [];
        const right = step.options.find((o) => o.right)?.id;
        if (wrong) {
          await this.pressUntil(`[data-option="${wrong.id}"]`, hint);
          await this.look(`${name}-hint`);
          await this.pressUntil(`[data-option="${other?.id}"]`, "[data-ring]");
          await this.look(`${name}-help`);
        }
        if (step.kind === "scroll") {
          // The button does what sliding does.
          await until("the end of the list", async () => {
            const { at, end } = await this.page.locator(".practice-scroll").evaluate((e) => ({ at: e.scrollTop + e.clientHeight, end: e.scrollHeight }));
            return at >= end - 2 || (await this.press(".practice-movers button:last-child"), false);
          });
        }
        await this.press(`[data-option="${right}"]`);
      }
    }
  }

  /** The whole of a piece. @param {import("../../lib/practice/engine.js").Piece} piece */
  async walk(piece) {
    if (this.of.own) await this.page.goto(`${base}/test/kiosk?${new URLSearchParams({ lang: this.lang, piece: piece.id, size: this.size, ...(this.wordless ? { wordless: "1" } : {}) })}`);
    else await this.page.goto(`${base}/phone/practice.html?${new URLSearchParams({ lang: this.lang, piece: piece.id })}`);
    await this.phase("intro");
    await this.page.evaluate(() => document.fonts.ready);
    await this.look(`${piece.id}-0`);
    await this.press(".practice-next");
    for (const [i, step] of piece.steps.entries()) {
      await this.phase("step");
      await this.look(`${piece.id}-${i + 1}`);
      await this.do(step, `${piece.id}-${i + 1}`);
      await this.phase("right");
      await this.look(`${piece.id}-${i + 1}-right`);
      await this.press(".practice-next");
    }
    await this.phase("end");
    await this.look(`${piece.id}-end`);
    await this.press(".practice-next");
    if (this.of.own) {
      const heard = /** @type {any} */ (await this.page.evaluate(() => ({ .../** @type {any} */ (window), said: /** @type {any} */ (window).said, touched: /** @type {any} */ (window).touched, done: /** @type {any} */ (window).done, left: document.querySelectorAll(".practice").length, outside: /** @type {any} */ (window).keysOutside })));
      assert.equal(heard.done, true, "it said that it is done");
      assert.equal(heard.left, 0, "it drew nothing more");
      for (const key of [piece.intro, piece.end, ...piece.steps.map((s) => s.ask)]) assert.ok(heard.said.includes(key), `${key} was not said`);
      // The box knows the buttons it handed over; of fingers and keys it is told each time.
      assert.ok(this.by === "buttons" || heard.touched > piece.steps.length, `touched ${heard.touched} times`);
      assert.deepEqual(heard.outside, [], "keys of the piece reached the page around it");
    } else {
      await this.page.locator(".ways").first().waitFor();
    }
  }

  async end() {
    const kept = await this.page.evaluate(async () => [localStorage.length, sessionStorage.length, document.cookie, (await indexedDB.databases()).length, (await caches.keys()).length].join());
    assert.equal(kept, "0,0,,0,0", "something is stored");
    assert.deepEqual(await this.context.cookies(), []);
    for (const request of this.requests) {
      assert.match(request, new RegExp(`^GET (data:,|${base}/(lib/|screen/|test/kiosk|phone/(\\w+\\.(html|css|js)|languages$|words\\?lang=|clip\\?lang=)))`), "a request that is not listed");
      assert.doesNotMatch(request, /girafe|merci|martin|sara|example/i, "what was typed left the page");
    }
    await this.context.close();
    assert.deepEqual([...new Set(this.problems)], []);
  }
}

/** Whoever waits for one press leaves the machine to another: four at once. */
describe("all seven pieces", { concurrency: 4 }, () => {
  for (const [surface, ways] of /** @type {const} */ ([["kiosk", ["touch", "keyboard", "buttons"]], ["phone", ["touch", "keyboard"]]])) {
    for (const lang of ["fr", "ar"]) {
      for (const by of ways) {
        test(`${surface}, ${lang}, by ${by}`, { timeout: 300_000 }, async () => {
          const visit = await new Visit({ surface, lang, by }).open();
          for (const piece of pieces) await visit.walk(piece).catch((e) => { throw new Error(`${piece.id}: ${e.stack}\n${visit.problems.join("\n")}`); });
          await visit.end();
        });
      }
    }
  }
});

test("the largest letters of the kiosk cut nothing", { timeout: 120_000 }, async () => {
  const visit = await new Visit({ surface: "kiosk", lang: "fr", by: "touch", size: "xl" }).open();
  for (const piece of pieces.filter((p) => ["fake", "password"].includes(p.id))) await visit.walk(piece);
  await visit.end();
});

describe("the phone's pages", () => {
  for (const width of [320, 360, 800]) {
    for (const lang of ["fr", "ar"]) {
      test(`${width} px, ${lang}`, async () => {
        const visit = await new Visit({ surface: "phone", lang, by: "touch", width }).open();
        await visit.page.goto(`${base}/phone/index.html?lang=${lang}`);
        await visit.page.locator(".languages a").first().waitFor();
        await visit.look(`home-${width}`);
        visit.problems = visit.problems.filter((p) => !/none\.css|404/.test(p));
        await visit.page.locator(`a[href^="practice.html"]`).tap();
        await visit.page.locator('a[href*="piece="]').first().waitFor();
        assert.equal(await visit.page.locator('a[href*="piece="]').count(), 7);
        await visit.look(`list-${width}`);
        assert.deepEqual(await visit.page.evaluate(() => [document.documentElement.lang, document.documentElement.dir]), [lang, lang === "ar" ? "rtl" : "ltr"]);
        await visit.page.locator('a[href*="piece=touch"]').tap();
        await visit.phase("intro");
        await visit.look(`first-${width}`);
        await visit.page.locator(".practice-stop").tap();
        await visit.page.locator('a[href*="piece="]').first().waitFor();
        await visit.end();
      });
    }
  }

  test("without words or voice the page still stands, and the language can be changed", async () => {
    const visit = await new Visit({ surface: "phone", lang: "fr", by: "touch" }).open();
    await visit.page.goto(`${base}/phone/index.html`);
    await visit.page.locator('.languages a[lang="ar"]').tap();
    await visit.page.locator('html[dir="rtl"]').waitFor();
    await visit.end();
  });
});

test("a panel of buttons walks through a piece", async () => {
  const visit = await new Visit({ surface: "kiosk", lang: "fr", by: "keyboard" }).open();
  await visit.page.goto(`${base}/test/kiosk?lang=fr&piece=touch`);
  await visit.phase("intro");
  const act = (/** @type {string} */ action) => visit.page.evaluate((a) => /** @type {any} */ (window).practice.act(a), action);
  assert.equal(await act("ok"), true, "the start has the focus");
  await visit.phase("step");
  assert.equal(await act("ok"), true, "it goes to the first thing");
  assert.equal(await visit.page.evaluate(() => /** @type {HTMLElement} */ (document.activeElement).dataset.option), "sun");
  assert.equal(await visit.page.evaluate(() => /** @type {any} */ (window).said.at(-1)), "practice.name.sun 1/2", "its name, and where it is");
  assert.equal(await act("ok"), true);
  await visit.phase("right");
  assert.equal(await act("repeat"), true);
  assert.equal(await act("back"), true);
  await visit.phase("step");
  for (let i = 0; await act("next"); i++) assert.ok(i < 20, "it never ends");
  assert.equal(await act("next"), true, "past the last one it comes in again");
  await act("back");
  await visit.phase("intro");
  await act("back");
  assert.equal(await visit.page.evaluate(() => /** @type {any} */ (window).done), false, "left, not finished");
  assert.equal(await act("next"), false);
  await visit.end();
});

test("buttons: three rows of keys, in and out of one; in secret nothing of them is said", async () => {
  const visit = await new Visit({ surface: "kiosk", lang: "fr", by: "buttons" }).open();
  await visit.page.goto(`${base}/test/kiosk?lang=fr&piece=password`);
  await visit.phase("intro");
  const act = (/** @type {string[]} */ ...list) => visit.page.evaluate((all) => all.map((a) => /** @type {any} */ (window).practice.act(a)), list);
  const walked = () => visit.page.evaluate(() => [...document.querySelectorAll("[data-walked]")].map((e) => e.getAttribute("data-key-name") ?? e.className));
  const said = () => visit.page.evaluate(() => /** @type {any} */ (window).said.splice(0));
  await visit.press(".practice-next");
  await visit.press('[data-option="words"]');
  await visit.press(".practice-next");
  await visit.phase("step");
  await said();
  await act("next");
  assert.deepEqual(await walked(), ["a", "z", "e", "r", "t", "y", "u", "i", "o", "p"], "a row first");
  await act("ok");
  assert.deepEqual(await walked(), ["a"], "then its keys");
  await act("next", "ok");
  assert.equal((await walked()).length, 10, "a key that is written leads out of its row");
  assert.equal(await visit.page.locator(".practice-input").inputValue(), "z");
  await act("ok", "previous");
  assert.equal((await walked()).length, 10, "so does its end");
  await act("ok", "back");
  assert.equal((await walked()).length, 10, "and back");
  await act("next", "next", "ok", "next", "ok");
  assert.equal(await visit.page.locator(".practice-input").inputValue(), "zw");
  assert.deepEqual((await said()).filter((/** @type {string} */ s) => s !== ""), [], "keys are not said where one writes in secret");
  await act("next");
  assert.deepEqual([await walked(), await said()], [["practice-eye"], ["practice.ui.show 4/6"]]);
  await visit.page.locator(".practice-input").tap();
  assert.deepEqual(await walked(), [], "a finger takes the ring away");
  await visit.end();
});

test("without words: pictures and the voice ask", async () => {
  for (const piece of pieces.filter((p) => ["touch", "keyboard", "fake", "photo"].includes(p.id))) {
    const visit = await new Visit({ surface: "kiosk", lang: "fr", by: "touch", wordless: true }).open();
    await visit.walk(piece);
    await visit.end();
  }
});

scene("on the box, its buttons go through a piece, round the bar and out; who comes back goes on", async (s) => {
  const box = await s.box({ site: sampleSite({ panel: "7" }) });
  const kiosk = await s.kiosk(box, { width: 800, height: 480 });
  const { page } = kiosk;
  for (const key of ["fr", "practice", "practice_touch"]) await kiosk.press(key);
  const phase = (/** @type {string} */ name) => page.locator(`.practice[data-phase="${name}"]`).waitFor();
  let last = { action: "", at: 0 };
  let keypad = false; // its 2 is next
  /** The panel and the keys of the page say the same to the box. @param {string[]} actions */
  const button = async (...actions) => {
    for (const action of actions) {
      // The same press again, within half a second, would be a trembling hand's.
      const wait = last.action === action ? last.at + 550 - performance.now() : 0;
      if (wait > 0) await new Promise((done) => setTimeout(done, wait));
      const { turn } = kiosk.view;
      if (keypad) await page.keyboard.press("Numpad2");
      else await box.post("/api/kiosk", { action });
      last = { action, at: performance.now() };
      await kiosk.shows(`an answer to ${action}`, (view) => view.turn !== turn);
    }
  };
  const ring = () => page.evaluate(() => [...document.querySelectorAll("[data-walked], nav [aria-current=true]")].map((e) => /** @type {HTMLElement} */ (e).dataset.option ?? /** @type {HTMLElement} */ (e).dataset.key ?? e.className));
  const stands = (/** @type {string} */ on) => until(`the ring on ${on}`, async () => (await ring()).join() === on);

  await phase("intro");
  assert.equal(await page.locator(".practice-back, .practice-listen").count(), 0, "« back » and « listen » stand in the bar alone");
  await kiosk.shows("that the box knows of the page", () => true);
  await button("ok");
  await phase("step");
  await button("next");
  await stands("sun");
  await button("louder");
  await stands("sun");
  await button("ok");
  await phase("right");
  await button("ok");
  await phase("step");
  await button("next");
  await stands("car");
  keypad = true;
  await button("next");
  keypad = false;
  await stands("cat");
  await kiosk.shot("practice-buttons");
  await kiosk.press("settings");
  await kiosk.screen("settings");
  await kiosk.press("go_on");
  await phase("step");
  await page.locator('[data-option="cat"]').waitFor();
  /** @type {string[]} */
  const round = [];
  for (let i = 0; i < 14 && !(round.length > 1 && round.at(-1) === "car"); i++) {
    const before = (await ring()).join();
    await button("next");
    round.push(await until("one ring, elsewhere", async () => {
      const now = await ring();
      return now.length === 1 && now[0] !== before && now[0];
    }));
  }
  assert.deepEqual(round.slice(0, 4), ["car", "cat", "cup", "practice-control practice-stop"]);
  assert.equal(round.at(-1), "car", `it never came round: ${round}`);
  await kiosk.press("back");
  await page.locator('[data-option="sun"]').waitFor();
  await kiosk.press("back");
  await phase("intro");
  await kiosk.press("back");
  await kiosk.screen("practice");
}, { timeout: 120_000 });
