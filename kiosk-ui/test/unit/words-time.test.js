import assert from "node:assert/strict";
import test from "node:test";
import { countdownAt, elapsedText, serverClock } from "../../lib/time.js";
import { hasWord, loadWords, say, speaker } from "../../lib/words.js";

test("say fills holes and keeps what it does not know", () => {
  const words = speaker({ "desk.waits": "{n} personnes, dont {here}", "desk.next": "Suivant" });
  for (const [key, args, want] of [
    ["desk.next", undefined, "Suivant"],
    ["desk.waits", { n: 3, here: 2 }, "3 personnes, dont 2"],
    ["desk.waits", { n: 0 }, "0 personnes, dont {here}"],
    ["desk.none", {}, "desk.none"],
  ]) {
    assert.equal(words(key, args), want);
  }
});

test("words stay when the server cannot be reached", async () => {
  const good = async () => new Response('{"hall.call":"Numéro {n}"}');
  assert.equal(await loadWords("/words/hall.json", good), true);
  assert.equal(await loadWords("/words/hall.json", async () => new Response("", { status: 503 })), false);
  assert.equal(await loadWords("/words/hall.json", async () => { throw new TypeError("lost"); }), false);
  assert.equal(say("hall.call", { n: 12 }), "Numéro 12");
  assert.equal(hasWord("hall.call"), true);
  assert.equal(hasWord("toString"), false);
});

test("the server's clock runs at the server's speed", () => {
  assert.equal(serverClock({ now_ms: 1000, speed: 1 }, 50)(80), 1030);
  assert.equal(serverClock({ now_ms: 1000, speed: 60 }, 50)(80), 2800);
  assert.equal(serverClock({ now_ms: 1000 }, 50)(40), 1000, "time does not run back");
});

test("elapsed time is told in the unit people count in", () => {
  const formatter = { moment: () => "à l’instant", minutes: (n) => `${n} min`, hours: (h, m) => `${h} h ${m}` };
  for (const [ms, want] of [
    [-5, "à l’instant"],
    [59_999, "à l’instant"],
    [60_000, "1 min"],
    [3_599_999, "59 min"],
    [3_600_000, "1 h 0"],
    [5_430_000, "1 h 30"],
  ]) {
    assert.equal(elapsedText(ms, formatter), want);
  }
});

test("a countdown shows its second half as urgent and never goes below zero", () => {
  const countdown = { seconds: 30, until_ms: 100_000 };
  for (const [now, want] of [
    [70_000, { left: 30, part: 1, urgent: false }],
    [60_000, { left: 40, part: 1, urgent: false }],
    [84_000, { left: 16, part: 16 / 30, urgent: false }],
    [85_000, { left: 15, part: 0.5, urgent: true }],
    [99_500, { left: 1, part: 0.5 / 30, urgent: true }],
    [200_000, { left: 0, part: 0, urgent: true }],
  ]) {
    assert.deepEqual(countdownAt(countdown, now), want);
  }
});
