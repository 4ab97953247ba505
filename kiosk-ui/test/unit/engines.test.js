// Televisions and phones are not updated: what these pages run is in the engines of
// early 2021 (Chromium 90). What is only nicer in newer ones may stand in a style.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

const root = new URL("../../", import.meta.url);

/** The text of a module and of all that it imports, by path. @param {string} path @param {Map<string, string>} [into] */
function modules(path, into = new Map()) {
  const url = new URL(path, root);
  if (into.has(url.pathname)) return into;
  const text = readFileSync(url, "utf8");
  into.set(url.pathname, text);
  for (const [, name] of text.matchAll(/^(?:import|export)\b[^"';@]*"(\.[^"]+)"/gm)) modules(new URL(name, url).href, into);
  return into;
}

/** What came later, and what an older engine does with it: throws, or does not even read the page. */
const later = [
  /\bObject\.(hasOwn|groupBy)\b/, /\bstructuredClone\b/, /\.at\(/, /\.(findLast|findLastIndex|toSorted|toReversed|toSpliced|with)\(/,
  /\bAbortSignal\.(any|timeout)\b/, /\bPromise\.(withResolvers|try)\b/, /\bstatic \{/, /#\w+ in /,
  /^(?=\S)(?!.*\basync\b).*\bawait\b/m, // outside every function
];

for (const page of ["hall/hall.js", "phone/ticket.js"]) {
  test(`${page} and all that it imports run in older engines`, () => {
    const all = modules(page);
    assert.ok(all.size > 5, [...all.keys()].join());
    for (const [path, text] of all) {
      const code = text.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, "");
      for (const pattern of later) assert.doesNotMatch(code, pattern, path);
    }
  });
}

test("the hall's style says nothing that an older engine drops with what is around it", () => {
  const css = readFileSync(new URL("hall/hall.css", root), "utf8");
  assert.doesNotMatch(css, /color-mix|:has\(|oklch|light-dark|@layer|@container|\d(dvh|svh)|^\s+&/m);
});
