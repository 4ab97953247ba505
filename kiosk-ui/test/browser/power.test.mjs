// The plug is pulled in the middle of a morning. Every page says that the box is
// gone, for how long, and takes no press; when the box is back they come back by
// themselves, and nobody who waited is lost or called again aloud.

import assert from "node:assert/strict";
import { scene } from "./box.mjs";

/** The veil is over the page, counts, and nothing under it can be pressed. */
async function veiled({ page }) {
  const veil = page.getByRole("alert").filter({ hasText: "Hors ligne depuis" });
  await veil.waitFor();
  await veil.filter({ hasText: /depuis [1-9]\d* s/ }).waitFor();
  const { inert, covered } = await page.evaluate(() => ({
    inert: [...document.body.children].every((e) => e.localName === "jeudi-veil" || e.localName === "script" || /** @type {HTMLElement} */ (e).inert),
    covered: [...document.querySelectorAll("button")].filter((b) => b.getClientRects().length > 0).every((b) => {
      const { x, y, width, height } = b.getBoundingClientRect();
      const top = document.elementFromPoint(x + width / 2, y + height / 2);
      return !top || !b.contains(top);
    }),
  }));
  assert.ok(inert, "what is under the veil is not inert");
  assert.ok(covered, "a button can be pressed through the veil");
}

/** The seconds that the veil shows. */
async function seconds({ page }) {
  return Number((await page.locator("jeudi-veil .veil-text").textContent())?.match(/\d+/)?.[0]);
}

scene("the plug is pulled, and put back", async (s) => {
  const box = await s.box();
  await box.desk("open");
  for (const motif of ["caf", "sante", "impots"]) await box.ticket({ motif });
  await box.desk("next");
  const [desk, hall, kiosk] = await Promise.all([s.desk(box), s.hall(box), s.kiosk(box)]);
  const pages = [desk, hall, kiosk];
  await desk.page.locator("desk-person .number", { hasText: /^1$/ }).waitFor();
  await hall.page.locator(".large .call", { hasText: /1\s*Bureau 1/ }).waitFor();
  await kiosk.press("fr");
  await kiosk.press("titres");
  await kiosk.screen("ticket");
  await kiosk.press("questions");
  await kiosk.press("yes");
  await kiosk.shows("the second question", (view) => view.progress?.at === 2);

  // The call has flashed, and is still young enough to be taken for a new one.
  await hall.page.locator(".call.fresh").waitFor({ state: "hidden" });

  for (const page of pages) page.dark = true;
  await box.kill();
  await Promise.all(pages.map(veiled));
  const first = await seconds(kiosk);
  await kiosk.sees("the seconds go on", (n) => Number(document.querySelector("jeudi-veil .veil-text")?.textContent?.match(/\d+/)?.[0]) > n, first);
  // A press on the way is kept back, not sent later.
  await kiosk.page.mouse.click(640, 400);

  // From here on the hall tells of every call that flashes.
  await hall.page.evaluate(() => {
    const w = /** @type {any} */ (window);
    w.flashed = [];
    new MutationObserver(() => {
      for (const call of document.querySelectorAll(".call.fresh")) w.flashed.push(call.textContent);
    }).observe(document.body, { subtree: true, childList: true, attributes: true, attributeFilter: ["class"] });
  });
  await box.start();

  for (const { page } of pages) await page.locator("jeudi-veil").waitFor({ state: "hidden" });
  for (const page of pages) page.dark = false;
  await desk.reads(/Le boîtier s’est arrêté entre .* et .*/);
  await desk.reads("En pause");
  await hall.reads("Pause");
  // What the person had answered is gone with the power, as it must be.
  await kiosk.screen("language");
  await desk.page.locator("desk-person .number", { hasText: /^1$/ }).waitFor();
  assert.deepEqual(await desk.page.locator(".waiting .row .n").allTextContents(), ["2", "3", "4"]);
  assert.deepEqual(desk.view.counts, { ...desk.view.counts, issued: 4, here: 4 });

  await desk.button("Reprendre").first().click();
  await desk.button(/^Terminé/).and(desk.page.locator('[aria-disabled="false"], :not([aria-disabled])')).waitFor();
  await hall.page.locator(".large .call", { hasText: /1\s*Bureau 1/ }).waitFor();
  assert.deepEqual(await hall.page.evaluate(() => /** @type {any} */ (window).flashed), [], "an old call flashed again");
  const { speaker } = await box.dock();
  assert.deepEqual((speaker.heard ?? []).filter((h) => h.chime), [], "an old call was said again");
  // The opening report and the tickets are not printed again.
  assert.equal((await box.papers()).length, 0);

  // And the morning goes on.
  await desk.button(/^Terminé/).click();
  await desk.button(/^Suivant/).filter({ hasText: "Appeler le 2" }).click();
  await hall.page.locator(".large .call.fresh", { hasText: /2\s*Bureau 1/ }).waitFor();
  await kiosk.press("ar");
  await kiosk.press("caf");
  assert.equal((await kiosk.screen("ticket")).ticket.number, 5);
});

scene("a kiosk that is reloaded comes back at the same question", async (s) => {
  const box = await s.box();
  await box.desk("open");
  const kiosk = await s.kiosk(box);
  await kiosk.press("en");
  await kiosk.press("caf");
  await kiosk.screen("ticket");
  await kiosk.press("questions");
  await kiosk.press("yes");
  await kiosk.press("bigger");
  const { title, progress } = await kiosk.shows("the second question", (view) => view.progress?.at === 2 && view.size === "l" && view);
  assert.deepEqual(progress, { at: 2, of: 13 });

  await kiosk.page.reload();
  await kiosk.screen("question");
  await kiosk.role("heading", title).waitFor();
  assert.equal(await kiosk.page.locator("html").getAttribute("data-size"), "l");
  assert.equal(await kiosk.page.locator("html").getAttribute("lang"), "en");
  assert.equal(await kiosk.page.locator('.step[data-at="done"]').count(), 1);
  await kiosk.press("back");
  await kiosk.shows("the first question", (view) => view.progress?.at === 1);
  assert.equal(await kiosk.page.locator('[data-key="yes"]').getAttribute("aria-pressed"), "true", "the answer is still there");
});
