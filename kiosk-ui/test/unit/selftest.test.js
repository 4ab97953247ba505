// What the page of the self test shows, and exactly what each press sends.
import assert from "node:assert/strict";
import { test } from "node:test";
import { sheet } from "../../desk/menus.js";
import { step } from "../../desk/selftest.rules.js";

const stands = { ready: false, text: "", lines: [] };
const rows = [{ label: "Imprimante", result: "ok", word: "bon", notes: [] }];
const now = {
  turn: 7, item: "sound", title: "Son et voix", text: "Entendu ?", notice: "", at: 2, of: 12, rows,
  choices: [{ key: "yes", label: "Oui", main: true }, { key: "no", label: "Non", main: false }],
};
const last = { verdict: "ready", ok: true, title: "Prête", when: "Test du jeudi", ended_ms: 1, version: "Version 1", notice: "", rows };

test("a step: its answers, each bound to the question that was read, and the way out", () => {
  const page = step({ now, last, ask: false, stands });
  assert.deepEqual(page.choices.map((c) => [c.key, c.tone, c.send]), [
    ["yes", "strong", { do: "selftest_answer", turn: 7, key: "yes" }],
    ["no", undefined, { do: "selftest_answer", turn: 7, key: "no" }],
    ["stop", "danger", { do: "selftest_answer", turn: 7, key: "stop" }],
  ]);
  assert.deepEqual([page.title, page.rows, page.save], ["Son et voix", rows, false]);
});

test("the same step with a newer turn is the same page; the next step is another one", () => {
  const at = (change) => step({ now: { ...now, ...change }, last, ask: false, stands }).at;
  assert.equal(at({}), at({ turn: 8, notice: "Encore" }));
  assert.notEqual(at({}), at({ at: 3, item: "touch" }));
});

test("before any test: one button begins; in an open permanence it says so, and means it", () => {
  const page = step({ now: null, last: null, ask: false, stands });
  assert.deepEqual(page.choices.map((c) => c.send), [{ do: "selftest_start", on: false }]);
  assert.equal(page.save, false);
  const open = step({ now: null, last: null, ask: true, stands });
  assert.deepEqual(open.choices.map((c) => c.send), [{ do: "selftest_start", on: true }]);
  assert.notEqual(open.choices[0].label, page.choices[0].label);
});

test("a result: what is to be done first comes first", () => {
  const keys = (l) => step({ now: null, last: l, ask: false, stands }).choices.map((c) => [c.key, c.tone]);
  assert.deepEqual(keys(last), [["print", undefined], ["start", undefined]]);
  assert.deepEqual(keys({ ...last, ok: false, verdict: "not_ready" }), [["start", "strong"], ["print", undefined]]);
});

test("the menu of the desk leads there", async () => {
  const { readFileSync } = await import("node:fs");
  const view = JSON.parse(readFileSync(new URL("../fixtures/desk-morning.json", import.meta.url), "utf8"));
  const items = sheet(view, { page: "more" }, view.now_ms)?.sections.flatMap((s) => s.items) ?? [];
  assert.equal(items.find((i) => i.key === "selftest")?.test, true);
});
