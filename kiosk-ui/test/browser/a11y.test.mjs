// What accessibility.md says a machine can check on the kiosk's screens: every
// screen of the path, in the colours, sizes and languages there are, on both
// panels. axe looks for what it knows; sizes, contrast and shapes are measured.

import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { Stage, Walker, everything, kind, tour } from "./a11y.gallery.mjs";
import { Kiosk, Scene, openBrowser, sampleSite, shots } from "./box.mjs";

const axe = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

/** The panels that are supported (px). */
const panels = /** @type {const} */ ({ "10.1": { width: 1280, height: 800 }, 7: { width: 800, height: 480 } });
const themes = ["normal", "dark", "light", "low"];
const sizes = ["s", "m", "l", "xl"];
/** Languages in which every screen is tried in everything; the others are tried once. */
const whole = ["fr", "ar"];
/** Languages in which what happens seldom is waited for, too: no paper, a call, the end of the time. */
const both = ["fr", "falc", "images", "ar"];

/** Least sides and gaps (mm): VVSG 2.0, 7.2-I. */
const target = 12.7;
const gap = 2.54;

// ---- what runs in the page ----

/** Everything about the drawn screen that can be wrong. @param {{view: any, want: {target: number, gap: number}}} options */
function inspect({ view, want }) {
  const problems = /** @type {string[]} */ ([]);
  const root = document.documentElement;
  const seen = (/** @type {Element} */ e) => {
    for (let it = /** @type {Element | null} */ (e); it && it !== document.body; it = it.parentElement) {
      const box = it.getBoundingClientRect();
      if (box.width <= 1 || box.height <= 1) return false; // for assistive technology alone
    }
    return getComputedStyle(e).visibility === "visible";
  };
  const all = (/** @type {string} */ s) => [...document.querySelectorAll(s)].filter(seen);

  if (root.hasAttribute("data-overflow")) problems.push(`it does not fit: ${root.dataset.overflow}`);
  for (const e of [root, document.body, document.querySelector("main")]) {
    if (e && (e.scrollWidth > e.clientWidth || e.scrollHeight > e.clientHeight)) problems.push(`${e.localName} scrolls`);
  }
  if (root.lang !== (view.tag ?? view.lang) || root.dir !== view.dir) problems.push(`lang and dir are ${root.lang} ${root.dir}`);
  const words = document.body.innerText;
  if (/[⟦⟧]|undefined|\bnull\b|NaN|\{\w+\}|\[object/.test(words)) problems.push(`it reads: ${words}`);

  // Targets and gaps, in millimetres of the panel.
  const { pxmm_h: across, pxmm_v: down } = view.panel;
  const buttons = /** @type {HTMLButtonElement[]} */ (all("button[data-key]"));
  const boxes = buttons.map((b) => ({ key: b.dataset.key, ...b.getBoundingClientRect().toJSON() }));
  for (const b of boxes) {
    if (b.width < want.target * across - 0.5 || b.height < want.target * down - 0.5) problems.push(`« ${b.key} » is ${Math.round(b.width)}×${Math.round(b.height)} px`);
    if (b.left < 0 || b.top < 0 || b.right > innerWidth || b.bottom > innerHeight) problems.push(`« ${b.key} » is not on the screen`);
  }
  boxes.forEach((a, i) => boxes.slice(i + 1).forEach((b) => {
    const x = Math.max(a.left, b.left) - Math.min(a.right, b.right);
    const y = Math.max(a.top, b.top) - Math.min(a.bottom, b.bottom);
    if (x < want.gap * across - 0.5 && y < want.gap * down - 0.5) problems.push(`« ${a.key} » and « ${b.key} » are too near: ${Math.round(x)}, ${Math.round(y)} px`);
  }));
  for (const b of buttons) {
    if (!(b.getAttribute("aria-label") || b.textContent)) problems.push(`« ${b.dataset.key} » has no name`);
    if (![...b.querySelectorAll("svg")].some(seen) && !b.closest("[data-plain]")) problems.push(`« ${b.dataset.key} » has no picture`);
  }

  // Words: nothing cut, nothing slanted, nothing in capitals, start-aligned where it is read.
  for (const e of all(".title, .text, .notice, .ahead, .lines span, .label, .sub")) {
    const box = e.getBoundingClientRect();
    const style = getComputedStyle(e);
    if (box.left < -0.5 || box.top < -0.5 || box.right > innerWidth + 0.5 || box.bottom > innerHeight + 0.5) problems.push(`out of the screen: « ${e.textContent} »`);
    if (style.fontStyle !== "normal" || style.textTransform !== "none") problems.push(`${style.fontStyle} ${style.textTransform}: « ${e.textContent} »`);
    if (e.matches(".title, .text, .notice") && style.textAlign !== "start") problems.push(`aligned ${style.textAlign}: « ${e.textContent} »`);
    // Text in a language written with capitals: no word of more than four is all of them.
    if (/\p{Lu}{5,}/u.test(e.textContent ?? "")) problems.push(`capitals: « ${e.textContent} »`);
  }

  // What it is made of, whatever it says: rules that judge elements and colours judge
  // one screen of each shape. Things of the same shape in a row are as one.
  const said = new Set(["style", "d", "href", "data-key", "data-picto", "data-drawn", "data-digits", "aria-valuenow", "aria-valuemax"]);
  const shape = (/** @type {Element} */ e) => {
    const attributes = [...e.attributes].filter((a) => !said.has(a.name)).map((a) => `${a.name}=${a.name === "aria-label" ? a.value.trim() !== "" : a.value}`);
    const parts = e.localName === "svg" ? [] : [...e.childNodes].map((n) => (n instanceof Element ? shape(n) : n.textContent?.trim() ? "·" : ""));
    return `<${e.localName} ${attributes.sort().join(" ")}>${parts.filter((p, i) => p !== parts[i - 1]).join("")}</>`;
  };
  return { problems, shape: `${view.panel.height} ${document.body.localName} ${[...document.body.children].map(shape).join("")}` };
}

/** Contrast of every text, picture and edge that is seen, from the styles as computed. */
function contrasts() {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const cache = new Map();
  const rgb = (/** @type {string} */ css) => {
    if (!cache.has(css) && canvas) {
      canvas.clearRect(0, 0, 1, 1);
      canvas.fillStyle = css;
      canvas.fillRect(0, 0, 1, 1);
      cache.set(css, [...canvas.getImageData(0, 0, 1, 1).data]);
    }
    return cache.get(css);
  };
  const light = (/** @type {number[]} */ c) => {
    const [r, g, b] = c.map((v) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ratio = (/** @type {string} */ a, /** @type {string} */ b) => {
    const [x, y] = [light(rgb(a)), light(rgb(b))].sort((p, q) => q - p);
    return (x + 0.05) / (y + 0.05);
  };
  const under = (/** @type {Element | null} */ e) => {
    for (; e; e = e.parentElement) {
      const css = getComputedStyle(e).backgroundColor;
      if (rgb(css)[3] === 255) return css;
    }
    return "#ffffff";
  };
  const seen = (/** @type {Element} */ e) => {
    for (let it = /** @type {Element | null} */ (e); it && it !== document.body; it = it.parentElement) {
      const box = it.getBoundingClientRect();
      if (box.width <= 1 || box.height <= 1) return false; // for assistive technology alone
    }
    return getComputedStyle(e).visibility === "visible";
  };
  const found = /** @type {{what: string, of: string, ratio: number, off: boolean}[]} */ ([]);
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const e = node.parentElement;
    if (!e || !node.textContent?.trim() || !seen(e) || e.closest("[hidden]")) continue;
    found.push({ what: "text", of: node.textContent, ratio: ratio(getComputedStyle(e).color, under(e)), off: !!e.closest("button:disabled") });
  }
  for (const e of document.querySelectorAll("svg.picto")) {
    if (seen(e)) found.push({ what: "picture", of: e.getAttribute("data-picto") ?? "", ratio: ratio(getComputedStyle(e).color, under(e)), off: !!e.closest("button:disabled") });
  }
  for (const e of document.querySelectorAll("button[data-key]")) {
    if (seen(e)) found.push({ what: "edge", of: /** @type {HTMLElement} */ (e).dataset.key ?? "", ratio: ratio(getComputedStyle(e).borderTopColor, under(e.parentElement)), off: false });
  }
  const here = document.querySelector("button[aria-current]");
  if (here) {
    const style = getComputedStyle(here);
    if (parseFloat(style.outlineWidth) < 3 || style.outlineStyle === "none") found.push({ what: "focus", of: "no outline", ratio: 0, off: false });
    found.push({ what: "focus", of: "outline", ratio: ratio(style.outlineColor, under(here.parentElement)), off: false });
  }
  return found;
}

/** The least contrast of each thing in each theme. */
const wanted = (/** @type {string} */ theme, /** @type {string} */ what, /** @type {boolean} */ off) => {
  if (what !== "text") return 3;
  if (theme === "low" || (off && theme === "normal")) return 7;
  return theme === "normal" ? 10 : 20;
};

// ---- the screens ----

/** Screens of both panels, walked once: language by language. @type {Map<string, Map<string, any[]>>} */
const gallery = new Map();
const languages = ["fr", "falc", "images", "ar", "en", "pt", "tr", "es", "ru", "uk", "fa", "ro"];

/** A page that hears what the kiosk is sent and draws nothing: drawing is most of the time. @param {import("./box.mjs").Box} box */
async function listener(box) {
  const page = await (await (await openBrowser()).newContext()).newPage();
  const kiosk = new Kiosk(page);
  await page.goto(`${box.url}/lib/dom.js`);
  await page.evaluate(() => Object.assign(window, { heard: new WebSocket(location.origin.replace(/^http/, "ws") + "/ws/kiosk") }));
  await kiosk.shows("a first view", () => true);
  return kiosk;
}

/** Walks a panel's path. @param {Scene} s @param {"10.1" | "7"} panel */
async function walk(s, panel) {
  // A minute lasts three seconds, so that time brings its screens; not before the walk wants them.
  const site = sampleSite({ panel, replace: [...everything, [/^languages = .*$/m, `languages = [${languages.map((l) => `"${l}"`).join(", ")}]`], [/^after_seconds = 75$/m, "after_seconds = 160"]] });
  const box = await s.box({ site, flags: ["-clock", "20x"] });
  const kiosk = await listener(box);
  const walker = new Walker(box, kiosk);
  /** @type {Map<string, any[]>} */
  const views = new Map();
  // To wait for the end of the time costs nothing but time: another box does it meanwhile.
  const still = await s.box({ site, flags: ["-clock", "20x"] });
  await still.desk("open");
  const waiting = new Walker(still, await listener(still));
  const silent = (async () => {
    /** @type {Map<string, any[]>} */
    const seen = new Map(whole.map((lang) => [lang, []]));
    for (const lang of whole) await waiting.silence(lang, (v) => seen.get(lang)?.push(v));
    return seen;
  })();
  silent.catch(() => {}); // told below
  const start = kiosk.view;
  const pages = [start];
  for (let v = start; v.choices.some((/** @type {any} */ c) => c.key === "more");) {
    v = await walker.press("more");
    if (pages.some((p) => kind(p) === kind(v))) break;
    pages.push(v);
  }
  for (const state of /** @type {const} */ (["closed", "open"])) {
    if (state === "open") {
      await walker.workshops();
      await box.desk("open");
    }
    for (const lang of languages) views.set(lang, [...(views.get(lang) ?? pages), ...await walker.collect(lang, tour[state])]);
  }
  await walker.crowded(languages, (lang, v) => views.get(lang)?.push(v));
  for (const lang of languages) views.get(lang)?.push(...await walker.collect(lang, tour.away));
  for (const lang of both) await walker.rare(lang, (v) => views.get(lang)?.push(v));
  for (const [lang, all] of await silent) views.get(lang)?.push(...all);
  for (const [lang, all] of views) views.set(lang, [...new Map(all.map((v) => [kind(v), v])).values()]);
  gallery.set(panel, views);
  return box;
}

const scene = new Scene();
/** @type {Record<string, Stage>} */
const stages = {};
after(async () => {
  await Promise.all(Object.values(stages).map((stage) => stage.close().catch(() => {})));
  await scene.end();
});

/** @param {string} panel @param {string} lang @returns {any[]} */
const each = (panel, lang) => gallery.get(panel)?.get(lang) ?? [];

/** The screens that the intake knows. */
const known = [...readFileSync(new URL("../../../firmware/intake/intake.go", import.meta.url), "utf8").matchAll(/ScreenID = "(\w+)"/g)].map((m) => m[1]);

/**
 * Does something with screens, on both panels at once.
 * @param {(stage: Stage, view: any, where: string, problems: string[]) => Promise<void>} look
 * @param {string[]} [langs]
 */
async function all(look, langs = languages) {
  assert.equal(Object.keys(stages).length, 2, "the screens were not walked");
  /** @type {string[]} */
  const problems = [];
  await Promise.all(Object.entries(stages).map(async ([panel, stage]) => {
    for (const lang of langs) {
      for (const view of each(panel, lang)) await look(stage, view, `${panel} ${lang} ${view.id} « ${view.title} »`, problems);
    }
  }));
  assert.equal(problems.length, 0, `${problems.length} problems:\n${[...new Set(problems)].slice(0, 80).join("\n")}`);
}

/** One screen of each shape, by shape, for what is judged by elements and colours alone: found while they are measured. @type {Map<string, {panel: string, view: any, where: string}>} */
const shapes = new Map();

/** What axe found on the screens while they were measured, and on how many. */
const axed = { problems: /** @type {string[]} */ ([]), screens: 0 };

/**
 * Has axe look at the screen that is drawn, in every theme where everything is tried.
 * A screen is not drawn again for it: to find the letters that fit is most of the work.
 * @param {Stage} stage @param {any} view @param {string} size @param {string} where
 */
async function examine(stage, view, size, where) {
  for (const contrast of whole.includes(view.lang) ? themes : ["normal"]) {
    if (contrast !== "normal") await stage.show(view, { size, contrast });
    // Colours are all that differs from one theme to the next.
    for (const v of await violations(stage, contrast === "normal" ? undefined : ["color-contrast"])) axed.problems.push(`${where} ${contrast}: ${v}`);
  }
  axed.screens++;
}

/** Measures a screen, and keeps it when it is the first of its shape; in the largest size axe looks at it. @param {Stage} stage @param {any} view @param {string} size @param {string} where @param {string[]} problems */
async function fit(stage, view, size, where, problems) {
  const drawn = await stage.show(view, { size });
  const { problems: found, shape } = await stage.page.evaluate(inspect, { view: drawn, want: { target, gap } });
  for (const p of found) problems.push(`${where} ${size}: ${p}`);
  if (!shapes.has(shape)) shapes.set(shape, { panel: where.split(" ")[0], view: { ...view, size }, where: `${where} ${size}` });
  if (size === "xl") await examine(stage, view, size, where);
}

/** Does something with one screen of each shape. @param {(stage: Stage, view: any, where: string, problems: string[]) => Promise<void>} look */
async function shaped(look) {
  assert.ok(shapes.size > 40, `${shapes.size} shapes; the screens were not measured`);
  /** @type {string[]} */
  const problems = [];
  await Promise.all(Object.entries(stages).map(async ([panel, stage]) => {
    for (const one of shapes.values()) if (one.panel === panel) await look(stage, one.view, one.where, problems);
  }));
  assert.equal(problems.length, 0, `${problems.length} problems:\n${[...new Set(problems)].slice(0, 80).join("\n")}`);
}

/** What axe finds. @param {Stage} stage @param {string[]} [rules] all of them when there are none */
const violations = (stage, rules) => stage.page.evaluate(async (only) => {
  const { axe } = /** @type {any} */ (window);
  // A screen has neither sounds nor films, for which alone style sheets and media are
  // loaded first; and whoever reads what is found finds it by its HTML.
  const options = { resultTypes: ["violations"], preload: false, selectors: false, ...(only ? { runOnly: { type: "rule", values: only } } : {}) };
  const found = await axe.run(document, options);
  return found.violations.map((/** @type {any} */ v) => `${v.id}: ${v.help}: ${v.nodes.slice(0, 2).map((/** @type {any} */ n) => n.html.slice(0, 120)).join(" | ")}`);
}, rules);

describe("the kiosk's screens", { concurrency: 1 }, () => {
  test("are walked on both panels, in every language", { timeout: 900_000 }, async () => {
    try {
      const boxes = await Promise.all([walk(scene, "10.1"), walk(scene, "7")]);
      scene.check();
      const browser = await openBrowser();
      const script = readFileSync(axe, "utf8");
      for (const [i, panel] of /** @type {const} */ (["10.1", "7"]).entries()) {
        stages[panel] = await Stage.open(browser, boxes[i].url, panels[panel]);
        await stages[panel].page.evaluate(script);
      }
    } catch (error) {
      await scene.tell();
      throw error;
    }
    for (const panel of Object.keys(panels)) {
      const ids = new Set(each(panel, "fr").map((v) => v.id));
      assert.deepEqual(known.filter((id) => !ids.has(id)), [], `screens of the intake that nobody came to, ${panel}`);
    }
    for (const lang of languages) {
      for (const panel of Object.keys(panels)) assert.ok(each(panel, lang).length > 40, `${lang}: ${each(panel, lang).length} screens`);
    }
  });

  test("fit, in four sizes, with targets and gaps in millimetres", { timeout: 900_000 }, () => all(async (stage, view, where, problems) => {
    for (const size of whole.includes(view.lang) ? sizes : ["xl"]) await fit(stage, view, size, where, problems);
  }, both));

  test("fit in the other languages in the largest size, which is the first not to", { timeout: 900_000 }, () => all(async (stage, view, where, problems) => {
    await fit(stage, view, "xl", where, problems);
  }, languages.filter((l) => !both.includes(l))));

  test("axe found nothing, in French and Arabic in every theme, and once in each other language", () => {
    const screens = Object.keys(panels).reduce((n, panel) => n + languages.reduce((m, lang) => m + each(panel, lang).length, 0), 0);
    assert.equal(axed.screens, screens, "axe looked at them all");
    assert.equal(axed.problems.length, 0, `${axed.problems.length} problems:\n${[...new Set(axed.problems)].slice(0, 80).join("\n")}`);
  });

  test("have the contrast that each theme promises, for every word, picture and edge", { timeout: 900_000 }, () => shaped(async (stage, view, where, problems) => {
    for (const contrast of themes) {
      await stage.show(view, { contrast, focus: view.choices[0]?.key ?? "" });
      for (const { what, of, ratio, off } of await stage.page.evaluate(contrasts)) {
        const want = wanted(contrast, what, off);
        if (ratio < want - 0.005) problems.push(`${where} ${contrast}: ${what} « ${of} » ${ratio.toFixed(2)}; want ${want}`);
      }
    }
  }));

  test("have their eight controls at the same places and as large on every screen", async () => {
    assert.ok(stages["10.1"], "the screens were not walked");
    for (const [panel, stage] of Object.entries(stages)) {
      let first = "";
      for (const view of each(panel, "fr")) {
        await stage.show(view);
        const bar = JSON.stringify(await stage.page.evaluate(() => [...document.querySelectorAll("nav button")].map((b) => {
          const { x, y, width, height } = b.getBoundingClientRect();
          return [/** @type {HTMLElement} */ (b).dataset.key, Math.round(x), Math.round(y), Math.round(width), Math.round(height)];
        })));
        first ||= bar;
        assert.equal(bar, first, `${panel} ${view.id}`);
        assert.deepEqual(JSON.parse(bar).map((/** @type {any[]} */ b) => b[0]), ["back", "restart", "repeat", "softer", "louder", "bigger", "settings", "help"]);
        assert.equal(new Set(JSON.parse(bar).map((/** @type {any[]} */ b) => `${b[4]}`)).size, 1);
      }
    }
  });

  test("draw words with the fonts of the box alone", { timeout: 300_000 }, async () => {
    assert.ok(stages["10.1"], "the screens were not walked");
    for (const lang of languages) {
      const panel = languages.indexOf(lang) % 2 ? "10.1" : "7";
      const stage = stages[panel];
      const cdp = await stage.page.context().newCDPSession(stage.page);
      await cdp.send("DOM.enable");
      await cdp.send("CSS.enable");
      for (const view of each(panel, lang).filter((v, i, list) => list.findIndex((w) => w.id === v.id) === i)) {
        await stage.show(view);
        const { root } = await cdp.send("DOM.getDocument", { depth: 1 });
        const { nodeIds } = await cdp.send("DOM.querySelectorAll", { nodeId: root.nodeId, selector: ".title, .text, .notice, .lines span, .label, .sub" });
        for (const nodeId of nodeIds) {
          const { fonts } = await cdp.send("CSS.getPlatformFontsForNode", { nodeId });
          const others = fonts.filter((f) => !f.isCustomFont);
          assert.deepEqual(others.map((f) => f.familyName), [], `${lang} ${view.id}`);
        }
      }
      await cdp.detach();
    }
  });

  test("mirror for Arabic and Persian; digits do not", async () => {
    assert.ok(stages["10.1"], "the screens were not walked");
    for (const lang of ["ar", "fa"]) {
      const panel = lang === "ar" ? "10.1" : "7";
      const stage = stages[panel];
      for (const view of each(panel, lang).filter((v) => v.id === "motif" || v.ticket)) {
        await stage.show(view);
        const { first, last, number } = await stage.page.evaluate(() => {
          const [a, b] = [...document.querySelectorAll("nav button")].map((e) => e.getBoundingClientRect().x).filter((_, i, l) => i === 0 || i === l.length - 1);
          const n = document.querySelector(".ticket .number");
          return { first: a, last: b, number: n && getComputedStyle(n).direction };
        });
        assert.ok(first > last, `${lang} ${view.id}: « back » is where reading begins`);
        if (view.ticket) assert.equal(number, "ltr");
      }
    }
  });

  test("say nothing by colour alone: what is chosen, off or in focus has another shape", async () => {
    const stage = stages["10.1"];
    assert.ok(stage, "the screens were not walked");
    const cdp = await stage.page.context().newCDPSession(stage.page);
    await cdp.send("Emulation.setEmulatedVisionDeficiency", { type: "achromatopsia" });
    try {
      for (const contrast of themes) {
        const view = each("10.1", "fr").find((v) => v.id === "settings_contrast");
        const [chosen, other, focused] = view.choices;
        await stage.show({ ...view, choices: [{ ...chosen, selected: true }, { ...other, selected: false }, focused, ...view.choices.slice(3)],
          controls: view.controls.map((/** @type {any} */ c) => (c.key === "back" ? { ...c, enabled: false } : c)) }, { contrast, focus: focused.key });
        await stage.page.screenshot({ path: join(shots, `achromatopsia-${contrast}.png`), animations: "disabled" });
        const shape = (/** @type {string} */ key) => stage.page.evaluate((k) => {
          const b = /** @type {HTMLElement} */ (document.querySelector(`button[data-key="${k}"]`));
          const { borderTopWidth, borderTopStyle, outlineStyle, outlineWidth } = getComputedStyle(b);
          return [borderTopWidth, borderTopStyle, outlineStyle === "none" ? "" : outlineWidth, b.querySelectorAll(".mark").length].join(" ");
        }, key);
        const shapes = [await shape(chosen.key), await shape(other.key), await shape(focused.key), await shape("back")];
        assert.equal(new Set(shapes).size, 4, `${contrast}: ${shapes.join("; ")}`);
      }
    } finally {
      await cdp.send("Emulation.setEmulatedVisionDeficiency", { type: "none" });
    }
  });

  test("move nothing for those who do not want it, and nothing flashes", async () => {
    const stage = stages["10.1"];
    assert.ok(stage, "the screens were not walked");
    for (const view of each("10.1", "fr")) {
      await stage.show(view);
      const running = await stage.page.evaluate(() => document.getAnimations().length);
      assert.equal(running, 0, view.id);
    }
    const css = readFileSync(new URL("../../screen/screen.css", import.meta.url), "utf8");
    for (const [, seconds] of css.matchAll(/animation:[^;]*?([\d.]+)s/g)) assert.ok(Number(seconds) >= 1, `an animation of ${seconds} s`);
  });

  test("are usable by their pictures: no word is seen, no two choices look alike", async () => {
    /** @type {string[]} */
    const problems = [];
    assert.ok(stages["10.1"], "the screens were not walked");
    for (const [panel, stage] of Object.entries(stages)) {
      for (const view of each(panel, "images").filter((v) => v.id !== "practice_piece")) {
        await stage.show(view);
        const { words, names, looks } = await stage.page.evaluate(() => {
          const seen = (/** @type {Element | null} */ e) => {
            for (; e && e !== document.body; e = e.parentElement) if (e.getBoundingClientRect().width <= 1) return false;
            return true;
          };
          const texts = [...document.querySelectorAll(".title, .text, .notice, .ahead, .lines li, .words:not(.name), .skip .label")].filter(seen);
          return {
            words: texts.map((e) => e.textContent),
            names: [...document.querySelectorAll("main h1, main button, nav button")].filter((e) => !(e.getAttribute("aria-label") || e.textContent?.trim())).length,
            looks: [...document.querySelectorAll(".choices button, .skip button")].map((b) => [b.querySelector("svg")?.dataset.picto, b.querySelector(".told, .name .label")?.textContent].join("·")),
          };
        });
        const where = `${panel} ${view.id} « ${view.title} »`;
        if (view.ticket || view.called) {
          const told = await stage.page.evaluate(() => [...document.querySelectorAll(".queue, .called")].filter((e) => e.getBoundingClientRect().width > 1)
            .map((e) => [...e.children].map((c) => c.getAttribute("data-picto") ?? c.textContent).join(" ")));
          const want = view.called ? `you go desk ${/\d+/.exec(view.called)?.[0]}` : [...Array(view.ticket.before).fill("waiting"), "you"].join(" ");
          if (told.join("; ") !== want) problems.push(`${where}: it tells « ${told.join("; ")} »; want « ${want} »`);
        }
        if (view.id !== "language" && words.length > 0) problems.push(`${where}: words are seen: ${words}`);
        if (names > 0) problems.push(`${where}: ${names} things have no name for assistive technology`);
        if (view.id !== "language" && looks.some((l) => l.startsWith("·"))) problems.push(`${where}: no picture: ${looks}`);
        if (view.id !== "language" && new Set(looks).size !== looks.length) problems.push(`${where}: look alike: ${looks}`);
      }
    }
    assert.equal(problems.length, 0, problems.join("\n"));
  });

  test("have their pictures taken, to be looked at", { timeout: 300_000, skip: !process.env.PICTURES && "PICTURES=1 takes them" }, async () => {
    mkdirSync(shots, { recursive: true });
    await Promise.all(Object.entries(stages).map(async ([panel, stage]) => {
      for (const lang of both) {
        /** @type {Record<string, number>} */
        const seen = {};
        for (const view of each(panel, lang)) {
          seen[view.id] = (seen[view.id] ?? 0) + 1;
          await stage.show(view);
          await stage.page.screenshot({ path: join(shots, `${panel}-${lang}-${view.id}${seen[view.id] > 1 ? `-${seen[view.id]}` : ""}.png`), animations: "disabled" });
        }
      }
    }));
  });
});
