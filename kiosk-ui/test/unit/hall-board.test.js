// What the hall shows: numbers and desks, the newest large.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { board, flash, flashes, heard, length, memory, most, scene } from "../../hall/board.js";

const open = JSON.parse(readFileSync(new URL("../fixtures/hall-open.json", import.meta.url), "utf8"));
const now = open.now_ms;

const call = (number, age, current = false, desk = "Bureau 1") => ({ call: `${number}-${age}`, number, desk, at_ms: now - age * 1000, times: 1, current });
const numbers = ({ large, past }) => [large.map((c) => c.number), past.map((c) => c.number)];

test("board: large is who is awaited at a desk, and nobody else", () => {
  const table = [
    ["the morning's view", open.calls, [[12], [11, 10, 9, 8]]],
    ["nobody was called", [], [[], []]],
    ["the first call on an empty board", [call(1, 0, true)], [[1], []]],
    ["still awaited after ten minutes", [call(12, 600, true), call(11, 900)], [[12], [11]]],
    ["two desks called at once", [call(13, 1, true, "Bureau 2"), call(12, 1, true), call(11, 90)], [[13, 12], [11]]],
    ["an older call is still awaited, a newer one is not", [call(13, 1), call(12, 90, true), call(11, 99)], [[12], [13, 11]]],
    ["called a moment ago and already received", [call(13, 1), call(12, 90)], [[], [13, 12]]],
    ["a number called again stands once, at its newest call", [call(9, 1, true), call(10, 40), call(9, 60), call(8, 80)], [[9], [10, 8]]],
  ];
  for (const [name, calls, want] of table) assert.deepEqual(numbers(board(calls)), want, name);
  assert.equal(board([call(9, 1, true), call(9, 60)]).large[0].call, "9-1");
});

test("board: every call of a view that is awaited is large; of the others the newest", () => {
  const six = Array.from({ length: most }, (_, i) => call(20 - i, i, true));
  assert.deepEqual(numbers(board(six)), [[20, 19, 18, 17, 16, 15], []]);
  assert.deepEqual(numbers(board(six.map((c) => ({ ...c, current: false })))), [[], [20, 19, 18, 17]]);
  assert.equal(board(six.map((c) => ({ ...c, current: false }))).past.length, memory);
});

test("scene: what the middle of the screen is for", () => {
  const table = [
    ["open", [call(1, 0, true)], "calls"], ["open", [call(2, 0), call(1, 9, true)], "calls"], ["open", [call(1, 0)], "welcome"], ["open", [], "welcome"],
    ["paused", [call(1, 0, true)], "calls"], ["paused", [call(1, 0)], "paused"], ["paused", [], "paused"], ["closed", [call(1, 0, true)], "message"], ["planned", [], "message"], ["none", [], "message"],
  ];
  for (const [status, calls, want] of table) assert.equal(scene({ ...open, status, calls }), want, `${status} with ${JSON.stringify(calls)}`);
});

test("flash: each call until it has been heard", () => {
  for (const [name, now, free, n, until, then] of [
    ["one", 1000, 0, 1, [1000 + flashes], 1000 + heard],
    ["none", 1000, 0, 0, [], 1000],
    ["three at once", 1000, 0, 3, [0, 1, 2].map((i) => 1000 + i * heard + flashes), 1000 + 3 * heard],
    ["one while another is heard", 1000, 5000, 1, [5000 + flashes], 5000 + heard],
  ]) assert.deepEqual(flash(now, free, n), { until, free: then }, name);
});

test("a longer desk name is written smaller", () => {
  assert.deepEqual(["Bureau 1", "Espace numérique", "Bureau de la médiatrice"].map(length), ["short", "medium", "long"]);
});
