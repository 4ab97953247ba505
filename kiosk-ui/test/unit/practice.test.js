// The practice pieces without a screen: the engine, what is typed, the drawn
// camera, and the data of each piece.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";
import { answers, begin, helpAfter, helped, judge, resumed, sentences, shown, spoken, stage, step } from "../../lib/practice/engine.js";
import { board, pages, strike, way } from "../../lib/practice/keys.js";
import { best, distance, good, press, start, wrong } from "../../lib/practice/photo.js";
import { names as drawn } from "../../lib/practice/pictures.js";
import { piece, pieces } from "../../lib/practice/pieces.js";
import { common, matches, nextKey, strength, strong } from "../../lib/practice/typing.js";
import { names as pictos } from "../../lib/pictos.js";

const read = (/** @type {string} */ path) => readFileSync(new URL(path, import.meta.url), "utf8");
const fr = JSON.parse(read("../../../firmware/words/fr.json"));
const ar = JSON.parse(read("../../../firmware/words/ar.json"));
const touch = /** @type {import("../../lib/practice/engine.js").Piece} */ (piece("touch"));
const next = { do: /** @type {const} */ ("next") };
const back = { do: /** @type {const} */ ("back") };
const answer = (/** @type {boolean} */ right) => ({ do: /** @type {const} */ ("answer"), right });
const after = (/** @type {any[]} */ ...commands) => commands.reduce((s, c) => step(touch, s, c), begin());

test("a piece is walked through", () => {
  const last = touch.steps.length - 1;
  for (const { name, given, want } of [
    { name: "at first", given: [], want: { phase: "intro", at: 0, wrongs: 0 } },
    { name: "begun", given: [next], want: { phase: "step", at: 0, wrongs: 0 } },
    { name: "a step is not skipped", given: [next, next], want: { phase: "step", at: 0, wrongs: 0 } },
    { name: "wrong", given: [next, answer(false)], want: { phase: "step", at: 0, wrongs: 1 } },
    { name: "right after wrong", given: [next, answer(false), answer(true)], want: { phase: "right", at: 0, wrongs: 1 } },
    { name: "no answer after the right one", given: [next, answer(true), answer(false)], want: { phase: "right", at: 0, wrongs: 0 } },
    { name: "the next step forgets what was wrong", given: [next, answer(false), answer(true), next], want: { phase: "step", at: 1, wrongs: 0 } },
    { name: "back to the step before", given: [next, answer(true), next, back], want: { phase: "step", at: 0, wrongs: 0 } },
    { name: "back from its answer to the step", given: [next, answer(true), back], want: { phase: "step", at: 0, wrongs: 0 } },
    { name: "back to the introduction", given: [next, back], want: { phase: "intro", at: 0, wrongs: 0 } },
    { name: "back out of it", given: [back], want: { phase: "left", at: 0, wrongs: 0 } },
    { name: "stopped in a step", given: [next, { do: "stop" }], want: { phase: "left", at: 0, wrongs: 0 } },
    { name: "nothing after it was left", given: [back, next, answer(true)], want: { phase: "left", at: 0, wrongs: 0 } },
    { name: "not begun, nothing is answered", given: [answer(true)], want: { phase: "intro", at: 0, wrongs: 0 } },
    { name: "not again in the middle", given: [next, { do: "again" }], want: { phase: "step", at: 0, wrongs: 0 } },
    { name: "to the end", given: [next, ...touch.steps.flatMap(() => [answer(true), next])], want: { phase: "end", at: last, wrongs: 0 } },
    { name: "back from the end", given: [next, ...touch.steps.flatMap(() => [answer(true), next]), back], want: { phase: "step", at: last, wrongs: 0 } },
    { name: "again", given: [next, ...touch.steps.flatMap(() => [answer(true), next]), { do: "again" }], want: { phase: "intro", at: 0, wrongs: 0 } },
    { name: "finished", given: [next, ...touch.steps.flatMap(() => [answer(true), next]), next], want: { phase: "left", at: last, wrongs: 0 } },
  ]) assert.deepEqual(after(...given), want, name);
});

test("one wrong answer is met kindly, two with help", () => {
  const now = touch.steps[0];
  assert.deepEqual(sentences(touch, after(next)), { ask: now.ask, note: "" });
  assert.deepEqual(sentences(touch, after(next, answer(false))), { ask: now.ask, note: now.hint });
  assert.deepEqual(sentences(touch, after(next, answer(false), answer(false))), { ask: now.ask, note: now.help });
  assert.deepEqual([0, 1, 2, 3].map((n) => helped({ phase: "step", at: 0, wrongs: n })), [0, 1, 2, 3].map((n) => n >= helpAfter));
});

test("what is said: all at first, only what is new after a wrong answer, all again when asked", () => {
  const fake = /** @type {any} */ (piece("fake"));
  const { message, options, ask, hint } = fake.steps[0];
  const whole = [ask, message.from, message.text, ...options.map((/** @type {any} */ o) => o.text)];
  const at = (/** @type {number} */ wrongs) => ({ phase: /** @type {const} */ ("step"), at: 0, wrongs });
  assert.deepEqual(spoken(fake, at(0)), whole);
  assert.deepEqual(spoken(fake, at(1)), [hint]);
  assert.deepEqual(spoken(fake, at(1), true), [...whole, hint]);
  assert.deepEqual(spoken(fake, { phase: "right", at: 0, wrongs: 0 }), ["practice.ui.good", fake.steps[0].because]);
  assert.deepEqual(spoken(touch, { phase: "left", at: 0, wrongs: 0 }), []);
});

test("who comes back goes on with the step they were at", () => {
  for (const { name, given, want } of [
    { name: "not begun", given: [], want: { phase: "intro", at: 0, wrongs: 0 } },
    { name: "in the first step", given: [next, answer(false)], want: { phase: "step", at: 0, wrongs: 0 } },
    { name: "after its answer", given: [next, answer(true)], want: { phase: "step", at: 0, wrongs: 0 } },
    { name: "in the second", given: [next, answer(true), next], want: { phase: "step", at: 1, wrongs: 0 } },
  ]) assert.deepEqual(resumed(touch, stage(after(...given))), want, name);
  for (const n of [-1, 0, 99]) assert.deepEqual(resumed(touch, n), begin(), `resumed at ${n}`);
});

test("without words every step is drawn: what to do, what was wrong, that it is right", () => {
  for (const p of pieces) {
    p.steps.forEach((_, at) => {
      for (const state of /** @type {import("../../lib/practice/engine.js").State[]} */ ([0, 1, 2].map((wrongs) => ({ phase: "step", at, wrongs })))) {
        const { ask, note } = shown(p, state);
        assert.ok(ask.length > 0, `${p.id}, step ${at} asks nothing`);
        assert.equal(note.length > 0, state.wrongs > 0, `${p.id}, step ${at}, after ${state.wrongs} wrong`);
        for (const name of [...ask, ...note]) assert.ok(drawn.has(name) || pictos.has(name), `${p.id}: no drawing ${name}`);
      }
    });
  }
  assert.deepEqual(shown(touch, { phase: "step", at: 1, wrongs: 0 }).ask, ["touch", "cat"]);
  assert.deepEqual(shown(touch, { phase: "right", at: 1, wrongs: 0 }), { ask: ["yes"], note: [] });
});

test("what is typed is judged as the step wants", () => {
  for (const [match, model, typed, want] of /** @type {const} */ ([
    ["exact", "Paris", "Paris", true], ["exact", "Paris", " Paris ", true], ["exact", "Paris", "paris", false], ["exact", "Paris", "", false],
    ["loose", "Sara Martin", "sara  MARTIN", true], ["loose", "école", "ecole", true], ["loose", "merci", "merci!", false], ["loose", "l'eau", "l’eau", true],
    ["digits", "00150", "00 150", true], ["digits", "00150", "0150", false], ["digits", "00150", "", false],
    ["date", "03/05/1980", "3/5/1980", true], ["date", "03/05/1980", "03 05 1980", true], ["date", "03/05/1980", "03051980", true],
    ["date", "03/05/1980", "05/03/1980", false], ["date", "03/05/1980", "3/5/80", false], ["date", "03/05/1980", "", false],
  ])) assert.equal(matches(match, model, typed), want, `matches(${match}, ${model}, ${typed})`);
});

test("the next key towards a model", () => {
  for (const [model, typed, want] of [
    ["chat", "", "c"], ["chat", "ch", "a"], ["chat", "chat", "ok"], ["chat", "chatp", "erase"], ["chat", "cx", "erase"], ["", "", "ok"],
  ]) assert.equal(nextKey(model, typed), want, `nextKey(${model}, ${typed})`);
  assert.equal(common("chat", "chien"), 2);
});

test("a strong password is long, of three words, and not easy", () => {
  for (const [text, want] of /** @type {const} */ ([
    ["", { long: false, words: false, rare: false }],
    ["123456789012", { long: true, words: false, rare: false }],
    ["girafe", { long: false, words: false, rare: true }],
    ["girafe-velo", { long: false, words: false, rare: true }],
    ["girafe velo soupe", { long: true, words: true, rare: true }],
    ["girafe-girafe-girafe", { long: true, words: false, rare: true }],
    ["le-la-les-du-de-un", { long: true, words: false, rare: true }],
    ["azerty-velo-soupe", { long: true, words: true, rare: false }],
    ["velo-aaaa-soupe", { long: true, words: true, rare: false }],
    ["vélo.forêt.nuage", { long: true, words: true, rare: true }],
  ])) {
    assert.deepEqual(strength(text), want, `strength(${text})`);
    assert.equal(strong(text), want.long && want.words && want.rare);
  }
});

test("our keyboard writes every model, following only what help points at", () => {
  const models = pieces.flatMap((p) => p.steps).flatMap((s) => (s.kind === "type" ? [[s.model, s.start ?? ""]] : []));
  assert.ok(models.length >= 10);
  for (const [model, begun] of models) {
    let now = board();
    let text = begun;
    for (let i = 0; nextKey(model, text) !== "ok"; i++) {
      const key = way(now, nextKey(model, text));
      assert.ok(key === "erase" || pages[now.page].flat().includes(key), `${model}: « ${key} » is not on the page ${now.page}`);
      assert.ok(i < 100, `${model}: never written, only ${text}`);
      ({ board: now, text } = strike(now, text, key));
    }
    assert.equal(text, model);
  }
});

test("our keyboard: ten keys a row, one capital at a time, both pages lead to each other", () => {
  for (const rows of Object.values(pages)) assert.deepEqual(rows.map((r) => r.length), [10, 10, 10]);
  const shifted = strike(board(), "", "shift");
  assert.deepEqual(strike(shifted.board, "", "p"), { board: board(), text: "P" });
  assert.deepEqual(strike(shifted.board, "", "shift").board, board());
  assert.equal(strike(strike(board(), "", "signs").board, "", "letters").board.page, "letters");
  assert.equal(strike(board(), "é", "erase").text, "");
  assert.equal(strike(board(), "", "erase").text, "");
  assert.equal(way(board(), "€"), "");
});

test("the drawn camera: each press can be undone, the picture is good when all is", () => {
  const scene = { ...start(), x: -2, y: 1, turn: 2, near: -1, light: false, sharp: false };
  const goals = /** @type {const} */ (["placed", "straight", "near", "light", "sharp", "taken"]);
  const actions = /** @type {const} */ (["left", "right", "up", "down", "turn_left", "turn_right", "nearer", "farther", "light", "focus", "shoot"]);
  let now = scene;
  for (let i = 0; !good(now, [...goals]); i++) {
    assert.ok(i < 20, "it never gets good");
    const action = best(now, [...actions], [...goals]);
    assert.notEqual(action, "");
    assert.equal(distance(press(now, /** @type {any} */ (action)), [...goals]), distance(now, [...goals]) - 1);
    now = press(now, /** @type {any} */ (action));
  }
  assert.equal(best(now, [...actions], [...goals]), "");
  assert.equal(wrong(scene, press(scene, "left"), ["placed"]), false, "at the edge nothing moves");
  assert.equal(wrong(scene, press(scene, "down"), ["placed"]), true);
  assert.equal(wrong(scene, press(scene, "right"), ["placed"]), false);
  assert.equal(wrong(scene, press(scene, "shoot"), ["sharp", "taken"]), true);
  assert.deepEqual(press(press(scene, "turn_left"), "turn_right"), scene);
});

/** Every key a piece says or shows. @param {any} value @returns {string[]} */
const keysOf = (value) =>
  typeof value === "string" ? (/^[a-z_]+\.[a-z0-9_.]+$/.test(value) && value.startsWith("practice.") ? [value] : [])
    : value && typeof value === "object" ? Object.values(value).flatMap(keysOf) : [];

/** Every key written in the code of the pieces and of the phone's pages. */
const written = () => ["../../lib/practice/", "../../phone/"].flatMap((dir) =>
  readdirSync(new URL(dir, import.meta.url)).filter((f) => /\.(js|html)$/.test(f) && !f.startsWith("rights"))
    .flatMap((f) => [...read(dir + f).matchAll(/"((?:practice|phone)\.[a-z0-9_.]+)"/g)].map((m) => m[1]).filter((k) => !/\.(css|html|js|json)$/.test(k))));

test("every text is in French and in Arabic", () => {
  const keys = new Set([...written(), ...keysOf(pieces)]);
  assert.ok(keys.size > 150, `only ${keys.size} keys`);
  for (const key of keys) for (const [name, words] of Object.entries({ fr, ar })) assert.ok(words[key]?.text, `${name}.json has no ${key}`);
});

test("no sentence has more than 12 words, and one step asks one thing", () => {
  for (const key of new Set([...written(), ...keysOf(pieces)])) {
    for (const sentence of fr[key].text.split(/[.!?;:]/)) {
      assert.ok(sentence.split(/\s+/).filter(Boolean).length <= 12, `${key}: ${sentence}`);
    }
  }
  for (const { id, steps } of pieces) {
    for (const s of steps) for (const key of [s.ask, s.hint, s.help, s.because ?? ""].filter(Boolean)) assert.ok(fr[key].text.length <= 60, `${id}: ${key} is long: ${fr[key].text}`);
  }
});

test("what is to be copied is in the words that are heard, or shown beside", () => {
  for (const words of [fr, ar]) {
    for (const s of /** @type {any} */ (piece("keyboard")).steps) {
      if (s.model.includes("@")) continue; // shown over the field, and too long to hear
      assert.ok(words[s.ask].text.includes(s.model), `${s.ask} does not say ${s.model}`);
    }
  }
});

test("the pieces: seven, 2 to 5 minutes, 4 to 8 steps, each with a picture or an action", () => {
  assert.deepEqual(pieces.map((p) => p.id), ["touch", "keyboard", "password", "fake", "form", "mail", "photo"]);
  for (const p of pieces) {
    assert.ok(p.minutes >= 2 && p.minutes <= 5, p.id);
    assert.ok(p.steps.length >= 4 && p.steps.length <= 8, `${p.id}: ${p.steps.length} steps`);
    assert.ok(drawn.has(p.picto) || pictos.has(p.picto), `${p.id}: no drawing ${p.picto}`);
    for (const s of p.steps) {
      const [right, ...others] = answers(s);
      assert.equal(judge(s, right), true, `${p.id}: ${s.ask}: the right answer is not right`);
      if ("options" in s) {
        assert.equal(s.options.filter((o) => o.right).length, 1, `${s.ask}: one right answer`);
        assert.equal(new Set(s.options.map((o) => o.id)).size, s.options.length);
        for (const o of s.options) assert.ok(o.text || o.plain, `${s.ask}: ${o.id} has no name`);
        for (const o of s.options) assert.ok(!o.picture || drawn.has(o.picture) || pictos.has(o.picture), `${s.ask}: no drawing ${o.picture}`);
        if (s.kind === "choose") assert.ok(s.options.length <= 4, `${s.ask}: more than 4 choices`);
      } else {
        assert.equal(judge(s, others[0]), false, `${p.id}: ${s.ask}: done before anything is done`);
      }
      if (s.kind === "photo") assert.notEqual(best({ ...start(), ...s.scene }, s.actions, s.goals), "", `${s.ask}: no press helps`);
      if (s.kind === "choose" && s.message) assert.ok(s.because, `${s.ask}: it must say why`);
    }
  }
  assert.equal(/** @type {any} */ (piece("fake")).steps.filter((/** @type {any} */ s) => s.message).length, 5);
  assert.equal(piece("nothing"), null);
});

test("the sprite holds what it says", () => {
  const ids = [...read("../../lib/practice/pictures.svg").matchAll(/<symbol id="([^"]+)"/g)].map((m) => m[1]);
  assert.deepEqual(new Set(ids), drawn);
  assert.equal(ids.length, drawn.size);
});

test("whoever presses anything gets to the end", () => {
  let seed = 7;
  const dice = (/** @type {number} */ n) => (seed = (seed * 48271) % 2147483647) % n; // the same walks every time
  for (const p of pieces) {
    for (let walk = 0; walk < 30; walk++) {
      let state = begin();
      let presses = 0;
      let scene = start();
      while (state.phase !== "end") {
        assert.ok(presses++ < 5_000, `${p.id}: no end, at step ${state.at}`);
        const s = p.steps[state.at];
        if (state.phase !== "step") {
          state = step(p, state, dice(8) === 0 && state.phase !== "intro" ? back : next);
          const now = p.steps[state.at];
          if (state.phase === "step" && now.kind === "photo") scene = { ...start(), ...now.scene };
          continue;
        }
        if (s.kind === "photo") {
          const before = scene;
          const moved = press(scene, s.actions[dice(s.actions.length)]);
          const bad = wrong(before, moved, s.goals);
          scene = bad ? { ...moved, taken: false } : moved;
          if (good(scene, s.goals)) state = step(p, state, answer(true));
          else if (bad) state = step(p, state, answer(false));
          continue;
        }
        const all = answers(s);
        state = step(p, state, answer(judge(s, all[dice(all.length)])));
      }
    }
  }
});
