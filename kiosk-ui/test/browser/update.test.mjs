// An update, as whoever looks after the box sees it: from a stick, written, tried, and how
// it ended. The steward is one of this test: it only says what a real one says.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sampleSite, scene } from "./box.mjs";

/** A steward that knows updates alone. */
async function steward() {
  const dir = mkdtempSync(join(tmpdir(), "jeudi-steward-"));
  /** What it answers to, and what it was asked last. */
  const it = { standing: { slot: "A", version: "0.1.0" }, asked: [], write: () => {} };
  const server = createServer((conn) => {
    let text = "";
    conn.on("error", () => {});
    conn.on("data", (chunk) => {
      text += chunk;
      if (!text.includes("\n")) return;
      const { verb, args } = JSON.parse(text);
      text = "";
      const done = (answer) => conn.end(JSON.stringify({ done: answer }) + "\n");
      if (verb !== "status" && verb !== "network") it.asked.push([verb, args]);
      if (verb === "status") return done({ update: it.standing });
      if (verb === "sticks") return done([{ id: "sda1", model: "Clé de l’association", bytes: 8e9, files: [{ name: "jeudi-0.2.0.update", bytes: 291e6, kind: "update" }] }]);
      if (verb === "commit") {
        if (args.told) it.standing = { ...it.standing, last: { ...it.standing.last, told: true } };
        return done(it.standing);
      }
      if (verb === "try") return done({});
      if (verb === "update") {
        conn.write(JSON.stringify({ progress: { step: "update.step.write", done: 120e6, of: 400e6 } }) + "\n");
        it.write = () => {
          it.standing = { ...it.standing, ready: "0.2.0" };
          done({});
        };
        return;
      }
      conn.end(JSON.stringify({ error: { key: "steward.unknown" } }) + "\n");
    });
  });
  const socket = join(dir, "steward.sock");
  await new Promise((ready) => server.listen(socket, () => ready(undefined)));
  return { it, socket, end: () => { server.close(); rmSync(dir, { recursive: true, force: true }); } };
}

for (const [name, size] of [["800", { width: 800, height: 480 }], ["1280", { width: 1280, height: 800 }], ["390", { width: 390, height: 844 }]]) {
  scene(`an update from a stick, ${name} pixels wide`, async (s) => {
    const { it, socket, end } = await steward();
    try {
      const box = await s.box({ site: sampleSite({}), flags: ["-steward", socket] });
      const desk = await s.desk(box, size);
      const shot = async (what) => {
        assert.equal((await desk.beyond()).across, 0, `${what} is wider than its window`);
        await desk.shot(`update-${what}-${name}`);
      };
      await desk.shows("that this box can be updated", (view) => view.updates === true);
      await desk.button("Mise à jour").click();
      await desk.reads("Version de la borne : 0.1.0");
      await desk.button("Chercher sur la clé USB").click();
      await desk.reads("Installer jeudi-0.2.0.update");
      await shot("stick");
      await desk.button(/^Installer jeudi-0.2.0.update/).click();
      await desk.reads("La borne écrit la nouvelle version…");
      assert.deepEqual(it.asked.at(-1), ["update", { stick: "sda1", name: "jeudi-0.2.0.update" }]);
      await shot("write");
      it.write();
      await desk.reads("La version 0.2.0 est prête. Il reste à l’essayer.");
      await shot("ready");
      await desk.button(/^Essayer la version 0.2.0/).click();
      await desk.reads("La borne s’arrête une à deux minutes. Ne la débranchez pas.");
      await shot("sure");
      await desk.button("Oui, redémarrer").click();
      await desk.reads("La borne redémarre. Cela prend une à deux minutes.");
      const [verb, before] = it.asked.find(([verb]) => verb === "try");
      assert.equal(verb, "try");
      assert.equal(before.journal && before.panel, true);
      await shot("leaving");
    } finally {
      end();
    }
  });
}

scene("an update that did not work is told on the desk and on paper, once", async (s) => {
  const { it, socket, end } = await steward();
  try {
    it.standing = { slot: "A", version: "0.1.0", ready: "0.2.0", failed: 1, last: { result: "back", version: "0.2.0", runs: "0.1.0", why: "update.why.page" } };
    const box = await s.box({ site: sampleSite({}), flags: ["-steward", socket] });
    const desk = await s.desk(box);
    const said = "La version 0.2.0 n’a pas marché. La borne est revenue à la version 0.1.0. L’écran des visiteurs ne s’affiche pas.";
    await desk.shows("that it did not work", (view) => view.banners.some((b) => b.text === said));
    await desk.reads(said);
    await desk.shot("update-back");
    await desk.button("Mise à jour").click();
    await desk.button(/^Essayer la version 0.2.0/).waitFor();
    await desk.shot("update-back-page");
    assert.match(await box.paper("how it ended", /Ancienne version/), /0\.2\.0[\s\S]*0\.1\.0[\s\S]*écran des visiteurs/);
    assert.equal(it.asked.filter(([verb, args]) => verb === "commit" && args.told).length, 1);
  } finally {
    end();
  }
});
