// Two phones of the staff keep the keys of what waits to be counted. The box is cut; the
// first phone that comes back gives the key by itself, what waited is counted, and the
// phone that was away forgets.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { freePort, scene, until } from "./box.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** The keys that a phone keeps: kind and batch. */
const kept = (phone) => until("a page that stands still", () => phone.page.evaluate(() =>
  Object.keys(localStorage).filter((k) => k.startsWith("jeudi.key.")).map((k) => k.split(".").slice(3).join(" ")).sort())
  .catch((err) => {
    if (!/context was destroyed/.test(String(err))) throw err;
    return null; // it went on to another page
  }));

/** The batch of the sheets that staff fill, as a phone keeps it. */
const batch = async (phone) => (await kept(phone)).filter((k) => k.startsWith("staff")).join();

/** Nothing is cut off, and no violation that axe knows. */
async function look(surface, name) {
  if (!(await surface.page.evaluate(() => "axe" in window))) await surface.page.evaluate(axe);
  const before = surface.errors.length;
  const faults = await surface.page.evaluate(async () => {
    const root = document.querySelector("dialog[open]") ?? document.querySelector("main") ?? document;
    const { violations } = await /** @type {any} */ (window).axe.run(root, { resultTypes: ["violations"] });
    return violations.map((v) => `${v.id}: ${v.nodes.slice(0, 3).map((n) => n.html.slice(0, 160)).join(" | ")}`);
  });
  surface.errors.splice(before, Infinity, ...surface.errors.slice(before).filter((e) => !e.includes("inline style"))); // of axe itself
  assert.deepEqual(faults, [], `axe on ${name}`);
  assert.equal((await surface.beyond()).across, 0, `${name} is wider than its window`);
  await surface.shot(`escrow-${name}`);
}

/** What a browser says of a box that was cut, and of a pairing that it ended. */
const cutOff = /401|ERR_|WebSocket/;

scene("phones keep the key while the box is off", async (s) => {
  const staff = `127.0.0.1:${await freePort()}`; // the same after the cut: keys belong to an address
  const box = await s.box({ flags: ["-staff", staff] });

  /** Goes all the way by code, as a phone would. */
  const pair = async (phone, role) => {
    const { fragment } = await (await fetch(`${box.url}/api/pairing`, { method: "POST", headers: { "Content-Type": "application/json" }, body: '{"do":"offer"}' })).json();
    await phone.page.goto(`https://${staff}/${fragment}`);
    await phone.button(role).tap();
    const number = await until("the number", async () => Number(await phone.page.locator(".number").textContent()));
    await fetch(`${box.url}/api/pairing`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ do: "confirm", number }) });
    await phone.page.waitForURL(/\/desk/);
    phone.view = null; // of the time before
    await phone.page.getByRole("link", { name: "Bureau 1" }).click();
    await phone.shows("its desk", (view) => view.desk === "1");
  };
  /** A morning: as many people are received. */
  const morning = async (people) => {
    await box.desk("open");
    for (let i = 0; i < people; i++) {
      await box.ticket();
      await box.desk("next");
      await box.desk("start");
      await box.desk("end", { outcome: "served" });
    }
    await box.desk("close");
  };

  // ---- two phones are connected, and keep the keys: nobody did anything for it ----
  const mediator = await s.phone(`https://${staff}/`);
  const reception = await s.phone(`https://${staff}/`);
  await pair(mediator, "Médiateur numérique");
  await pair(reception, "Accueil");
  await mediator.shows("two that keep the keys", (view) => view.escrow.holders === 2);
  assert.deepEqual((await kept(mediator)).map((k) => k.split(" ")[0]), ["exit", "staff", "visitor"]);
  assert.deepEqual(await kept(reception), await kept(mediator));
  const first = await batch(mediator);
  await morning(6);
  await mediator.shows("the end", (view) => view.permanence.status === "closed");
  await mediator.button("Clé des réponses").tap();
  await mediator.reads("2 téléphones gardent la clé.");
  await mediator.reads("Ce téléphone la garde.");
  await look(mediator, "phone-kept");
  await mediator.button(/^Imprimer le ticket du tiroir/).tap();
  const ticket = await box.paper("the drawer ticket", /TICKET DU TIROIR/);
  await mediator.reads("Le ticket du tiroir est imprimé. Rangez-le.");
  await look(mediator, "phone-printed");

  // ---- the plug is pulled ----
  for (const phone of [mediator, reception]) phone.dark = true;
  await box.kill();
  await box.start();
  await mediator.reads("Appareil déconnecté");
  const desk = await s.desk(box);
  await desk.page.getByRole("link", { name: "Bureau 1" }).click();
  await desk.reads(/^6 fiches de fin de visite attendent leur clé\. Connectez un téléphone/);
  await look(desk, "desk-waiting");
  await desk.button("Voir").click();
  await desk.reads("En attente de la clé");
  await look(desk, "desk-page");
  await desk.page.setViewportSize({ width: 390, height: 844 });
  await look(desk, "desk-page-phone");
  await desk.page.setViewportSize({ width: 1280, height: 800 });

  // ---- by hand: a code that is not the right one, and what asks twice ----
  const [, code] = ticket.match(/fin de visite, lot \d+\s+([0-9A-Z-]{11}\s+[0-9A-Z-]{11}\s+[0-9A-Z-]{11})/);
  await desk.page.getByLabel("Code du ticket du tiroir").fill(code.slice(1));
  await desk.button(/^Donner la clé/).click();
  await desk.reads(/^Ce code n’est pas complet/);
  desk.errors = desk.errors.filter((e) => !e.includes("409"));
  await desk.page.getByLabel("Code du ticket du tiroir").fill("");
  await desk.button(/^Abandonner ces réponses/).click();
  await desk.reads(/Avez-vous cherché chaque téléphone/);
  await look(desk, "desk-abandon");
  await desk.button(/^Oui, j’ai cherché partout/).click();
  await desk.reads("Abandonner pour toujours ?");
  await look(desk, "desk-abandon-last");
  await desk.button("Fermer").click();

  // ---- a phone comes back: the box takes its key from it ----
  await mediator.page.goto(`https://${staff}/`);
  await mediator.reads(/^Ce téléphone garde une clé de la borne/);
  await look(mediator, "phone-keeper");
  await pair(mediator, "Médiateur numérique");
  await mediator.shows("nothing that waits for a key", (view) => view.escrow.locked.length === 0 && view.escrow.holders === 1);
  assert.equal(await batch(mediator), first, "the same batch goes on");

  // ---- ten have come: they are counted, and the key is another ----
  await morning(6);
  const next = await until("another batch", async () => {
    const now = await batch(mediator);
    return now !== "" && now !== first && now;
  });
  assert.equal(await batch(reception), first, "the phone that is away knows nothing of it");
  await pair(reception, "Accueil");
  await until("the old key to be forgotten", async () => (await batch(reception)) === next);
  await reception.shows("two that keep the keys", (view) => view.escrow.holders === 2);

  // ---- one is lost ----
  await mediator.button("Appareils connectés").tap();
  await look(mediator, "phone-connected");
  await mediator.button(/^Un appareil est perdu/).tap();
  await mediator.reads(/^Tous les appareils sont dissociés/);
  await look(mediator, "phone-lost");
  await mediator.button("Oui, il est perdu").tap();
  await mediator.reads("Appareil déconnecté");
  for (const phone of [mediator, reception]) await until("a phone that forgets everything", async () => (await kept(phone)).length === 0);

  const said = box.log + (await desk.page.content());
  assert.ok(!said.includes(code.replace(/\s+/g, "")) && !said.includes(code.slice(0, 11)), "a key is in the log, or in a page");
  for (const phone of [mediator, reception]) {
    await phone.page.context().close();
    phone.errors = phone.errors.filter((e) => !cutOff.test(e)); // of others it is told
  }
});
