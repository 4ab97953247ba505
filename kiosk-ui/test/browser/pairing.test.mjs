// Staff connect their phones at the kiosk, by code and by digits, over the box's own
// certificate; each role sees its page; and whoever is ended is told so.

import assert from "node:assert/strict";
import { scene, until } from "./box.mjs";

/** The address of the staff's pages, as the box says it when it starts. */
const staffOf = (box) => until("the staff's address", () => box.log.match(/staff +(https:\/\/\S+)/)?.[1]);

/** A small phone. */
const size = { width: 360, height: 740 };

/** Whether nothing is cut off. */
async function fits(surface, name) {
  assert.equal((await surface.beyond()).across, 0, `${name} is wider than its window`);
  // The kiosk cuts off what does not fit: each part lies in the window, and none under the buttons.
  const lost = await surface.page.locator(".pairing:not([hidden]) :is(h1, p, button, svg)").evaluateAll((parts) => {
    const foot = parts[0]?.closest(".pairing").querySelector(".buttons").getBoundingClientRect().top;
    return parts.filter((part) => {
      const box = part.getBoundingClientRect();
      const most = part.closest(".buttons") ? innerHeight : foot;
      return box.left < 0 || box.top < 0 || box.right > innerWidth || box.bottom > most + 1;
    }).map((part) => part.textContent);
  });
  assert.deepEqual(lost, [], `${name} has parts beyond its room`);
  await surface.shot(`pairing-${name}`);
}

scene("staff connect their phones", async (s) => {
  const box = await s.box({ flags: ["-staff", "127.0.0.1:0"] });
  const staff = await staffOf(box);
  const kiosk = await s.kiosk(box);

  // ---- by code ----
  await kiosk.press("settings");
  await fits(kiosk, "kiosk-settings");
  const fragment = await kiosk.offer();
  assert.match(fragment, /^#p=[\w-]{22}&fp=[0-9a-f]{16}$/);
  await kiosk.reads(/^Empreinte : ([0-9A-F]{4} ){3}[0-9A-F]{4}$/);
  await fits(kiosk, "kiosk-code");

  const mediator = await s.phone(`${staff}/${fragment}`, size);
  await mediator.reads("Quel est votre rôle ?");
  assert.equal(new URL(mediator.page.url()).hash, "", "the token is still in the address");
  await fits(mediator, "phone-roles");
  await mediator.button("Médiateur numérique").tap();
  const { number } = await kiosk.shows("the number", (view) => view.pairing?.number && view.pairing);
  await mediator.reads(String(number));
  await fits(mediator, "phone-number");
  await fits(kiosk, "kiosk-number");
  await kiosk.button("Oui, le même nombre").tap();
  await mediator.page.waitForURL(/\/desk/);
  await kiosk.page.locator(".pairing").waitFor({ state: "hidden" });
  assert.equal(kiosk.view.id, "settings", "the kiosk is where its visitor was");
  const cookies = await mediator.page.context().cookies();
  assert.deepEqual(cookies.map(({ name, secure, httpOnly, sameSite, path }) => ({ name, secure, httpOnly, sameSite, path })),
    [{ name: "__Host-jeudi", secure: true, httpOnly: true, sameSite: "Strict", path: "/" }]);

  // ---- the desk works over it ----
  await mediator.page.getByRole("link", { name: "Bureau 1" }).click();
  await mediator.shows("its desk", (view) => view.desk === "1" && view.role === "mediateur_numerique");
  await mediator.button("Ouvrir la permanence").click();
  await mediator.shows("an open permanence", (view) => view.permanence.status === "open");
  await fits(mediator, "phone-desk");

  // ---- by digits; a technician needs a colleague's yes ----
  await kiosk.offer();
  await kiosk.button("Sans appareil photo").tap();
  await kiosk.shows("the digits", (view) => view.pairing?.stage === "pin");
  const technician = await s.phone(`${staff}/`, size);
  await technician.reads(/^À la borne : « Réglages »/);
  await fits(technician, "phone-begin");
  await technician.button("Technicien").tap();
  const pin = await until("the digits on the phone", async () => (await technician.page.locator(".number").textContent())?.replace(/\D/g, ""));
  assert.equal(pin.length, 6);
  await fits(technician, "phone-digits");
  await fits(kiosk, "kiosk-digits");
  const wrong = String((Number(pin) + 1) % 1_000_000).padStart(6, "0");
  for (const digit of wrong) await kiosk.page.locator(`[data-digit="${digit}"]`).tap();
  await kiosk.reads("Ce code n’est pas le bon. Regardez le téléphone.");
  await fits(kiosk, "kiosk-wrong");
  kiosk.errors = kiosk.errors.filter((e) => !e.includes("409"));
  for (const digit of pin) await kiosk.page.locator(`[data-digit="${digit}"]`).tap();
  await technician.reads("Un collègue déjà connecté doit accepter sur son écran.");
  await mediator.reads(/^Un appareil veut se connecter : Technicien, nombre \d\d\.$/);
  await fits(mediator, "phone-vouch");
  await mediator.button("Accepter").tap();
  await technician.page.waitForURL(/\/desk/);
  await technician.shows("its own view", (view) => view.role === "technicien");
  assert.deepEqual(Object.keys(technician.view).filter((k) => ["waiting", "mine", "desks", "counts"].includes(k)), []);
  await technician.reads("Technicien");
  await fits(technician, "phone-technician");

  // ---- told of it, and ending it ----
  await mediator.reads("Nouvel appareil connecté : Technicien.");
  await fits(mediator, "phone-news");
  await mediator.button("Dissocier").first().tap();
  await technician.reads("Appareil déconnecté");
  await fits(technician, "phone-gone");
  await technician.page.getByRole("link", { name: "Connecter cet appareil" }).tap();
  await technician.reads("Quel est votre rôle ?");

  await mediator.button("Plus").tap();
  await mediator.button(/^Appareils connectés/).tap();
  await mediator.reads(/Cet appareil/);
  await fits(mediator, "phone-connected");
  await mediator.button(/^Dissocier tout/).tap();
  await mediator.reads("Appareil déconnecté");
  for (const surface of [mediator, technician]) {
    await surface.page.context().close();
    surface.errors = surface.errors.filter((e) => !/401|ERR_|WebSocket|409/.test(e)); // they were ended; of others it is told
  }
});
