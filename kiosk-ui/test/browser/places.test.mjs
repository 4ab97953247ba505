// The other half of a morning at the desk: finding a place, sending somebody there on
// paper, counting who arrived, the slip of what was done, and what the person and the
// mediator say of it. On a phone and on a laptop, with no network but the box's own.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { sampleSite, scene, until } from "./box.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** The sample place, which knows where it is and has a second desk. */
const site = () => sampleSite({ replace: [[/^roles = \["travailleur_social", "mediateur_numerique"\]$/m, '$&\n\n[[desk]]\nkey = "2"\nlabel = "Bureau 2"\nroles = ["mediateur_numerique"]'], [/^# latitude = .*$/m, "latitude = 45.7665"], [/^# longitude = .*$/m, "longitude = 4.9590"]] });

/** A small directory as a partner may send it: some lines are good, some are not. */
const directory = [
  "id,pivot,nom,commune,code_postal,adresse,latitude,longitude,telephone,horaires,presentation_resume,date_maj,services,publics_specifiquement_adresses,prise_en_charge_specifique,frais_a_charge,modalites_acces,modalites_accompagnement,source",
  ...[
    ["mjc", "MJC du Moulin", "3 rue du Moulin", "45.7690", "4.9560", "+33199000001", "Mo-Su 00:00-24:00", "Accueil libre autour d’un café.", "Aide aux démarches administratives|Accès internet et matériel informatique", "", "Illettrisme", "Gratuit", "Se présenter|Téléphoner"],
    ["mediatheque", "Médiathèque des Deux Rives", "12 quai de la Brève", "45.7610", "4.9720", "+33199000002", "Tu-Sa 10:00-18:00; PH off", "", "Accès internet et matériel informatique", "Seniors", "", "Gratuit", "Se présenter"],
    ["atelier", "Atelier Réemploi", "Zone du Pré", "45.7900", "4.9300", "+33199000003", "tous les matins sauf le jeudi", "", "Acquisition de matériel informatique à prix solidaire", "", "", "Payant", "Téléphoner"],
    ["ccas", "Maison des solidarités", "1 place de la Mairie", "45.7692", "4.9562", "+33199000004", "Mo-Fr 08:30-12:00,13:30-17:00", "", "Aide aux démarches administratives", "", "Surdité", "Gratuit", "Prendre un RDV en ligne"],
  ].map(([id, nom, adresse, lat, lon, tel, hours, about, services, publics, care, fees, access]) =>
    [id, "43493312300029", nom, "Villeneuve-sur-Brève", "01999", adresse, lat, lon, tel, hours, about, "2026-10-01", services, publics, care, fees, access, "Accompagnement individuel", "Fichier du département"].map((v) => `"${v}"`).join(",")),
  '"sansnom","43493312300029","","Villeneuve-sur-Brève","01999","2 rue Haute","45.77","4.96","","","","2026-10-01","","","","","","","x"',
  '"jardin","43493312300029","Jardin partagé","Villeneuve-sur-Brève","019","5 rue Basse","0","0","appelez Jo","","","hier","Cours de cuisine","","","Gratuit","","","x"',
].join("\n") + "\n";

/** No violation that axe knows, nothing cut off at the side; and a picture to look at. */
async function look(desk, name) {
  if (!(await desk.page.evaluate(() => "axe" in window))) await desk.page.evaluate(axe);
  const before = desk.errors.length;
  const faults = await desk.page.evaluate(async () => {
    const root = document.querySelector("dialog.folder[open]") ?? document;
    const { violations } = await /** @type {any} */ (window).axe.run(root, { resultTypes: ["violations"] });
    return violations.map((v) => `${v.id}: ${v.nodes.slice(0, 3).map((n) => n.html.slice(0, 160)).join(" | ")}`);
  });
  desk.errors.splice(before, Infinity, ...desk.errors.slice(before).filter((e) => !e.includes("inline style"))); // of axe itself
  await desk.shot(`places-${name}`);
  assert.deepEqual(faults, [], `axe on ${name}`);
  assert.ok((await desk.beyond()).across <= 0, `${name} is wider than its window`);
  const wide = await desk.page.evaluate(() => [...document.querySelectorAll("dialog.folder[open] .page")].filter((e) => e.scrollWidth > e.clientWidth).length);
  assert.equal(wide, 0, `the page of ${name} is wider than its window`);
}

/** What can be pressed is large enough for a thumb (px). */
async function thumbs(desk, name) {
  const small = await desk.page.evaluate(() =>
    [...document.querySelectorAll("dialog.folder[open] :is(button, select, .tick, summary, input:not([type=checkbox], [type=radio]))")]
      .map((e) => ({ e, box: e.getBoundingClientRect() }))
      .filter(({ e, box }) => box.width > 0 && e.checkVisibility() && (box.height < 43.5 || box.width < 43.5))
      .map(({ e, box }) => `${e.textContent || e.tagName} ${Math.round(box.width)}×${Math.round(box.height)}`));
  assert.deepEqual(small, [], `too small for a thumb on ${name}`);
}

const folder = (desk) => desk.page.locator("dialog.folder[open]");
const title = (desk, words) => folder(desk).getByRole("heading", { level: 2, name: words }).waitFor();
const press = (desk, name) => folder(desk).getByRole("button", { name }).click();

/** Chooses a file as a person does. */
async function pickFile(desk, name, file, text) {
  const picker = desk.page.waitForEvent("filechooser");
  await press(desk, name);
  await (await picker).setFiles({ name: file, mimeType: "text/csv", buffer: Buffer.from(text) });
}

/** Answers the questions of the kiosk until the team may be told, and says yes. */
async function share(kiosk) {
  for (let n = 0; n < 20; n++) {
    const { id, choices } = kiosk.view;
    /** @param {string} key */
    const has = (key) => choices.some((c) => c.key === key);
    if (id === "question" && has("mots")) await kiosk.press("mots");
    const key = { ticket: "questions", result: "go_on", share: "yes" }[id] ?? ["helped", "yes", "done"].find(has) ?? choices[0].key;
    await kiosk.press(key);
    if (id === "share") return;
  }
  throw new Error(`the kiosk never asked whether to tell the team: ${JSON.stringify(kiosk.view).slice(0, 500)}`);
}

scene("places, papers and vouchers at the desk", async (s) => {
  const box = await s.box({ site: site() });
  const desk = await s.desk(box, { width: 360, height: 640 });
  await desk.role("link", /^Bureau 1/).click();

  // ---- before anything: an empty directory says what to do ----
  await desk.button("Les lieux").click();
  await desk.reads("Aucun lieu pour l’instant.");
  await look(desk, "empty-phone");
  await folder(desk).locator(".answers").getByRole("button", { name: /^Gérer les lieux/ }).click();
  await title(desk, "Gérer les lieux");
  await thumbs(desk, "manage");
  await look(desk, "manage-phone");

  // ---- a file with faults: what is good comes in, the rest is told by line ----
  await pickFile(desk, /^Choisir un fichier/, "lieux.csv", directory);
  await title(desk, "Mise à jour faite");
  await desk.reads("5 lieux sont lus.");
  await desk.reads("Une ligne est laissée de côté.");
  await desk.reads("1 lieu n’a pas de position. Il est proposé en dernier.");
  await desk.reads(/^Ligne 6/);
  await desk.reads("Ce lieu n’a pas de nom.");
  await desk.reads("Ligne laissée de côté");
  await look(desk, "report-phone");
  desk.errors.length = 0;
  await press(desk, "Retour");
  await pickFile(desk, /^Choisir un fichier/, "photo.csv", "\x89PNG\r\n");
  await folder(desk).getByRole("alert").filter({ hasText: /./ }).waitFor();
  assert.ok(desk.errors.every((e) => e.includes("409")), `a wrong file is refused: ${desk.errors}`);
  desk.errors.length = 0;
  await press(desk, "Retour");

  // ---- words and filters ----
  await title(desk, "Les lieux");
  await desk.reads("5 lieux");
  await look(desk, "list-phone");
  await thumbs(desk, "list");
  await folder(desk).getByRole("searchbox", { name: "Chercher un lieu" }).fill("moulin");
  await desk.reads("1 lieu");
  await folder(desk).getByRole("searchbox").fill("");
  await desk.reads("5 lieux");
  await desk.page.getByText("Filtres").click();
  await folder(desk).getByLabel("Prix").selectOption("paying");
  await desk.reads("1 lieu");
  await desk.reads("Filtres (1)");
  await look(desk, "filters-phone");
  await folder(desk).getByLabel("Prix").selectOption("");
  await folder(desk).getByLabel("Horaires").selectOption("now");
  await until("only what may be open", async () => (await folder(desk).locator(".places > li").count()) < 5);
  await desk.reads("MJC du Moulin");
  await folder(desk).getByLabel("Horaires").selectOption("");
  await desk.reads("5 lieux");
  await desk.page.getByText("Filtres").click();

  // ---- who does what ----
  await folder(desk).getByRole("button", { name: /^Atelier Réemploi/ }).click();
  await title(desk, "Atelier Réemploi");
  await desk.reads("tous les matins sauf le jeudi");
  assert.equal(await folder(desk).locator(".sheet-place .state[data-state=closed]").count(), 0, "hours that nobody can read are not « closed »");
  await press(desk, "Retour");
  await folder(desk).getByRole("button", { name: /^MJC du Moulin/ }).click();
  await title(desk, "MJC du Moulin");
  await desk.reads("Source : Fichier du département. Mis à jour le 1 octobre 2026.");
  await look(desk, "sheet-phone");

  // ---- a correction: what is wrong is said at its field, what was typed stays ----
  await press(desk, "Corriger");
  await title(desk, "Corriger ce lieu");
  const field = (name) => folder(desk).getByLabel(name, { exact: true });
  await field("Code postal").fill("1999");
  await field("Ce que donne une orientation").fill("Gratuit pour une personne orientée.");
  await field("Lundi").fill("matin");
  await press(desk, "Enregistrer");
  await desk.reads("Un code postal a cinq chiffres.");
  await desk.reads("Écrivez par exemple 9h-12h, 14h-17h.");
  await look(desk, "form-wrong-phone");
  assert.equal(await field("Code postal").evaluate((e) => e === document.activeElement && e.getAttribute("aria-invalid")), "true");
  await press(desk, "Retour");
  await desk.reads(/Rien n’est enregistré/);
  assert.equal(await field("Ce que donne une orientation").inputValue(), "Gratuit pour une personne orientée.");
  await field("Code postal").fill("01999");
  await field("Lundi").fill("9h-12h, 14h à 17h30");
  await press(desk, "Pareil jusqu’à vendredi");
  assert.equal(await field("Vendredi").inputValue(), "9h-12h, 14h à 17h30");
  await thumbs(desk, "form");
  await look(desk, "form-phone");
  await press(desk, "Enregistrer");
  await title(desk, "MJC du Moulin");
  await desk.reads("C’est enregistré.");
  await desk.reads("Gratuit pour une personne orientée.");
  await desk.reads(/Corrigé par l’équipe/);
  await desk.reads("+33199000001".replace("+33", "0").replace(/(\d\d)(?=\d)/g, "$1 ")); // what the form does not change stays
  const csv = await (await fetch(`${box.url}/api/places/export`)).text();
  assert.match(csv, /Mo-Fr 09:00-12:00,14:00-17:30/, "the hours as the national standard writes them");
  assert.match(csv, /Accueil libre autour d’un café/, "what the form does not show is kept");

  await press(desk, /^Annuler nos corrections/);
  await desk.reads("Les corrections sont annulées.");
  await until("the imported place", async () => (await folder(desk).getByText("Gratuit pour une personne orientée.").count()) === 0);

  // ---- a place of one's own, then gone again ----
  await press(desk, "Retour");
  await press(desk, "Gérer les lieux");
  await press(desk, /^Ajouter un lieu/);
  await press(desk, "Enregistrer");
  await desk.reads("Écrivez le nom du lieu.");
  await field("Nom du lieu").fill("Café des voisins");
  await field("Commune").fill("Villeneuve-sur-Brève");
  await folder(desk).getByLabel("Gratuit", { exact: true }).check();
  await press(desk, "Enregistrer");
  await desk.reads("C’est enregistré.");
  await press(desk, /^Lire une clé USB/);
  await folder(desk).getByRole("alert").filter({ hasText: /./ }).waitFor();
  assert.ok(desk.errors.every((e) => e.includes("409")), `no stick is said: ${desk.errors}`);
  desk.errors.length = 0;
  await pickFile(desk, /^Choisir un fichier/, "lieux.csv", directory.split("\n").slice(0, 3).join("\n"));
  await desk.reads("2 lieux sont lus.");
  await press(desk, "Retour");
  await press(desk, /^Revenir aux lieux d’avant/);
  await press(desk, "Oui, revenir");
  await desk.reads("Les lieux d’avant sont revenus.");
  await press(desk, "Retour");
  await desk.reads("6 lieux");
  await folder(desk).getByRole("button", { name: /^Café des voisins/ }).click();
  await press(desk, "Retirer ce lieu");
  await press(desk, "Oui, retirer");
  await desk.reads("5 lieux");

  // ---- what was taken out comes back ----
  await folder(desk).getByRole("button", { name: /^Atelier Réemploi/ }).click();
  await press(desk, "Retirer ce lieu");
  await press(desk, "Oui, retirer");
  await desk.reads("4 lieux");
  await press(desk, "Gérer les lieux");
  await desk.reads("Lieux retirés");
  await thumbs(desk, "removed");
  await look(desk, "removed-phone");
  await press(desk, "Remettre Atelier Réemploi");
  await desk.reads("Atelier Réemploi est revenu dans la liste.");
  await until("none is left to bring back", async () => (await folder(desk).getByText("Lieux retirés").filter({ visible: true }).count()) === 0);
  await press(desk, "Retour");
  await desk.reads("5 lieux");

  // ---- the site's own places come first, and go on a slip as any other ----
  await desk.reads("Les lieux de votre équipe");
  await look(desk, "site-phone");
  const names = await folder(desk).locator(".places .name").filter({ visible: true }).allTextContents();
  assert.equal(names[0], "France services de Villeneuve-sur-Brève", `the first places are ${names}`);
  await folder(desk).getByRole("button", { name: /^Médiathèque du Vieux Pont/ }).click();
  await title(desk, "Médiathèque du Vieux Pont");
  await desk.reads("Mercredi et samedi, 10 h – 18 h");
  assert.equal(await folder(desk).getByRole("button", { name: /Corriger|Retirer ce lieu/ }).count(), 0, "the site file is not changed here");
  await look(desk, "site-one-phone");
  await press(desk, "Choisir pour la fiche");
  await press(desk, "Retour");
  await press(desk, "Préparer la fiche (1 lieu)");
  await press(desk, "Imprimer la fiche d’orientation");
  await box.paper("the slip to a place of the site", /12 quai du Vieux Pont/);
  await title(desk, "Les lieux");

  // ---- the map, and the same in words ----
  await press(desk, "Carte");
  await desk.reads("4 lieux, du plus près au plus loin.");
  await look(desk, "map-phone");
  const rows = await folder(desk).locator(".spots li").allTextContents();
  assert.match(rows[0], /^1(MJC|Maison)/);
  await folder(desk).getByLabel("Jusqu’à").selectOption("1000");
  await desk.reads("2 lieux, du plus près au plus loin.");
  await press(desk, "Retour");

  // ---- three places on a slip, and no fourth ----
  for (const name of ["MJC du Moulin", "Maison des solidarités", "Médiathèque des Deux Rives"]) await press(desk, new RegExp(`^Choisir ${name}$`));
  await press(desk, "Choisir Atelier Réemploi");
  await desk.reads("La fiche a déjà 3 lieux. Retirez-en un.");
  await press(desk, "Médiathèque des Deux Rives est choisi");
  await press(desk, "Préparer la fiche (2 lieux)");
  await title(desk, "Fiche d’orientation");
  await look(desk, "orientation-phone");
  assert.equal(await folder(desk).getByText("Ajouter son résultat").count(), 0, "nobody shared a result");
  await folder(desk).getByLabel("Langue de la personne").selectOption("ar");
  await press(desk, "Imprimer la fiche d’orientation");
  await desk.reads("Le papier s’imprime à la borne.");
  const slip = await box.paper("the orientation slip", /MJC du Moulin/);
  assert.match(slip, /Maison des solidarités/);
  const code = /\b[2-9CDFGHJKMNPRTVWX]{3}[ -]?[2-9CDFGHJKMNPRTVWX]{3}\b/.exec(slip)?.[0];
  assert.ok(code, `a code on the slip:\n${slip}`);
  await press(desk, "Fermer");

  // ---- the voucher comes back ----
  await desk.button("Codes rapportés").click();
  await desk.reads("Orientations par lieu");
  await folder(desk).getByLabel("Codes des bons").fill(`${code}\nZZZ999`);
  await press(desk, "Compter ces bons");
  await desk.reads("Un bon est compté.");
  await desk.reads("Ce code a une faute.");
  assert.equal(await folder(desk).getByLabel("Codes des bons").inputValue(), "ZZZ999", "the good code leaves the field");
  await until("one of them arrived", async () => (await folder(desk).locator("tbody tr").allTextContents()).some((row) => row.endsWith("11")));
  await thumbs(desk, "vouchers");
  await look(desk, "vouchers-phone");
  await press(desk, "Imprimer la liste pour MJC du Moulin");
  await desk.reads("Le papier s’imprime à la borne.");
  const list = await (await fetch(`${box.url}/api/vouchers/list?place=mjc`)).text();
  assert.ok(list.includes(String(code).replace(/[ -]/g, "")), `the partner's list has the code ${code}:\n${list}`);
  await folder(desk).getByLabel("Codes des bons").fill("");
  await press(desk, "Fermer");
  await folder(desk).waitFor({ state: "hidden" });
});

scene("what was shared, what was done, and what is forgotten", async (s) => {
  const box = await s.box({ site: site() });
  await fetch(`${box.url}/api/places/import?name=lieux.csv`, { method: "POST", body: directory });
  const [desk, kiosk] = await Promise.all([s.desk(box, { width: 360, height: 740 }), s.kiosk(box)]);
  const other = await s.desk(box);
  await other.role("link", /^Bureau 2/).click();
  await desk.role("link", /^Bureau 1/).click();
  await desk.button("Ouvrir la permanence").click();
  await desk.button(/^Suivant/).waitFor();

  // ---- somebody tells the team ----
  await kiosk.press("fr");
  await kiosk.screen("motif");
  await kiosk.press("caf");
  await kiosk.screen("ticket");
  await share(kiosk);
  await desk.button(/^Suivant/).click();
  await desk.reads("La personne a partagé");
  await look(desk, "card-phone");
  assert.equal(await other.page.getByText("La personne a partagé").filter({ visible: true }).count(), 0, "no other desk sees it");
  assert.ok(!JSON.stringify(other.view).includes('"self"'), "nor is it sent there");

  // ---- how the mediator sees it, and the promises ----
  await desk.button("À accompagner").click();
  await desk.shows("the level", (view) => view.mine?.note?.seen === "accompanied");
  assert.equal(await desk.button("À accompagner").getAttribute("aria-pressed"), "true");
  await desk.button("Engagements lus ensemble").click();
  await desk.shows("the promises", (view) => view.mine?.note?.charter);
  await new Promise((done) => setTimeout(done, 600)); // the same press within half a second is the same press
  await desk.button("Engagements lus ensemble").click();
  await desk.shows("the promises taken back", (view) => view.mine && !view.mine.note.charter);

  // ---- with the person's yes, the next place is told ----
  await desk.button("Orienter").click();
  await press(desk, "Choisir MJC du Moulin");
  await press(desk, "Préparer la fiche (1 lieu)");
  assert.equal(await folder(desk).getByLabel(/Ajouter son résultat/).isChecked(), false, "nothing is told without a yes");
  await folder(desk).getByLabel(/Ajouter son résultat/).check();
  await look(desk, "orientation-result-phone");
  await press(desk, "Imprimer la fiche d’orientation");
  await box.paper("the slip", /MJC du Moulin/);
  await press(desk, "Fermer");

  // ---- what was done today ----
  await desk.button("Fait aujourd’hui").click();
  await title(desk, "Ce qu’on a fait aujourd’hui");
  await press(desk, "Imprimer ce qu’on a fait");
  await desk.reads("Cochez au moins une case.");
  await folder(desk).locator("fieldset").first().locator("label").first().click();
  await folder(desk).getByLabel("Prochaine date limite").fill("2030-12-01");
  await press(desk, "Choisir un lieu");
  await press(desk, "Choisir MJC du Moulin");
  await title(desk, "Ce qu’on a fait aujourd’hui");
  await desk.reads("MJC du Moulin");
  await folder(desk).getByLabel("Gros caractères").check();
  await thumbs(desk, "today");
  await look(desk, "today-phone");
  await press(desk, "Imprimer ce qu’on a fait");
  await box.paper("the slip of today", /décembre/);
  // The paper can be out before the page has its answer: what was printed is cleared on the answer.
  await folder(desk).locator("fieldset input:checked:not([value=''])").first().waitFor({ state: "detached" });

  // ---- rights, worked out in this page ----
  await press(desk, "Fermer");
  await desk.button("Droits").click();
  await title(desk, "Droits à vérifier");
  assert.equal(await folder(desk).locator(".beside").count(), 0, "somebody who reads French reads it once");
  await folder(desk).getByLabel("Langue de la personne").selectOption({ label: "العربية · arabe" });
  await folder(desk).locator('.rights-title .beside[lang="ar"][dir="rtl"]').waitFor();
  await press(desk, /^Commencer/);
  await look(desk, "rights-phone");
  await press(desk, /^Seul, ou seul avec des enfants/);
  await folder(desk).getByLabel("Langue de la personne").selectOption("fr");
  await until("French alone", async () => (await folder(desk).locator(".beside").count()) === 0);
  await folder(desk).getByRole("heading", { name: "Quel âge avez-vous" }).waitFor();
  for (let n = 0; n < 20 && (await folder(desk).getByRole("button", { name: "Imprimer la liste" }).count()) === 0; n++) {
    await press(desk, /^Je ne sais pas/);
  }
  await press(desk, "Imprimer la liste");
  await desk.reads("Le papier s’imprime à la borne.");
  assert.match(await box.paper("the list of rights", /vérifier/i), /À demander à : la CAF/);

  // ---- the visit ends: nothing of it is left ----
  await box.desk("end", { outcome: "served" });
  await folder(desk).waitFor({ state: "hidden" });
  assert.equal(await desk.page.getByText("La personne a partagé").filter({ visible: true }).count(), 0);
  await box.ticket();
  await box.desk("next");
  await desk.button("Fait aujourd’hui").click();
  assert.equal(await folder(desk).locator("fieldset input:checked:not([value=''])").count(), 0, "nothing of the last person");
});

scene("the same on a laptop, with the keyboard", async (s) => {
  const box = await s.box({ site: site() });
  await fetch(`${box.url}/api/places/import?name=lieux.csv`, { method: "POST", body: directory });
  const desk = await s.desk(box);
  await desk.role("link", /^Bureau 1/).click();
  await desk.button("Ouvrir la permanence").click();
  await desk.button(/^Suivant/).waitFor();
  await box.ticket({ lang: "ar" });
  await desk.button(/^Suivant/).click();
  await desk.reads("Engagements lus ensemble");
  await look(desk, "card-laptop");
  await desk.button("Plus").click();
  await look(desk, "more-laptop");
  await desk.page.keyboard.press("Escape");

  await desk.button("Orienter").focus();
  await desk.page.keyboard.press("Enter");
  await desk.reads("5 lieux");
  await look(desk, "list-laptop");
  await desk.page.keyboard.press("Tab"); // from the title to the search
  await desk.page.keyboard.type("moulin n t"); // letters, not shortcuts
  await desk.reads(/^Aucun lieu/);
  await desk.page.keyboard.press("ControlOrMeta+a");
  await desk.page.keyboard.type("moulin");
  await desk.reads("1 lieu");
  assert.equal(desk.view.mine?.state, "called", "what is typed into a field ends no visit");
  await folder(desk).getByRole("button", { name: /^MJC du Moulin/ }).focus();
  await desk.page.keyboard.press("Enter");
  await title(desk, "MJC du Moulin");
  await look(desk, "sheet-laptop");
  await press(desk, "Corriger");
  await field(desk, "Nom du lieu").waitFor();
  await look(desk, "form-laptop");
  await desk.page.keyboard.press("Escape");
  await title(desk, "MJC du Moulin");
  await desk.page.keyboard.press("Escape");
  await title(desk, "Les lieux");
  await press(desk, "Carte");
  await desk.reads("4 lieux, du plus près au plus loin.");
  await look(desk, "map-laptop");
  await desk.page.locator("svg .mark").first().click();
  await press(desk, "Fermer");

  // The paper of this person is proposed in their language.
  await desk.button("Fait aujourd’hui").click();
  assert.equal(await folder(desk).getByLabel("Langue de la personne").inputValue(), "ar");
  await look(desk, "today-laptop");
  await press(desk, "Fermer");
  await desk.button("Plus").click();
  await desk.button(/^Codes rapportés/).click();
  await look(desk, "vouchers-laptop");
  await desk.page.keyboard.press("Escape");
  await folder(desk).waitFor({ state: "hidden" });
});

/** A field by its label alone. */
const field = (desk, name) => folder(desk).getByLabel(name, { exact: true });
