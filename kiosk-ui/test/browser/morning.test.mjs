// A whole Thursday morning on one box, in the order in which people live it: the
// desk opens, somebody takes a ticket by touch, somebody with the buttons alone,
// somebody in Arabic; people are called, absent, held, received; the printer runs
// dry; the permanence closes and its report adds up.

import assert from "node:assert/strict";
import { scene } from "./box.mjs";

/** By touch to a ticket; whoever stands there goes away afterwards. */
async function takeTicket(kiosk, language, motif) {
  await kiosk.screen("language");
  await kiosk.press(language);
  const { choices, skip } = await kiosk.screen("motif");
  if (![...choices, skip].some((c) => c.key === motif)) {
    await kiosk.press("more");
    await kiosk.shows("the other choices", (view) => view.choices.some((c) => c.key === motif));
  }
  await kiosk.press(motif);
  // With many people here it says so first, and refuses nobody.
  const { id } = await kiosk.shows("a ticket, or many people", (view) => ["ticket", "crowded"].includes(view.id) && view);
  if (id === "crowded") await kiosk.press("ticket");
  return (await kiosk.screen("ticket")).ticket.number;
}

/** Presses a button of the panel, and waits for what the kiosk makes of it. */
async function button(dock, kiosk, name) {
  const { turn } = kiosk.view;
  // The same button again within half a second is a hand that trembles, and no press.
  await new Promise((done) => setTimeout(done, 600));
  await dock.button(name).click();
  return kiosk.shows(`an answer to the button ${name}`, (view) => view.turn !== turn && view);
}

/** The key of what is marked on the kiosk's page: exactly one thing, and visibly. */
async function ring(kiosk, key) {
  const mark = kiosk.page.locator('button[aria-current="true"]');
  await kiosk.page.locator(`button[data-key="${key}"][aria-current="true"]`).waitFor();
  assert.equal(await mark.count(), 1);
  const { width, style } = await mark.evaluate((e) => {
    const s = getComputedStyle(e);
    return { width: parseFloat(s.outlineWidth), style: s.outlineStyle };
  });
  assert.ok(width >= 3 && style !== "none", `the focus ring is ${width}px ${style}; want at least 3px`);
}

scene("a whole morning", async (s) => {
  const box = await s.box();
  const [desk, hall, kiosk, dock] = await Promise.all([s.desk(box), s.hall(box), s.kiosk(box), s.dock(box)]);

  // Nothing is open yet: the kiosk says so, and gives no ticket.
  await kiosk.press("fr");
  await kiosk.screen("closed");
  await kiosk.reads(/Prochain accueil/);
  await kiosk.press("skip");
  await hall.reads(/Prochaine permanence/);

  await desk.button("Ouvrir la permanence").click();
  await desk.button(/^Suivant/).waitFor();
  await hall.reads("Bienvenue");
  await box.devices("the opening report on paper", ({ printer }) => printer.printed === 1);

  // ---- by touch ----
  kiosk.presses = 0;
  const first = await takeTicket(kiosk, "fr", "caf");
  assert.ok(kiosk.presses <= 3, `${kiosk.presses} presses to the ticket; want 3 at most`);
  assert.equal(first, 1);
  await kiosk.reads(/Personne n’attend/);
  assert.equal(await kiosk.page.locator(".ticket .number").textContent(), "1");
  await kiosk.shows("the paper is out", (view) => view.ticket?.paper === "printed");
  assert.match((await box.papers()).at(-1), /\b1\b[\s\S]*Personne n’attend[\s\S]*allocataire/);
  await desk.page.locator(".waiting .row .n", { hasText: /^1$/ }).waitFor();
  await desk.reads("1 personne attend");
  await hall.reads("1 personne attend");

  // ---- the questions, to the end ----
  await kiosk.press("questions");
  assert.match((await kiosk.screen("question")).notice, /Pas de nom/);
  // What is difficult may be several things: each is touched, and then the end.
  const given = [[1, "yes"], [2, "helped"], [3, "no"], [4, "alone"], [5, "helped"], [6, "no"], [7, "helped"], [8, "peur"], [8, "mots"], [8, "done"]];
  for (const [at, answer] of given) {
    await kiosk.shows(`question ${at}`, (view) => view.progress?.at === at);
    await kiosk.press(answer);
  }
  await kiosk.screen("result");
  await kiosk.press(kiosk.view.choices[0].key);
  await kiosk.screen("share"); // may the team know? no
  await kiosk.press("no");
  const { of } = (await kiosk.screen("question")).progress;
  assert.equal(of, 13);
  for (let at = 9; at <= of; at++) {
    await kiosk.shows(`question ${at}`, (view) => view.id === "question" && view.progress.at === at);
    await kiosk.press(kiosk.view.choices[0].key);
  }
  const recap = await kiosk.screen("recap");
  assert.ok(recap.lines.length >= 13, `the recap has ${recap.lines.length} lines`);
  await kiosk.press("send");
  await kiosk.screen("thanks");
  await kiosk.reads(/^Merci/);
  await kiosk.press("finish");
  await kiosk.screen("language");

  // ---- with the buttons alone ----
  const before = kiosk.presses;
  await button(dock, kiosk, "Suivant");
  await ring(kiosk, "fr");
  for (const lang of ["falc", "ar", "en"]) {
    await button(dock, kiosk, "Suivant");
    await ring(kiosk, lang);
  }
  for (const lang of ["ar", "falc", "fr"]) {
    await button(dock, kiosk, "Précédent");
    await ring(kiosk, lang);
  }
  await button(dock, kiosk, "OK");
  await kiosk.screen("motif");
  await button(dock, kiosk, "OK"); // nothing is chosen yet: it says where one is
  await ring(kiosk, "caf");
  await button(dock, kiosk, "Suivant");
  await ring(kiosk, "sante");
  // A prompt is heard message by message: the choice, then where it stands.
  await box.devices("the choice and its place are said", ({ speaker }) => speaker.heard.some((h, i) => h.text === "Santé" && /^Choix 2 sur/.test(speaker.heard[i + 1]?.text)));
  const loud = kiosk.view.volume;
  assert.ok((await button(dock, kiosk, "Plus fort")).volume > loud);
  assert.equal((await button(dock, kiosk, "Moins fort")).volume, loud);
  await ring(kiosk, "sante");
  await button(dock, kiosk, "Écouter");
  await box.devices("the screen read aloud", ({ speaker }) => speaker.heard.some((h) => /Pourquoi venez-vous/.test(h.text) && h.lang === "fr"));
  await button(dock, kiosk, "Retour");
  await kiosk.screen("language");
  await button(dock, kiosk, "OK");
  await ring(kiosk, "fr");
  await button(dock, kiosk, "OK");
  await kiosk.screen("motif");
  await button(dock, kiosk, "Suivant");
  await ring(kiosk, "caf");
  await button(dock, kiosk, "Suivant");
  await button(dock, kiosk, "OK");
  const second = await kiosk.screen("ticket");
  assert.equal(second.ticket.number, 2);
  assert.match(second.ticket.ahead, /1 personne/);
  assert.equal(kiosk.presses, before, "the screen was touched");
  await box.devices("the number said aloud", ({ speaker }) => speaker.heard.some((h) => /\b2\b/.test(h.text) && h.playing));
  const { speaker } = await box.dock();
  assert.ok(speaker.heard.some((h) => h.text.startsWith("English") && h.lang === "en"), "English is said in English");
  await dock.page.locator("#heard .said", { hasText: "Santé" }).first().waitFor();
  // The eighth button is the way to a person.
  await button(dock, kiosk, "Aide");
  await kiosk.screen("help");
  await desk.reads("Quelqu’un demande de l’aide à la borne.");
  await desk.button("J’arrive").click();
  await desk.button("C’est fait").click();
  await desk.button("C’est fait").waitFor({ state: "hidden" });
  await button(dock, kiosk, "Suivant");
  await button(dock, kiosk, "OK");
  await kiosk.screen("ticket");
  await kiosk.press("restart"); // with a ticket it ends the visit, and asks first
  await kiosk.screen("confirm");
  await kiosk.press("yes");
  await kiosk.screen("language");
  assert.equal(kiosk.view.listening, false, "the next person is read to");

  // ---- in Arabic ----
  const third = await takeTicket(kiosk, "ar", "impots");
  assert.equal(third, 3);
  assert.deepEqual(await kiosk.page.evaluate(() => [document.documentElement.lang, document.documentElement.dir]), ["ar", "rtl"]);
  await kiosk.shows("the Arabic paper is out", (view) => view.ticket?.paper === "printed");
  await box.paper("ticket 3", /^\s*3\s*$/m);
  await desk.page.locator(".waiting .row", { hasText: "العربية" }).waitFor();
  await kiosk.press("skip");
  await kiosk.screen("thanks");
  await kiosk.press("finish");

  // ---- the desk: a person called, received ----
  const next = desk.button(/^Suivant/);
  const done = desk.button(/^Terminé/);
  const mine = desk.page.locator("desk-person .number");
  const hallNumber = hall.page.locator(".large .call .number");
  const atDesk = (n) => desk.page.locator("desk-person .number", { hasText: new RegExp(`^${n}$`) }).waitFor();
  const free = () => mine.waitFor({ state: "hidden" });

  await next.click();
  await atDesk(1);
  await hall.page.locator(".large .call", { hasText: /1\s*Bureau 1/ }).waitFor();
  await box.devices("the call aloud", ({ speaker }) => speaker.heard.some((h) => h.chime && h.text === "Numéro 1, Bureau 1."));
  await done.click();
  await free();

  // ---- absent, and taken back by undo ----
  await next.click();
  await atDesk(2);
  await desk.button("Pas pu être reçu").click();
  await desk.button(/^Absent pour l’instant/).click();
  await free();
  await desk.page.locator(".resting .row .n", { hasText: /^2$/ }).waitFor();
  await desk.button(/^Annuler : /).click();
  await atDesk(2);
  await desk.page.locator(".resting .row").waitFor({ state: "hidden" });

  // ---- received, held, and back ----
  await desk.button(/^Plus/).click();
  await desk.button(/^Commencer/).click();
  await desk.reads(/^En accueil/);
  await desk.button(/^Plus/).click();
  await desk.button(/^Mettre en attente/).click();
  await desk.button("attend un code SMS").click();
  await free();
  await desk.page.locator(".held .row", { hasText: "attend un code SMS" }).waitFor();
  await desk.button("Prêt : le 2").click();
  await next.filter({ hasText: "Appeler le 2" }).click();
  await atDesk(2);
  await hall.page.locator(".large .call", { hasText: /2\s*Bureau 1/ }).waitFor();
  assert.deepEqual(await hallNumber.allTextContents(), ["2"]);
  await done.click();
  await free();

  // ---- two tickets while the printer has no paper ----
  await dock.role("checkbox", "Plus de papier").check();
  await desk.reads("Il n’y a plus de papier. Mettez un rouleau neuf.");
  kiosk.presses = 0;
  const fourth = await takeTicket(kiosk, "fr", "logement");
  assert.equal(kiosk.presses, 3, "a motif of the second page is three presses away");
  await kiosk.shows("the kiosk says that there is no paper", (view) => view.ticket?.paper === "unprinted");
  await kiosk.reads("Il n’y a plus de papier. Retenez votre numéro.");
  await kiosk.press("skip");
  await kiosk.screen("thanks");
  await kiosk.press("finish");
  const fifth = await takeTicket(kiosk, "en", "skip");
  await kiosk.shows("no paper either", (view) => view.ticket?.paper === "unprinted");
  await kiosk.press("skip");
  await kiosk.press("finish");
  assert.deepEqual([fourth, fifth], [4, 5]);
  await desk.reads("2 tickets non imprimés.");
  await dock.role("checkbox", "Plus de papier").uncheck();
  await desk.shows("the printer is well", (view) => view.devices.find((d) => d.key === "printer").ok);
  await desk.button("Réimprimer").click();
  await desk.page.getByText("2 tickets non imprimés.").waitFor({ state: "hidden" });
  await box.paper("ticket 4", /^\s*4\s*$/m);
  await box.paper("ticket 5", /^\s*5\s*$/m);

  // ---- somebody asks for help, and is answered for ----
  await kiosk.screen("language");
  await kiosk.press("fr");
  await kiosk.press("help");
  await kiosk.screen("help");
  await desk.reads("Quelqu’un demande de l’aide à la borne.");
  await desk.button("Répondre à sa place").click();
  const place = desk.role("dialog", "À la place de la personne");
  await place.waitFor();
  await kiosk.screen("language"); // the kiosk is for the next person
  assert.equal(await kiosk.page.locator("html").getAttribute("lang"), "fr");
  const goOn = place.locator('[data-key="go_on"]');
  if (await goOn.isVisible()) await goOn.click();
  await place.getByRole("button", { name: /^Retraite/ }).click();
  await place.locator(".number", { hasText: /^6$/ }).waitFor();
  // Meanwhile somebody takes a ticket at the kiosk.
  assert.equal(await takeTicket(kiosk, "fr", "caf"), 7);
  await kiosk.press("skip");
  await kiosk.press("finish");
  await place.getByRole("button", { name: "Fermer" }).click();
  await place.waitFor({ state: "hidden" });
  if (await desk.button("C’est fait").isVisible()) await desk.button("C’est fait").click();

  // ---- somebody without a ticket ----
  await desk.button("Pas pu être reçu").click();
  await desk.button("plus de place").click();
  await desk.shows("one person counted as turned away", (view) => view.counts.turned_away === 1);

  // ---- closing, with five people still here ----
  await desk.button(/^Plus/).click();
  await desk.button("Fermer la permanence").click();
  await desk.reads("5 personnes sont encore là");
  await desk.button(/^Tout le monde est parti/).click();
  await desk.reads("Compte rendu");
  const identity = await desk.page.locator(".report .sum").textContent();
  assert.match(identity ?? "", /7 = 2 \+ /, "7 tickets, 2 received");
  await hall.reads(/Prochaine permanence/);
  assert.match(await box.paper("the closing report", /7\s*=\s*2\s*\+/), /Signature/);
  await kiosk.press("fr");
  await kiosk.screen("closed");
});
