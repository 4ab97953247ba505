// A new box is put into service from a phone: six questions, the printer and the buttons
// tried on the way, a pulled plug in the middle; then the kiosk is there.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sampleSite, scene, until } from "./box.mjs";

const noKeys = /[⟦⟧]|undefined|\bnull\b|NaN|\{\w+\}|\bsetup\.\w/;

/** What no page of the set-up may do: be wider than its window, show a key of the catalogue, have small buttons. */
async function looks(surface, name, { down = false } = {}) {
  const { across, down: below } = await surface.beyond();
  assert.ok(across <= 0, `${name} is wider than its window`);
  if (down) assert.ok(below <= 0, `${name} is higher than its window`);
  assert.doesNotMatch(await surface.page.evaluate(() => document.body.innerText), noKeys, name);
  const small = await surface.page.locator("button, label.row, input:not([type=radio], [type=checkbox]), select").evaluateAll((all) =>
    all.filter((e) => e.getBoundingClientRect().height < 44).map((e) => e.textContent || e.tagName));
  assert.deepEqual(small, [], `${name} has what is too small for a thumb`);
  await surface.shot(`setup-${name}`);
}

/** What the kiosk is told. @param {import("./box.mjs").Box} box */
const asKiosk = async (box) => (await fetch(`${box.url}/api/setup/kiosk`, { method: "POST", body: "{}" })).json();

scene("a new box is put into service from a phone", async (s) => {
  const wrong = sampleSite({ replace: [[/^languages =/m, "langages ="], [/^until = "12:00"$/m, 'until = "midi"']] });
  const box = await s.box({ site: wrong, flags: ["-setup", "-public", "127.0.0.1:0"] });
  const kiosk = await s.kioskPage(box, { width: 800, height: 480 });
  await kiosk.reads("Mettre la borne en service");
  await kiosk.reads(/^Ligne \d+\s: langages\s: réglage inconnu\s: "langages"\s; écrivez plutôt languages/);
  await kiosk.reads(/^Ligne \d+\s: hours.until\s: "midi" n’est pas une heure/);
  await kiosk.page.locator(".qr").waitFor();
  await looks(kiosk, "kiosk-wrong-7", { down: true });

  const shown = () => asKiosk(box);
  const { address, code } = await until("the address", async () => { const v = await shown(); return v.address && v; });

  // ---- by its code ----
  let phone = await s.phone(`http://${address}/`);
  await phone.reads("Le code de la borne");
  await looks(phone, "phone-code");
  await phone.page.getByLabel(/huit chiffres/).fill("0000 000");
  await phone.button("Continuer").tap();
  await phone.reads("Il faut huit chiffres."); // the page says so: a 403 would be an error here
  phone.dark = true; // a wrong code is a 403, which the browser says too
  const other = code.replace(/.$/, (digit) => (Number(digit) + 1) % 10);
  await phone.page.getByLabel(/huit chiffres/).fill(other);
  await phone.button("Continuer").tap();
  await phone.reads(/Ce n’est pas le code/);
  assert.equal(await phone.page.getByLabel(/huit chiffres/).inputValue(), other, "the code that was typed is gone");
  await phone.page.getByLabel(/huit chiffres/).fill(code.replace(/(....)/, "$1 "));
  await phone.button("Continuer").tap();
  await phone.reads("Question 1 sur 6");
  phone.errors.length = 0;

  // ---- 1: the place; a wrong answer says what to do ----
  await phone.button("Suivant").tap();
  await phone.reads("Écrivez le nom du lieu.");
  await phone.page.getByLabel("Nom du lieu").fill("Centre social du Moulin");
  await phone.page.getByLabel(/^Adresse/).fill("3 quai de l’Écluse, 69150 Décines");
  await phone.page.getByLabel(/^Téléphone/).fill("abc");
  await phone.button("Suivant").tap();
  await phone.reads(/Écrivez le téléphone en chiffres/);
  await phone.page.reload(); // as a phone does that has put the page away
  await phone.reads("Question 1 sur 6");
  assert.equal(await phone.page.getByLabel("Nom du lieu").inputValue(), "Centre social du Moulin", "what was typed is gone");
  await phone.page.getByLabel(/^Téléphone/).fill("01 99 00 00 00");
  await looks(phone, "phone-1");
  await phone.button("Suivant").tap();

  // ---- 2: the hours ----
  await phone.reads("Les permanences d’une semaine.");
  await phone.button("Ajouter").tap();
  const second = phone.page.locator("fieldset", { hasText: "Permanence 2" });
  await second.getByLabel("Jour").selectOption("mardi");
  await second.getByLabel("À", { exact: true }).fill("13:00");
  await phone.button("Suivant").tap();
  await second.getByText(/La fermeture à 13:00 n’est pas après l’ouverture à 14:00/).waitFor();
  await looks(phone, "phone-2");
  await second.getByLabel("À", { exact: true }).fill("17:00");
  // Back and forth loses nothing of what is typed and not sent.
  await phone.button("Retour").tap();
  await phone.reads("Question 1 sur 6");
  await phone.button("Suivant").tap();
  await phone.reads("Question 2 sur 6");
  assert.equal(await second.getByLabel("Jour").inputValue(), "mardi");
  assert.equal(await second.getByLabel("À", { exact: true }).inputValue(), "17:00");
  await phone.button("Suivant").tap();

  // ---- 3: the desks ----
  await phone.reads("Qui reçoit là ?");
  await phone.button("Ajouter").tap();
  const door = phone.page.locator("fieldset", { hasText: "Bureau 2" });
  await door.getByLabel("Bénévole").check();
  await door.getByLabel("Nom", { exact: true }).fill("bureau 1");
  await phone.button("Suivant").tap();
  await door.getByText(/Deux bureaux ont le même nom/).waitFor();
  await looks(phone, "phone-3");
  await door.getByLabel("Nom", { exact: true }).fill("Bureau 2");
  await phone.button("Suivant").tap();
  await phone.reads("Question 4 sur 6");
  await kiosk.reads("Un téléphone répond. Questions faites : 3 sur 6.");

  // ---- a pulled plug costs no answer ----
  kiosk.dark = phone.dark = true;
  await box.kill();
  await box.start();
  await kiosk.reads(/Questions faites\s: 3 sur 6/);
  const now = await until("the address after the cut", async () => { const v = await shown(); return v.address && v; });
  phone = await s.phone(`http://${now.address}/#c=${now.code}`);
  await phone.reads("Question 4 sur 6");
  assert.equal(new URL(phone.page.url()).hash, "", "the code is still in the address");

  // ---- 4: the languages ----
  for (const name of ["Arabe", "Anglais", "Français facile"]) await phone.page.getByLabel(name, { exact: true }).check();
  await looks(phone, "phone-4");
  await phone.button("Suivant").tap();

  // ---- 5: the devices, tried at once ----
  await phone.reads("Question 5 sur 6");
  assert.ok(await phone.page.getByLabel("7 pouces").isChecked(), "the kiosk has not measured its screen");
  await phone.page.getByLabel("10 pouces").check();
  await phone.reads("La borne mesure un écran de 7 pouces.");
  await phone.page.getByLabel("7 pouces").check();
  await phone.page.getByText("La borne mesure").waitFor({ state: "detached" });
  await phone.button("Imprimer un essai").tap();
  await phone.reads("L’essai est imprimé.");
  await box.paper("the slip", /Essai de l’imprimante/);
  await fetch(`${box.url}/dock/printer?state=no_paper&on=1`, { method: "POST" });
  await phone.button("Imprimer un essai").tap();
  await phone.reads("Il n’y a plus de papier. Mettez un rouleau.");
  await phone.button("Essayer les boutons").tap();
  await phone.reads(/Appuyez sur chaque bouton/);
  await box.devices("the lamps are lit", ({ panel }) => JSON.stringify(panel).includes('"on"'));
  await fetch(`${box.url}/dock/press?action=ok`, { method: "POST" });
  await phone.page.locator("li[data-pressed]", { hasText: "OK" }).waitFor();
  await looks(phone, "phone-5");
  for (const action of ["back", "previous", "next", "repeat", "help", "louder", "softer"]) await fetch(`${box.url}/dock/press?action=${action}`, { method: "POST" });
  await phone.reads("Tous les boutons répondent.");
  await phone.button("Écouter").tap();
  await phone.reads(/Le son est parti/);
  await phone.button("Suivant").tap();

  // ---- 6: the network ----
  await phone.reads("Question 6 sur 6");
  await phone.page.getByLabel(/^Le Wi-Fi du lieu/).check();
  await phone.page.getByLabel(/^Nom du Wi-Fi/).fill("Box du Moulin");
  await phone.page.getByLabel(/^Clé du Wi-Fi/).fill("court");
  await phone.button("Suivant").tap();
  await phone.reads(/Une clé de Wi-Fi a 8 à 63 signes, et celle-ci 5/);
  await looks(phone, "phone-6");
  assert.equal(await phone.page.getByLabel(/^Clé du Wi-Fi/).inputValue(), "court", "what was typed is gone");
  await phone.page.reload();
  await phone.reads("Question 6 sur 6");
  assert.equal(await phone.page.getByLabel(/^Nom du Wi-Fi/).inputValue(), "Box du Moulin", "what was typed is gone");
  assert.doesNotMatch(await phone.page.evaluate(() => JSON.stringify(sessionStorage)), /court/, "the passphrase lies in the browser");
  await phone.page.getByLabel(/^Clé du Wi-Fi/).fill("correct horse 7");
  await phone.button("Suivant").tap();

  // ---- the end ----
  await phone.reads("Tout est là ?");
  assert.doesNotMatch(await (await phone.page.request.get(`http://${now.address}/api/setup`)).text(), /correct horse/, "the page is told the passphrase");
  await phone.reads("jeudi 9:00–12:00, mardi 14:00–17:00");
  await phone.reads("Écran de 7 pouces, imprimante, boutons, son");
  await looks(phone, "phone-end");
  await phone.page.getByRole("button", { name: "Changer : Les appareils" }).tap();
  await phone.reads("Question 5 sur 6");
  await phone.button("Retour").tap(); // to where it was asked for
  await phone.reads("Tout est là ?");
  await kiosk.reads("Un téléphone répond. Questions faites : 6 sur 6.");
  await looks(kiosk, "kiosk-6", { down: true });
  await phone.button("Terminé").tap();
  await phone.reads("La borne démarre");
  assert.equal(await phone.page.getByText("perd le Wi-Fi").count(), 0, "this box has no Wi-Fi of its own");
  await looks(phone, "phone-done");

  // ---- the box has its site ----
  await kiosk.page.locator("html[data-screen]:not([data-screen='setup'], [data-screen='done'])").waitFor({ state: "attached" });
  await kiosk.page.waitForURL(/\/kiosk$/);
  const desk = await s.desk(box);
  await desk.reads(/Centre social du Moulin/);
  assert.doesNotMatch(box.log, /correct horse/, "the passphrase is in the log");
  kiosk.errors.length = phone.errors.length = 0; // of the moments when the box changed servers
});

scene("the kiosk says how a phone comes to the questions", async (s) => {
  const box = await s.box({ site: "", flags: ["-setup"] });
  const kiosk = await s.kioskPage(box, { width: 1280, height: 800 });
  await kiosk.reads(/Sur cet ordinateur, ouvrez 127\.0\.0\.1:\d+\/setup/);
  await looks(kiosk, "kiosk-alone", { down: true });
  // What the steward says of its Wi-Fi, as it would be on a card.
  const picture = (await asKiosk(box)).page_code ?? { size: 29, path: "M4 4h7v7h-7zM18 4h7v7h-7zM4 18h7v7h-7z" };
  const told = { ssid: "Jeudi-installation", passphrase: "kavu-pilo-dexa-9", wifi_code: picture,
    address: "10.41.0.1", page_code: picture, code: "12345678", phone: false, answered: [false, false, false, false, false, false], finished: false, sticks: true };
  await kiosk.page.route("**/api/setup/kiosk", (route) => route.fulfill({ json: told }));
  for (const [width, height] of [[1280, 800], [800, 480]]) {
    await kiosk.page.setViewportSize({ width, height });
    await kiosk.reads("Réseau : Jeudi-installation");
    await kiosk.reads("Clé : kavu-pilo-dexa-9");
    await kiosk.reads("Ou tapez 10.41.0.1");
    for (const code of await kiosk.page.locator(".qr").all()) {
      const at = await code.boundingBox();
      assert.ok(at && Math.min(at.width, at.height) >= 120, `a code of ${JSON.stringify(at)} at ${width}×${height}`);
    }
    await looks(kiosk, `kiosk-wifi-${width}`, { down: true });
  }
  // What is wrong with the file of a stick, at its longest, leaves codes that a phone reads.
  const line = "langages\u00a0: réglage inconnu\u00a0: \"langages\"\u00a0; écrivez plutôt languages";
  Object.assign(told, { stick: ["La fiche de la clé USB a des erreurs. Corrigez-la, ou répondez aux questions.", ...[12, 34, 56].map((n) => `Ligne ${n}\u00a0: ${line}`), "Et d’autres\u00a0: 9."] });
  await kiosk.reads(`Ligne 56\u00a0: ${line}`);
  for (const code of await kiosk.page.locator(".qr").all()) {
    const at = await code.boundingBox();
    assert.ok(at && Math.min(at.width, at.height) >= 100, `a code of ${JSON.stringify(at)} under what is wrong`);
  }
  await looks(kiosk, "kiosk-wifi-stick-wrong", { down: true });
  await kiosk.page.unrouteAll({ behavior: "ignoreErrors" });

  // The last page of a phone on that Wi-Fi, which ends with the set-up.
  await kiosk.page.setViewportSize({ width: 390, height: 844 });
  await kiosk.page.route("**/api/setup", (route) => route.fulfill({ json: { answers: { name: "" }, answered: [], doubts: [], finished: true, own_wifi: true } }));
  await kiosk.page.goto(`${box.url}/setup`);
  await kiosk.reads("La borne démarre");
  await kiosk.reads(/^Ce téléphone perd le Wi-Fi de l’installation\s: c’est normal\.$/);
  await looks(kiosk, "phone-done-wifi");
  await kiosk.page.unrouteAll({ behavior: "ignoreErrors" });
});

scene("an itinerant box is told where it is today", async (s) => {
  const box = await s.box({ site: `${sampleSite()}
[[stop]]
key = "moulin"
name = "Salle du Moulin"
address = "2 chemin du Moulin"

[[stop]]
key = "domicile"
name = "À domicile"
` });
  const [desk, hall] = await Promise.all([s.desk(box, { width: 390, height: 844 }), s.hall(box)]);
  await desk.button("Ouvrir la permanence").click();
  await desk.reads("Où êtes-vous aujourd’hui ?");
  await desk.shot("setup-stops");
  await desk.button("Salle du Moulin").click();
  await desk.shows("it is open there", (view) => view.permanence.status === "open" && view.place === "Salle du Moulin");
  await hall.shows("the hall says so", (view) => view.place === undefined || view.place === "Salle du Moulin");
  await box.ticket();
  await box.paper("the ticket", /Salle du Moulin[\s\S]*2 chemin du Moulin/);
  await box.desk("close", { rest: "left" });
  await box.paper("the closing report", /Salle du Moulin/);
});

/**
 * A steward that knows of nothing but is there: « Boîtier » is shown where one is.
 * @param {Record<string, string>} [files] of the stick that is plugged in
 */
async function steward(files) {
  const dir = mkdtempSync(join(tmpdir(), "jeudi-steward-"));
  const server = createServer((conn) => {
    conn.on("error", () => {});
    conn.once("data", (line) => {
      const { verb, args } = JSON.parse(line.toString());
      const list = Object.entries(files ?? {}).map(([name, text]) => ({ name, bytes: text.length, kind: name.endsWith(".toml") ? "site" : "backup", changed: "2026-11-23T08:00:00Z" }));
      const content = files?.[args?.name];
      const answer = { status: {}, sticks: files ? [{ id: "sda1", bytes: 1e9, files: list }] : [], network: {}, import: content && { content: Buffer.from(content).toString("base64") } }[verb];
      conn.end(JSON.stringify(answer ? { done: answer } : { error: { key: "steward.unknown" } }) + "\n");
    });
  });
  const socket = join(dir, "steward.sock");
  await new Promise((ready) => server.listen(socket, () => ready(undefined)));
  return { socket, end: () => { server.close(); rmSync(dir, { recursive: true, force: true }); } };
}

scene("the answers of a box that works are changed from a phone", async (s) => {
  const { socket, end } = await steward();
  try {
    const box = await s.box({ site: "", flags: ["-setup", "-public", "127.0.0.1:0", "-steward", socket] });
    const answers = { name: "Mairie", hours: [{ day: "jeudi", from: "9:00", until: "12:00" }], desks: [{ label: "Accueil", roles: ["accueil"] }], printer: "sim:", panel: "sim:", speaker: "sim:", wifi: { use: "cable" } };
    const say = async (order) => assert.equal((await fetch(`${box.url}/api/setup`, { method: "POST", body: JSON.stringify(order) })).status, 200, JSON.stringify(order));
    for (let question = 1; question <= 6; question++) await say({ do: "answer", question, answers });
    await say({ do: "finish" });
    const kiosk = await s.kioskPage(box, { width: 800, height: 480 });
    await kiosk.page.locator("html[data-screen]:not([data-screen='setup'], [data-screen='done'])").waitFor({ state: "attached" });
    kiosk.errors.length = 0; // of the moment when the box changed servers

    const desk = await s.desk(box, { width: 390, height: 844 });
    await desk.button("Boîtier").click();
    await desk.button(/^Changer les réponses du début/).click();
    await desk.reads(/Couper le courant suffit pour tout garder/);
    await desk.shot("care-setup");
    kiosk.dark = desk.dark = true;
    await desk.button("Ouvrir les questions").click();
    await desk.reads(/La borne ouvre les questions/);
    await until("the end of the box", async () => /begin anew with the questions/.test(box.log));
    await box.kill();
    await box.start(); // as systemd does

    await kiosk.reads("Changer les réponses");
    await kiosk.page.locator(".qr").waitFor();
    await looks(kiosk, "kiosk-again-7", { down: true });
    const { address, code } = await until("the address", async () => { const v = await asKiosk(box); return v.address && v; });
    const phone = await s.phone(`http://${address}/#c=${code}`);
    await phone.reads("Voici les réponses de cette borne.");
    await looks(phone, "phone-again");
    await phone.page.getByRole("button", { name: /^Changer : / }).first().tap();
    assert.equal(await phone.page.getByLabel("Nom du lieu").inputValue(), "Mairie");
    await phone.page.getByLabel("Nom du lieu").fill("Mairie annexe");
    await phone.button("Suivant").tap();
    await phone.reads("Mairie annexe");
    phone.dark = true;
    await phone.button("Terminé").tap();
    await phone.reads("La borne démarre");
    await kiosk.page.locator("html[data-screen]:not([data-screen='setup'], [data-screen='done'])").waitFor({ state: "attached" });
    await (await s.desk(box)).shows("the new name", (view) => view.place === "Mairie annexe");
    for (const surface of [kiosk, phone, desk]) surface.errors.length = 0;
  } finally {
    end();
  }
});

scene("a stick with the site file puts a new box into service, without a phone", async (s) => {
  const right = sampleSite();
  const files = { "jeudi.toml": right.replace(/^languages =/m, "langages =") };
  const { socket, end } = await steward(files);
  try {
    const box = await s.box({ site: "", flags: ["-setup", "-public", "127.0.0.1:0", "-steward", socket] });
    const kiosk = await s.kioskPage(box, { width: 800, height: 480 });
    await kiosk.reads("Ou une clé USB avec la fiche");
    await kiosk.reads("La fiche de la clé USB a des erreurs.");
    await kiosk.reads(/^Ligne \d+\s: langages\s: réglage inconnu\s: "langages"\s; écrivez plutôt languages/);
    await kiosk.page.locator(".qr").waitFor();
    await looks(kiosk, "kiosk-stick-wrong-7", { down: true });

    const { address, code } = await until("the address", async () => { const v = await asKiosk(box); return v.address && v; });
    const phone = await s.phone(`http://${address}/#c=${code}`);
    await phone.reads("Question 1 sur 6");
    await phone.reads("La fiche de la clé USB a des erreurs.");
    await looks(phone, "phone-stick-wrong");
    await phone.page.getByLabel("Nom du lieu").fill("Mairie");

    // A backup beside it: somebody chooses.
    files["jeudi-sauvegarde.jeudi"] = "x";
    files["jeudi.toml"] = right;
    await phone.reads("La clé USB a une fiche et une sauvegarde.");
    await phone.button("Prendre la fiche jeudi.toml").waitFor();
    assert.equal(await phone.page.getByLabel("Nom du lieu").inputValue(), "Mairie", "what was typed is gone");
    await phone.button("Prendre la fiche jeudi.toml").tap();
    await phone.reads("Elle remplace les six questions.");
    await looks(phone, "phone-stick-choose");
    await phone.button("Retour").tap();
    await phone.reads("Question 1 sur 6");

    // Alone it is taken, and both pages say so.
    kiosk.dark = phone.dark = true; // the box changes servers
    delete files["jeudi-sauvegarde.jeudi"];
    await phone.reads(/La borne prend la fiche de la clé USB\s: /);
    await phone.reads("La borne démarre");
    await looks(phone, "phone-stick-taken");
    await kiosk.page.locator("html[data-screen]:not([data-screen='setup'], [data-screen='done'])").waitFor({ state: "attached" });
    const desk = await s.desk(box);
    await desk.reads("La fiche du lieu vient de la clé USB.");
    for (const surface of [kiosk, phone, desk]) surface.errors.length = 0;
  } finally {
    end();
  }
});
