// The views as the box writes them (go test ./firmware/web -update), read by the pure
// functions of the pages: the two sides cannot drift apart unseen.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { look, silent } from "../../lib/announce.js";
import { countdownAt, serverClock } from "../../lib/time.js";
import { board, length, scene } from "../../hall/board.js";
import * as rules from "../../desk/rules.js";
import { sheet } from "../../desk/menus.js";
import { choose, fonts, layouts, sizes } from "../../screen/measures.js";

const read = (name) => JSON.parse(readFileSync(new URL(`../fixtures/${name}.json`, import.meta.url), "utf8"));
const desks = ["desk-planned", "desk-open", "desk-intake", "desk-closed"];
const kiosks = ["kiosk-language", "kiosk-motif", "kiosk-motif-ar", "kiosk-more_time",
  "kiosk-ticket-ar", "kiosk-question-ar", "kiosk-recap-ar"];

/** What kind of thing a value is; a list is what its first element is. */
function shape(value) {
  if (Array.isArray(value)) return value.length ? [shape(value[0])] : [];
  if (value === null) return null;
  if (typeof value !== "object") return typeof value;
  return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, shape(v)]));
}

/** Every key of a view made by hand is in the box's view, with the same kind of value. */
function within(hand, box, at, missing) {
  if (hand === null || box === null) return;
  if (Array.isArray(hand)) {
    if (!Array.isArray(box)) missing.push(at);
    else if (hand.length && box.length) within(hand[0], box[0], `${at}[]`, missing);
  } else if (typeof hand === "object") {
    for (const key of Object.keys(hand)) {
      if (!(key in box)) missing.push(`${at}.${key}`);
      else within(hand[key], box[key], `${at}.${key}`, missing);
    }
  } else if (hand !== box) missing.push(`${at} is ${box}, not ${hand}`);
}

test("the views made by hand have no field that the box does not send", () => {
  const pairs = [
    ["hall-open", "go-hall-open"], ["hall-closed", "go-hall-closed"],
    ["desk-morning", "go-desk-open"], ["desk-closed", "go-desk-closed"],
    ["kiosk-language", "go-kiosk-language"], ["kiosk-motif", "go-kiosk-motif"],
    ["kiosk-motif-ar", "go-kiosk-motif-ar"], ["kiosk-more_time", "go-kiosk-more_time"],
    ["kiosk-ticket-ar", "go-kiosk-ticket-ar"], ["kiosk-question", "go-kiosk-question-ar"], ["kiosk-recap", "go-kiosk-recap-ar"],
  ];
  for (const [hand, box] of pairs) {
    const missing = [];
    within(shape(read(hand)), shape(read(box)), "", missing);
    // The place of a choice is its index; a banner may carry any field in its actions.
    const real = missing.filter((m) => !/\.choices\[\]\.n$|\.actions\[\]\.|\.choices\[\]\.(sub|picto|selected|lang|dir)$/.test(m));
    assert.deepEqual(real, [], `${hand} has what ${box} lacks`);
  }
});

test("hall: the calls of the box are board, news and words", () => {
  const open = read("go-hall-open");
  assert.equal(scene(open), "calls");
  const { large, past } = board(open.calls);
  assert.equal(large.length + past.length, new Set(open.calls.map((c) => c.number)).size);
  assert.deepEqual(large, open.calls.filter((c) => c.current));
  assert.ok(large.length > 0 && past.length > 0);
  assert.ok(large.every((c) => length(c.desk) === "short"));
  const { fresh } = look(silent, open.calls, open.now_ms);
  assert.deepEqual(fresh.map((c) => c.call), open.calls.filter((c) => open.now_ms - c.at_ms < 30_000).map((c) => c.call).reverse());
  assert.ok(fresh.every((c) => typeof c.call === "string"));
  assert.equal(scene(read("go-hall-closed")), "message");
  assert.match(read("go-hall-closed").message, /jeudi 3 décembre/);
});

test("desk: the rules read every view of the box", () => {
  for (const name of desks) {
    const view = read(`go-${name}`);
    assert.equal(rules.addsUp(view.counts), true, `${name}: the counts add up`);
    assert.equal(rules.running(view), name === "desk-open" || name === "desk-intake", name);
    assert.equal(typeof rules.nextHint(view), "string");
    for (const group of [...rules.groups(view), { rows: rules.ended(view) }]) {
      for (const row of group.rows) {
        assert.equal(rules.find(view, row.id)?.number, row.number);
        assert.ok(rules.motifs(row).length > 0);
        assert.ok(rules.marks(row, view.now_ms).every((m) => typeof m.text === "string" && m.text !== ""));
        assert.ok(!/NaN/.test(rules.wait(row, view.now_ms)));
      }
    }
    for (const page of ["more", "close"]) {
      const got = sheet(view, { page }, view.now_ms);
      assert.ok(got === null || Array.isArray(got.sections), `${name}: sheet ${page}`);
    }
  }
});

test("desk: an open morning", () => {
  const view = read("go-desk-open");
  const may = rules.can(view, view.now_ms);
  assert.equal(view.mine.state, "called");
  assert.deepEqual([may.next, may.done, may.start, may.recall, may.undo, may.pause], [false, true, true, false, true, true]);
  assert.ok(rules.recallIn(view.mine, view.now_ms) > 0 && rules.recallIn(view.mine, view.now_ms) <= 20);
  assert.ok(rules.undoIn(view, view.now_ms) <= 10);
  assert.deepEqual(rules.groups(view).map((g) => [g.key, g.rows.length]), [["waiting", 2], ["held", 1], ["away", 1], ["resting", 1]]);
  assert.equal(rules.find(view, view.resting[0].id)?.can_return, true);
  assert.deepEqual(rules.banners(view).map((b) => b.key), ["device:printer"]);
  assert.deepEqual(view.unprinted.map((u) => u.number), [7]);
  assert.equal(rules.closing(view).people.length, view.counts.here);
  assert.equal(rules.closing(view).unseen, 0);
});

test("desk: an intake and a closed permanence", () => {
  const buttons = rules.intakeButtons(read("go-desk-intake").intake);
  assert.deepEqual(buttons.controls.map((c) => c.key), ["back", "restart"]);
  assert.ok(buttons.choices.length >= 3 && buttons.choices.every((c) => c.label !== ""));
  const closed = read("go-desk-closed");
  assert.ok(rules.reportLines(closed.report.lines).every((l) => l.label !== "" && (l.heading ? l.value === "" : /^\d+$/.test(l.value))));
  assert.notEqual(closed.report.identity, "");
  assert.equal(closed.permanence.stale, false);
});

test("kiosk: every screen of the box can be laid out and timed", () => {
  for (const name of kiosks) {
    const view = read(`go-${name}`);
    const ways = layouts(view.choices.length, false);
    assert.ok(choose(view.size, ways, () => true).fits, name);
    assert.ok(Object.values(fonts(view.panel, view.size, 1)).every((px) => px > 0), name);
    assert.ok(Object.values(sizes(view.panel)).every((px) => px > 0), name);
    assert.ok(view.choices.length <= view.panel.choices, name);
    assert.deepEqual(view.controls.map((c) => c.key), ["back", "restart", "repeat", "softer", "louder", "bigger", "settings", "help"]);
  }
  assert.equal(read("go-kiosk-motif-ar").dir, "rtl");
  const more = read("go-kiosk-more_time");
  const left = countdownAt(more.countdown, more.now_ms);
  assert.ok(JSON.stringify(left) !== "null" && more.countdown.until_ms - more.now_ms <= more.countdown.seconds * 1000);
  assert.equal(serverClock(more, 0)(0), more.now_ms);
});
