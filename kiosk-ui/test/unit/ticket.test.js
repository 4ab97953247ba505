import assert from "node:assert/strict";
import test from "node:test";
import { after, awaits, capability, idle, over, rings, slipOf } from "../../phone/ticket.rules.js";

const view = (more = {}) => ({
  seq: 1, lang: "fr", tag: "fr", dir: "ltr", place: "Maison du Pont", test: "", state: "waiting",
  number: 12, desk: "", call: "0", text: "", wait: [], slip: [], ...more,
});

test("the capability is what stands behind the #, and nothing like it", () => {
  const good = "AbCdEfGhIjKlMnOpQrSt-_";
  for (const [hash, want] of [
    [`#${good}`, good], ["", ""], ["#", ""], [`#${good}A`, ""], [`#${good.slice(1)}`, ""], [`#${good.slice(1)}=`, ""],
    [`#${good.slice(1)} `, ""], [`#${good.slice(1)}<`, ""], [good, ""],
  ]) assert.equal(capability(hash), want, hash);
});

test("each call rings once, a late one too, and nothing else does", () => {
  const table = [
    ["waiting", "0", false], ["called", "7", true], ["called", "7", false], ["called", "9", true], ["serving", "0", false],
    ["called", "9", false], ["held", "0", false], ["called", "21", true], ["done", "0", false], ["called", "0", false],
  ];
  let rung = "";
  for (const [state, call, want] of table) {
    const step = rings(rung, view({ state, call }));
    assert.equal(step.ring, want, `${state} ${call} after ${rung}`);
    rung = step.rung;
  }
});

test("the slip stays on the page when the box has forgotten it", () => {
  const one = [{ kind: "title", text: "Où trouver de l’aide", tag: "fr", dir: "ltr" }];
  const two = [...one, { kind: "place", text: "Médiathèque", tag: "fr", dir: "ltr" }];
  for (const [name, before, now, want] of [
    ["none yet", [], view(), []], ["printed", [], view({ slip: one }), one], ["printed again", one, view({ slip: two }), two],
    ["after the visit", two, view({ state: "done" }), two], ["after the closing", two, view({ state: "gone" }), two],
    ["of a ticket that is gone", [], view({ state: "gone" }), []],
  ]) assert.deepEqual(slipOf(before, now), want, name);
});

test("who has been received is not told after the closing that their ticket is worth nothing", () => {
  for (const [before, now, want] of [
    ["done", "gone", "done"], ["waiting", "gone", "gone"], ["missed", "gone", "gone"], ["waiting", "called", "called"],
    ["done", "serving", "serving"], ["gone", "gone", "gone"],
  ]) assert.equal(after(view({ state: before }), view({ state: now })).state, want, `${before}, then ${now}`);
  assert.deepEqual(["waiting", "paused", "called", "serving", "held", "missed", "done", "gone"].filter((/** @type {any} */ s) => over(s)), ["done", "gone"]);
});

test("there is something to do while one waits, and a call ends it", () => {
  for (const [state, practises, kept] of [
    ["waiting", true, true], ["paused", true, true], ["held", true, true], ["missed", false, true], ["called", false, true],
    ["serving", false, false], ["done", false, false], ["gone", false, false],
  ]) {
    assert.equal(idle(state), practises, `${state}: practice`);
    assert.equal(awaits(state), kept, `${state}: to be kept open`);
  }
});
