// The table of accessibility.md names what checks each requirement: all of it exists.

import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import test from "node:test";

const root = new URL("../../../", import.meta.url);
const rows = readFileSync(new URL("../accessibility.md", import.meta.url), "utf8").split("\n")
  .filter((line) => /^\| \d+ \|/.test(line))
  .map((line) => {
    const [id, requirement, source, by, result] = line.split("|").slice(1, -1).map((cell) => cell.trim());
    return { id: Number(id), requirement, source, by, result };
  });

test("there are 62 requirements, in order, each with its check and its result", () => {
  assert.deepEqual(rows.map((r) => r.id), Array.from({ length: 62 }, (_, i) => i + 1));
  for (const { id, requirement, by, result } of rows) {
    assert.ok(requirement && by, `row ${id}`);
    assert.match(result, /^(\*\*)?(met|not met|by machine, not tried|to be tried with people|to be measured)/, `row ${id}`);
  }
});

for (const { id, by } of rows) {
  test(`what checks requirement ${id} exists`, () => {
    const names = [...by.matchAll(/`([^`]+)`/g)].map((m) => m[1]);
    assert.ok(names.length > 0 || /^by (eye|ear|hand)/.test(by), by);
    for (const name of names) {
      const [path, title = ""] = name.split(/: (.*)/s);
      const file = new URL(path, root);
      assert.ok(existsSync(file), `${path} does not exist`);
      const sources = statSync(file).isDirectory()
        ? readdirSync(file).filter((f) => f.endsWith("_test.go")).map((f) => new URL(f, `${file}/`))
        : [file];
      const text = sources.map((f) => readFileSync(fileURLToPath(f), "utf8")).join("\n");
      assert.ok(title.startsWith("Test") ? new RegExp(`^func ${title}\\(`, "m").test(text) : text.includes(title), `${path} has no « ${title} »`);
    }
  });
}
