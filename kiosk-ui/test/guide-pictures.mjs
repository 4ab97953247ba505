// The pictures of the guides, taken again on a real box: its kiosk, its desk, a phone of
// staff and its paper, with visitors who were made up. Run it after a change of what they
// show, look at each picture, keep those that changed, and give the pages the sizes told:
//
//     node --test kiosk-ui/test/guide-pictures.mjs
//     node --test --test-name-pattern=phone kiosk-ui/test/guide-pictures.mjs
//
// It needs what the browser tests need (playwright-core, and Chromium in CHROMIUM or
// /usr/bin/chromium), and takes the box from JEUDI or builds it. It writes
// kiosk-ui/guide/*.webp and fails on one that is larger than 60 kB.

import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { jeudi, morningSite, openBrowser, patience, scene, Surface, until } from "./browser/box.mjs";

const guide = join(dirname(fileURLToPath(import.meta.url)), "../guide");

/** The largest picture (bytes): all of them together must load on a slow phone. */
const largest = 60_000;

/** Places, offices and telephones that nobody has. */
const places = [
  "id,nom,commune,code_postal,adresse,latitude,longitude,telephone,horaires,presentation_resume,date_maj,services,frais_a_charge,modalites_acces,source",
  ["mjc", "MJC du Moulin", "3 rue du Moulin", "45.7690", "4.9560", "+33199000001", "Mo-Sa 09:00-18:00", "Accueil libre autour d’un café.", "Aide aux démarches administratives|Accès internet et matériel informatique", "Gratuit", "Se présenter"],
  ["ccas", "Maison des solidarités", "1 place de la Mairie", "45.7692", "4.9562", "+33199000004", "Mo-Fr 08:30-12:00,13:30-17:00", "", "Aide aux démarches administratives", "Gratuit", "Téléphoner"],
  ["mediatheque", "Médiathèque du Vieux Pont", "12 quai du Vieux Pont", "45.7610", "4.9720", "+33199000002", "Tu-Sa 10:00-18:00", "", "Accès internet et matériel informatique", "Gratuit", "Se présenter"],
].map((line) => typeof line === "string" ? line : [line[0], line[1], "Villeneuve-sur-Brève", "01999", ...line.slice(2, 7), line[7], "2026-10-01", ...line.slice(8), "Exemple"].map((v) => `"${v}"`).join(",")).join("\n") + "\n";

/** The rules of rights whose review is due: what the desk says of them is another story. */
const due = execFileSync(jeudi(), ["rights", "check"], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] })
  .split("\n").filter((line) => line.includes("À RELIRE")).map((line) => line.split(" ")[0]);

/** The sample place, open now, which knows where it is. */
const site = morningSite()
  .replace(/^at_kiosk = false$/m, `$&\noff = ${JSON.stringify(due)}`)
  .replace(/^# latitude = .*$/m, "latitude = 45.7665").replace(/^# longitude = .*$/m, "longitude = 4.9590")
  .replace(/^languages = .*$/m, 'languages = ["fr", "falc", "ar", "en", "images", "pt", "tr", "es", "ru", "uk", "ro"]');

/** Writes a picture, as wide as told (px), as WebP. @param {string} name @param {Buffer} png @param {number} wide */
async function keep(name, png, wide) {
  const page = await (await openBrowser()).newPage();
  const data = await page.evaluate(async ({ png, wide }) => {
    const image = new Image();
    image.src = `data:image/png;base64,${png}`;
    await image.decode();
    const canvas = document.createElement("canvas");
    canvas.width = wide;
    canvas.height = Math.round(image.height * wide / image.width);
    const brush = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d", { alpha: false }));
    brush.imageSmoothingQuality = "high";
    brush.drawImage(image, 0, 0, canvas.width, canvas.height);
    return { url: canvas.toDataURL("image/webp", 0.85), height: canvas.height };
  }, { png: png.toString("base64"), wide });
  await page.close();
  const bytes = Buffer.from(data.url.split(",")[1], "base64");
  if (bytes.length > largest) throw new Error(`${name}.webp has ${bytes.length} bytes; want ${largest} at most`);
  writeFileSync(join(guide, `${name}.webp`), bytes);
  console.log(`${name}.webp  ${wide} × ${data.height}  ${bytes.length} bytes`);
}

/** @param {any} page */
const still = async (page) => {
  await page.mouse?.move(0, 0);
  await page.evaluate(() => document.fonts.ready);
  return page.screenshot({ animations: "disabled" });
};

scene("the pictures of the guides", async (s) => {
  const box = await s.box({ site });
  await fetch(`${box.url}/api/places/import?name=lieux.csv`, { method: "POST", body: places });
  const desk = await s.desk(box, { width: 960, height: 680 });
  const kiosk = await s.kiosk(box);
  const dock = await s.dock(box);
  const folder = desk.page.locator("dialog.folder[open]");
  /** @param {string | RegExp} name */
  const press = (name) => folder.getByRole("button", { name }).first().click();
  const snap = async (/** @type {string} */ name) => keep(name, await still(desk.page), 800);
  const show = async (/** @type {string} */ name) => keep(name, await still(kiosk.page), 720);
  /** The newest paper. @param {string} name @param {RegExp} words */
  const paper = async (name, words) => {
    await box.paper(name, words);
    const { printer } = await box.dock();
    const { id } = printer.sheets.at(-1);
    const image = dock.page.locator(`.sheet[data-id="${id}"] img`);
    await until("the sheet is drawn", async () => (await image.count()) > 0 && image.evaluate((/** @type {any} */ e) => e.complete && e.naturalHeight > 300));
    const url = await image.evaluate((/** @type {HTMLImageElement} */ e) => {
      const canvas = document.createElement("canvas");
      [canvas.width, canvas.height] = [e.naturalWidth, e.naturalHeight];
      /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d")).drawImage(e, 0, 0);
      return canvas.toDataURL("image/png");
    });
    await keep(name, Buffer.from(url.split(",")[1], "base64"), 384);
  };

  // ---- before ----
  await desk.role("link", /^Bureau 1/).click();
  await desk.button("Ouvrir la permanence").waitFor();
  await snap("bureau-ouvrir");
  await desk.button("Ouvrir la permanence").click();
  await desk.button(/^Suivant/).waitFor();

  // ---- at the kiosk ----
  await kiosk.screen("language");
  await show("borne-langues");
  await kiosk.press("fr");
  await kiosk.screen("motif");
  await show("borne-motifs");
  await kiosk.press("settings");
  await kiosk.screen("settings");
  await show("borne-reglages");
  await kiosk.press("go_on");
  await kiosk.screen("motif");
  await kiosk.press("caf");
  await kiosk.screen("ticket");
  await kiosk.shows("the paper is out", (view) => view.ticket?.paper === "printed");
  await show("borne-ticket");
  await paper("papier-ticket", /allocataire/);
  // The questions, and a yes: the team may know.
  for (let n = 0; n < 20 && kiosk.view.id !== "share"; n++) {
    const { id, choices } = kiosk.view;
    const has = (/** @type {string} */ key) => choices.some((/** @type {any} */ c) => c.key === key);
    if (id === "question" && has("mots")) await kiosk.press("mots");
    await kiosk.press({ ticket: "questions", result: "go_on" }[id] ?? ["helped", "yes", "done"].find(has) ?? choices[0].key);
  }
  await kiosk.press("yes");
  for (let n = 0; n < 30 && kiosk.view.id !== "language"; n++) {
    const { choices, controls } = kiosk.view;
    const key = ["yes", "finish", "send"].find((k) => choices.some((/** @type {any} */ c) => c.key === k)) ??
      (controls.find((/** @type {any} */ c) => c.key === "restart")?.enabled ? "restart" : choices[0].key);
    await kiosk.press(key);
  }
  for (let n = 0; n < 4 && !kiosk.view.choices.some((/** @type {any} */ c) => c.key === "images"); n++) await kiosk.press("more");
  await kiosk.press("images");
  await kiosk.screen("motif");
  await show("borne-images");

  // ---- at the desk ----
  await box.ticket({ lang: "ar", motif: "impots" });
  await box.ticket({ lang: "fr", motif: "telephone" });
  await desk.button(/^Suivant/).click();
  await desk.reads("La personne a partagé");
  await desk.button("Engagements lus ensemble").click();
  await desk.shows("the promises", (view) => view.mine?.note?.charter);
  await snap("bureau-personne");

  await desk.button("Orienter").click();
  await desk.reads("3 lieux");
  await press("Choisir MJC du Moulin");
  await snap("bureau-lieux");
  await press("Préparer la fiche (1 lieu)");
  await press("Imprimer la fiche d’orientation");
  await desk.reads("Le papier s’imprime à la borne.");
  await paper("papier-orientation", /MJC du Moulin/);
  await press("Fermer");

  await desk.button("Fait aujourd’hui").click();
  await folder.locator("fieldset").first().locator("label").first().click();
  await snap("bureau-aujourdhui");
  await press("Fermer");

  await desk.button("Dire ce qui est fait").click();
  await desk.reads("Avant que la personne parte");
  await snap("bureau-terminer");
  await press("Fermer");

  // ---- closing ----
  await box.desk("end", { outcome: "served" });
  await desk.button(/^Plus/).click();
  await desk.button("Fermer la permanence").click();
  await desk.reads("2 personnes sont encore là");
  await snap("bureau-fermer");
}, { timeout: 90_000 });

scene("the pictures of a morning on a phone", async (s) => {
  const box = await s.box({ site, flags: ["-staff", "127.0.0.1:0"] });
  const staff = await until("the staff's address", () => box.log.match(/staff +(https:\/\/\S+)/)?.[1] ?? "");
  const kiosk = await s.kiosk(box);
  const show = async (/** @type {string} */ name) => keep(name, await still(kiosk.page), 720);
  const context = await (await openBrowser()).newContext({ ignoreHTTPSErrors: true, locale: "fr-FR", viewport: { width: 360, height: 640 }, deviceScaleFactor: 2, hasTouch: true, reducedMotion: "reduce" });
  context.setDefaultTimeout(patience);
  const phone = new Surface(await context.newPage());
  const snap = async (/** @type {string} */ name) => keep(name, await still(phone.page), 480);

  // ---- pairing ----
  await kiosk.press("settings");
  let fragment = ""; // what follows the address in the code
  await kiosk.page.route("**/api/pairing", async (/** @type {any} */ route) => {
    const response = await route.fetch();
    fragment = (await response.json().catch(() => ({}))).fragment ?? fragment;
    await route.fulfill({ response });
  });
  await kiosk.button("Équipe : connecter un téléphone").tap();
  await kiosk.shows("the code", (view) => view.pairing?.stage === "offer");
  await kiosk.reads(/^Empreinte/);
  await until("the code is known here", () => fragment);
  await show("connecter-code");
  await phone.page.goto(`${staff}/${fragment}`);
  await phone.reads("Quel est votre rôle ?");
  await snap("connecter-role");
  await phone.button("Médiateur numérique").tap();
  const { number } = await kiosk.shows("the number", (view) => view.pairing?.number && view.pairing);
  await phone.reads(String(number));
  await snap("connecter-nombre");
  await show("connecter-oui");
  await kiosk.button("Oui, le même nombre").tap();
  await phone.page.waitForURL(/\/desk/);
  await phone.page.getByRole("link", { name: "Bureau 1" }).click();
  await phone.button("Ouvrir la permanence").waitFor();

  // ---- a morning ----
  await phone.button("Prêt ?").tap();
  await phone.reads("Qui est où");
  await phone.reads("Un écran est ouvert ici.");
  await snap("matin-pret");
  await phone.page.locator("dialog.folder[open]").getByRole("button", { name: "Fermer" }).first().tap();
  await phone.button("Ouvrir la permanence").tap();
  await phone.button(/^Suivant/).waitFor();
  for (const motif of ["caf", "telephone"]) await box.ticket({ lang: "fr", motif });
  await phone.shows("two people", (view) => view.waiting?.length === 2);
  await snap("matin-suivant");
  await phone.button(/^Suivant/).tap();
  await phone.shows("somebody called", (view) => view.mine);
  await snap("matin-appel");
  await phone.button(/^Terminé/).tap();
  await phone.reads(/est finie/);
  await phone.button("Dire ce qui est fait").tap();
  await phone.reads("Avant que la personne parte");
  await snap("matin-fin");
  await phone.page.locator("dialog.folder[open]").getByRole("button", { name: "Fermer" }).first().tap();

  // ---- what fails: the paper, and the current ----
  await fetch(`${box.url}/dock/printer?state=no_paper&on=1`, { method: "POST" });
  await box.ticket({ lang: "fr", motif: "caf" });
  await phone.reads("Il n’y a plus de papier. Mettez un rouleau neuf.");
  await phone.page.evaluate(() => scrollTo(0, 0));
  await snap("panne-papier");
  await fetch(`${box.url}/dock/printer?state=ready&on=1`, { method: "POST" });
  await phone.page.getByText("Il n’y a plus de papier.").first().waitFor({ state: "hidden" });
  await phone.button(/^Plus/).tap();
  await phone.button("Fermer la permanence").tap();
  await phone.reads(/personnes sont encore là/);
  await snap("matin-fermer");
  // Its port is another one after the cut: the desk of the machine itself shows the same.
  kiosk.dark = true;
  await box.kill();
  await box.start();
  await phone.page.goto(`${box.url}/desk?desk=1`);
  await phone.reads(/Le boîtier s’est arrêté/);
  await snap("panne-courant");
  await context.close();
}, { timeout: 90_000 });

// What a terminal shows, as jeudi flash printed it for an image of version 0.1.0. The disks
// are made up; the figures are those of a card that was a file. What was typed is bold.
scene("the pictures of a terminal that writes a card", async () => {
  /** @param {string} name @param {string} text */
  const terminal = async (name, text) => {
    const page = await (await openBrowser()).newPage({ viewport: { width: 900, height: 100 }, deviceScaleFactor: 2 });
    await page.setContent(`<style>
      body { margin: 0; padding: 14px 18px; background: #12212f; color: #f2f5f7; font: 15.5px/22.5px "DejaVu Sans Mono", monospace; white-space: pre-wrap }
      b { color: #ffd35c }
    </style><body>${text.replaceAll(/ (?=[:%])/g, "\u00a0")}</body>`);
    await keep(name, await page.screenshot({ fullPage: true }), 900);
    await page.close();
  };
  await terminal("carte-choix", `<b>$ sudo ./jeudi flash -site jeudi.toml jeudi-0.1.0.img.zst</b>
Fiche du lieu : Centre social Les Tilleuls
Image : jeudi-0.1.0.img.zst, 2,4 Go sur la carte, 486 Mo à écrire. Elle est comparée à SHA256SUMS.
Vérification de l’image 100 %, 392 Mo sur 392 Mo, 353 Mo/s

Cartes :
   1  /dev/sdb   Generic SD/MMC   16 Go   usb
Disques refusés :
      /dev/sda   WD Elements 25A2   2 To   usb   /media/claire/Sauvegarde
        → Refusé : ce n’est pas une carte ou une clé, mais un disque qui reste en place.
      /dev/nvme0n1   SAMSUNG MZVLQ512   512 Go   nvme
        → Refusé : cet ordinateur l’utilise lui-même (/).

Numéro de la carte (Entrée : chercher de nouveau, q : arrêter) : <b>1</b>
Tout ce qui est sur /dev/sdb, Generic SD/MMC, 16 Go sera effacé. Écrivez oui pour continuer : <b>oui</b>`);
  await terminal("carte-fin", `Taille de la carte
Écriture 100 %, 486 Mo sur 486 Mo, 109 Mo/s
Relecture 100 %, 486 Mo sur 486 Mo, 334 Mo/s
Fiche du lieu
Table des partitions
Terminé en 7 s. Tout a été relu sur la carte.
La carte est éjectée : retirez-la, et mettez-la dans la borne.`);
});
