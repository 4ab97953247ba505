// What the kiosk's browser keeps: somebody answers all questions, the browser is
// closed, and every file of its profile is read. The kiosk's own browser starts without
// a profile; this is what would be left if it had one.

import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { Kiosk, patience, sampleSite, scene } from "./box.mjs";

/** An answer that is in no other text. */
const mine = { key: "zebulon-nord", label: "Zébulon-Nord" };

/** The files under a folder whose bytes hold a text. @param {string} dir @param {string} text @returns {string[]} */
function holders(dir, text) {
  const forms = [Buffer.from(text, "utf8"), Buffer.from(text, "utf16le"), Buffer.from(encodeURIComponent(text)), Buffer.from(JSON.stringify(text).slice(1, -1))];
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => {
      const bytes = readFileSync(path);
      return forms.some((form) => bytes.includes(form));
    });
}

scene("the browser's profile holds no answer", async (s) => {
  const box = await s.box({ site: sampleSite({ replace: [
    [/^key = "haut-moulin"$/m, `key = "${mine.key}"`], [/^label = "Le Haut-Moulin"$/m, `label = "${mine.label}"`],
  ] }) });
  await box.desk("open");
  const profile = mkdtempSync(join(tmpdir(), "jeudi-profile-"));
  try {
    const plain = process.getuid?.() !== 0;
    const context = await chromium.launchPersistentContext(profile, {
      executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", chromiumSandbox: plain, locale: "fr-FR", hasTouch: true,
      viewport: { width: 1280, height: 800 }, args: ["--disable-gpu", "--no-first-run", "--disable-background-networking", ...(plain ? [] : ["--no-sandbox"])],
    });
    context.setDefaultTimeout(patience);
    const kiosk = new Kiosk(await context.newPage());
    await kiosk.page.goto(`${box.url}/kiosk`);
    await kiosk.screen("language");
    for (const key of ["fr", "caf"]) await kiosk.press(key);
    await kiosk.screen("ticket");
    await kiosk.press("questions");
    let chosen = 0, at = 0;
    for (let screens = 0; ; screens++) {
      const { id, choices, title, progress } = await kiosk.shows("a question, or the end of them", (v) => v);
      if (id === "recap") break;
      assert.ok(screens < 40, `the questions do not end: ${id}, ${title}, ${choices.map((/** @type {any} */ c) => c.key)}`);
      /** @param {string} key */
      const offers = (key) => choices.some((/** @type {any} */ c) => c.key === key);
      if (offers(mine.key)) chosen++;
      const several = offers("done") && progress?.at === at;
      await kiosk.press(offers(mine.key) ? mine.key : several ? "done" : id === "share" ? "no" : choices[0].key);
      at = progress?.at;
    }
    assert.equal(chosen, 1, "the answer that is looked for was not given");
    await kiosk.press("send");
    await kiosk.shows("that it is kept", (v) => v.id === "thanks" && v.choices.some((/** @type {any} */ c) => c.key === "finish"));
    // So that something is found where there is something.
    await kiosk.page.evaluate(() => localStorage.setItem("temoin", "temoin-de-carottage"));
    assert.deepEqual(kiosk.errors, []);
    await context.close();
    assert.notDeepEqual(holders(profile, "temoin-de-carottage"), [], "what a page stored is not found: this looks at the wrong place");
    for (const text of Object.values(mine)) assert.deepEqual(holders(profile, text), [], `the profile holds « ${text} »`);
  } finally {
    rmSync(profile, { recursive: true, force: true });
  }
});
