// What a desk may do, and how people are put in words. Without a catalogue say() gives
// the key back, so these tests read keys.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import * as rules from "../../desk/rules.js";
import { loadWords } from "../../lib/words.js";

const morning = JSON.parse(readFileSync(new URL("../fixtures/desk-morning.json", import.meta.url), "utf8"));
const now = morning.now_ms;

/** A view like the morning's, changed. */
function given(change = (_view) => {}) {
  const view = structuredClone(morning);
  change(view);
  return view;
}

const free = (view) => {
  view.mine = null;
  view.desks[0].row = null;
};

test("can: what is enabled in which state", () => {
  const table = [
    ["somebody is called", () => {}, { next: false, call: false, done: true, absent: true, start: true, hold: true, handOver: true, together: true, pause: true, resume: false }],
    ["somebody is being served", (v) => { v.mine.state = "serving"; }, { next: false, done: true, absent: false, start: false, recall: false, hold: true, together: true }],
    ["the desk is free and people wait", free, { next: true, call: true, done: false, hold: false, recall: false }],
    ["the desk is free and nobody waits for it", (v) => { free(v); v.call_next = null; }, { next: false, call: true, done: false }],
    ["paused and free", (v) => { free(v); v.permanence.status = "paused"; }, { next: false, call: false, pause: false, resume: true, notReceived: true }],
    ["paused with somebody here: they can be finished with", (v) => { v.permanence.status = "paused"; }, { done: true, recall: false }],
    ["closed", (v) => { v.permanence.status = "closed"; }, { next: false, done: false, notReceived: false, pause: false, resume: false, hold: false }],
    ["planned", (v) => { free(v); v.permanence.status = "planned"; }, { next: false, notReceived: false }],
  ];
  for (const [name, change, want] of table) {
    const got = rules.can(given(change), now);
    for (const [key, value] of Object.entries(want)) assert.equal(got[key], value, `can when ${name}: ${key} = ${got[key]}; want ${value}`);
  }
});

test("not received is possible in every state of a running permanence", () => {
  for (const status of ["open", "paused"]) {
    for (const change of [() => {}, free]) {
      const view = given(change);
      view.permanence.status = status;
      assert.equal(rules.can(view, now).notReceived, true);
    }
  }
});

test("a recall counts down to its least gap", () => {
  const view = given();
  assert.equal(rules.recallIn(view.mine, now), 10);
  assert.equal(rules.recallIn(view.mine, now + 9_001), 1);
  assert.equal(rules.can(view, now + 9_999).recall, false);
  assert.equal(rules.can(view, now + 10_000).recall, true);
  assert.equal(rules.recallIn(null, now), 0);
});

test("undo lasts as long as the server says", () => {
  const view = given();
  assert.equal(rules.undoIn(view, now), 8);
  assert.equal(rules.can(view, now + 7_999).undo, true);
  assert.equal(rules.can(view, now + 8_000).undo, false);
  view.undo = null;
  assert.equal(rules.undoIn(view, now), 0);
});

test("the hint of the next button says why or whom", () => {
  assert.equal(rules.nextHint(given()), "desk.next_busy");
  assert.equal(rules.nextHint(given(free)), "desk.next_who");
  assert.equal(rules.nextHint(given((v) => { free(v); v.waiting = []; v.call_next = null; })), "desk.next_nobody");
  assert.equal(rules.nextHint(given((v) => { free(v); v.call_next = null; })), "desk.next_other", "those who wait, wait for another desk");
  assert.equal(rules.nextHint(given((v) => { free(v); v.permanence.status = "paused"; })), "desk.next_paused");
});

test("the hint of the next button names whom this desk would call, not the first of the list", async () => {
  await loadWords("", async () => new Response(JSON.stringify({ "desk.next_who": "Appeler le {n}" })));
  try {
    assert.equal(rules.nextHint(given((v) => { free(v); v.call_next = { id: v.waiting[1].id, number: 13 }; })), "Appeler le 13");
  } finally {
    await loadWords("", async () => new Response("{}"));
  }
});

test("a report: a line without a value is a heading, and a word may come twice", () => {
  const got = rules.reportLines([["Tickets donnés", "9"], ["Motifs", ""], ["CAF", "3"], ["Langues", ""], ["CAF", "0"]]);
  assert.deepEqual(got.map((l) => [l.label, l.heading]), [["Tickets donnés", false], ["Motifs", true], ["CAF", false], ["Langues", true], ["CAF", false]]);
  assert.equal(new Set(got.map((l) => l.key)).size, got.length);
});

test("those not listed are the total without the list, whoever is resting", () => {
  const more = (change) => rules.groups(given(change)).map((g) => g.more);
  assert.deepEqual(more((v) => { v.waiting_total = v.waiting.length; }), [0, 0, 0, 0]);
  assert.deepEqual(more((v) => { v.resting = []; }), [2, 0, 0, 0]);
});

test("duration: no moment is below zero", () => {
  const table = [[-5, "desk.time_moment"], [59_999, "desk.time_moment"], [60_000, "desk.time_minute"], [120_000, "desk.time_minutes"], [3_600_000, "desk.time_hours"], [3_720_000, "desk.time_hours_minutes"]];
  for (const [ms, want] of table) assert.equal(rules.duration(ms), want, `duration(${ms})`);
});

test("marks: what staff need to know, in words", () => {
  const base = { ...morning.waiting[3], motifs: [] };
  const table = [
    [{}, []],
    [{ priority: true, need: "Médiateur numérique", for_other: true, lang: "English" }, ["priority", "need", "for_other", "lang"]],
    [{ paper: "unprinted" }, ["paper"]],
    [{ paper: "unknown" }, ["paper"]],
    [{ paper: "queued" }, []],
    [{ state: "held", reason: "Cherche un document" }, ["reason"]],
    [{ state: "away", until_ms: now + 60_000 }, ["away"]],
    [{ state: "done", outcome: "Reçu", paper: "unprinted", inaccurate: true }, ["outcome", "inaccurate"]],
  ];
  for (const [change, want] of table) {
    assert.deepEqual(rules.marks({ ...base, ...change }, now).map((m) => m.key), want, JSON.stringify(change));
  }
});

test("a person who stepped out is due once their time has come", () => {
  const row = { ...morning.away[0], until_ms: now + 60_000 };
  assert.equal(rules.marks(row, now)[0].text, "desk.away_back_in");
  assert.equal(rules.marks(row, now + 60_000)[0].text, "desk.away_due");
  assert.equal(rules.marks({ ...row, until_ms: 0 }, now)[0].text, "desk.away");
});

test("the waiting list keeps the server's order; the others have their own", () => {
  const lists = Object.fromEntries(rules.groups(morning).map((g) => [g.key, g]));
  assert.deepEqual(lists.waiting.rows.map((r) => r.number), [14, 13, 16, 17]);
  assert.equal(lists.waiting.more, 2);
  const view = given((v) => {
    v.held = [{ ...v.held[0], id: "b", number: 3, since_ms: now - 1 }, { ...v.held[0], id: "a", number: 4, since_ms: now - 9 }];
    v.away = [{ ...v.away[0], id: "c", number: 1, until_ms: 0 }, { ...v.away[0], id: "d", number: 2, until_ms: now }];
  });
  const sorted = Object.fromEntries(rules.groups(view).map((g) => [g.key, g.rows.map((r) => r.number)]));
  assert.deepEqual(sorted.held, [4, 3]);
  assert.deepEqual(sorted.away, [2, 1]);
  assert.deepEqual(rules.ended(morning).map((r) => r.number), [10, 6, 7]);
});

test("sorting leaves the view as it came", () => {
  const view = given();
  rules.groups(view);
  rules.ended(view);
  assert.deepEqual(view, morning);
});

test("find: a visit wherever it is, and null once it is gone", () => {
  for (const row of [morning.mine, morning.waiting[2], morning.held[0], morning.away[0], morning.resting[0], morning.ended[0], morning.desks[1].row]) {
    assert.equal(rules.find(morning, row.id)?.number, row.number);
  }
  assert.equal(rules.find(morning, "nobody"), null);
});

test("closing: everybody still here once, by number", () => {
  const got = rules.closing(morning);
  assert.deepEqual(got.people.map((r) => r.number), [8, 9, 11, 12, 13, 14, 15, 16, 17]);
  assert.equal(got.unseen, 2, "those the view does not list are counted");
  assert.equal(got.rest, "left");
});

test("closing: a permanence left open does not pretend that people went home", () => {
  assert.equal(rules.closing(given((v) => { v.permanence.stale = true; })).rest, "unresolved");
});

test("closing: nobody here", () => {
  const got = rules.closing(given((v) => {
    free(v);
    v.desks[1].row = null;
    v.waiting = v.held = v.away = v.resting = [];
    v.counts.here = 0;
  }));
  assert.deepEqual(got, { people: [], unseen: 0, rest: "left" });
});

test("elsewhere: called or served at another desk", () => {
  const table = [[morning.mine, false], [morning.desks[1].row, true], [morning.waiting[0], false], [morning.held[0], false], [morning.ended[0], false]];
  for (const [row, want] of table) assert.equal(rules.elsewhere(morning, row), want, `elsewhere(${row.number})`);
  assert.equal(rules.elsewhere(given(free), morning.mine), true, "a desk that is free has nobody of its own");
});

test("the way back: ready, back from outside, back after an absence", () => {
  const table = [
    [morning.held[0], "return", "desk.return"],
    [morning.away[0], "return", "desk.came_back"],
    [{ ...morning.away[0], can_return: true }, "return", "desk.came_back"],
    [morning.resting[0], "came_back", "desk.came_back"],
    [morning.ended[0], "came_back", "desk.came_back"],
    [morning.ended[1], undefined, undefined],
    [morning.waiting[0], undefined, undefined],
    [morning.mine, undefined, undefined],
  ];
  for (const [row, what, label] of table) {
    const got = rules.wayBack(row);
    assert.deepEqual([got?.do, got?.label], [what, label], `wayBack(${row.number} ${row.state})`);
  }
});

test("counts: the identity is true or it is said", () => {
  assert.equal(rules.addsUp(morning.counts), true);
  assert.equal(rules.addsUp({ ...morning.counts, served: 5 }), false);
  const keys = rules.countLines(morning.counts).map((l) => l.key);
  assert.deepEqual(keys, ["issued", "served", "no_show", "cancelled", "here", "turned_away"]);
});

test("banners: the gravest first, then devices that are not well", () => {
  const view = given((v) => {
    v.banners = [{ key: "a", level: "info", text: "" }, { key: "b", level: "alert", text: "" }];
    v.devices[0] = { key: "printer", ok: false, text: "Plus de papier" };
  });
  assert.deepEqual(rules.banners(view).map((b) => b.key), ["b", "device:printer", "a"]);
});

test("bars: a cut before the notes that it lost, help before both", () => {
  const bar = (/** @type {string} */ key, /** @type {"alert"|"warn"|"info"} */ level) => ({ key, level, text: "" });
  const bars = [bar("connected", "info"), bar("power_cut", "warn"), bar("work_lost", "warn"), bar("untold", "info"), bar("help", "alert")];
  assert.deepEqual(rules.gravest(bars).map((b) => b.key), ["help", "power_cut", "work_lost", "connected", "untold"]);
});

test("shortcut: one key alone, never one held down or with a modifier", () => {
  const table = [["n", "next"], ["N", "next"], ["t", "done"], ["r", "recall"], ["u", "undo"], ["p", "pause"], ["?", "keys"], ["x", ""], ["Enter", ""]];
  for (const [key, want] of table) assert.equal(rules.shortcut({ key }), want, key);
  for (const extra of ["repeat", "ctrlKey", "altKey", "metaKey"]) assert.equal(rules.shortcut({ key: "n", [extra]: true }), "", extra);
});

test("an intake at the desk has the kiosk's choices and no volume", () => {
  const kiosk = JSON.parse(readFileSync(new URL("../fixtures/kiosk-motif.json", import.meta.url), "utf8"));
  const got = rules.intakeButtons(kiosk);
  assert.deepEqual(got.choices.map((c) => c.key), [...kiosk.choices.map((c) => c.key), ...(kiosk.skip ? [kiosk.skip.key] : [])]);
  assert.deepEqual(got.controls.map((c) => c.key), ["back", "restart"]);
});

test("what a person shared: their sentence first, nothing where there is nothing", () => {
  const empty = { self: null, freins: [], seen: "", charter: false, materials: [], advice: "" };
  const self = { label: "Se débrouille bien seul", reassure: false, incomplete: false };
  const table = [
    [{}, []],
    [{ self }, ["self"]],
    [{ self: { ...self, incomplete: true }, advice: "À deux.", freins: ["Lire"], materials: ["Casque"] }, ["self", "incomplete", "advice", "freins", "materials"]],
  ];
  for (const [change, want] of table) assert.deepEqual(rules.noteLines({ ...empty, ...change }).map((l) => l.key), want, JSON.stringify(change));
  assert.deepEqual(rules.levels().map((l) => l.key), ["remote", "accompanied", "autonomous"]);
});

test("the slot of the person at the desk is words first, and over when its time is", () => {
  const slot = { text: "Vous pouvez prendre jusqu’à 45 min.", over: "45 min sont passées.", until_ms: now + 60_000 };
  const table = [
    ["nobody is here", (v) => { free(v); v.slot = slot; }, 0, null],
    ["a box that says none", () => {}, 0, null],
    ["before", (v) => { v.slot = slot; }, 59_999, { over: false, text: slot.text }],
    ["from then on", (v) => { v.slot = slot; }, 60_000, { over: true, text: slot.over }],
  ];
  for (const [name, change, later, want] of table) assert.deepEqual(rules.slotLine(given(change), now + later), want, name);
});

test("what a ticket said stands beside its row, and that it will not be kept", () => {
  const [row] = morning.waiting;
  const keys = (change) => rules.marks({ ...row, ...change }, now).map((m) => m.key);
  assert.ok(!keys({}).includes("told"));
  assert.ok(!keys({ told: "", delayed: false }).includes("told"));
  assert.deepEqual(keys({ told: "annoncé avant 10 h" }).slice(-1), ["told"]);
  assert.ok(keys({ told: "annoncé avant 10 h", delayed: true }).includes("delayed"));
});
