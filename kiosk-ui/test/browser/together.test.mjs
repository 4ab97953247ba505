// What the team does together: a morning's orders on a phone in one hand, the end of a
// visit told by thumb, La Coop's file before the close, help between two desks, and a
// workshop whose last seat is given once.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { sampleSite, scene, until } from "./box.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Two desks, and a site that makes links. */
const site = () => sampleSite({ replace: [
  [/^roles = \["travailleur_social", "mediateur_numerique"\]$/m, '$&\n\n[[desk]]\nkey = "2"\nlabel = "Bureau 2"\nroles = ["mediateur_numerique", "travailleur_social"]'],
  [/^prefill = false$/m, "prefill = true"],
] });

/** No violation that axe knows, besides what fits() looks for. */
async function look(desk, name) {
  if (!(await desk.page.evaluate(() => "axe" in window))) await desk.page.evaluate(axe);
  const before = desk.errors.length;
  const faults = await desk.page.evaluate(async () => {
    const root = document.querySelector("dialog[open]") ?? document;
    const { violations } = await /** @type {any} */ (window).axe.run(root, { resultTypes: ["violations"] });
    return violations.map((v) => `${v.id}: ${v.nodes.slice(0, 3).map((n) => n.html.slice(0, 160)).join(" | ")}`);
  });
  desk.errors.splice(before, Infinity, ...desk.errors.slice(before).filter((e) => !e.includes("inline style"))); // of axe itself
  assert.deepEqual(faults, [], `axe on ${name}`);
  await fits(desk, name);
}

/** Nothing is cut off at the side or too small for a thumb; and a picture to look at. */
async function fits(desk, name) {
  await desk.shot(`together-${name}`);
  assert.ok((await desk.beyond()).across <= 0, `${name} is wider than its window`);
  const small = await desk.page.evaluate(() =>
    [...(document.querySelector("dialog[open]") ?? document).querySelectorAll(":is(button, select, .tick, summary, a):not(p a)")]
      .map((e) => ({ e, box: e.getBoundingClientRect() }))
      .filter(({ e, box }) => box.width > 0 && e.checkVisibility() && (box.height < 43.5 || box.width < 43.5 || box.left < 0 || box.right > innerWidth))
      .map(({ e, box }) => `${e.textContent || e.tagName} ${Math.round(box.width)}×${Math.round(box.height)}`));
  assert.deepEqual(small, [], `too small for a thumb, or cut off, on ${name}`);
}

/** The page of a desk. */
async function sit(s, box, label, size) {
  const desk = await s.desk(box, size);
  await desk.role("link", new RegExp("^" + label)).click();
  await desk.shows("its desk", (v) => v.desk);
  return desk;
}

/** A refusal that was meant is no error of the page: its answer, and what the browser says of it. */
async function refused(desk) {
  await until("a refusal", () => desk.errors.some((e) => e.startsWith("409")) && desk.errors.some((e) => /status of 409/.test(e)));
  desk.errors.splice(0, Infinity, ...desk.errors.filter((e) => !/409/.test(e)));
}

const folder = (desk) => desk.page.locator("dialog.folder[open]");
const press = (desk, name) => folder(desk).getByRole("button", { name, exact: typeof name === "string" }).click();
const pressed = async (desk, name) => (await folder(desk).getByRole("button", { name, exact: true }).getAttribute("aria-pressed")) === "true";

/** The sheet that is open, or the questions. */
const dialog = (desk) => desk.page.locator("dialog[open]");

scene("everything of a morning in one hand", async (s) => {
  const box = await s.box({ site: site() });
  const desk = await sit(s, box, "Bureau 1", { width: 390, height: 844 });
  const tap = (/** @type {string|RegExp} */ name) => dialog(desk).getByRole("button", { name, exact: typeof name === "string" }).click();
  const more = async (/** @type {(string|RegExp)[]} */ ...names) => {
    await desk.button(/^Plus/).click();
    for (const name of names) await tap(name);
  };
  const undo = () => desk.button(/^Annuler :/).click();
  const row = (/** @type {number} */ n) => desk.page.locator("desk-people .row", { has: desk.page.locator(".n", { hasText: new RegExp(`^${n}$`) }) }).click();
  const mine = (/** @type {number} */ n, /** @type {string} */ state) => desk.shows(`${n} ${state}`, (v) => v.mine?.number === n && v.mine.state === state);
  const numbers = (/** @type {any[]} */ rows) => rows.map((r) => r.number).join(" ");

  await desk.button("Ouvrir la permanence").click();
  await desk.shows("open", (v) => v.permanence.status === "open");
  await fits(desk, "free-phone");

  // ---- tickets for those who do not use the kiosk ----
  await more(/^Donner un ticket/, "CAF");
  await desk.shows("a ticket", (v) => numbers(v.waiting) === "1");
  await more(/^Donner un ticket/, "Vient pour quelqu’un d’autre", "Impôts");
  await desk.shows("one for somebody else", (v) => numbers(v.waiting) === "1 2" && v.waiting[1].for_other);
  await more(/^Donner un ticket/, "Sans motif");
  await desk.shows("one without a reason", (v) => numbers(v.waiting) === "1 2 3");

  // ---- the questions of somebody who waits, here ----
  await row(2);
  await fits(desk, "person-phone");
  await tap(/^Répondre aux questions ici/);
  await desk.shows("their own ticket", (v) => v.intake?.id === "ticket" && v.intake.ticket.number === 2);
  await tap("Quelques questions");
  await desk.reads("Avez-vous utilisé Internet ces 3 derniers mois ?");
  await look(desk, "questions-phone");
  await tap("Plus tard");
  await desk.button("Continuer").click();
  for (const [id, key, then] of [["question", "yes", "question"], ...Array(6).fill(["question", "alone", "question"]), ["question", "pass", "result"], ["result", "go_on", "share"], ["share", "yes", "question"], ["question", "skip", "recap"], ["recap", "send", "thanks"]]) {
    const { turn } = await desk.shows(id, (v) => v.intake?.id === id && v.intake);
    await dialog(desk).locator(`button[data-key="${key}"]`).click();
    await desk.shows(then, (v) => v.intake.turn !== turn && v.intake.id === then);
  }
  await desk.shows("kept", (v) => v.intake?.choices.some((c) => c.key === "finish"));
  await dialog(desk).locator('button[data-key="finish"]').click();
  await desk.shows("no questions any more", (v) => !v.intake);
  assert.equal(desk.view.counts.issued, 3, "the questions made no ticket");

  // ---- choose, take back, next ----
  await row(2);
  await tap("Appeler maintenant");
  await mine(2, "called");
  await desk.reads("La personne a partagé");
  await look(desk, "called-phone");
  await undo();
  await desk.shows("the call taken back", (v) => !v.mine && numbers(v.waiting) === "1 2 3");
  await desk.button(/^Suivant/).click();
  await mine(1, "called");
  await desk.reads(/^Rappeler dans/);

  // ---- arrived, together, aside and back, to a colleague ----
  await more(/^Commencer/);
  await mine(1, "serving");
  await more(/^À deux/);
  await desk.shows("both professions", (v) => v.mine.roles.length === 2);
  await more(/^Mettre en attente/, "autre raison");
  await desk.shows("aside", (v) => !v.mine && numbers(v.held) === "1" && v.held[0].reason === "autre raison");
  await fits(desk, "aside-phone");
  await desk.button("Prêt : le 1").click();
  await desk.shows("back, and first", (v) => numbers(v.waiting) === "1 2 3");
  await desk.button(/^Suivant/).click();
  await mine(1, "called");
  await more(/^Passer à un collègue/, "Médiateur numérique");
  await desk.shows("with the colleague at this desk", (v) => v.mine?.roles.join() === "Médiateur numérique");
  await desk.button(/^Terminé/).click();
  await desk.shows("ended", (v) => !v.mine && v.counts.served === 1);

  // ---- nobody comes; comes after all; goes; somebody is turned away ----
  await desk.button(/^Suivant/).click();
  await mine(2, "called");
  await desk.button("Pas pu être reçu").click();
  await fits(desk, "not-received-phone");
  await tap(/^Absent pour l’instant/);
  await desk.shows("absent", (v) => numbers(v.resting) === "2");
  await desk.button("Revenu : le 2").click();
  await desk.shows("there again", (v) => numbers(v.waiting).includes("2") && v.resting.length === 0);
  await row(3);
  await tap("Annuler le ticket");
  await tap("pris par erreur");
  await desk.shows("cancelled", (v) => v.counts.cancelled === 1);
  await desk.button("Pas pu être reçu").click();
  await tap("plus de place");
  await desk.shows("turned away", (v) => v.counts.turned_away === 1);
  await undo();
  await desk.shows("taken back", (v) => v.counts.turned_away === 0);
  await desk.button(/^Suivant/).click();
  await mine(2, "called");
  await desk.button("Pas pu être reçu").click();
  await tap("Parti");
  await desk.shows("gone", (v) => !v.mine && v.counts.left === 1);
});

scene("the end of a visit, La Coop, help between desks", async (s) => {
  const box = await s.box({ site: site() });
  const desk = await sit(s, box, "Bureau 1", { width: 390, height: 844 });
  const other = await sit(s, box, "Bureau 2", { width: 1280, height: 800 });
  await desk.button("Ouvrir la permanence").click();
  await box.ticket();
  await desk.shows("somebody to call", (v) => v.call_next);
  await desk.button(/^Suivant/).click();
  await desk.shows("somebody called", (v) => v.mine);
  await desk.button(/^Terminé/).click();
  await desk.shows("the desk free again", (v) => !v.mine && v.untold);

  // ---- ten seconds by thumb ----
  await desk.reads("La visite du 1 est finie.");
  await fits(desk, "bar-phone");
  await desk.button("Dire ce qui est fait").click();
  await desk.reads("Avant que la personne parte");
  assert.ok(await pressed(desk, "Social - Santé"), "the theme of the motif is proposed");
  await look(desk, "end-phone");
  let touches = 0;
  for (const name of ["Ses comptes sont déconnectés", "Ses papiers sont rendus", "Aucun mot de passe n’est noté", "Fait avec", "Autonome", "Orienté ailleurs", "Accompagné jusqu’à l’autre lieu", "À revoir"]) {
    await press(desk, name);
    touches++;
    assert.ok(await pressed(desk, name), `${name} is on`);
  }
  await press(desk, "Fait avec"); // taken back, and given again
  assert.ok(!(await pressed(desk, "Fait avec")));
  await press(desk, "Fait avec");
  await folder(desk).getByLabel("Démarche bloquée par").selectOption("caf");
  await fits(desk, "end-touched-phone");
  await press(desk, "Choisir le lieu");
  await folder(desk).getByRole("button", { name: /^Choisir Médiathèque du Vieux Pont/ }).click();
  await desk.reads("Médiathèque du Vieux Pont");
  await press(desk, "Noter");
  await desk.reads("Photographiez ce code avec votre téléphone.");
  touches += 4; // blocked by whom, the list of places, one of them, « Noter »
  assert.ok(touches <= 12, `${touches} touches say everything; want 12 at most`);
  await look(desk, "coop-phone");
  const link = await folder(desk).getByRole("link", { name: "Ouvrir la fiche ici" }).getAttribute("href");
  assert.match(link ?? "", /^https:\/\/coop-numerique\.anct\.gouv\.fr\/coop\/mes-activites\/cra\/individuel\?v=/);
  await press(desk, "Fermer");
  await until("nothing is asked any more", async () => (await desk.page.getByText("est finie.").count()) === 0);

  // ---- it may follow, from the list; no other desk sees it ----
  await desk.button(/^Plus/).click();
  await desk.button(/^Visites finies/).click();
  await desk.reads("Noté");
  await fits(desk, "visits-phone");
  await press(desk, /^1/);
  await until("what was said is there", () => pressed(desk, "À revoir"));
  await press(desk, "Fermer");
  await other.button(/^Plus/).click();
  await other.button(/^Visites finies/).click();
  await other.reads("Aucune visite n’est finie à ce bureau.");
  await press(other, "Fermer");

  // ---- help between desks ----
  await desk.button(/^Plus/).click();
  await desk.button(/^Demander de l’aide/).click();
  await desk.reads("Les autres bureaux sont prévenus.");
  await other.reads(/demande de l’aide/);
  await look(other, "help-laptop");
  await other.button("J’arrive").click();
  await desk.reads("Bureau 2 arrive.");
  await fits(desk, "help-phone");
  await desk.button("C’est fait").click();
  await other.shows("no call any more", (v) => v.team.helps.length === 0);

  // ---- the file before the close ----
  await desk.button(/^Plus/).click();
  await desk.button(/^Fermer la permanence/).click();
  await desk.reads("La fermeture efface tout."); // nothing is missing: the one visit is told
  await fits(desk, "close-phone");
  const file = desk.page.waitForEvent("download");
  await desk.button(/^Télécharger pour La Coop/).click();
  const csv = readFileSync(await (await file).path(), "utf8");
  assert.equal((await file).suggestedFilename(), "la-coop.csv");
  assert.match(csv, /Démarche bloquée par.*CAF/s);
  assert.match(csv, /Médiathèque du Vieux Pont/);
  await desk.button(/^Fermer maintenant/).click();
  await desk.shows("closed", (v) => v.permanence.status === "closed");
  assert.equal((await (await fetch(box.url + "/api/work/coop.csv")).text()).includes("Médiathèque"), false, "the close erases it");
});

scene("a workshop: its last seat is given once", async (s) => {
  const box = await s.box({ site: site() });
  const desk = await sit(s, box, "Bureau 1", { width: 390, height: 844 });
  const other = await sit(s, box, "Bureau 2", { width: 1280, height: 800 });
  const day = new Date(Date.now() + 3 * 24 * 3_600_000).toISOString().slice(0, 10);
  await desk.button("Agenda").click();
  await desk.reads("Rien n’est prévu.");
  await press(desk, "Ajouter");
  await press(desk, "Enregistrer");
  await desk.reads("Donnez un titre à l’atelier.");
  await refused(desk);
  await folder(desk).getByLabel("Titre de l’atelier").fill("Mes premiers mails");
  await folder(desk).getByLabel("Jour").fill(day);
  await folder(desk).getByLabel("Salle").fill("Salle 2");
  await folder(desk).getByLabel("Nombre de places").fill("1");
  await look(desk, "event-form-phone");
  await press(desk, "Enregistrer");
  await desk.reads("1 place libre");
  await look(desk, "agenda-phone");

  // Two desks look at the same seat.
  for (const d of [desk, other]) {
    if (d === other) await d.button("Agenda").click();
    await press(d, /^Mes premiers mails/);
    await d.reads("Aucune place n’est donnée.");
  }
  await press(desk, "Réserver");
  await desk.reads(/La place est réservée/);
  await look(desk, "event-phone");
  const slip = await box.paper("the slip of a seat", /Mes premiers mails/);
  assert.match(slip, /Votre atelier/);
  await press(other, "Réserver");
  await other.reads("C’est complet. Choisissez une autre date.");
  await refused(other);
  const code = (await folder(desk).locator(".seats .code").textContent())?.replace(/\s/g, "") ?? "";
  assert.match(code, /^[0-9A-Z]{6}$/);
  assert.ok(slip.replace(/\s/g, "").includes(code), "the code is on the slip");

  // Whoever comes back with the slip cancels by its code.
  await press(desk, "Retour");
  await folder(desk).getByLabel("Code d’un bon").fill(code.toLowerCase());
  await press(desk, "Chercher");
  await folder(desk).getByRole("button", { name: /^Annuler la place/ }).click();
  await press(desk, "Oui, annuler la place");
  await desk.reads("La place est libre.");
  await desk.reads("1 place libre");

  // Out as a calendar, and in again.
  await press(desk, "Retour");
  const ics = await (await fetch(box.url + "/api/agenda/export")).text();
  await press(desk, "Lire un agenda");
  const picker = desk.page.waitForEvent("filechooser");
  await press(desk, "Choisir le fichier");
  await (await picker).setFiles({ name: "a.ics", mimeType: "text/calendar", buffer: Buffer.from(ics.replaceAll(/UID:.*@jeudi/g, "UID:ailleurs")) });
  await desk.reads(/Ajoutés/);
  await look(desk, "imported-phone");
});
