// Every screen of the kiosk, on both panels, in three languages and three sizes:
// nothing is cut, nothing scrolls, everything can be pressed by a hand that
// trembles. The desk on a phone and on a laptop, the hall on its display. The
// pictures of all of it are in kiosk-ui/test/shots, to be looked at.

import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe } from "node:test";
import { fileURLToPath } from "node:url";
import { morningSite, sampleSite, scene, until } from "./box.mjs";

const pictures = join(dirname(fileURLToPath(import.meta.url)), "../pictures");

/** The least side of what is pressed and the least gap between (mm). */
const target = 12.7;
const gap = 2.54;

/**
 * Waits, in the page, until a view is drawn, then measures everything.
 * @param {any} view
 */
async function measured(view) {
  const texts = (/** @type {string} */ selector) => [...document.querySelectorAll(selector)].filter((e) => e.getClientRects().length > 0);
  const keys = (/** @type {string} */ selector) => [...document.querySelectorAll(selector)].map((b) => /** @type {HTMLElement} */ (b).dataset.key).join();
  const root = document.documentElement;
  const drawn = () =>
    root.dataset.screen === view.id && root.dataset.size === view.size && root.dataset.contrast === view.contrast && root.lang === view.lang &&
    document.querySelector(".title")?.textContent === view.title &&
    keys(".choices button") === view.choices.map((/** @type {any} */ c) => c.key).join() &&
    keys(".controls button") === view.controls.map((/** @type {any} */ c) => c.key).join() &&
    (!view.ticket || /** @type {HTMLElement} */ (document.querySelector(".ticket")).dataset.paper === view.ticket.paper);
  const deadline = performance.now() + 10_000;
  await document.fonts.ready;
  while (!drawn()) {
    if (performance.now() > deadline) {
      const { screen, size, contrast, paper } = { ...root.dataset, .../** @type {HTMLElement | null} */ (document.querySelector(".ticket"))?.dataset };
      const there = [screen, size, contrast, root.lang, document.querySelector(".title")?.textContent, keys(".choices button"), paper].join(" | ");
      return { problems: [`it was never drawn; there is: ${there}; wanted paper: ${view.ticket?.paper}`], buttons: [] };
    }
    await new Promise((done) => requestAnimationFrame(done));
  }
  const problems = [];
  if (root.hasAttribute("data-overflow")) problems.push("it does not fit (data-overflow)");
  for (const e of [root, document.body, document.querySelector("main")]) {
    if (e && (e.scrollWidth > e.clientWidth || e.scrollHeight > e.clientHeight)) problems.push(`${e.localName} scrolls`);
  }
  if (root.dir !== view.dir) problems.push(`dir is ${root.dir}`);
  const words = document.body.innerText;
  if (/[⟦⟧]|undefined|\bnull\b|NaN|\{\w+\}|\[object/.test(words)) problems.push(`it reads: ${words}`);
  if (/\b(motif|control|question|answer|kiosk|ticket)\.\w/.test(words)) problems.push(`it shows a key: ${words}`);
  // A word that is cut at the edge of its own box is not read.
  for (const e of texts(".title, .text, .notice, .ahead, .lines span, .label, .sub")) {
    const box = e.getBoundingClientRect();
    if (box.left < -0.5 || box.top < -0.5 || box.right > innerWidth + 0.5 || box.bottom > innerHeight + 0.5) problems.push(`out of the screen: « ${e.textContent} »`);
  }
  const buttons = /** @type {HTMLButtonElement[]} */ (texts("button[data-key]")).map((b) => {
    const { left, top, right, bottom } = b.getBoundingClientRect();
    return { key: b.dataset.key ?? "", left, top, right, bottom };
  });
  // The number is the largest thing of a ticket, and nothing lies on it.
  const number = document.querySelector(".ticket .number");
  if (view.ticket && number) {
    const px = parseFloat(getComputedStyle(number).fontSize);
    const title = parseFloat(getComputedStyle(/** @type {Element} */ (document.querySelector(".choices .label, .title"))).fontSize);
    if (px < 1.5 * title) problems.push(`the number has letters of ${px}px, less than half as large again as ${title}px`);
  }
  return { problems, buttons };
}

/** What is wrong with the buttons of a screen. */
function reach(buttons, { panel }) {
  const least = { width: target * panel.pxmm_h - 0.5, height: target * panel.pxmm_v - 0.5, across: gap * panel.pxmm_h - 0.5, down: gap * panel.pxmm_v - 0.5 };
  const problems = [];
  for (const b of buttons) {
    if (b.right - b.left < least.width || b.bottom - b.top < least.height) {
      problems.push(`« ${b.key} » is ${Math.round(b.right - b.left)}×${Math.round(b.bottom - b.top)} px, less than ${target} mm`);
    }
    if (b.left < 0 || b.top < 0 || b.right > panel.width || b.bottom > panel.height) problems.push(`« ${b.key} » is not on the screen`);
  }
  buttons.forEach((a, i) => buttons.slice(i + 1).forEach((b) => {
    const across = Math.max(a.left, b.left) - Math.min(a.right, b.right);
    const down = Math.max(a.top, b.top) - Math.min(a.bottom, b.bottom);
    if (across < least.across && down < least.down) problems.push(`« ${a.key} » and « ${b.key} » are nearer than ${gap} mm (${Math.round(across)}, ${Math.round(down)} px)`);
  }));
  return problems;
}

/** Walks through a kiosk and looks at what it shows. */
class Walk {
  /** @type {string[]} */
  problems = [];
  screens = 0;

  /** @param {import("./box.mjs").Box} box @param {import("./box.mjs").Kiosk} kiosk @param {string} panel */
  constructor(box, kiosk, panel) {
    this.box = box;
    this.kiosk = kiosk;
    this.panel = panel;
  }

  /** Presses without a finger, which morning.test.mjs is for. @param {...string} keys */
  async press(...keys) {
    for (const key of keys) {
      const { turn } = this.kiosk.view;
      await this.box.post("/api/kiosk", { turn, key });
      await this.kiosk.shows(`an answer to « ${key} »`, (view) => view.turn !== turn);
    }
  }

  /** Looks at the screen as it is. @param {string} name */
  async look(name) {
    const { view } = this.kiosk;
    const where = `${this.panel}-${name}-${view.size}-${view.lang}${view.contrast === "normal" ? "" : `-${view.contrast}`}`;
    const { problems, buttons } = /** @type {any} */ (await this.kiosk.page.evaluate(measured, view));
    for (const p of [...problems, ...reach(buttons, view)]) this.problems.push(`${where}: ${p}`);
    this.screens++;
    await this.kiosk.shot(where);
  }

  /** Looks at a screen in its three sizes, and leaves it as it was. @param {string} name @param {string} [id] it must have */
  async sizes(name, id = name) {
    await this.kiosk.shows(`the screen ${id}`, (view) => view.id === id);
    for (const _ of ["m", "l", "xl"]) {
      await this.look(name);
      await this.press("bigger");
    }
  }

  /** Looks at every page of the choices. @param {string} id @param {string} [name] */
  async pages(id, name = id) {
    for (let page = 1; ; page++) {
      await this.sizes(page === 1 ? name : `${name}-${page}`, id);
      if (!this.kiosk.view.choices.some((c) => c.key === "more")) return page;
      await this.press("more");
    }
  }
}

/** What can be done outside opening hours. @param {Walk} walk @param {string} lang */
async function closed(walk, lang) {
  await walk.press(lang);
  await walk.sizes("closed");
  await walk.press("practice");
  await walk.sizes("practice");
  await walk.press("letter");
  await walk.sizes("practice-wrong", "practice");
  await walk.press("house", "phone", "clock");
  await walk.sizes("practice-done", "practice");
  await walk.press("finish", "places");
  await walk.sizes("places");
  await walk.press("place_0");
  await walk.sizes("place");
  await walk.press("finish", "skip", "assess");
  await walk.sizes("question-alone", "question");
  await walk.press("yes", "alone", "alone");
  await walk.sizes("result");
  await walk.press("finish", "finish");
}

/** From the language to the last thanks. @param {Walk} walk @param {string} lang */
async function open(walk, lang) {
  const { kiosk, box } = walk;
  await walk.press(lang);
  await walk.pages("motif");
  await walk.press("for_other");
  await walk.look("motif-for-other");
  await walk.press("skip");
  await kiosk.shows("the paper", (view) => view.ticket?.paper === "printed");
  await walk.sizes("ticket");
  if (lang === "fr") {
    for (const _ of ["dark", "light", "normal"]) {
      await walk.press("contrast");
      await walk.look("ticket");
    }
  }
  await walk.press("help");
  await walk.sizes("help");
  await walk.press("go_on", "questions");
  // Answers whose words are long, and that bring every screen.
  for (let at = 1; at <= 8; at++) {
    await kiosk.shows(`question ${at}`, (view) => view.id === "question" && view.progress.at === at);
    const pages = await walk.pages("question", `question-${at}`);
    if (lang === "fr" && at === 4) {
      for (const _ of ["dark", "light", "normal"]) {
        await walk.press("contrast");
        await walk.look("question-contrast");
      }
    }
    for (let page = pages; page > 1; page--) await walk.press("back");
    const keys = kiosk.view.choices.map((c) => c.key);
    await walk.press(at <= 3 ? keys.find((k) => k === "no") : [...keys].sort((a, b) => label(kiosk, b) - label(kiosk, a)).find((k) => k !== "more" && k !== "pass"));
    if (kiosk.view.id === "share") {
      await walk.sizes("share");
      await walk.press("no");
    }
  }
  await walk.sizes("recap");
  await walk.press("send");
  await kiosk.shows("the answers kept", (view) => view.id === "thanks" && view.title);
  await walk.sizes("thanks");
  await walk.press("finish");

  // Who steps out, and who is called while the ticket is on the screen.
  await walk.press(lang, "skip");
  await kiosk.shows("the paper", (view) => view.ticket?.paper === "printed");
  await walk.press("back_at");
  await walk.sizes("back_at");
  await walk.press("in_30");
  await walk.sizes("thanks-back", "thanks");
  await walk.press("finish");

  // The printer without paper.
  await fetch(`${box.url}/dock/printer?state=no_paper&on=1`, { method: "POST" });
  await walk.press(lang, "caf");
  await kiosk.shows("no paper", (view) => view.ticket?.paper === "unprinted");
  await walk.sizes("ticket-unprinted", "ticket");
  await fetch(`${box.url}/dock/printer?state=ready&on=1`, { method: "POST" });
  // Called, after everybody before.
  while ((await box.desk("next")).number !== kiosk.view.ticket.number) await box.desk("end", { outcome: "served" });
  await kiosk.shows("that it is called", (view) => view.ticket.ahead.includes("Bureau 1"));
  await walk.sizes("ticket-called", "ticket");
  await walk.press("questions");
  await walk.sizes("question-called", "question");
  await walk.press("new_ticket");
  await box.desk("end", { outcome: "served" });
}

/** How long the label of a choice is. */
function label(kiosk, key) {
  return kiosk.view.choices.find((c) => c.key === key).label.length;
}

// While one waits for time to pass, the others are looked at.
describe("the kiosk", { concurrency: 4 }, () => {
  for (const [panel, width, height] of /** @type {const} */ ([["10.1", 1280, 800], ["7", 800, 480]])) {
    scene(`every screen of the kiosk, ${panel} inches`, async (s) => {
      const box = await s.box({ site: sampleSite({ panel }) });
      const kiosk = await s.kiosk(box, { width, height });
      const walk = new Walk(box, kiosk, panel);
      await walk.sizes("language");
      for (const lang of ["fr", "en", "ar"]) await closed(walk, lang);
      await box.desk("open");
      for (const lang of ["fr", "en", "ar"]) await open(walk, lang);
      assert.equal(walk.problems.length, 0, `${walk.problems.length} problems on ${walk.screens} screens:\n${walk.problems.join("\n")}`);
    }, { timeout: 240_000 });

    scene(`the screens that time brings, ${panel} inches`, async (s) => {
      // A minute lasts three seconds, and every press begins it anew.
      const site = sampleSite({ panel, replace: [[/^after_seconds = 75$/m, "after_seconds = 60"], [/^countdown_seconds = 30$/m, "countdown_seconds = 60"]] });
      const box = await s.box({ site, flags: ["-clock", "20x"] });
      await box.desk("open");
      const kiosk = await s.kiosk(box, { width, height });
      const walk = new Walk(box, kiosk, panel);
      for (const lang of ["fr", "en", "ar"]) {
        await walk.press(lang);
        await kiosk.shows("the question whether more time is wanted", (view) => view.id === "more_time");
        await walk.sizes("more_time");
        await kiosk.shows("the end of what was said", (view) => view.id === "erased");
        await walk.sizes("erased");
        await walk.press("finish");
      }
      assert.equal(walk.problems.length, 0, walk.problems.join("\n"));
    });
  }
});

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
