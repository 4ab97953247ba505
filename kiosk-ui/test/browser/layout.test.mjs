// The desk on a phone and on a laptop, the hall on its display: nothing scrolls
// sideways, what is pressed is in the window and large enough. The pictures of it
// are in kiosk-ui/test/shots, to be looked at. The kiosk's screens are those of
// a11y.test.mjs.

import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { morningSite, scene, until } from "./box.mjs";

const pictures = join(dirname(fileURLToPath(import.meta.url)), "../pictures");

scene("the desk on a phone and on a laptop, the hall on its display", async (s) => {
  const box = await s.box();
  const [phone, laptop, hall] = await Promise.all([s.desk(box, { width: 360, height: 740 }), s.desk(box), s.hall(box)]);
  const all = [/** @type {const} */ (["phone", phone]), /** @type {const} */ (["laptop", laptop]), /** @type {const} */ (["hall", hall])];
  const look = async (/** @type {string} */ name, /** @type {readonly (readonly [string, import("./box.mjs").Surface])[]} */ pages, /** @type {RegExp[]} */ main) => {
    for (const [device, surface] of pages) {
      assert.ok((await surface.beyond()).across <= 0, `${device} ${name}: scrolls sideways`);
      for (const button of main) {
        const box = await surface.button(button).first().boundingBox();
        const size = surface.page.viewportSize();
        assert.ok(box && size, `${device} ${name}: no button ${button}`);
        assert.ok(box.x >= 0 && box.y >= 0 && box.x + box.width <= size.width && box.y + box.height <= size.height,
          `${device} ${name}: ${button} is not in the window: ${JSON.stringify(box)}`);
        assert.ok(box.width >= 44 && box.height >= 44, `${device} ${name}: ${button} is ${box.width}×${box.height}; want 44 at least`);
      }
      const words = await surface.page.evaluate(() => document.body.innerText);
      assert.doesNotMatch(words, /[⟦⟧]|undefined|\bnull\b|NaN|\{\w+\}|\b(desk|hall)\.\w/, `${device} ${name}`);
      await surface.shot(`${device}-${name}`);
    }
  };
  const desks = all.slice(0, 2);
  for (const [, desk] of desks) await desk.button("Ouvrir la permanence").waitFor();
  await hall.reads(/Prochaine permanence/);
  await look("before", desks, [/^Ouvrir la permanence/]);
  await look("before", all.slice(2), []);

  await box.desk("open");
  for (const motif of ["caf", "titres", "telephone", "logement"]) await box.ticket({ motif });
  await box.ticket({ motif: "impots", lang: "ar", for_other: true });
  await box.ticket({ motif: "retraite", lang: "en" });
  for (let i = 0; i < 14; i++) await box.ticket({ motif: "sante" });
  await hall.reads("20 personnes attendent");
  const buttons = [/^Suivant/, /^Terminé/, /^Pas pu être reçu/, /^Plus/];
  for (const [, desk] of desks) await desk.button(/^Suivant/).filter({ hasText: "Appeler le 1" }).waitFor();
  await look("open", desks, buttons);
  await look("welcome", all.slice(2), []);

  await box.desk("next");
  await box.desk("start");
  await box.desk("hold", { reason: "sms_code" });
  await box.desk("next");
  await box.desk("absent");
  await box.desk("next");
  for (const [, desk] of desks) await desk.page.locator("desk-person .number", { hasText: /^3$/ }).waitFor();
  await look("called", desks, buttons);
  await hall.page.locator(".large .call", { hasText: "3" }).waitFor();
  assert.ok((await hall.beyond()).down <= 0, "the hall scrolls");
  await look("calls", all.slice(2), []);
  assert.doesNotMatch(await hall.page.evaluate(() => document.body.innerText), /CAF|Santé|Impôts|Retraite|Téléphone|Logement|identité/i, "the hall tells a motif");

  for (const [, desk] of desks) await desk.button(/^Plus/).click();
  await look("more", desks, [/^Fermer$/]);
  for (const [, desk] of desks) await desk.button(/^Fermer la permanence/).click();
  await look("close", desks, [/^Retour$/, /^Ne pas fermer$/]);
  for (const [, desk] of desks) await desk.role("dialog", /.*/).getByRole("button", { name: "Ne pas fermer", exact: true }).click();
  for (const [, desk] of desks) await desk.button("Pas pu être reçu").click();
  await look("not-received", desks, [/^Fermer$/]);
  for (const [, desk] of desks) await desk.role("dialog", /.*/).getByRole("button", { name: "Fermer", exact: true }).click();

  await box.desk("intake_new");
  for (const [, desk] of desks) await desk.role("dialog", "À la place de la personne").waitFor();
  await look("intake", desks, [/^Français/]);
  await box.desk("intake_close");
  await box.desk("pause");
  await hall.reads("Pause");
  await look("paused", all, []);
  await box.desk("resume");
  await box.desk("close", { rest: "left" });
  for (const [, desk] of desks) await desk.reads("Compte rendu");
  await look("closed", desks, [/^Ouvrir la permanence/]);
});

scene("another screen is put in, in the middle of a morning: what is drawn is measured again", async (s) => {
  const box = await s.box();
  await box.desk("open");
  const kiosk = await s.kiosk(box, { width: 1280, height: 800 });
  await kiosk.screen("language");
  await kiosk.page.locator(".controls[data-words]").waitFor();
  const beyond = () => kiosk.page.evaluate(() => [...document.querySelectorAll(".controls[data-words] .label, .choices .label, .skip .label")].filter((e) => {
    const button = /** @type {Element} */ (e.closest("button")).getBoundingClientRect();
    const words = document.createRange();
    words.selectNodeContents(e);
    const at = words.getBoundingClientRect();
    return at.left < button.left || at.right > button.right || at.bottom > innerHeight || at.right > innerWidth;
  }).map((e) => e.textContent));
  assert.deepEqual(await beyond(), []);
  for (const [width, height] of [[1024, 768], [1920, 1080], [1280, 800]]) {
    await kiosk.page.setViewportSize({ width, height });
    await until(`${width}×${height} is measured`, async () => (await beyond()).length === 0);
    await kiosk.shot(`screen-${width}x${height}`);
  }
});

if (process.env.PICTURES) scene("the pictures of the README", async (s) => {
  const speed = 120;
  const [still, box] = await Promise.all([s.box({ site: morningSite() }), s.box({ site: morningSite(), flags: ["-clock", `${speed}x`] })]);
  mkdirSync(pictures, { recursive: true });
  await still.desk("open");
  const kiosk = await s.kiosk(still);
  await kiosk.press("fr");
  await kiosk.screen("motif");
  await kiosk.page.evaluate(() => document.fonts.ready);
  await kiosk.page.screenshot({ path: join(pictures, "kiosk.png"), animations: "disabled" });

  // Twenty minutes of a morning.
  await box.desk("open");
  const desk = await s.desk(box);
  const begin = Date.now();
  const minute = (/** @type {number} */ n) => until(`minute ${n}`, () => (Date.now() - begin) * speed >= n * 60_000);
  await box.ticket({ motif: "caf" });
  await box.ticket({ motif: "titres" });
  await box.desk("next");
  await box.desk("start");
  await minute(4);
  await box.ticket({ motif: "sante" });
  await box.desk("hold", { reason: "looking_for_paper" });
  await box.desk("next");
  await box.desk("start");
  await minute(9);
  await box.ticket({ motif: "impots", lang: "ar" });
  await minute(13);
  await box.ticket({ motif: "logement", for_other: true });
  await minute(17);
  await box.ticket({ motif: "telephone" });
  await minute(20);
  await desk.reads(/^En accueil depuis \d/);
  await desk.page.screenshot({ path: join(pictures, "desk.png"), animations: "disabled" });
});
