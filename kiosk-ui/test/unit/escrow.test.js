// Keys that phones of the staff keep: what is stored, what is exchanged with the box, and
// what the page says of it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { eraseIfLost, exchange, Keys } from "../../lib/escrow.js";
import { drawer, keepers } from "../../desk/escrow.rules.js";

/** A browser's storage; full refuses what is new. */
class Storage {
  full = false;
  /** @type {Map<string, string>} */
  #map = new Map();
  get length() { return this.#map.size; }
  key(i) { return [...this.#map.keys()][i] ?? null; }
  getItem(key) { return this.#map.get(key) ?? null; }
  setItem(key, value) {
    if (this.full) throw new Error("QuotaExceededError");
    this.#map.set(key, value);
  }
  removeItem(key) { this.#map.delete(key); }
  all() { return [...this.#map].map(([k, v]) => `${k}=${v}`).sort(); }
}

/** A box with open batches: what it has the key of, and what it wants. */
class Box {
  asked = [];
  constructor({ open, locked = [], right = {} }) {
    Object.assign(this, { open: { ...open }, locked: new Set(locked), right });
  }
  ask = async ({ has, back }) => {
    this.asked.push({ has: has.map((k) => k.kind + k.batch), back: [...back] });
    for (const text of back) if (this.right[text]) this.locked.delete(this.right[text]);
    const names = Object.entries(this.open).map(([kind, batch]) => ({ kind, batch }));
    return {
      keys: names.filter((n) => !this.locked.has(n.kind)).map((n) => ({ ...n, text: `key ${n.kind} ${n.batch}` })),
      wanted: names.filter((n) => this.locked.has(n.kind)),
      forget: has.filter((k) => Number(k.batch) < Number(this.open[k.kind])),
    };
  };
}

test("keys come, and the box is told that they are kept", async () => {
  const storage = new Storage();
  const box = new Box({ open: { visitor: "3", exit: "1" } });
  assert.equal(await exchange(new Keys(storage), "b0", box.ask), "kept");
  assert.deepEqual(storage.all().slice(1), ["jeudi.key.b0.exit.1=key exit 1", "jeudi.key.b0.visitor.3=key visitor 3"]);
  assert.match(storage.all()[0], /^jeudi\.device=[0-9a-f]{16}$/);
  assert.deepEqual(box.asked.map((a) => a.has), [[], ["exit1", "visitor3"]]);
  assert.ok(box.asked.every((a) => a.back.length === 0), "nothing is sent that is not wanted");
  assert.equal(await exchange(new Keys(storage), "b0", box.ask), "kept");
  assert.equal(box.asked.length, 3, "what is known is said once");
});

test("a box that lost its key gets it back, and old keys are forgotten", async () => {
  const storage = new Storage();
  const keys = new Keys(storage);
  for (const [box, kind, batch] of [["b0", "visitor", "3"], ["b0", "visitor", "2"], ["b1", "visitor", "2"]]) keys.keep({ box, kind, batch, text: `key ${kind} ${batch}` });
  const box = new Box({ open: { visitor: "3" }, locked: ["visitor"], right: { "key visitor 3": "visitor" } });
  assert.equal(await exchange(keys, "b0", box.ask), "kept");
  assert.deepEqual(box.asked[1].back, ["key visitor 3"]);
  assert.deepEqual(keys.list().map((k) => `${k.box} ${k.kind} ${k.batch}`), ["b0 visitor 3", "b1 visitor 2"], "those of another box stay");
});

test("a box that was set up anew is offered what it gave under its old name", async () => {
  const keys = new Keys(new Storage());
  keys.keep({ box: "old", kind: "visitor", batch: "3", text: "key visitor 3" });
  const box = new Box({ open: { visitor: "3" }, locked: ["visitor"], right: { "key visitor 3": "visitor" } });
  assert.equal(await exchange(keys, "new", box.ask), "kept");
  assert.equal(box.locked.size, 0);
});

test("a key that opens nothing is offered once", async () => {
  const keys = new Keys(new Storage());
  keys.keep({ box: "b0", kind: "visitor", batch: "3", text: "another" });
  const box = new Box({ open: { visitor: "3" }, locked: ["visitor"] });
  await exchange(keys, "b0", box.ask);
  assert.deepEqual(box.asked.map((a) => a.back), [[], ["another"]]);
  assert.equal(keys.list().length, 1, "it may be of use yet");
});

test("a browser that keeps nothing says so, and a box that is away is asked again", async () => {
  const full = new Storage();
  const keys = new Keys(full);
  assert.match(keys.device, /^[0-9a-f]{16}$/);
  full.full = true;
  assert.equal(await exchange(keys, "b0", new Box({ open: { visitor: "1" } }).ask), "not_kept");
  assert.equal(await exchange(new Keys(null), "b0", new Box({ open: { visitor: "1" } }).ask), "not_kept");
  assert.equal(await exchange(new Keys(new Storage()), "b0", async () => null), "silent");
});

test("a lost phone forgets everything, another asks nothing it need not", async () => {
  const keys = new Keys(new Storage());
  /** @type {string[]} */
  const sent = [];
  const answers = (erase) => async (url, init) => {
    sent.push(`${url} ${init.body}`);
    return new Response(JSON.stringify({ erase }));
  };
  await eraseIfLost(keys, answers(true));
  assert.deepEqual(sent, [], "it keeps nothing");
  keys.keep({ box: "b0", kind: "visitor", batch: "3", text: "SECRET" });
  await eraseIfLost(keys, answers(false));
  assert.equal(keys.list().length, 1);
  await eraseIfLost(keys, async () => { throw new TypeError("away"); });
  assert.equal(keys.list().length, 1);
  await eraseIfLost(keys, answers(true));
  assert.equal(keys.list().length, 0);
  assert.ok(sent.every((s) => !s.includes("SECRET")), "a key goes to nobody who did not pair");
});

test("the page says who keeps the key, one sentence each", () => {
  const sealed = { box: "b0", sealed: true, mark: "", holders: 0, on_paper: false, paper: "none", print: true, locked: [] };
  const lines = (view, here = "") => keepers({ ...sealed, ...view }, here).map((l) => l.text);
  assert.deepEqual(lines({ sealed: false }), ["desk.escrow_plain"]);
  assert.deepEqual(lines({}), ["desk.escrow_sealed", "desk.escrow_none"]);
  assert.deepEqual(lines({ holders: 1 }, "kept"), ["desk.escrow_sealed", "desk.escrow_one", "desk.escrow_here"]);
  assert.deepEqual(lines({ holders: 2, on_paper: true }, "not_kept"), ["desk.escrow_sealed", "desk.escrow_many", "desk.escrow_not_here", "desk.escrow_on_paper"]);
  assert.deepEqual(lines({ locked: [{ kind: "exit", batch: "2", text: "" }] }), ["desk.escrow_sealed"], "a phone that is away may keep it");
  assert.deepEqual(lines({ on_paper: true }), ["desk.escrow_sealed", "desk.escrow_on_paper"]);
  assert.deepEqual(["none", "queued", "printed", "unprinted", "unknown"].map((paper) => drawer({ ...sealed, paper })),
    ["", "desk.escrow_printing", "desk.escrow_printed", "desk.escrow_unprinted", "desk.escrow_unknown"]);
});
