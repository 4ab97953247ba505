// Who reads no language of the kiosk goes by the pictures alone.

import assert from "node:assert/strict";
import { scene } from "./box.mjs";

scene("a ticket with the pictures alone, in three presses", async (s) => {
  const box = await s.box();
  await box.desk("open");
  const kiosk = await s.kiosk(box, { query: "?notext=1" });
  const pictured = async () => {
    const { words, bare } = await kiosk.page.evaluate(() => ({
      words: document.body.innerText.replace(/[\d\s]/g, ""),
      bare: [...document.querySelectorAll("main button, nav button")].filter((b) => b.getClientRects().length > 0)
        .filter((b) => ![...b.querySelectorAll("svg")].some((svg) => svg.getBoundingClientRect().width > 20)).map((b) => /** @type {HTMLElement} */ (b).dataset.key),
    }));
    assert.equal(words, "", "words are to be read");
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
