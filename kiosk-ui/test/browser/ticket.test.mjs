// A visitor's own phone, from the code on the ticket to the slip after the visit, and
// the hall beside it.

import assert from "node:assert/strict";
import { freePort, sampleSite, scene, until } from "./box.mjs";

/** A site whose visitors are on the network, at an address of this machine. */
async function visitedSite() {
  return sampleSite({ replace: [[/^# public = .*$/m, `public = "127.0.0.1:${await freePort()}"`], [/^visitors = false$/m, "visitors = true"]] });
}

/** Notes what a phone would have been shaken by, and its connections. */
const shaken = () => {
  const list = /** @type {any} */ ([]);
  const sockets = /** @type {any} */ ([]);
  Object.assign(globalThis, { shaken: list, sockets });
  navigator.vibrate = (pattern) => (list.push(pattern), true);
  const Plain = WebSocket;
  globalThis.WebSocket = class extends Plain {
    /** @param {string} url */
    constructor(url) {
      super(url);
      sockets.push(this);
    }
  };
};

scene("a phone follows its ticket, practises, is called, and keeps where to go", async (s) => {
  const box = await s.box({ site: await visitedSite() });
  await fetch(`${box.url}/dock/profile?name=epson-tm-t20`, { method: "POST" }); // it tells what a code says
  await box.desk("open");
  const { visit } = await box.ticket();
  const link = await box.code(1);
  assert.match(link, /^http:\/\/127\.0\.0\.1:\d+\/t#[\w-]{22}$/);
  const secret = link.split("#")[1];

  const phone = await s.phone(link, { init: shaken });
  /** @type {string[]} */
  const asked = [];
  phone.page.on("request", (request) => asked.push(request.url()));
  await phone.page.locator(".turn-card .number", { hasText: /^1$/ }).waitFor();
  await phone.reads("Un téléphone verrouillé peut rester muet.");
  await phone.shot("ticket-waiting-fr");
  assert.equal((await phone.beyond()).across, 0);
  await phone.button("Entendre mon appel").tap();
  await phone.button("Le son est activé.").waitFor();

  await phone.page.locator(".turn-meanwhile button").first().tap();
  await phone.page.locator(".practice").waitFor();
  await phone.page.locator(".turn-card .number", { hasText: /^1$/ }).waitFor();
  await phone.shot("ticket-practice-fr");

  await box.desk("next");
  await phone.page.locator('[data-state="called"]').waitFor();
  await phone.page.locator(".practice").waitFor({ state: "detached" });
  await phone.page.locator(".turn-desk", { hasText: /\S/ }).waitFor();
  await phone.shot("ticket-called-fr");
  assert.equal((await phone.sees("a shake", () => /** @type {any} */ (globalThis).shaken.length === 1 && /** @type {any} */ (globalThis).shaken))[0].length > 3, true);
  await until("the voice of the box", () => asked.some((url) => url.endsWith("/phone/said")));

  await box.desk("start");
  const { elsewhere: places } = await (await fetch(`${box.url}/api/places`)).json();
  await box.post("/api/slip", { do: "orientation", places: [places[0].id, places[1].id], lang: "fr", visit, desk: "1" });
  await phone.page.locator(".turn-slip .slip-place").first().waitFor();
  await phone.shot("ticket-slip-fr");
  assert.equal((await phone.beyond()).across, 0);
  await box.desk("end", { visit, outcome: "served" });
  await phone.page.locator('[data-state="done"]').waitFor();
  await box.desk("close", { rest: "left" });
  await phone.page.waitForFunction(() => /** @type {any} */ (globalThis).sockets.every((/** @type {WebSocket} */ socket) => socket.readyState === WebSocket.CLOSED));
  await phone.reads("C’est terminé. Au revoir.");
  await phone.page.locator(".turn-slip .slip-place").first().waitFor();

  assert.deepEqual(asked.filter((url) => url.includes(secret)), [], "the capability is in no address that was asked for");
  assert.ok(!box.log.includes(secret), "nor in the log");
  assert.deepEqual(await phone.page.evaluate(() => [localStorage.length, sessionStorage.length, document.cookie]), [0, 0, ""]);
});

scene("a phone in Arabic that loses the box, one that was locked, and a ticket of another day", async (s) => {
  const box = await s.box({ site: await visitedSite() });
  await fetch(`${box.url}/dock/profile?name=epson-tm-t20`, { method: "POST" });
  await box.desk("open");
  await box.ticket();
  await box.ticket({ lang: "ar" });
  const link = await box.code(2);
  const phone = await s.phone(link);
  await phone.page.locator('html[dir="rtl"]').waitFor({ state: "attached" });
  await phone.page.locator(".turn-card .number", { hasText: /^2$/ }).waitFor();
  await phone.shot("ticket-waiting-ar");
  assert.equal((await phone.beyond()).across, 0);

  // Unlocked again, it asks at once how it stands.
  const unlock = () => phone.page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
  const again = phone.page.waitForEvent("websocket");
  await unlock();
  await again;

  phone.dark = true;
  await box.kill();
  await phone.page.locator(".turn-offline").waitFor();
  await phone.page.locator(".turn-text").waitFor({ state: "hidden" });
  await phone.shot("ticket-offline-ar");
  await box.start();
  await unlock();
  await phone.page.locator(".turn-offline").waitFor({ state: "hidden" });
  await phone.page.locator(".turn-text").waitFor();
  phone.dark = false;
  await box.desk("resume");
  const other = await s.phone(`${link.split("#")[0]}#${"A".repeat(22)}`);
  await other.reads("Ce ticket n’est plus valable. Allez à l’accueil.");
  await other.shot("ticket-gone-fr");
});

scene("a hall that speaks says each call once, also when it is loaded again and the box started again", async (s) => {
  const box = await s.box({ site: sampleSite({ replace: [[/^hall_speaks = false$/m, "hall_speaks = true"]] }) });
  await box.desk("open");
  await box.ticket();
  await box.ticket();
  const hall = await s.hall(box);
  /** @type {string[]} */
  const spoken = [];
  hall.page.on("request", (request) => request.url().includes("/hall/clip") && spoken.push(request.url()));
  // Whether Chromium lets a page play before a touch is its own affair.
  await hall.reads("Bienvenue");
  await hall.page.mouse.click(10, 10);
  await hall.page.locator(".sound").waitFor({ state: "hidden" });
  await box.desk("next");
  await hall.page.locator(".large .number", { hasText: /^1$/ }).waitFor();
  await until("the voice of the box", () => spoken.length === 1);
  await hall.page.reload();
  await hall.page.locator(".large .number", { hasText: /^1$/ }).waitFor();
  await hall.page.mouse.click(10, 10);
  hall.dark = true;
  await box.kill();
  await hall.page.locator("jeudi-veil").waitFor();
  await box.start();
  await hall.page.locator("jeudi-veil").waitFor({ state: "hidden" });
  hall.dark = false;
  // The box is paused by the cut, and whoever was called is awaited all the same.
  await hall.page.locator("header", { hasText: "Pause" }).waitFor();
  await hall.page.locator(".large .number", { hasText: /^1$/ }).waitFor();
  await box.desk("resume");
  await box.desk("start");
  await box.desk("end", { outcome: "served" });
  await box.desk("next");
  await until("the second call", () => spoken.length === 2);
  assert.equal(new Set(spoken).size, 2, "each call once");
});
