import assert from "node:assert/strict";
import test from "node:test";
import { announcer, finished, freshFor, longest, look, next, silent } from "../../lib/announce.js";

const call = (id, number, at_ms = 0, desk = "Bureau 1") => ({ call: id, number, desk, at_ms, times: 1, current: true });
const ids = (calls) => calls.map((c) => c.call);

test("the first call on an empty board counts", () => {
  const { state, fresh } = look(silent, [call("a", 1)], 10);
  assert.deepEqual(ids(fresh), ["a"]);
  assert.equal(next(state, 0).play?.call, "a");
});

test("two calls in one view are both shown and announced, oldest first", () => {
  const { state, fresh } = look(silent, [call("b", 2), call("a", 1)], 10);
  assert.deepEqual(ids(fresh), ["a", "b"]);
  assert.deepEqual(ids(state.queue), ["a", "b"]);
});

test("a view that comes again announces nothing", () => {
  const one = look(silent, [call("a", 1)], 10).state;
  const again = look(one, [call("a", 1)], 20);
  assert.deepEqual(again.fresh, []);
  assert.equal(again.state.queue.length, 1);
});

test("to a page that is opened only calls younger than 30 s are news", () => {
  const { state, fresh } = look(silent, [call("new", 3, 70_001), call("old", 2, 70_000)], 70_000 + freshFor);
  assert.deepEqual(ids(fresh), ["new"]);
  assert.deepEqual(look(state, [call("old", 2, 70_000)], 70_000).fresh, []);
});

test("after a reconnection, however late, who is still awaited is news", () => {
  const { state } = look(silent, [], 10);
  const received = { ...call("received", 1, 20_000), current: false };
  const { fresh } = look(state, [call("awaited", 2, 30_000), received], 30_000 + 10 * freshFor);
  assert.deepEqual(ids(fresh), ["awaited"]);
});

test("a clock that is put right makes no call news", () => {
  const { state } = look(silent, [call("a", 1, 10_000)], 10_010);
  assert.deepEqual(look(state, [call("a", 1, 3_610_000)], 3_610_020).fresh, []);
});

test("who is awaited for a long time is not called again because others were", () => {
  let { state } = look(silent, [call("first", 1)], 10);
  for (let n = 2; n < 300; n++) {
    const step = look(state, [call(`c${n}`, n, n), call("first", 1)], n);
    assert.deepEqual(ids(step.fresh), [`c${n}`]);
    state = step.state;
  }
});

test("recalls of a number that still waits make one announcement, at its place", () => {
  let { state } = look(silent, [call("b", 2), call("a", 1)], 10);
  state = look(state, [call("a2", 1, 0, "Bureau 2"), call("b", 2), call("a", 1)], 20).state;
  assert.deepEqual(ids(state.queue), ["a2", "b"]);
});

test("a recall of the number that is playing is announced after it", () => {
  let state = next(look(silent, [call("a", 1)], 10).state, 0).state;
  state = look(state, [call("a2", 1), call("a", 1)], 20).state;
  assert.equal(next(state, 100).play, null);
  assert.equal(next(finished(state, "a"), 100).play?.call, "a2");
});

test("nothing is dropped while it waits its turn", () => {
  const calls = Array.from({ length: 40 }, (_, i) => call(`c${i}`, i)).reverse();
  let { state } = look(silent, calls, 10);
  const played = [];
  for (let now = 0; state.queue.length; now += longest) {
    const step = next(state, now);
    played.push(step.play?.number);
    state = step.state;
  }
  assert.deepEqual(played, Array.from({ length: 40 }, (_, i) => i));
});

/** A world whose timers run when told. */
function world() {
  let now = 0;
  let timers = [];
  return {
    now: () => now,
    later: (run, ms) => timers.push({ at: now + ms, run }),
    pass(ms) {
      now += ms;
      const due = timers.filter((t) => t.at <= now);
      timers = timers.filter((t) => t.at > now);
      for (const t of due) t.run();
    },
  };
}
const settled = () => new Promise((done) => setImmediate(done));

test("one that fails never mutes the next", async () => {
  const heard = [];
  const see = announcer(async (c) => {
    heard.push(c.call);
    if (c.call === "a") throw new Error("no voice");
  }, world());
  see([call("b", 2), call("a", 1)], 10, true);
  await settled();
  assert.deepEqual(heard, ["a", "b"]);
});

test("one that hangs never mutes the next, and ends late without harm", async () => {
  const w = world();
  const heard = [];
  let endA = () => {};
  const see = announcer((c) => {
    heard.push(c.call);
    return new Promise((done) => {
      if (c.call === "a") endA = done;
    });
  }, w);
  see([call("c", 3), call("b", 2), call("a", 1)], 10, true);
  await settled();
  w.pass(longest);
  assert.deepEqual(heard, ["a", "b"]);
  endA();
  await settled();
  assert.deepEqual(heard, ["a", "b"]);
});

test("a hall that may not speak shows, and does not catch up later", async () => {
  const heard = [];
  const see = announcer(async (c) => void heard.push(c.call), world());
  assert.deepEqual(ids(see([call("a", 1)], 10, false)), ["a"]);
  see([call("b", 2), call("a", 1)], 20, true);
  await settled();
  assert.deepEqual(heard, ["b"]);
});

/** A storage as a browser has it, or one that refuses. */
const storage = (refuses = false) => {
  const map = new Map();
  const guard = () => {
    if (refuses) throw new Error("refused");
  };
  return { getItem: (key) => (guard(), map.get(key) ?? null), setItem: (key, value) => (guard(), map.set(key, value)) };
};

test("a page that is loaded again does not say again what it has said", async () => {
  for (const [kept, want] of [[storage(), ["a", "b"]], [storage(true), ["a", "a", "b"]], [null, ["a", "a", "b"]]]) {
    const said = [];
    const speak = async (c) => void said.push(c.call);
    announcer(speak, { now: () => 0, later() {} }, kept)([call("a", 1)], 10, true);
    await new Promise((done) => setTimeout(done));
    announcer(speak, { now: () => 0, later() {} }, kept)([call("b", 2), call("a", 1)], 20, true);
    await new Promise((done) => setTimeout(done));
    assert.deepEqual(said, want);
  }
});

test("a page that was open before knows at once what it missed", async () => {
  const kept = storage();
  const world = { now: () => 0, later() {} };
  const said = [];
  const speak = async (c) => void said.push(c.call);
  announcer(speak, world, kept)([], 10, true);
  announcer(speak, world, kept)([call("a", 1)], 10 + 2 * freshFor, true);
  await settled();
  assert.deepEqual(said, ["a"]);
});

test("what waited for its turn when the page was loaded again is said after it", async () => {
  const kept = storage();
  const world = { now: () => 0, later() {} };
  const said = [];
  announcer((c) => (said.push(c.call), new Promise(() => {})), world, kept)([call("b", 2), call("a", 1)], 10, true);
  await settled();
  announcer(async (c) => void said.push(c.call), world, kept)([call("b", 2), call("a", 1)], 2 * freshFor, true);
  await settled();
  assert.deepEqual(said, ["a", "b"]);
});

test("a hall that may not speak yet does not say later what came before", async () => {
  const said = [];
  const kept = storage();
  const take = announcer(async (c) => void said.push(c.call), { now: () => 0, later() {} }, kept);
  assert.deepEqual(ids(take([call("a", 1)], 10, false)), ["a"]);
  take([call("b", 2), call("a", 1)], 20, true);
  await new Promise((done) => setTimeout(done));
  assert.deepEqual(said, ["b"]);
});
