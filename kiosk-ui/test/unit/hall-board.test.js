// What the hall shows: numbers and desks, the newest large.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { board, length, memory, most, scene } from "../../hall/board.js";

const open = JSON.parse(readFileSync(new URL("../fixtures/hall-open.json", import.meta.url), "utf8"));
const now = open.now_ms;

const call = (number, age, desk = "Bureau 1") => ({ call: `${number}-${age}`, number, desk, at_ms: now - age * 1000, times: 1 });
const numbers = ({ large, past }) => [large.map((c) => c.number), past.map((c) => c.number)];

test("the newest call is large, the others beneath", () => {
  assert.deepEqual(numbers(board(open.calls, now)), [[12], [11, 10, 9, 8]]);
});

test("the newest call stays large when it is old", () => {
  assert.deepEqual(numbers(board([call(12, 600), call(11, 900)], now)), [[12], [11]]);
});

test("two calls in one view are both large", () => {
  assert.deepEqual(numbers(board([call(13, 1, "Bureau 2"), call(12, 1), call(11, 90)], now)), [[13, 12], [11]]);
});

test("the first call on an empty board is shown", () => {
  assert.deepEqual(numbers(board([call(1, 0)], now)), [[1], []]);
  assert.deepEqual(numbers(board([], now)), [[], []]);
});

test("a number called again stands once, at its newest call", () => {
  const got = board([call(9, 1), call(10, 40), call(9, 60), call(8, 80)], now);
  assert.deepEqual(numbers(got), [[9], [10, 8]]);
  assert.equal(got.large[0].call, "9-1");
});

test("more calls than fit: the newest of them", () => {
  const many = Array.from({ length: 9 }, (_, i) => call(20 - i, i));
  const got = board(many, now);
  assert.equal(got.large.length, most);
  assert.equal(got.past.length, memory);
  assert.equal(got.large[0].number, 20);
});

test("scene: what the middle of the screen is for", () => {
  const table = [["open", 1, "calls"], ["open", 0, "welcome"], ["paused", 1, "paused"], ["closed", 1, "message"], ["planned", 0, "message"], ["none", 0, "message"]];
  for (const [status, n, want] of table) {
    assert.equal(scene({ ...open, status, calls: open.calls.slice(0, n) }), want, `${status} with ${n} calls`);
  }
});

test("a longer desk name is written smaller", () => {
  assert.deepEqual(["Bureau 1", "Espace numérique", "Bureau de la médiatrice"].map(length), ["short", "medium", "long"]);
});
