import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import test from "node:test";
import { names, symbol } from "../../lib/pictos.js";
import { choicePicture, marks, screenPicture } from "../../screen/pictures.js";
import { action } from "../../screen/keys.js";
import { capRatio, caps, choose, fonts, grow, largest, layouts, leastCap, leastLine, lineHeight, sizes, tile } from "../../screen/measures.js";
import { Guard, lockedFor, sameWithin } from "../../screen/press.js";

const here = new URL(".", import.meta.url);
const file = (path) => readFileSync(new URL(path, here), "utf8");
const views = readdirSync(new URL("../fixtures/", here))
  .filter((name) => name.startsWith("kiosk-"))
  .map((name) => [name, JSON.parse(file(`../fixtures/${name}`))]);

const ten = { width: 1280, height: 800, pxmm_h: 5.9, pxmm_v: 5.88, choices: 6 };
const seven = { width: 800, height: 480, pxmm_h: 5.19, pxmm_v: 5.58, choices: 4 };

test("targets and gaps are millimetres of the panel, rounded up", () => {
  assert.deepEqual(sizes(ten), {
    "target-inline": 75, "target-block": 75, "primary-inline": 118, "primary-block": 118, "gap-inline": 15, "gap-block": 15,
  });
  assert.deepEqual(sizes(seven), {
    "target-inline": 66, "target-block": 71, "primary-inline": 104, "primary-block": 112, "gap-inline": 14, "gap-block": 15,
  });
});

test("letters are as high as their size says on both panels, and no text goes below 3.5 mm", () => {
  for (const panel of [ten, seven]) {
    const mm = (px) => (px * capRatio) / panel.pxmm_v;
    for (const [size, least, most] of [["s", 3.5, 4.2], ["m", 4.8, 5.6], ["l", 4.8, 7.1], ["xl", 4.8, 9]]) {
      assert.ok(mm(fonts(panel, size, 0).label) >= least, size);
      assert.ok(mm(fonts(panel, size, 1).label) >= most && mm(fonts(panel, size, 1).label) < most + 0.15, size);
    }
    for (const size of ["s", "m", "l", "xl"]) {
      for (const [role, px] of Object.entries(fonts(panel, size, -1))) {
        assert.ok(mm(px) >= (role === "list" ? leastLine : leastCap), `${size} ${role}: ${px} px`);
      }
    }
  }
});

test("each size is larger than the one before, and letters grow with t", () => {
  for (const role of ["title", "label", "text", "list", "small"]) {
    assert.ok(caps.s[role][1] < caps.m[role][1] && caps.m[role][1] < caps.l[role][1] && caps.l[role][1] < caps.xl[role][1], role);
    for (let t = -1; t < 1; t += 0.25) {
      assert.ok(fonts(ten, "l", t)[role] <= fonts(ten, "l", t + 0.25)[role], `${role} at ${t}`);
    }
  }
  assert.equal(fonts(ten, "xl", 1, true).title, fonts(ten, "xl", 0).title);
  assert.equal(fonts(ten, "xl", 1, true).label, fonts(ten, "xl", 1).label);
});

test("every number of choices has a layout with a place for each", () => {
  for (const beside of [false, true]) {
    for (let n = 0; n <= 9; n++) {
      const ways = layouts(n, beside);
      assert.ok(ways.length > 0 && ways.every((w) => w.columns >= 1 && w.columns <= Math.max(1, n)), `${n} choices`);
    }
  }
});

test("largest finds the edge of what fits", () => {
  for (const [edge, want] of [[2, 1], [-2, null], [0, 0], [0.5, 0.5], [0.3, 0.25]]) {
    assert.equal(largest((t) => t <= edge, 0, 1), want);
  }
});

/** Fits when the letters are small enough for the layout. */
const room = (limits) => ({ t, layout, examples, quiet }) =>
  t + (examples ? 0.4 : 0) - (quiet ? 0.5 : 0) <= (limits[`${layout.columns}${layout.picto}`] ?? -9);

for (const [name, size, limits, want] of [
  ["the preferred layout when it fits", "m", { "3top": 2, "2start": 2 }, { t: 1, columns: 3, examples: true }],
  ["larger letters win over the preferred layout", "m", { "3top": 0.4, "2start": 2 }, { t: 1, columns: 2, examples: true }],
  ["slightly larger letters do not", "m", { "3top": 1.3, "2start": 1.35 }, { t: 0.9, columns: 3, examples: true }],
  ["examples make room before letters go below M", "m", { "3top": 0.2 }, { t: 0.1875, columns: 3, examples: false }],
  ["examples make room for XL", "xl", { "3top": 1 }, { t: 1, columns: 3, examples: false }],
  ["below the least, rather small than cut", "m", { "3top": -0.2 }, { columns: 3, examples: true, t: -0.625 }],
]) {
  test(`a screen takes ${name}`, () => {
    const { t, layout, examples, fits } = choose(size, layouts(6, false), room(limits));
    assert.deepEqual({ t, columns: layout.columns, examples, fits }, { ...want, fits: true });
  });
}

test("for someone who asks for XL, the title leaves room to the choices, never to a list", () => {
  assert.equal(choose("xl", layouts(6, false), room({ "3top": 0.5 })).quiet, true);
  assert.equal(choose("xl", layouts(6, true), room({ "1start": 0.5 }), true).quiet, false);
});

for (const [name, size, fits, want] of [
  ["lines at 1.5 when letters nearly as large fit with them", "m", ({ t, air }) => t + air <= 1.7, { air: 1, bare: false, t: 0.7 }],
  ["close lines when they do not: larger letters are worth more", "m", ({ t, air }) => t + air <= 1.3, { air: 0, bare: false, t: 1 }],
  ["smaller letters when nothing else helps", "m", ({ t, air }) => t + air <= 0.9, { air: 0, bare: false, t: 0.9 }],
  ["larger letters without the title's picture rather than small ones", "m", ({ t, bare }) => t - (bare ? 1 : 0) <= -0.5, { air: 0, bare: true, t: 0.5 }],
]) {
  test(`a screen has ${name}`, () => {
    const { air, bare, t } = choose(size, layouts(3, false).slice(0, 1), fits, false, true);
    assert.deepEqual({ air, bare, t }, want);
  });
}

test("a title keeps its picture where it must", () => {
  assert.equal(choose("m", layouts(3, false), ({ bare }) => bare).fits, false);
});

test("lines are spread into the room that the letters left", () => {
  const fit = { t: 1, layout: { columns: 3, picto: "top" }, examples: true, quiet: false, bare: false, picture: 0, air: 0, fits: true };
  assert.equal(grow(fit, ({ air, picture }) => air <= 0.5 && picture === 0).air, 0.5);
});

test("what fits nowhere says so", () => {
  assert.equal(choose("m", layouts(6, false), () => false).fits, false);
});

test("pictures grow into the room that is left", () => {
  const fit = { t: 1, layout: { columns: 3, picto: "top" }, examples: true, quiet: false, picture: 0, fits: true };
  assert.equal(grow(fit, ({ picture }) => picture <= 0.5).picture, 0.5);
  assert.equal(grow(fit, () => false).picture, 0);
  assert.ok(tile(ten, 49, fit.layout, 1) > tile(ten, 49, fit.layout, 0));
});

test("the same press within half a second does nothing", () => {
  const guard = new Guard();
  assert.equal(guard.press("key caf", 0), true);
  guard.answered();
  assert.equal(guard.press("key caf", sameWithin - 1), false);
  assert.equal(guard.press("key caf", sameWithin), true);
});

test("a press waits for the answer to the last one, at most two seconds", () => {
  const guard = new Guard();
  assert.equal(guard.press("key caf", 0), true);
  assert.equal(guard.press("key sante", 600), false);
  assert.equal(guard.press("key sante", lockedFor), true);
  guard.answered();
  assert.equal(guard.press("key caf", lockedFor + 1), true);
});

test("a press the server did not take can be made again at once", () => {
  const guard = new Guard();
  assert.equal(guard.press("key caf", 0), true);
  assert.equal(guard.refused(0), true);
  assert.equal(guard.press("key caf", sameWithin - 1), false, "a trembling finger is still one press");
  assert.equal(guard.press("key caf", sameWithin), true);
});

test("a late refusal frees nothing that was pressed since", () => {
  const guard = new Guard();
  guard.press("key caf", 0);
  assert.equal(guard.press("key sante", lockedFor), true);
  assert.equal(guard.refused(0), false);
  assert.equal(guard.press("key logement", lockedFor + 600), false);
});

test("a key held down counts once", () => {
  const guard = new Guard();
  assert.equal(guard.press("action next", 0), true);
  guard.answered();
  assert.equal(guard.press("action next", 5_000, true), false);
});

test("running text stands at 1.5 where it fits, and never closer than its panel allows", () => {
  for (const [air, compact, want] of [[1, false, 1.5], [1, true, 1.5], [0, false, 1.2], [0, true, 1.1]]) {
    assert.equal(lineHeight(air, compact), want);
  }
});

test("a numeric keypad works whether Num Lock is on or not", () => {
  for (const [code, want] of [
    ["Numpad8", "previous"], ["Numpad2", "next"], ["Numpad5", "ok"], ["NumpadEnter", "ok"], ["Numpad0", "repeat"], ["NumpadDecimal", "back"],
    ["NumpadMultiply", "help"], ["NumpadDivide", "settings"], ["NumpadAdd", "louder"], ["NumpadSubtract", "softer"],
    ["Numpad7", "slower"], ["Numpad9", "faster"], ["Numpad1", "restart"], ["Numpad3", "bigger"], ["Numpad6", "next"], ["Numpad4", "previous"],
  ]) {
    for (const key of ["8", "ArrowUp", "Home", "Delete"]) assert.equal(action({ key, code }, "ltr"), want, `${code} ${key}`);
  }
  assert.equal(action({ key: "6", code: "Numpad6" }, "rtl"), "previous");
  assert.equal(action({ key: "4", code: "Numpad4" }, "rtl"), "next");
});

test("two switches are next and OK; a single one chooses while the focus moves", () => {
  for (const [key, scanning, want] of [["F9", false, "next"], ["F10", false, "ok"], ["F9", true, "ok"], [" ", true, "ok"], ["Enter", true, "ok"]]) {
    assert.equal(action({ key }, "ltr", scanning), want, `${key} ${scanning}`);
  }
});

test("every picture that a screen names is drawn", () => {
  const source = file("../../screen/pictures.js");
  for (const [, name] of source.matchAll(/: "(\w+)",$/gm)) assert.ok(symbol(name), name);
  assert.equal(screenPicture({ id: "question", picto: "ask_fake" }), "fake");
  assert.equal(screenPicture({ id: "question" }), "");
  assert.equal(screenPicture({ id: "practice_piece", piece: "password" }), "password");
  assert.equal(choicePicture("question", { key: "peur", picto: "sorry" }), "fear");
  assert.equal(choicePicture("question", { key: "alone", picto: "alone" }), "alone");
});

for (const [name, list, want] of [
  ["different pictures need nothing", [{ key: "a", label: "A", picto: "yes" }, { key: "b", label: "B", picto: "no" }], ["", ""]],
  ["the same picture has its time", [{ key: "in_15", label: "Je reviens à 9 h 10", picto: "clock" }, { key: "in_30", label: "Je reviens à 9 h 25", picto: "clock" }], ["9 h 10", "9 h 25"]],
  ["or its place", [{ key: "p", label: "Mairie", picto: "places" }, { key: "q", label: "Poste", picto: "places" }], ["1", "2"]],
  ["no picture has its place", [{ key: "p", label: "Mairie", picto: "" }, { key: "q", label: "Oui", picto: "yes" }], ["1", ""]],
]) {
  test(`without words, ${name}`, () => assert.deepEqual(marks("x", list), want));
}

test("a keyboard works like the panel of buttons", () => {
  for (const [key, dir, want] of [
    ["ArrowDown", "ltr", "next"], ["ArrowUp", "ltr", "previous"],
    ["ArrowRight", "ltr", "next"], ["ArrowLeft", "ltr", "previous"],
    ["ArrowRight", "rtl", "previous"], ["ArrowLeft", "rtl", "next"], ["ArrowDown", "rtl", "next"],
    ["Tab", "ltr", "next"], ["Enter", "ltr", "ok"], [" ", "ltr", "ok"], ["Escape", "ltr", "back"],
    ["F1", "ltr", "help"], ["h", "ltr", "help"], ["r", "ltr", "repeat"], ["+", "ltr", "louder"], ["-", "ltr", "softer"], ["Backspace", "ltr", "back"], ["R", "ltr", "repeat"], ["s", "ltr", "settings"],
    ["x", "ltr", null], ["toString", "ltr", null],
  ]) {
    assert.equal(action({ key }, dir), want, `${key} ${dir}`);
  }
  assert.equal(action({ key: "Tab", shiftKey: true }, "ltr"), "previous");
  assert.equal(action({ key: "r", ctrlKey: true }, "ltr"), null);
});

test("the sprite holds exactly the pictograms that are known by name", () => {
  const drawn = [...file("../../lib/pictos.svg").matchAll(/<symbol id="([^"]+)"/g)].map((m) => m[1]);
  assert.deepEqual(drawn.toSorted?.() ?? [...drawn].sort(), [...names].sort());
  assert.equal(new Set(drawn).size, drawn.length);
});

test("an unknown pictogram is no pictogram", () => {
  for (const [name, want] of [
    ["caf", "caf"], ["40-59", "age_adult"], ["age_70_plus", "age_elder"], ["age_0_11", "age_child"], ["age_elder", "age_elder"],
    ["unicorn", ""], ["", ""], [undefined, ""],
  ]) {
    assert.equal(symbol(name), want, String(name));
  }
});

for (const [name, view] of views) {
  test(`${name} follows the contract`, () => {
    assert.ok(view.choices.length <= view.panel.choices, "too many choices for the panel");
    const keys = [...view.choices, ...view.controls, ...(view.skip ? [view.skip] : [])].map((b) => b.key);
    assert.equal(new Set(keys).size, keys.length, "a key twice");
    assert.deepEqual(
      keys.filter((k) => view.controls.some((c) => c.key === k)).slice(0, 8),
      ["back", "restart", "repeat", "softer", "louder", "bigger", "settings", "help"],
    );
    for (const { picto } of [...view.choices, ...view.controls]) assert.ok(!picto || symbol(picto), `no pictogram ${picto}`);
    assert.equal(view.dir, ["ar", "fa"].includes(view.lang) ? "rtl" : "ltr");
    assert.ok(!JSON.stringify(view).includes("\u202f"), "no font has the narrow no-break space");
  });
}

test("the files hold no word of their own, no inline script or style, no left and right", () => {
  const html = file("../../screen/index.html");
  const text = html.replace(/<title>Jeudi<\/title>/, "").replace(/<!doctype html>/i, "").replace(/<[^>]*>/g, "").trim();
  assert.equal(text, "");
  assert.doesNotMatch(html, /\sstyle=|\son\w+=|<style/);
  assert.doesNotMatch(html, /<script(?![^>]*\ssrc=)/);
  for (const css of ["../../screen/screen.css", "../../lib/base.css"]) {
    const rules = file(css).replace(/\/\*[\s\S]*?\*\//g, "");
    assert.doesNotMatch(rules, /(^|[\s;{])(left|right|width|height|margin-top|margin-bottom|padding-top|padding-bottom)\s*:/m, css);
  }
});

/** Relative luminance of #rrggbb, WCAG 2.2. */
function luminance(hex) {
  const [r, g, b] = [1, 3, 5].map((i) => {
    const c = parseInt(hex.slice(i, i + 2), 16) / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
const contrast = (a, b) => {
  const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (high + 0.05) / (low + 0.05);
};

test("contrast is at least 10:1 for words, 20:1 in both high contrasts, 7:1 in the soft one, 3:1 for rings and edges", () => {
  const css = file("../../lib/base.css");
  const theme = (selector) => {
    const body = css.slice(css.indexOf(selector)).match(/\{([^}]*)\}/)?.[1] ?? "";
    return Object.fromEntries([...body.matchAll(/--([\w-]+):\s*(#[0-9a-f]{6})/g)].map((m) => [m[1], m[2]]));
  };
  const themes = { normal: theme(":root {"), dark: theme(':root[data-contrast="dark"]'), light: theme(':root[data-contrast="light"]'), low: theme(':root[data-contrast="low"]') };
  for (const [name, t] of Object.entries(themes)) {
    for (const [ink, ground] of [["ink", "ground"], ["ink", "card"], ["ink", "quiet"], ["ink", "focus"], ["ink", "good"], ["tile-ink", "tile"], ["warm-ink", "warm"]]) {
      const least = { normal: 10, dark: 20, light: 20, low: 7 }[name];
      const is = contrast(t[ink], t[ground]);
      assert.ok(is >= least, `${name}: ${ink} on ${ground} = ${is.toFixed(1)}; want ${least}`);
    }
    for (const ground of ["ground", "card", "quiet", "focus"]) {
      const is = contrast(t.ring, t[ground]);
      assert.ok(is >= 3, `${name}: ring on ${ground} = ${is.toFixed(1)}; want 3`);
      assert.ok(contrast(t["card-edge"], t[ground]) >= 3, `${name}: edge on ${ground}`);
      assert.ok(contrast(t.faint, t[ground]) >= 7, `${name}: faint on ${ground} = ${contrast(t.faint, t[ground]).toFixed(1)}; want 7`);
    }
  }
});
