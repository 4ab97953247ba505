import assert from "node:assert/strict";
import { test } from "node:test";
import { days, eventBody, importedLines, noEvent, seats, spaced } from "../../desk/agenda.rules.js";
import { checks, fileHint, fileLacks, minutes, several, themes, toggled, workBody } from "../../desk/end.rules.js";
import { beep, longSpell, teamBars } from "../../desk/team.rules.js";

/** @import { DeskView, Row } from "../../desk/view.js" */
/** @import { Work, WorkAnswer } from "../../desk/end.rules.js" */

/** @param {Partial<Work>} [change] @returns {Work} */
function work(change) {
  return {
    themes: [], materials: [], with: "", blocked: "", manner: "", autonomy: "", known: "", oriented: false, structure: "", toward: "", accompanied: false, freins: [],
    see_again: false, gender: "", age: "", status: "", minutes: 30, ...change,
  };
}

test("a new view is worth a sound only when somebody comes and this desk is free", () => {
  const free = { desk: "1", mine: null, call_next: null, permanence: { status: "open" }, team: { helps: [], since_ms: 0, work: {} } };
  const one = { ...free, call_next: { id: "a", number: 1 } };
  const help = { call: 1, desk: "2", label: "Bureau 2", since_ms: 5, coming: "" };
  /** @param {any} view @param {any[]} helps */
  const asks = (view, ...helps) => ({ ...view, team: { ...view.team, helps } });
  /** @type {[string, any, any, string][]} */
  const cases = [
    ["the first view", null, one, ""],
    ["nobody, then somebody", free, one, "somebody"],
    ["somebody, then two", one, { ...one, waiting: [1, 2] }, ""],
    ["somebody while this desk receives", { ...free, mine: {} }, { ...one, mine: {} }, ""],
    ["the desk becomes free while people wait", { ...one, mine: {} }, one, ""],
    ["a call is taken back", { ...free, mine: {} }, one, ""],
    ["the pause ends", { ...free, permanence: { status: "paused" } }, one, ""],
    ["another desk asks for help", free, asks(free, help), "help"],
    ["it asks still", asks(free, help), asks(free, help), ""],
    ["this desk asks for help", { ...free, desk: "2" }, asks({ ...free, desk: "2" }, help), ""],
    ["help while this desk receives", { ...free, mine: {} }, asks({ ...free, mine: {} }, help), "help"],
    ["somebody comes already", free, asks(free, { ...help, coming: "Bureau 3" }), ""],
    ["the box began anew: the same call at another time", asks(free, help), asks(free, { ...help, since_ms: 9 }), "help"],
    ["no desk was chosen", { ...free, desk: "" }, { ...one, desk: "" }, ""],
    ["a guest knows of no team", { ...free, team: undefined }, { ...one, team: undefined }, "somebody"],
  ];
  for (const [name, before, view, want] of cases) assert.equal(beep(before, view), want, name);
});

test("bars say who asks for help, offer a pause to the whole team, and ask what was done", () => {
  /** @type {any} */
  const view = { desk: "1", mine: null, untold: null, permanence: { status: "open" }, team: { helps: [], since_ms: 1, work: { ended: 0, told: 0, workshops: 0, lost: false } } };
  /** @param {any} change @param {number} now */
  const keys = (change, now) => teamBars({ ...view, ...change }, now).map((b) => [b.key, b.level, ...(b.actions ?? []).map((a) => a.do)].join(" "));
  const helps = [{ call: 3, desk: "2", label: "Bureau 2", since_ms: 1, coming: "" }, { call: 4, desk: "1", label: "Bureau 1", since_ms: 1, coming: "" }];
  assert.deepEqual(keys({}, longSpell), []);
  assert.deepEqual(keys({}, longSpell + 1), ["load info pause"]);
  assert.deepEqual(keys({ permanence: { status: "paused" } }, longSpell + 1), []);
  assert.deepEqual(keys({ team: { ...view.team, helps } }, 2), ["desk_help 3 alert desk_coming", "desk_help 4 info desk_help_done"]);
  assert.deepEqual(keys({ team: { ...view.team, helps: [{ ...helps[0], coming: "Bureau 3" }] } }, 2), ["desk_help 3 info desk_help_done"]);
  assert.deepEqual(keys({ team: { ...view.team, work: { ...view.team.work, lost: true } } }, 2), ["work_lost warn work_lost_read"]);
  assert.deepEqual(keys({ untold: { id: "a", number: 4 } }, 2), ["untold info local_end"]);
  assert.deepEqual(keys({ untold: { id: "a", number: 4 }, mine: {} }, 2), [], "the person at the desk comes first");
  assert.deepEqual(keys({ team: undefined }, 2), [], "a guest");
});

test("what was done is sent as it was touched, and what belongs to another place only with it", () => {
  const there = { structure: "AideSociale", toward: "p1", toward_name: "Ailleurs", accompanied: true };
  const sent = workBody(work({ oriented: true, themes: ["SocialSante", "AideAuxDemarchesAdministratives"], ...there }), "1", "v");
  assert.deepEqual([sent.themes, sent.toward, sent.accompanied, sent.desk, sent.visit, "toward_name" in sent], [["SocialSante"], "p1", true, "1", "v", false]);
  const not = workBody(work({ oriented: false, ...there }), "1", "v");
  assert.deepEqual([not.structure, not.toward, not.accompanied], ["", "", false]);
  assert.deepEqual(workBody(work({ themes: ["AideAuxDemarchesAdministratives"] }), "1", "v").themes, ["AideAuxDemarchesAdministratives"], "alone it is a choice of its own");
  assert.equal(toggled("avec", "avec"), "");
  assert.equal(toggled("avec", "a_la_place"), "a_la_place");
  assert.deepEqual(several("materials", ["Ordinateur"], "Aucun", true), ["Aucun"]);
  assert.deepEqual(several("materials", ["Aucun"], "Telephone", true), ["Telephone"]);
  assert.deepEqual(several("materials", ["Telephone"], "Telephone", false), []);
  assert.deepEqual(several("freins", ["peur"], "rien", true), ["rien"]);
  assert.deepEqual(minutes(45).map((c) => c.key).length, 8);
  assert.deepEqual(minutes(10)[0].key, "10", "what was measured can be kept");
  assert.equal(checks().length, 3);
  // Without a catalogue a text is its key.
  const lacks = [fileLacks(0), fileLacks(1), fileLacks(2)];
  assert.deepEqual(lacks, ["", "desk.coop_missing_one", "desk.coop_missing_many"]);
  assert.deepEqual([3, 2, 1].map((told) => fileHint({ ended: 3, told })), [lacks[0], lacks[1], lacks[2]].map((l) => (l ? l + " " : "") + "desk.coop_download_hint"));
});

test("the likely themes are those of the motif; the others are one touch away, and none twice", () => {
  const answer = /** @type {WorkAnswer} */ (/** @type {unknown} */ ({
    chosen: work({ themes: ["Logement", "AideAuxDemarchesAdministratives"] }),
    choices: { themes: [{ key: "Email" }, { key: "Bureautique" }, { key: "AideAuxDemarchesAdministratives" }], procedures: [{ key: "Logement" }, { key: "Justice" }] },
  }));
  const { likely, others } = themes(answer);
  assert.deepEqual(likely.map((c) => c.key), ["Logement", "Email"]);
  assert.deepEqual(others.map((c) => c.key), ["Justice", "Bureautique"]);
});

test("the agenda in words", () => {
  const event = { ...noEvent(), id: "a", title: " Photos ", date: "2026-11-26", day: "jeudi 26 novembre", room: " Salle 2 " };
  const later = { ...event, id: "b", date: "2026-11-27", day: "vendredi 27 novembre" };
  assert.deepEqual(days([event, { ...event, id: "c" }, later]).map((d) => [d.day, d.events.length]), [["jeudi 26 novembre", 2], ["vendredi 27 novembre", 1]]);
  assert.notEqual(seats({ ...event, free: 1 }), seats({ ...event, free: 2 }));
  assert.notEqual(seats({ ...event, free: 0 }), seats({ ...event, free: 0, over: true }));
  assert.equal(spaced("K7M2QF"), "K7M\u00a02QF");
  assert.deepEqual([eventBody(event).form.title, eventBody(event).form.room], ["Photos", "Salle 2"]);
  assert.equal(eventBody({ ...event, kind: "rendez_vous" }).form.title, "", "nobody's name");
  assert.equal(eventBody({ ...event, kind: "visite" }).form.room, "", "nobody's address");
  assert.equal(importedLines({ added: 2, changed: 0, same: 1, removed: 0, notes: ["note"], moved: [], missing: [] }).length, 3);
});
