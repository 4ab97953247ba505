// The box has a Wi-Fi of its own: staff join it at the kiosk before their phone is
// connected, the desk says that it leads nowhere else, and a slip says how to come.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort, sampleSite, scene } from "./box.mjs";

/** A steward that knows the network alone, and what it was asked. */
async function steward(network) {
  const dir = mkdtempSync(join(tmpdir(), "jeudi-steward-"));
  const asked = [];
  const server = createServer((conn) => {
    let text = "";
    conn.on("error", () => {});
    conn.on("data", (chunk) => {
      text += chunk;
      if (!text.includes("\n")) return;
      const { verb, args } = JSON.parse(text);
      if (verb === "network") asked.push(args.for);
      conn.end(JSON.stringify(verb === "network" ? { done: network } : { error: { key: "steward.unknown" } }) + "\n");
    });
  });
  const socket = join(dir, "steward.sock");
  await new Promise((ready) => server.listen(socket, () => ready(undefined)));
  return { socket, asked, network, end: () => { server.close(); rmSync(dir, { recursive: true, force: true }); } };
}

/** Whether nothing is cut off, and nothing lies under the buttons. */
async function fits(kiosk, name) {
  assert.equal((await kiosk.beyond()).across, 0, `${name} is wider than its window`);
  const lost = await kiosk.page.locator(".pairing:not([hidden]) :is(h1, p, button, svg)").evaluateAll((parts) => {
    const foot = parts[0]?.closest(".pairing").querySelector(".buttons").getBoundingClientRect().top;
    return parts.filter((part) => {
      const box = part.getBoundingClientRect();
      return box.left < 0 || box.top < 0 || box.right > innerWidth || box.bottom > (part.closest(".buttons") ? innerHeight : foot) + 1;
    }).map((part) => part.textContent);
  });
  assert.deepEqual(lost, [], `${name} has parts beyond its room`);
  await kiosk.shot(`wifi-${name}`);
}

for (const panel of ["10.1", "7"]) {
  scene(`staff join the box's own Wi-Fi, ${panel} inches`, async (s) => {
    const helper = await steward({ mode: "own", name: "Jeudi des Tilleuls et d’ailleurs", address: "10.41.0.1", passphrase: "abcd-efgh-jkmn-opqr-stuv" });
    try {
      const port = await freePort();
      const box = await s.box({ site: sampleSite({ panel }), flags: ["-staff", `auto:${port}`, "-steward", helper.socket] });
      const kiosk = await s.kiosk(box, panel === "7" ? { width: 800, height: 480 } : {});

      // ---- the Wi-Fi first, its code alone ----
      await kiosk.press("settings");
      await kiosk.shows("the Wi-Fi", (view) => view.wifi);
      assert.equal(kiosk.view.pairing, undefined);
      await kiosk.button("Équipe : connecter un téléphone").tap();
      await kiosk.reads("D’abord, le Wi-Fi du boîtier");
      await kiosk.reads("Wi-Fi : Jeudi des Tilleuls et d’ailleurs");
      await kiosk.reads("Clé : abcd-efgh-jkmn-opqr-stuv");
      await kiosk.reads("Sans Internet");
      assert.equal(await kiosk.page.locator(".pairing svg.code").count(), 1);
      await fits(kiosk, `join-${panel}`);

      // ---- then the phone; and back to the Wi-Fi for the next one ----
      await kiosk.button("Suite").tap();
      await kiosk.shows("the code", (view) => view.pairing?.stage === "offer");
      await kiosk.reads("Visez ce code avec le téléphone");
      await kiosk.reads(`https://10.41.0.1:${port}`);
      await fits(kiosk, `offer-${panel}`);
      await kiosk.button("Le Wi-Fi").tap();
      await kiosk.reads("D’abord, le Wi-Fi du boîtier");
      await kiosk.button("Suite").tap();
      await kiosk.reads("Visez ce code avec le téléphone");
      await kiosk.button("Le Wi-Fi").tap();
      await kiosk.button("Fermer").tap();
      await kiosk.page.locator(".pairing").waitFor({ state: "hidden" });

      // ---- the desk says it, and the opening prints it ----
      const desk = await s.desk(box);
      await desk.shows("the network", (view) => view.devices?.some((d) => d.key === "network" && d.ok && d.text === "Réseau : Wi-Fi « Jeudi des Tilleuls et d’ailleurs » du boîtier, sans Internet"));
      assert.deepEqual([...new Set(helper.asked)], [""], "no permanence goes on");
      await desk.button("Ouvrir la permanence").click();
      await desk.shows("an open permanence", (view) => view.permanence.status === "open");
      const slip = await box.paper("how staff come", /Réseau de/);
      assert.match(slip, /Sans Internet[\s\S]*abcd-efgh-\s+jkmn-opqr-\s+stuv[\s\S]*https:\/\/10\.41\.0\.1:/);
      assert.match(helper.asked.at(-1), /^[0-9a-f]{16}$/, "the steward knows of the permanence by a mark");
      assert.ok(!box.log.includes("abcd-efgh"), "the log has the passphrase");
    } finally {
      helper.end();
    }
  });
}
