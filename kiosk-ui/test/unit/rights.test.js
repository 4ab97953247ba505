import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import test from "node:test";
import { bands, hints, next, questions, withAnswer, wording, wordings } from "../../lib/rights.js";

const folder = new URL("../../../firmware/rights/", import.meta.url);
const read = (name) => JSON.parse(readFileSync(new URL(name, folder), "utf8"));
const rules = read("rules.json");
const households = read("testdata/cases.json");
const agreed = read("testdata/agreement.json");

const ids = (answers, of = rules) => hints(of, answers).map((h) => h.id);

for (const { name, answers, hints: want } of households.cases) {
  test(`hints: ${name}`, () => assert.deepEqual(ids({ ...households.base, ...answers }), want));
}

test("the questions are those of the box", () => {
  assert.deepEqual(questions(rules).map((q) => [q.key, ...q.answers]), agreed.questions);
});

/** The questions somebody with these answers is asked. */
function walk(given) {
  const asked = [];
  let answers = {};
  for (let q = next(rules, answers, ""); q; q = next(rules, answers, q.key)) {
    asked.push(q.key);
    answers = withAnswer(answers, q.key, given[q.key] ?? "");
  }
  return asked;
}

/** Everything the engine says of one household, as the test of the box writes it. */
function line(answers) {
  const code = questions(rules).map((q) => q.answers.indexOf(answers[q.key]) + 1).join("");
  const found = hints(rules, answers).map((h) => h.id + (h.open ? "?" : "")).join(",");
  const money = bands(rules, answers).map((b) => `${b.key}${b.from}-${b.below}`).join(",");
  return `${code} ${found} ${money} ${walk(answers).join(",")}`;
}

test("the page and the box agree on 3,000 households", () => {
  let x = agreed.seed;
  const draw = () => {
    const answers = {};
    for (const q of questions(rules)) {
      x = (Math.imul(x, 1664525) + 1013904223) >>> 0;
      const n = q.answers.length;
      const i = (x >>> 16) % (n + 1 + Math.floor(n / 3));
      if (i < n) answers[q.key] = q.answers[i];
    }
    return answers;
  };
  assert.ok(agreed.blocks.length * agreed.each >= 2000);
  for (const [nth, want] of agreed.blocks.entries()) {
    const lines = Array.from({ length: agreed.each }, () => line(draw()));
    if (nth === 0) assert.deepEqual(lines.slice(0, agreed.first.length), agreed.first);
    const got = createHash("sha256").update(lines.join("\n")).digest("hex").slice(0, 12);
    assert.equal(got, want, `households ${nth * agreed.each} to ${(nth + 1) * agreed.each - 1}`);
  }
});

test("an answer that is none is as if it were not given", () => {
  assert.deepEqual(ids({ household: "palace", age: "-1", income: "Z" }), ids({}));
  assert.deepEqual(bands(rules, { household: "palace" }), []);
});

test("a rule that is off gives no hint and asks nothing", () => {
  const off = { ...rules, regles: rules.regles.map((r) => ({ ...r, actif: r.id === "apa" })) };
  assert.deepEqual(ids({}, off), ["apa"]);
  assert.equal(next(off, {}, "")?.key, "household");
  assert.equal(next(off, { household: "alone", age: "25-59" }, "age"), null);
});

test("a site's own names travel with the hint", () => {
  const own = { ...rules, organismes: { mairie: { fr: "La mairie" } }, regles: [{ id: "x", actif: true, verifier: ["mairie"], nom: { fr: "L’aide" }, tous: ["locataire"] }] };
  const [hint] = hints(own, { housing: "tenant" });
  assert.equal(hint.names?.fr, "L’aide");
  assert.equal(hint.bodies.mairie.fr, "La mairie");
  assert.equal(hint.open, false);
});

test("another household takes its band of money back", () => {
  assert.deepEqual(withAnswer({ household: "alone", income: "B" }, "household", "couple"), { household: "couple" });
  assert.deepEqual(withAnswer({ household: "alone", income: "B" }, "age", "65+"), { household: "alone", income: "B", age: "65+" });
  assert.deepEqual(withAnswer({ age: "65+" }, "age", ""), {});
});

test("nobody who lives alone is asked about the other of a couple", () => {
  for (const [household, want] of [["alone", "work_alone"], ["couple", "work"], [undefined, "work"]]) {
    for (const { key } of questions(rules)) {
      const got = wording(key, household ? { household } : {});
      assert.equal(got, key === "work" ? want : key, `${key} of ${household}`);
      assert.ok(wordings(key).includes(got) && wordings(key)[0] === key, `${key}: ${wordings(key)}`);
    }
  }
});
