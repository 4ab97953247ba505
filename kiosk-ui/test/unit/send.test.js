import { webcrypto } from "node:crypto";
import assert from "node:assert/strict";
import test from "node:test";
import { giveUp, newId, send } from "../../lib/send.js";

// Browsers have it, and Node from version 20 on.
globalThis.crypto ??= /** @type {any} */ (webcrypto);

/** Answers in order; a string throws as a lost network does. */
function post(...answers) {
  let now = 0;
  const bodies = [];
  return {
    bodies,
    fetch: async (_, init) => {
      bodies.push(init.body);
      const answer = answers.length > 1 ? answers.shift() : answers[0];
      if (typeof answer === "string") throw new TypeError(answer);
      return answer;
    },
    pause: async (ms) => void (now += ms),
    now: () => now,
    within: () => undefined,
    id: () => "0".repeat(32),
    waited: () => now,
  };
}
const answer = (status, body) => new Response(body, { status });

test("a command is sent again with its id until it is answered", async () => {
  const p = post("lost", "lost", answer(200, '{"ok":true,"turn":6}'));
  assert.deepEqual(await send("/api/kiosk", { turn: 5, key: "caf" }, p), { ok: true, turn: 6 });
  assert.equal(p.bodies.length, 3);
  assert.equal(new Set(p.bodies).size, 1);
  assert.deepEqual(JSON.parse(p.bodies[0]), { id: "0".repeat(32), turn: 5, key: "caf" });
});

test("an answer that breaks off is asked for again", async () => {
  const p = post(answer(200, '{"ok":tr'), answer(200, '{"ok":true}'));
  assert.deepEqual(await send("/api/kiosk", {}, p), { ok: true });
  assert.equal(p.bodies.length, 2);
});

for (const [name, response, want] of [
  ["a refusal says what to do", answer(409, '{"error":"Ouvrez la permanence."}'), { ok: false, status: 409, error: "Ouvrez la permanence." }],
  ["a refusal without words", answer(403, "forbidden"), { ok: false, status: 403, error: "" }],
  ["an empty answer is an answer", answer(200, ""), { ok: true }],
]) {
  test(name, async () => {
    const p = post(response);
    assert.deepEqual(await send("/api/desk", { do: "next" }, p), want);
    assert.equal(p.bodies.length, 1);
  });
}

test("a command is given up when the veil is up", async () => {
  const p = post("lost");
  assert.deepEqual(await send("/api/kiosk", {}, p), { ok: false, status: 0, error: "" });
  assert.ok(p.waited() < giveUp, `waited ${p.waited()} ms; want less than ${giveUp}`);
});

test("ids are 32 hexadecimal digits, never twice the same", () => {
  const ids = Array.from({ length: 1000 }, newId);
  assert.ok(ids.every((id) => /^[0-9a-f]{32}$/.test(id)));
  assert.equal(new Set(ids).size, ids.length);
});
