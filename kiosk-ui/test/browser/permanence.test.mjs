// A morning of three: somebody at the reception, a social worker and a mediator, each
// on their own phone; two visitors who follow their tickets on theirs, a hall, and
// others who come meanwhile. Everything that can go wrong does, once: the box's clock
// is late, the paper runs out, the network is cut, a phone dies in the middle of a
// visit, the plug is pulled. At the end everybody who took a ticket has become
// something, and it adds up.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { connect, createServer } from "node:net";
import { freePort, jeudi, sampleSite, scene, until } from "./box.mjs";

/** By how much every phone is ahead of the box (ms). */
const late = 25 * 60_000;

/** What time it is on a phone. */
const ahead = () => {
  const now = Date.now;
  Date.now = () => now() + 25 * 60_000;
};

/** Three desks, and visitors on the network. @param {number} port */
const site = (port) => sampleSite({ replace: [
  [/^\[\[desk\]\]$/m, '[[desk]]\nkey = "accueil"\nlabel = "Accueil"\nroles = ["accueil"]\n\n[[desk]]'],
  [/^roles = \["travailleur_social", "mediateur_numerique"\]$/m, 'roles = ["travailleur_social"]\n\n[[desk]]\nkey = "2"\nlabel = "Bureau 2"\nroles = ["mediateur_numerique"]'],
  [/^# public = .*$/m, `public = "127.0.0.1:${port}"`],
  [/^visitors = false$/m, "visitors = true"],
] });

/** A network between the pages and the box, which can be cut. */
class Network {
  #sockets = new Set();
  #cut = false;
  #server = createServer((page) => {
    if (this.#cut) return void page.destroy();
    const box = connect(this.to, "127.0.0.1");
    for (const [socket, other] of [[page, box], [box, page]]) {
      this.#sockets.add(socket);
      socket.on("error", () => {}); // it ends, and says so
      socket.on("close", () => (this.#sockets.delete(socket), other.destroy()));
      socket.pipe(other);
    }
  });
  port = 0;

  /** @param {number} to the port of the box */
  constructor(to) {
    this.to = to;
  }

  async open() {
    await new Promise((done) => this.#server.listen(0, "127.0.0.1", () => done(undefined)));
    this.#server.unref(); // what goes through it ends with the pages and the box
    this.port = /** @type {import("node:net").AddressInfo} */ (this.#server.address()).port;
    return this;
  }

  cut() {
    this.#cut = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  mend() {
    this.#cut = false;
  }
}

/** Others who come meanwhile: how many, and what their script said at its end. */
function crowd(box, visitors) {
  const script = spawn(jeudi(), ["rehearse", "-url", box.url, "-crowd", "-visitors", String(visitors), "-speed", "1200", "-seed", "2"], { stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const out of [script.stdout, script.stderr]) out.on("data", (chunk) => (said += chunk));
  const ended = new Promise((done) => script.once("exit", (code) => done({ code, said })));
  return { ended, stop: () => script.kill() };
}

/** Connects a phone of the staff, a new one or one from before, and sits down at a desk. */
async function join(s, kiosk, address, role, desk, before) {
  const code = `${address}/${await kiosk.offer()}`;
  const phone = before ?? await s.phone(code, { init: ahead });
  if (before) await phone.page.goto(code);
  phone.view = null;
  await phone.button(role).tap();
  const { number } = await kiosk.shows("the number", (view) => view.pairing?.number && view.pairing);
  await phone.reads(String(number));
  await kiosk.button("Oui, le même nombre").tap();
  await phone.page.waitForURL(/\/desk/);
  await phone.role("link", new RegExp(`^${desk}`)).tap();
  await phone.shows("its desk", (view) => view.desk && view.role);
  await kiosk.shows("a kiosk for visitors", (view) => !view.pairing);
  return phone;
}

/** Somebody takes a ticket by touch, and follows it on their own phone. */
async function take(s, box, kiosk, lang, motif, port) {
  await kiosk.screen("language");
  await kiosk.press(lang);
  await kiosk.press(motif);
  await kiosk.screen("ticket");
  const { ticket } = await kiosk.shows("the paper is out", (view) => view.ticket?.paper === "printed" && view);
  await kiosk.press("skip");
  await kiosk.press("finish");
  const link = await box.code(ticket.number);
  const phone = await s.phone(link.replace(/:\d+/, `:${port}`));
  await standing(phone, "waiting", ticket.number);
  return phone;
}

/** The page of a ticket says where it stands. */
async function standing(phone, state, number) {
  await phone.page.locator(`[data-state="${state}"]`).waitFor();
  await phone.page.locator(".turn-card .number", { hasText: new RegExp(`^${number}$`) }).waitFor();
}

/** The person at a desk. */
const person = (desk, number) => desk.page.locator("desk-person .number", { hasText: new RegExp(`^${number}$`) }).waitFor();

/** The hall shows that a number is called to a desk. */
const called = (hall, number, desk) => hall.page.locator(".large .call", { hasText: new RegExp(`${number}\\s*${desk}`) }).waitFor();

/** Nothing is cut off; and a picture to look at. */
async function look(surface, name) {
  await surface.shot(`permanence-${name}`);
  assert.ok((await surface.beyond()).across <= 0, `${name} is wider than its window`);
}

scene("a morning of three in which everything goes wrong once", async (s) => {
  const [staffPort, publicPort] = [await freePort(), await freePort()];
  const box = await s.box({ site: site(publicPort), flags: ["-staff", `127.0.0.1:${staffPort}`] });
  await fetch(`${box.url}/dock/profile?name=epson-tm-t20`, { method: "POST" }); // it tells what a code says
  const [forStaff, forAll] = [await new Network(staffPort).open(), await new Network(publicPort).open()];
  const address = `https://127.0.0.1:${forStaff.port}`;
  /** @type {ReturnType<typeof crowd> | undefined} */
  let others;
  try {
    // ---- before: each connects their own phone ----
    const kiosk = await s.kiosk(box);
    const hall = await s.hall({ url: `http://127.0.0.1:${forAll.port}` });
    const reception = await join(s, kiosk, address, "Accueil", "Accueil");
    const social = await join(s, kiosk, address, "Travailleur social", "Bureau 1");
    const mediator = await join(s, kiosk, address, "Médiateur numérique", "Bureau 2");
    await kiosk.press("back");
    await reception.reads("Nouveaux appareils connectés : Travailleur social, Médiateur numérique.");
    await reception.button("Ouvrir la permanence").tap();
    for (const desk of [reception, social, mediator]) await desk.shows("an open permanence", (view) => view.permanence.status === "open");
    await hall.reads("Bienvenue");

    // ---- two visitors with a phone; others come, too ----
    const amina = await take(s, box, kiosk, "fr", "caf", forAll.port);
    const bruno = await take(s, box, kiosk, "ar", "impots", forAll.port);
    others = crowd(box, 3);

    // ---- the clock: the box has no battery, and is late ----
    const before = await social.shows("two who wait", (view) => view.waiting.length >= 2 && view);
    assert.ok(Math.abs(before.now_ms - Date.now()) < 60_000);
    await reception.reads(/Il est .*\?$/);
    await look(reception, "clock");
    await reception.role("button", "Oui").tap();
    const after = await social.shows("the right time", (view) => view.now_ms - Date.now() > late - 60_000 && view);
    for (const desk of [social, mediator]) await desk.page.locator("desk-time").waitFor({ state: "hidden" }); // one yes is enough
    for (const row of after.waiting) assert.ok(after.now_ms - row.arrived_ms < 5 * 60_000, `number ${row.number} is said to wait ${(after.now_ms - row.arrived_ms) / 60_000} min`);

    // ---- a call to each desk ----
    await social.button(/^Suivant/).tap();
    await person(social, 1);
    await called(hall, 1, "Bureau 1");
    await standing(amina, "called", 1);
    await look(amina, "called");

    // ---- the printer: no paper ----
    await social.shows("everybody has come, with a ticket in the hand", (view) => view.counts.issued === 5 && view.waiting.length === 4 && view.waiting.every((row) => row.paper === "printed"));
    await fetch(`${box.url}/dock/printer?state=no_paper&on=1`, { method: "POST" });
    await reception.button(/^Plus/).tap();
    await reception.button(/^Donner un ticket/).tap();
    await reception.role("dialog", "Donner un ticket").getByRole("button", { name: /^Santé/ }).tap();
    await reception.reads("Il n’y a plus de papier. Mettez un rouleau neuf.");
    await reception.reads("Le ticket 6 n’est pas imprimé.");
    await look(reception, "no-paper");
    await fetch(`${box.url}/dock/printer?state=ready&on=1`, { method: "POST" });
    await reception.button("Réimprimer").tap();
    await box.paper("ticket 6", /^\s*6\s*$/m);
    await reception.shows("nothing unprinted", (view) => view.unprinted.length === 0);

    // ---- the sockets: the network is gone while a call is made ----
    await social.button(/^Terminé/).tap();
    await standing(amina, "done", 1);
    const away = [hall, amina, bruno, reception, social, mediator];
    for (const page of away) page.dark = true;
    forAll.cut();
    await hall.reads(/^Hors ligne depuis/);
    await bruno.page.locator(".turn-offline").waitFor();
    await look(bruno, "offline");
    await look(hall, "offline");
    await mediator.button(/^Suivant/).tap(); // the desks are on another network
    await person(mediator, 2);
    forStaff.cut();
    await mediator.reads(/^Hors ligne depuis/);
    await look(mediator, "offline");
    for (const network of [forAll, forStaff]) network.mend();
    await called(hall, 2, "Bureau 2");
    await standing(bruno, "called", 2);
    for (const desk of [reception, social, mediator]) await desk.page.locator("jeudi-veil").waitFor({ state: "hidden" });
    await person(mediator, 2);
    for (const page of away) page.dark = false;

    // ---- a phone leaves in the middle of a visit, and another one takes its place ----
    await mediator.button(/^Plus/).tap();
    await mediator.button(/^Commencer/).tap();
    await standing(bruno, "serving", 2);
    await mediator.page.context().close();
    await reception.button(/^Plus/).tap();
    await reception.button(/^Appareils connectés/).tap();
    await reception.button(/^Dissocier : Médiateur numérique/).tap();
    await reception.shows("two phones", (view) => view.connected.devices.length === 2);
    await look(reception, "connected");
    await reception.button("Fermer").tap();
    const spare = await join(s, kiosk, address, "Médiateur numérique", "Bureau 2");
    await person(spare, 2);

    // ---- the plug is pulled ----
    const there = [...spare.view.waiting, ...spare.view.resting].map((row) => row.number);
    assert.deepEqual(there.toSorted(), [3, 4, 5, 6]);
    for (const page of [hall, kiosk, amina, bruno, reception, social, spare]) page.dark = true;
    await box.kill();
    await Promise.all([social.reads(/^Hors ligne depuis/), bruno.page.locator(".turn-offline").waitFor()]);
    await box.start();
    await hall.reads("Pause");
    await standing(bruno, "serving", 2);
    for (const phone of [reception, social, spare]) await phone.reads("Appareil déconnecté"); // no key to the box is on its card
    await kiosk.page.locator("jeudi-veil").waitFor({ state: "hidden" });
    await join(s, kiosk, address, "Accueil", "Accueil", reception);
    await join(s, kiosk, address, "Travailleur social", "Bureau 1", social);
    await join(s, kiosk, address, "Médiateur numérique", "Bureau 2", spare);
    for (const page of [hall, kiosk, amina, bruno, reception, social, spare]) {
      page.dark = false;
      page.errors = page.errors.filter((e) => !e.includes("401"));
    }
    await reception.reads(/Le boîtier s’est arrêté entre .* et .*/);
    await look(reception, "after-the-cut");
    assert.deepEqual([...reception.view.waiting, ...reception.view.resting].map((row) => row.number).toSorted(), there);
    assert.ok(reception.view.now_ms - Date.now() > late - 60_000, "what staff said of the time is forgotten");
    await reception.button("Reprendre").first().tap();
    await person(spare, 2);
    await spare.button(/^Terminé/).tap();
    await standing(bruno, "done", 2);
    await social.button(/^Suivant/).tap();
    const { mine } = await social.shows("somebody called", (view) => view.mine && view);
    assert.ok(there.includes(mine.number));
    await called(hall, mine.number, "Bureau 1");
    await social.button(/^Terminé/).tap();
    await social.shows("a free desk", (view) => !view.mine);

    // ---- the close: it adds up, and nobody is forgotten ----
    const left = there.filter((n) => n !== mine.number);
    await reception.button(/^Plus/).tap();
    await reception.button("Fermer la permanence").tap();
    await reception.reads(`${left.length} personnes sont encore là`);
    await look(reception, "close");
    await reception.button(/^Tout le monde est parti/).tap();
    await reception.reads("Compte rendu");
    const { counts } = await reception.shows("a closed permanence", (view) => view.permanence.status === "closed" && view);
    const { issued, here, turned_away: _, ...outcomes } = counts;
    assert.deepEqual([issued, here, outcomes.served, outcomes.left], [6, 0, 3, left.length]);
    assert.equal(Object.values(outcomes).reduce((sum, n) => sum + n, 0), issued);
    assert.match(await reception.page.locator(".report .sum").textContent() ?? "", /: 6 = 3 \+ /);
    await look(reception, "closed");
    assert.match(await box.paper("the closing report", /6\s*=\s*3\s*\+/), /Signature/);
    await hall.reads(/Prochaine permanence/);
    for (const phone of [amina, bruno]) await phone.page.locator('[data-state="gone"], [data-state="done"]').waitFor();
    const { code, said } = /** @type {any} */ (await others.ended);
    assert.match(said, /\nidentity ok: issued=6 served=3 .* here=0\n$/);
    assert.equal(code, 0);
  } finally {
    others?.stop();
  }
});
