// The figures at five past twelve, and the bilan at the end of a quarter: an agent reads
// the table of the morning, a coordinator closes the period and reads its bilan, as a
// page and as files. On a phone and on a laptop.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { scene } from "./box.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Takes so many people through desk 1; the motifs take turns. */
async function morning(box, people) {
  const motifs = ["caf", "impots", "retraite"];
  await box.desk("open");
  for (let n = 0; n < people; n++) {
    const { visit } = await box.desk("take", { motif: motifs[n % 3] });
    await box.desk("call", { visit });
    await box.desk("start");
    await box.desk("end", { outcome: n % 5 === 4 ? "oriented" : "served" });
  }
}

/** No violation that axe knows, nothing cut off at the side; and a picture to look at. */
async function look(desk, name) {
  if (!(await desk.page.evaluate(() => "axe" in window))) await desk.page.evaluate(axe);
  const before = desk.errors.length;
  const faults = await desk.page.evaluate(async () => {
    const { violations } = await /** @type {any} */ (window).axe.run(document.querySelector("dialog.folder[open]"), { resultTypes: ["violations"] });
    return violations.map((v) => `${v.id}: ${v.nodes.slice(0, 3).map((n) => n.html.slice(0, 160)).join(" | ")}`);
  });
  desk.errors.splice(before, Infinity, ...desk.errors.slice(before).filter((e) => !e.includes("inline style"))); // of axe itself
  await desk.shot(`bilan-${name}`);
  assert.deepEqual(faults, [], `axe on ${name}`);
  // Letters in the colour of their ground: axe leaves those to a human.
  const unseen = await desk.page.evaluate(() => [...document.querySelectorAll("dialog.folder[open] :is(a, button) .label")].filter((label) => {
    for (let e = label.parentElement; e; e = e.parentElement) {
      const ground = getComputedStyle(e).backgroundColor;
      if (ground !== "rgba(0, 0, 0, 0)") return ground === getComputedStyle(label).color;
    }
    return false;
  }).map((label) => label.textContent));
  assert.deepEqual(unseen, [], `letters that nobody sees on ${name}`);
  const wide = await desk.page.evaluate(() => [...document.querySelectorAll("dialog.folder[open] .page")].filter((e) => e.scrollWidth > e.clientWidth).length);
  assert.equal(wide, 0, `the page of ${name} is wider than its window`);
}

const folder = (desk) => desk.page.locator("dialog.folder[open]");
const title = (desk, words) => folder(desk).getByRole("heading", { level: 2, name: words }).waitFor();
const press = (desk, name) => folder(desk).getByRole("button", { name }).click();

/** The large figures, by their words. */
const figures = (desk) => folder(desk).locator(".figures > div").evaluateAll((all) => Object.fromEntries(all.map((f) => [f.querySelector("dt")?.textContent, Number(f.querySelector("dd")?.textContent)])));

scene("the figures of a morning, and the bilan of a quarter", async (s) => {
  const box = await s.box();
  await morning(box, 35);
  await box.desk("take", { motif: "caf" }); // still here
  const [phone, laptop] = await Promise.all([s.desk(box, { width: 390, height: 844 }), s.desk(box)]);

  // ---- while it goes on: exact, and with the motifs of the morning ----
  await phone.button("Plus").click();
  await phone.button(/^Statistiques/).click();
  await title(phone, "Statistiques");
  await folder(phone).getByText("En cours. Les chiffres changent encore.").waitFor();
  assert.deepEqual(await figures(phone), { "Tickets donnés": 36, "Reçus": 28, "Encore ici": 1, "Non reçus, sans ticket": 0 });
  await folder(phone).getByText("Motifs de cette permanence").click();
  await folder(phone).getByText("Effacés à la clôture.", { exact: false }).waitFor();
  assert.match(await folder(phone).locator("details[open] table").innerText(), /CAF\s+13\s+Impôts\s+12\s+Retraite\s+11/);
  await look(phone, "live-phone");
  assert.equal(await folder(phone).getByRole("button", { name: "Clore le trimestre" }).count(), 0, "nothing was held yet, and the period may be closed");

  // ---- five past twelve: the whole table, as on paper ----
  await box.desk("close", { rest: "left" });
  await press(phone, "Fermer");
  await phone.reads("Compte rendu");
  await phone.button("Statistiques").click();
  await folder(phone).getByText("Le tableau entier").click();
  assert.deepEqual(await figures(phone), { "Tickets donnés": 36, "Reçus": 28, "Envoyés ailleurs": 7, "Non reçus, sans ticket": 0 });
  for (const words of ["Durée de l’accueil", "Personne demandée", "Durée prévue", "Guichets"]) await folder(phone).getByText(words, { exact: true }).waitFor();
  assert.equal(await folder(phone).getByText("Motifs de cette permanence").count(), 0, "the motifs of a morning outlive it");
  await look(phone, "table-phone");

  // ---- the coordinator closes the quarter ----
  await laptop.button("Statistiques").click();
  await folder(laptop).getByText(/^Fiches de fin de visite\s*: 35 comptées/).waitFor();
  await look(laptop, "period-laptop");
  await press(laptop, "Clore le trimestre");
  await folder(laptop).getByText("Ses tableaux ne changeront plus.", { exact: false }).waitFor();
  await press(laptop, "Clore le trimestre");
  await folder(laptop).getByText("La période est close. Le bilan est prêt.").waitFor();
  await folder(laptop).getByText("Aucune permanence close n’est encore dans cette période.").waitFor();

  // ---- and reads its bilan ----
  await press(laptop, /^Bilan/);
  await title(laptop, "Bilan");
  await folder(laptop).getByRole("checkbox").waitFor();
  await look(laptop, "bilan-laptop");
  const [page] = await Promise.all([laptop.page.waitForEvent("popup"), folder(laptop).getByRole("link", { name: /^Lire le bilan/ }).click()]);
  await page.getByRole("heading", { level: 1, name: /Bilan de la permanence numérique/ }).waitFor();
  // Its own style is allowed, and shown: the policy knows its digest.
  const styled = await page.evaluate(() => [...document.styleSheets].every((sheet) => sheet.cssRules.length > 0) && document.styleSheets.length > 0);
  assert.ok(styled, "the page of the bilan lost its style");
  await page.setViewportSize({ width: 390, height: 844 });
  assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= 390, "the bilan is wider than a phone");
  await page.screenshot({ path: new URL("../shots/bilan-page-phone.png", import.meta.url).pathname, fullPage: true });
  const links = await folder(laptop).getByRole("link").evaluateAll((all) => all.map((a) => a.getAttribute("href") ?? ""));
  const begins = { "bilan.pdf": "%PDF-", "bilan.xlsx": "PK", "bilan.zip": "PK" };
  for (const [name, magic] of Object.entries(begins)) {
    const address = links.find((l) => l.includes(name));
    assert.ok(address, `no link to ${name}`);
    const got = await fetch(box.url + address);
    assert.equal(got.status, 200, name);
    assert.match(got.headers.get("content-disposition") ?? "", /attachment; filename="bilan-\d{4}-\d\d-\d\d-/);
    assert.equal(Buffer.from(await got.arrayBuffer()).subarray(0, magic.length).toString(), magic, name);
  }
  await folder(laptop).getByRole("checkbox").click();
  await folder(laptop).getByText("Cochez au moins une période.").waitFor();
  assert.equal(await folder(laptop).getByRole("link").count(), 0, "a bilan of no period is offered");
});
