// What a closing leaves for the next permanence: ticks of a closed list.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { sheet } from "../../desk/menus.js";

const morning = JSON.parse(readFileSync(new URL("../fixtures/desk-morning.json", import.meta.url), "utf8"));
morning.choices.tells = [{ key: "paper_low", label: "Il reste peu de papier." }, { key: "technician", label: "Il faut appeler le technicien." }];

/** @param {string[]} [tells] */
function closing(view, tells) {
  const page = sheet(view, { page: "close", ...(tells ? { tells } : {}) }, view.now_ms);
  return Object.fromEntries((page?.sections ?? []).map((s) => [s.key, Object.fromEntries(s.items.map((i) => [i.key, i]))]));
}

test("closing: a tick goes on and off, and nothing is ticked at first", () => {
  const { tells } = closing(morning);
  assert.deepEqual(Object.keys(tells), ["paper_low", "technician"]);
  assert.equal(tells.paper_low.pressed, false);
  assert.deepEqual(tells.paper_low.go, { page: "close", tells: ["paper_low"] });
  const on = closing(morning, ["paper_low"]).tells;
  assert.equal(on.paper_low.pressed, true);
  assert.deepEqual(on.paper_low.go.tells, []);
  assert.deepEqual(on.technician.go.tells, ["paper_low", "technician"]);
});

test("closing: what is ticked goes with the order, whoever is still here", () => {
  const here = closing(morning, ["technician"]).all;
  assert.deepEqual(here.left.send, { do: "close", rest: "left", tells: ["technician"] });
  assert.deepEqual(here.unresolved.send, { do: "close", rest: "unresolved", tells: ["technician"] });
  assert.deepEqual(closing(morning).all.left.send, { do: "close", rest: "left" });

  const nobody = structuredClone(morning);
  Object.assign(nobody, { mine: null, waiting: [], resting: [], held: [], away: [], waiting_total: 0 });
  nobody.desks.forEach((d) => (d.row = null));
  nobody.counts.here = 0;
  assert.deepEqual(closing(nobody, ["technician"]).all.close.send, { do: "close", tells: ["technician"] });
});

test("more: before, during and after, by one press each", () => {
  const page = sheet(morning, { page: "more" }, morning.now_ms);
  const items = Object.fromEntries((page?.sections ?? []).flatMap((s) => s.items).map((i) => [i.key, i]));
  assert.equal(items.ready.open, "ready");
  assert.equal(items.catch_up.open, "catch_up");
  assert.equal(items.reports.open, "reports");
  assert.deepEqual(items.print_fallback.send, { do: "print_fallback" });
});
