// Who reads no language of the kiosk goes by the pictures alone.

import assert from "node:assert/strict";
import { scene } from "./box.mjs";

scene("a ticket with the pictures alone, in three presses", async (s) => {
  const box = await s.box();
  await box.desk("open");
  const kiosk = await s.kiosk(box, { query: "?notext=1" });
  const pictured = async () => {
    const { words, bare } = await kiosk.page.evaluate(() => {
      const seen = (/** @type {Element} */ e) => {
        for (let it = /** @type {Element | null} */ (e); it && it !== document.body; it = it.parentElement) if (it.getBoundingClientRect().width <= 1) return false;
        return true;
      };
      // What is hidden is a dot for assistive technology, which a text is not.
      const texts = [...document.querySelectorAll("main *, nav *")].filter((e) => seen(e) && [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent?.trim()));
      return {
        words: texts.map((e) => e.textContent).filter((t) => t?.replace(/[\d\s]/g, "")),
        bare: [...document.querySelectorAll("main button, nav button")].filter(seen)
          .filter((b) => ![...b.querySelectorAll("svg")].some((svg) => svg.getBoundingClientRect().width > 20)).map((b) => /** @type {HTMLElement} */ (b).dataset.key),
      };
    });
    assert.deepEqual(words, [], "words are to be read");
    assert.deepEqual(bare, [], "buttons without a picture");
  };
  await pictured();
  await kiosk.shot("notext-language");
  await kiosk.press("fr");
  await kiosk.screen("motif");
  await pictured();
  await kiosk.shot("notext-motif");
  const drawn = await kiosk.page.locator(".choices button use").evaluateAll((all) => all.map((u) => u.getAttribute("href")));
  assert.equal(new Set(drawn).size, 6, `six choices and as many pictures: ${drawn}`);
  await kiosk.press("retraite");
  await kiosk.screen("ticket");
  await pictured();
  await kiosk.shot("notext-ticket");
  assert.ok(kiosk.presses <= 3, `${kiosk.presses} presses; want 3 at most`);
  assert.equal(await kiosk.page.locator(".ticket .number").textContent(), "1");
});

scene("a finger that slides away presses nothing, one that comes back does", async (s) => {
  const box = await s.box();
  await box.desk("open");
  const kiosk = await s.kiosk(box);
  const { turn } = kiosk.view;
  const place = async (/** @type {string} */ key) => {
    const b = await kiosk.page.locator(`button[data-key="${key}"]`).boundingBox();
    assert.ok(b, key);
    return /** @type {const} */ ([b.x + b.width / 2, b.y + b.height / 2]);
  };
  const { mouse } = kiosk.page;
  const [fr, ar] = [await place("fr"), await place("ar")];
  await mouse.move(...fr);
  await mouse.down();
  await mouse.move(...ar, { steps: 3 });
  await mouse.up();
  assert.equal(await kiosk.page.locator("[data-sent], [data-down]").count(), 0);
  assert.equal(kiosk.view.turn, turn, "a press was sent");
  await mouse.move(...fr);
  await mouse.down();
  await mouse.move(...ar, { steps: 3 });
  await mouse.move(...fr, { steps: 3 });
  await mouse.up();
  await kiosk.screen("motif");
  assert.equal(kiosk.view.lang, "fr");
});
