// What the sheets of a desk offer, and exactly what each press sends.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { leave, sheet } from "../../desk/menus.js";

const morning = JSON.parse(readFileSync(new URL("../fixtures/desk-morning.json", import.meta.url), "utf8"));
const now = morning.now_ms;

function given(change = (_view) => {}) {
  const view = structuredClone(morning);
  change(view);
  return view;
}

const free = (view) => {
  view.mine = null;
  view.desks[0].row = null;
};

/** A permanence in which nobody is left. */
const nobody = () => given((v) => {
  free(v);
  v.desks[1].row = null;
  v.waiting = v.held = v.away = v.resting = [];
  v.counts.here = 0;
});

/** All items of a page, by section and key. */
function items(view, place, at = now) {
  const page = sheet(view, place, at);
  assert.ok(page, `sheet(${place.page}) = null`);
  return Object.fromEntries(page.sections.map((s) => [s.key, Object.fromEntries(s.items.map((i) => [i.key, i]))]));
}

test("more: the person here, somebody else, the permanence", () => {
  const got = items(morning, { page: "more" });
  assert.deepEqual(Object.keys(got), ["mine", "others", "folder", "permanence"]);
  assert.equal(got.mine.recall.disabled, true, "recall waits for its gap");
  assert.equal(items(morning, { page: "more" }, now + 10_000).mine.recall.disabled, false);
  assert.deepEqual(got.mine.start.send, { do: "start" });
  assert.deepEqual(got.mine.together.send, { do: "together" });
  assert.deepEqual(got.others.intake_new.send, { do: "intake_new" });
  assert.deepEqual(got.permanence.pause.send, { do: "pause" });
});

test("the questions of somebody who has a ticket are answered here, one intake at a time", () => {
  const mine = morning.mine.id;
  const [waiting] = morning.waiting;
  assert.deepEqual(items(morning, { page: "more" }).mine.intake_visit.send, { do: "intake_new", visit: mine });
  for (const row of [waiting, morning.held[0], morning.away[0], morning.resting[0]]) {
    assert.deepEqual(items(morning, { page: "person", visit: row.id }).person.intake_visit.send, { do: "intake_new", visit: row.id });
  }
  assert.equal(items(morning, { page: "person", visit: morning.ended[0].id }).person.intake_visit, undefined);
  const busy = given((v) => { v.intake = {}; }); // what was answered there would be lost
  assert.equal(items(busy, { page: "more" }).mine.intake_visit, undefined);
  assert.equal(items(busy, { page: "more" }).others.intake_new, undefined);
  assert.equal(items(busy, { page: "person", visit: waiting.id }).person.intake_visit, undefined);
});

test("more: a free desk speaks of nobody, a served person is not started again", () => {
  assert.deepEqual(Object.keys(items(given(free), { page: "more" })), ["others", "folder", "permanence"]);
  const serving = items(given((v) => { v.mine.state = "serving"; }), { page: "more" });
  assert.equal(serving.mine.start, undefined);
  assert.equal(serving.mine.recall, undefined);
});

test("more: places, map and vouchers always; papers here when nobody's card offers them", () => {
  const open = (view) => Object.values(items(view, { page: "more" }).folder).map((i) => i.open);
  assert.deepEqual(open(morning), ["visits", "agenda", "places", "map", "vouchers"]);
  assert.deepEqual(open(given(free)), ["today", "rights", "visits", "agenda", "places", "map", "vouchers"]);
});

test("more: a paused permanence can be resumed", () => {
  const got = items(given((v) => { v.permanence.status = "paused"; }), { page: "more" });
  assert.deepEqual(got.permanence.resume.send, { do: "resume" });
  assert.equal(got.permanence.pause, undefined);
});

test("not received: the person called, then somebody without a ticket", () => {
  const got = items(morning, { page: "not_received" });
  const visit = morning.mine.id;
  assert.deepEqual(got.mine.absent.send, { do: "absent" });
  assert.deepEqual(got.mine.left.send, { do: "end", visit, outcome: "left" });
  assert.deepEqual(got.mine.oriented.send, { do: "end", visit, outcome: "oriented" });
  assert.deepEqual(got.mine.misrouted.send, { do: "end", visit, outcome: "misrouted" });
  assert.equal(got.mine.no_show, undefined, "before three calls nobody is given up");
  assert.deepEqual(Object.values(got.turned_away).map((i) => i.send), morning.choices.turned_away.map((c) => ({ do: "turned_away", reason: c.key })));
});

test("not received: after three calls the no-show comes first", () => {
  const view = given((v) => { v.mine.calls = 3; v.mine.propose_no_show = true; });
  const page = sheet(view, { page: "not_received" }, now);
  assert.equal(page?.sections[0].items[0].key, "no_show");
});

test("not received: a free desk still counts who was turned away", () => {
  assert.deepEqual(Object.keys(items(given(free), { page: "not_received" })), ["turned_away"]);
});

test("a person of the list: all that can be done, calling only from a free desk", () => {
  const visit = morning.waiting[1].id;
  assert.equal(items(morning, { page: "person", visit }).person.call.disabled, true);
  const got = items(given(free), { page: "person", visit }).person;
  assert.equal(got.call.disabled, false);
  assert.deepEqual(got.call.send, { do: "call", visit });
  assert.deepEqual(got.prioritise.send, { do: "prioritise", visit, on: true });
  assert.deepEqual(got.reprint.send, { do: "reprint", visit });
  for (const key of ["hand_over", "add_motif", "step_out", "cancel"]) assert.equal(got[key].go?.visit, visit, key);
});

test("a person of the list: by state", () => {
  const keys = (row) => Object.keys(items(given(free), { page: "person", visit: row.id }).person);
  for (const row of [morning.held[0], morning.away[0]]) {
    assert.deepEqual(keys(row).slice(0, 2), ["return", "call"], `${row.state}: first back, then called at once`);
    assert.ok(keys(row).includes("hand_over"), row.state);
    assert.ok(!keys(row).includes("step_out"), row.state);
    const got = items(given(free), { page: "person", visit: row.id }).person;
    assert.deepEqual(got.return.send, { do: "return", visit: row.id });
    assert.deepEqual([got.return.tone, got.call.tone], ["strong", undefined], `${row.state}: one strong button`);
  }
  assert.equal(keys(morning.resting[0])[0], "came_back");
  assert.ok(keys(morning.resting[0]).includes("no_show"));
  assert.deepEqual(keys(morning.ended[0]), ["came_back", "outcome", "add_motif"]);
  assert.deepEqual(keys(morning.ended[1]), ["end", "outcome", "add_motif"]);
  assert.equal(items(given(free), { page: "person", visit: morning.ended[1].id }).person.end.open, "end:" + morning.ended[1].id);
  assert.deepEqual(items(given(free), { page: "person", visit: morning.waiting[0].id }).person.prioritise.send?.on, false);
});

test("an ended visit can be put right until the permanence is closed", () => {
  const visit = morning.ended[1].id;
  const outcome = items(morning, { page: "outcome", visit }).outcome;
  assert.deepEqual(Object.values(outcome).map((i) => i.send), morning.choices.outcomes.map((c) => ({ do: "end", visit, outcome: c.key })));
  assert.deepEqual(items(morning, { page: "add_motif", visit }).add_motif.caf.send, { do: "add_motif", visit, motif: "caf" });
  const closed = given((v) => { v.permanence.status = "closed"; });
  for (const page of ["person", "outcome", "add_motif"]) assert.equal(sheet(closed, { page, visit }, now), null, page);
});

test("somebody only called can be put on hold", () => {
  const visit = morning.mine.id;
  for (const state of ["called", "serving"]) {
    assert.equal(items(given((v) => { v.mine.state = state; }), { page: "more" }).mine.hold.go?.visit, visit, state);
  }
});

test("somebody at another desk is not touched from here", () => {
  const page = sheet(morning, { page: "person", visit: morning.desks[1].row.id }, now);
  assert.deepEqual(page?.sections.flatMap((s) => s.items), []);
  assert.equal(page?.sections[0].text, "desk.at_desk");
});

test("a sheet about somebody the server shows no more closes", () => {
  assert.equal(sheet(morning, { page: "person", visit: "gone" }, now), null);
  assert.equal(sheet(morning, { page: "hold", visit: "gone" }, now), null);
});

test("questions send one answer of a closed list", () => {
  const visit = morning.mine.id;
  const table = [
    ["hold", "sms_code", { do: "hold", reason: "sms_code" }],
    ["hand_over", "mediator", { do: "hand_over", visit, role: "mediator" }],
    ["add_motif", "impots", { do: "add_motif", visit, motif: "impots" }],
    ["cancel", "double", { do: "cancel", visit, reason: "double" }],
    ["outcome", "oriented", { do: "end", visit, outcome: "oriented" }],
    ["step_out", "30", { do: "step_out", visit, minutes: 30 }],
  ];
  for (const [page, key, want] of table) assert.deepEqual(items(morning, { page, visit })[page][key].send, want, page);
});

test("a motif is not added twice", () => {
  const got = items(morning, { page: "add_motif", visit: morning.mine.id }).add_motif;
  assert.equal(got.caf, undefined);
  assert.ok(got.impots);
});

test("take: a motif or none, for somebody else if said", () => {
  const plain = items(morning, { page: "take" });
  assert.deepEqual(plain.motif.caf.send, { do: "take", motif: "caf" });
  assert.deepEqual(plain.motif[""].send, { do: "take" });
  const place = plain.whom.for_other.go;
  const other = items(morning, place);
  assert.equal(other.whom.for_other.pressed, true);
  assert.deepEqual(other.motif.caf.send, { do: "take", motif: "caf", for_other: true });
  assert.equal(other.whom.for_other.go?.forOther, false);
});

test("close: nobody here is one tap", () => {
  const page = sheet(nobody(), { page: "close" }, now);
  assert.deepEqual(page?.sections.flatMap((s) => s.items).map((i) => i.send), [{ do: "close" }]);
});

test("close: La Coop's file first, when there is something in it; help is asked of other desks", () => {
  const work = (told, workshops) => (v) => { v.team = { helps: [], since_ms: 0, work: { ended: 4, told, workshops, lost: false } }; };
  assert.equal(items(given(work(0, 0)), { page: "close" }).coop, undefined);
  for (const change of [work(2, 0), work(0, 1)]) {
    const page = sheet(given(change), { page: "close" }, now);
    assert.equal(page?.sections[0].items[0].file, "/api/work/coop.csv");
  }
  assert.deepEqual(items(morning, { page: "more" }).others.desk_help?.send, { do: "desk_help" });
  assert.equal(items(given((v) => { v.desks = v.desks.slice(0, 1); }), { page: "more" }).others.desk_help, undefined, "one desk has no other");
});

test("close: all at once, or one by one without leaving the sheet", () => {
  const got = items(morning, { page: "close" });
  assert.deepEqual(got.all.left.send, { do: "close", rest: "left" });
  assert.equal(got.all.left.tone, "strong");
  assert.deepEqual(got.all.unresolved.send, { do: "close", rest: "unresolved" });
  for (const row of [morning.mine, ...morning.waiting]) {
    const one = got["visit:" + row.id];
    assert.deepEqual(one.left.send, { do: "end", visit: row.id, outcome: "left" });
    assert.equal(one.left.stay, true);
  }
  assert.equal(got["visit:" + morning.waiting[0].id].served, undefined, "whom nobody met was not received");
  assert.ok(got["visit:" + morning.mine.id].served);
  const other = sheet(morning, { page: "close" }, now)?.sections.find((s) => s.key === "visit:" + morning.desks[1].row.id);
  assert.deepEqual(other?.items, [], "whoever sits at another desk is finished with there");
  assert.match(other?.text ?? "", /Bureau 2/);
  assert.ok(got.undo, "a slip can be taken back from the sheet");
});

test("close: what was left open is offered as unresolved first", () => {
  const page = sheet(given((v) => { v.permanence.stale = true; }), { page: "close" }, now);
  assert.deepEqual(page?.sections.at(-1)?.items.map((i) => [i.key, i.tone]), [["unresolved", "strong"], ["left", undefined]]);
});

test("close: whoever is here and what the next team should know come before the close", () => {
  for (const [view, want] of /** @type {const} */ ([[morning, "left"], [nobody(), "close"]])) {
    const sections = sheet(view, { page: "close" }, now)?.sections ?? [];
    const at = (/** @type {string} */ key) => sections.findIndex((s) => s.key === key);
    assert.ok(at("here") >= 0 && at("here") < at("tells") && at("tells") < at("all"), `the sections are ${sections.map((s) => s.key)}`);
    assert.equal(sections.at(-1)?.items[0].key, want);
  }
});

test("what leaves the closing sheet does not say that it closes", () => {
  assert.equal(leave({ page: "close" }), "desk.close_not");
  for (const page of ["more", "not_received", "take", "keys"]) assert.equal(leave({ page }), "desk.shut", page);
});

test("no page offers an item twice", () => {
  const visit = morning.waiting[0].id;
  for (const page of ["more", "not_received", "person", "hold", "hand_over", "add_motif", "step_out", "cancel", "outcome", "take", "close", "keys"]) {
    const sections = sheet(morning, { page, visit }, now)?.sections ?? [];
    for (const s of sections) {
      const keys = s.items.map((i) => i.key);
      assert.equal(new Set(keys).size, keys.length, `${page} ${s.key}: ${keys}`);
    }
    assert.equal(new Set(sections.map((s) => s.key)).size, sections.length, page);
  }
});

test("an itinerant box asks where it is, and is opened there", () => {
  const view = given((v) => { v.choices.stops = [{ key: "moulin", label: "Salle du Moulin" }, { key: "domicile", label: "À domicile" }]; });
  const { stops } = items(view, { page: "stop" });
  assert.deepEqual(Object.values(stops).map((i) => [i.label, i.send]), [
    ["Salle du Moulin", { do: "open", stop: "moulin" }], ["À domicile", { do: "open", stop: "domicile" }]]);
  assert.deepEqual(items(morning, { page: "stop" }), {}, "a box that stays has nowhere else to be");
});
