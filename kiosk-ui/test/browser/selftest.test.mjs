// The box tests itself, with somebody beside it: from the desk, on a phone, with the
// kiosk's screen and its buttons; and a visitor who comes meanwhile goes first.

import assert from "node:assert/strict";
import { sampleSite, scene, until } from "./box.mjs";

/** The number on the newest test ticket. */
const printed = async (box) => Number((await box.paper("the test ticket", /Test de la borne[\s\S]*grand nombre/)).match(/^\s*(\d\d)\s*$/m)[1]);

const step = (desk, item) => desk.shows(`the step ${item}`, (view) => view.selftest.now?.item === item && view.selftest.now);

/** Presses the button whose lamp blinks, and gives its name. */
async function pressLit(box, not = "") {
  const lit = await box.devices("a lamp that blinks", ({ panel }) => panel.find((l) => l.light === "blink" && l.action !== "staff" && l.action !== not));
  await box.post(`/dock/press?action=${lit.action}`).catch(() => {});
  return lit.action;
}

/** Whether nothing is cut off at the side. */
async function fits(desk, name) {
  assert.equal((await desk.beyond()).across, 0, `${name} is wider than its window`);
  const dialog = desk.page.locator("dialog.selftest[open] .screen");
  if (await dialog.count()) {
    const beyond = await dialog.evaluate((e) => e.scrollWidth - e.clientWidth);
    assert.ok(beyond <= 0, `${name}: the page of the test is ${beyond}px too wide`);
  }
  await desk.shot(`selftest-${name}`);
}

scene("the self test", async (s) => {
  const box = await s.box();
  const [desk, kiosk] = await Promise.all([s.desk(box, { width: 360, height: 740 }), s.kiosk(box)]);
  await desk.reads(/^Pas encore prêt pour/);
  await desk.reads("La borne n’est pas encore testée.");
  await fits(desk, "front-phone");

  // ---- who stands at the kiosk goes first ----
  await kiosk.press("fr");
  await kiosk.screen("closed");
  await desk.button("Tester la borne").click();
  await fits(desk, "begin-phone");
  desk.errors.length = 0;
  await desk.button("Commencer le test").click();
  await desk.reads(/Quelqu’un est à la borne/);
  desk.errors = desk.errors.filter((e) => !e.includes("409"));
  await kiosk.press("skip");
  await kiosk.screen("language");
  // The same press within half a second is the same press.
  await until("the test to begin", async () => {
    if (desk.view.selftest.now) return true;
    await desk.button("Commencer le test").click();
    await new Promise((done) => setTimeout(done, 600));
    return false;
  });

  // ---- the ticket is read: a wrong number is no proof ----
  const first = await step(desk, "printer");
  const number = await printed(box);
  const numbers = first.choices.filter((c) => c.key.startsWith("code.")).map((c) => Number(c.label));
  assert.ok(numbers.length === 3 && numbers.includes(number), `the numbers ${numbers} with ${number} on the ticket`);
  await fits(desk, "printer-phone");
  await desk.button(String(numbers.find((n) => n !== number))).click();
  await desk.reads(/^Ce n’était pas ce nombre/);
  const second = await until("another ticket", async () => {
    const n = await printed(box);
    return n !== number && n;
  });
  await desk.button(String(second)).click();

  // ---- heard ----
  await step(desk, "sound");
  await box.devices("the chime and the voice", ({ speaker }) => speaker.heard.some((h) => h.chime && /Bureau/.test(h.text) && h.output === "loudspeaker"));
  await fits(desk, "sound-phone");
  await desk.button("Oui, j’ai entendu").click();

  // ---- each button by its lamp; nobody is told which ----
  await kiosk.page.locator(".selftest").waitFor();
  const { of } = await desk.shows("the buttons", (view) => view.selftest.now?.item.startsWith("button.") && view.selftest.now);
  const lamps = [];
  for (let n = 0; n < 8; n++) {
    const { at } = await desk.shows(`button ${n + 1}`, (view) => view.selftest.now?.at === 3 + n && view.selftest.now);
    if (n === 0) await fits(desk, "button-phone");
    if (n === 1) {
      // Somebody comes for a ticket: the button is theirs, the test waits.
      await kiosk.page.locator(".selftest button", { hasText: "English" }).tap();
      await kiosk.page.locator(".selftest").waitFor({ state: "hidden" });
      await desk.reads(/^Quelqu’un est à la borne/);
      await kiosk.screen("closed");
      await kiosk.press("skip");
      await kiosk.screen("language");
    }
    if (n === 7) {
      await desk.button("Aucune lampe ne clignote").click();
      await desk.reads(/^Bouton /);
      await fits(desk, "dark-phone");
      lamps.push(await until("the last button", async () => {
        const { item } = desk.view.selftest.now;
        const action = item.replace("button.", "");
        await fetch(`${box.url}/dock/press?action=${action}`, { method: "POST" });
        return action;
      }));
    } else {
      lamps.push(await pressLit(box, lamps.at(-1)));
    }
    await desk.shows(`button ${n + 1} done`, (view) => view.selftest.now?.at > at);
  }
  assert.equal(new Set(lamps).size, 8, `lamps: ${lamps}`);
  assert.equal(of, 12);

  // ---- the corners, at the very edge ----
  await step(desk, "touch");
  await kiosk.reads("Touchez les quatre coins.");
  assert.equal(await kiosk.page.locator("html").getAttribute("data-screen"), "language", "the kiosk is the next visitor's still");
  await kiosk.shot("selftest-kiosk-corners");
  for (const [x, y, n] of [[4, 4, 1], [1275, 4, 2], [4, 795, 3], [1275, 795, 4]]) {
    await kiosk.page.touchscreen.tap(x, y);
    if (n < 4) await kiosk.shows(`corner ${n}`, (view) => view.selftest?.corners[n - 1]);
    if (n === 2) await kiosk.shot("selftest-kiosk-half");
  }
  await kiosk.page.locator(".selftest").waitFor({ state: "hidden" });

  // ---- the clock, and the end ----
  await step(desk, "clock");
  await desk.reads(/Est-ce juste/);
  await fits(desk, "clock-phone");
  await desk.button("Oui, c’est juste").click();
  const last = await desk.shows("the result", (view) => view.selftest.last);
  assert.deepEqual([last.verdict, last.ok], ["not_ready", false], "a dark lamp is a fault");
  await desk.reads("La lampe ne s’allume pas.");
  await fits(desk, "result-phone");
  assert.match(await box.paper("the result", /La borne n’est pas prête/), /Imprimante\s+bon/);

  // ---- it is kept, as JSON ----
  const kept = await until("a kept report", async () => {
    const { reports } = await (await fetch(`${box.url}/api/selftest/reports`)).json();
    return reports.length === 1 && reports[0];
  });
  assert.deepEqual(kept.outcomes.map((o) => o.item).slice(0, 2), ["printer", "sound"]);
  await desk.button("Fermer").click();
  await desk.reads(/^Bouton .*\s: à vérifier$/);

  // ---- again, by a laptop, and all is well; the box is ready, and so after a cut ----
  const laptop = await s.desk(box, { width: 1280, height: 800 });
  await laptop.button("Tester la borne").click();
  await laptop.button("Refaire le test").click();
  await step(laptop, "printer");
  const again = await until("a ticket of this test", async () => {
    const n = await printed(box);
    return laptop.view.selftest.now.choices.some((c) => c.key === `code.${n}`) && n;
  });
  await fits(laptop, "printer-laptop");
  await laptop.button(String(again)).click();
  await laptop.button("Oui, j’ai entendu").click();
  let before = "";
  for (let n = 0; n < 8; n++) {
    const { at } = await laptop.shows("a button", (view) => view.selftest.now?.at === 3 + n && view.selftest.now);
    before = await pressLit(box, before);
    await laptop.shows("the next", (view) => view.selftest.now?.at > at);
  }
  await kiosk.page.locator(".corner").first().waitFor();
  for (let n = 1; n <= 4; n++) {
    await kiosk.page.locator(`.corner[data-key="corner.${n}"]`).tap();
    if (n < 4) await kiosk.shows(`corner ${n}`, (view) => view.selftest?.corners[n - 1]);
  }
  await laptop.button("Oui, c’est juste").click();
  await laptop.shows("a good result", (view) => view.selftest.last?.ok);
  await fits(laptop, "result-laptop");
  await laptop.button("Fermer").click();
  await laptop.reads(/^Prêt pour /);
  await fits(laptop, "ready-laptop");
  await desk.reads(/^Prêt pour /);
  await fits(desk, "ready-phone");
});

/** The parts of the kiosk's test that lie on each other, or beyond the screen. */
const overlaps = () => {
  const parts = [...document.querySelectorAll(".selftest .corner, .selftest h1, .selftest p, .selftest .invites button")];
  const boxes = parts.map((e) => ({ what: e.className || e.textContent, ...e.getBoundingClientRect().toJSON() }));
  const found = [];
  for (const [i, a] of boxes.entries()) {
    if (a.left < 0 || a.top < 0 || a.right > innerWidth || a.bottom > innerHeight) found.push(`${a.what} is beyond the screen`);
    if (parts[i].scrollWidth > parts[i].clientWidth + 1) found.push(`${a.what} is cut off`);
    for (const b of boxes.slice(i + 1)) {
      if (a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1) found.push(`${a.what} lies on ${b.what}`);
    }
  }
  return found;
};

for (const [panel, width, height] of /** @type {const} */ ([["10.1", 1280, 800], ["7", 800, 480]])) {
  scene(`the kiosk's part of the self test on ${panel}"`, async (s) => {
    const box = await s.box({ site: sampleSite({ panel }) });
    const [desk, kiosk] = await Promise.all([s.desk(box, { width: 800, height: 480 }), s.kiosk(box, { width, height })]);
    await desk.button("Tester la borne").click();
    await desk.button("Commencer le test").click();
    for (let turn = await desk.shows("the printer", (view) => view.selftest.now?.turn); ;) {
      const now = await desk.shows("the next step", (view) => view.selftest.now?.turn >= turn && view.selftest.now);
      if (now.item === "printer") await fits(desk, `printer-${width}`);
      if (now.item === "button.back") {
        await kiosk.page.locator(".selftest").waitFor();
        assert.deepEqual(await kiosk.page.evaluate(overlaps), [], "while buttons are tested");
        await fits(desk, `button-${width}`);
        await kiosk.shot(`selftest-kiosk-${panel}-buttons`);
      }
      if (now.item === "touch") break;
      await box.desk("selftest_answer", { turn: now.turn, key: "skip" });
      turn = now.turn + 1;
    }
    await kiosk.page.locator(".corner").first().waitFor();
    assert.deepEqual(await kiosk.page.evaluate(overlaps), [], "while corners are tested");
    await kiosk.shot(`selftest-kiosk-${panel}-fr`);
    // The same page from right to left.
    const words = await (await fetch(`${box.url}/words/veil.json?lang=ar`)).json();
    assert.ok(words["veil.ask"], "Arabic words");
    await kiosk.page.evaluate(async (view) => {
      const { Corners } = await import(location.origin + "/screen/corners.js");
      document.querySelector(".selftest").remove();
      document.documentElement.lang = "ar";
      document.documentElement.dir = "rtl";
      // A view that comes meanwhile would turn the page back.
      Object.defineProperty(document.documentElement, "dir", { get: () => "rtl", set() {} });
      new Corners(document.body).draw(view, view.panel);
    }, { ...kiosk.view.selftest, panel: kiosk.view.panel, title: "اختبار هذه الشاشة", text: "المس الزوايا الأربع.", corners: [true, false, false, false] });
    assert.deepEqual(await kiosk.page.evaluate(overlaps), [], "in Arabic");
    const first = await kiosk.page.locator('.corner[data-key="corner.1"]').boundingBox();
    assert.equal(Math.round(first.x + first.width), width, "in Arabic the first corner is on the right");
    await kiosk.shot(`selftest-kiosk-${panel}-ar`);
  });
}
