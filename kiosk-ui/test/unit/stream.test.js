import assert from "node:assert/strict";
import test from "node:test";
import { grace, Newest, openStream, pauseBefore, silenceLimit } from "../../lib/stream.js";

/** A world whose clock only moves when told, and whose sockets are in hand. */
function world() {
  let now = 0;
  let last = 0;
  const timers = new Map();
  const sockets = [];
  return {
    sockets,
    open(url) {
      const socket = { url, closed: false, close: () => (socket.closed = true) };
      sockets.push(socket);
      return socket;
    },
    now: () => now,
    random: () => 0,
    later(run, ms) {
      timers.set(++last, { at: now + ms, run });
      return last;
    },
    forget: (id) => timers.delete(id),
    pass(ms) {
      const end = now + ms;
      for (;;) {
        const due = [...timers].filter(([, t]) => t.at <= end).sort((a, b) => a[1].at - b[1].at)[0];
        if (!due) break;
        timers.delete(due[0]);
        now = Math.max(now, due[1].at);
        due[1].run();
      }
      now = end;
    },
    say(socket, message) {
      socket.onmessage({ data: typeof message === "string" ? message : JSON.stringify(message) });
    },
  };
}

function following(w) {
  const got = [];
  const told = [];
  const stream = openStream({
    url: "ws://kiosk/ws/kiosk",
    view: (view) => got.push(view.seq),
    lost: (since) => told.push(`lost ${since}`),
    found: () => told.push("found"),
  }, w);
  return { got, told, stream };
}

test("what is to be said first is said on each connection, and nothing otherwise", () => {
  const w = world();
  openStream({ url: "ws://kiosk/ws/ticket", hello: "it is me", view() {} }, w);
  const said = [];
  const join = () => {
    const socket = w.sockets.at(-1);
    socket.send = (text) => said.push(text);
    socket.onopen();
  };
  join();
  w.sockets[0].onclose();
  w.pass(10_000);
  join();
  assert.equal(w.sockets.length, 2);
  assert.deepEqual(said, ["it is me", "it is me"]);
  following(w);
  assert.equal(w.sockets.at(-1).onopen, undefined);
});

test("what a page says once it is painted is said after each word of the server, on the connection it came on", () => {
  const w = world();
  const waits = [];
  w.painted = (run) => waits.push(run);
  openStream({ url: "ws://kiosk/ws/kiosk", beat: "painted", view() {} }, w);
  const said = [];
  const join = () => (w.sockets.at(-1).send = (text) => said.push(`${w.sockets.length}: ${text}`));
  join();
  w.say(w.sockets[0], { seq: 1 });
  assert.deepEqual(said, [], "before it is painted");
  waits.shift()();
  w.say(w.sockets[0], { alive: true });
  waits.shift()();
  w.say(w.sockets[0], "no JSON");
  assert.equal(waits.length, 0);
  w.say(w.sockets[0], { seq: 2 });
  w.sockets[0].onclose();
  w.pass(10_000);
  join();
  waits.shift()();
  assert.deepEqual(said, ["1: painted", "1: painted"], "what the old connection showed is not said on the new one");
  following(w);
  w.say(w.sockets.at(-1), { seq: 1 });
  assert.equal(waits.length, 0, "others say nothing");
});

test("a page that comes back into sight asks anew at once, and tells no loss if it is answered", () => {
  for (const [name, answered, want] of [["answered", true, []], ["not answered", false, ["lost 0"]]]) {
    const w = world();
    const { got, told, stream } = following(w);
    w.say(w.sockets[0], { seq: 7 });
    stream.again();
    assert.deepEqual([w.sockets.length, w.sockets[0].closed], [2, true], name);
    if (answered) w.say(w.sockets[1], { seq: 1 });
    w.pass(grace);
    assert.deepEqual(told, want, name);
    assert.deepEqual(got, answered ? [7, 1] : [7], name);
    assert.equal(w.sockets.length, 2, name);
    stream.close();
    stream.again();
    assert.equal(w.sockets.length, 2, `${name}: not after the end`);
  }
});

test("a stale answer never overwrites a newer one", () => {
  const w = world();
  const { got } = following(w);
  for (const seq of [1, 3, 2, 3, 4]) w.say(w.sockets[0], { seq });
  assert.deepEqual(got, [1, 3, 4]);
});

test("what an old connection still says is not heard", () => {
  const w = world();
  const { got } = following(w);
  w.say(w.sockets[0], { seq: 7 });
  w.sockets[0].onclose();
  w.pass(300);
  w.say(w.sockets[1], { seq: 1 });
  w.say(w.sockets[0], { seq: 8 });
  assert.deepEqual(got, [7, 1]);
});

test("a silent server is left, told, and found again", () => {
  const w = world();
  const { told } = following(w);
  w.pass(100);
  w.say(w.sockets[0], { seq: 1 });
  w.pass(silenceLimit - 1);
  assert.deepEqual(told, []);
  w.pass(1);
  assert.equal(w.sockets[0].closed, true);
  assert.deepEqual(told, ["lost 100"]);
  w.pass(200);
  w.say(w.sockets[1], { seq: 1 });
  assert.deepEqual(told, ["lost 100", "found"]);
});

test("a sign of life keeps the connection", () => {
  const w = world();
  const { got, told } = following(w);
  for (let i = 0; i < 10; i++) {
    w.say(w.sockets[0], { alive: true });
    w.pass(10_000);
  }
  assert.equal(w.sockets.length, 1);
  assert.deepEqual({ got, told }, { got: [], told: [] });
});

test("a loss shorter than the grace is not told", () => {
  const w = world();
  const { told } = following(w);
  w.say(w.sockets[0], { seq: 1 });
  w.sockets[0].onclose();
  w.pass(grace - 1);
  w.say(w.sockets[1], { seq: 1 });
  w.pass(5_000);
  assert.deepEqual(told, []);
});

test("a server that is away is asked again and again, once at a time", () => {
  const w = world();
  const { told } = following(w);
  for (let i = 0; i < 20; i++) {
    const socket = w.sockets.at(-1);
    socket.onerror();
    socket.onclose(); // both come when a connection fails
    w.pass(5_000);
    assert.equal(w.sockets.length, i + 2);
  }
  assert.deepEqual(told, ["lost 0"]);
});

test("nonsense is not a view", () => {
  const w = world();
  const { got } = following(w);
  for (const bad of ["", "{", "null", "3", '{"seq":"4"}', "[]"]) w.say(w.sockets[0], bad);
  assert.deepEqual(got, []);
});

test("a closed stream stays closed", () => {
  const w = world();
  const { stream, told } = following(w);
  stream.close();
  w.pass(60_000);
  assert.equal(w.sockets.length, 1);
  assert.deepEqual(told, []);
});

test("pauses grow and are spread", () => {
  assert.deepEqual([0, 1, 2, 3, 4, 5, 9, 99].map((n) => pauseBefore(n, 0)), [125, 250, 500, 1000, 2000, 2500, 2500, 2500]);
  assert.equal(pauseBefore(0, 0.999999), 250);
  assert.equal(pauseBefore(99, 0.999999), 5000);
});

test("Newest takes only what is newer", () => {
  const newest = new Newest();
  assert.deepEqual([0, 0, 5, 4, 6].map((seq) => newest.take({ seq })), [true, false, true, false, true]);
});
