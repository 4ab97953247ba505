// Which screens are connected, and what a role's page offers.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Newcomers } from "../../desk/pairing.rules.js";
import { become, may, mayOrder, offers, whole } from "../../desk/roles.js";

const device = (id, role = "Accueil") => ({ id, role, desk: "", at: "9:05", locked: false });
const connected = (me, ids, ask = null) => ({ me, devices: ids.map((id) => device(id)), ask });

test("a new screen is told once, and never one's own or those that were there", () => {
  const news = new Newcomers();
  const keys = (c) => news.bars(c).map((b) => b.key);
  assert.deepEqual(keys(null), []);
  assert.deepEqual(keys(connected(1, [1, 2])), [], "those that were there");
  assert.deepEqual(keys(connected(1, [1, 2, 3])), ["connected 3"]);
  assert.deepEqual(keys(connected(1, [1, 2, 3])), ["connected 3"], "until somebody took note");
  news.known([3]);
  assert.deepEqual(keys(connected(1, [1, 2, 3])), []);
  assert.deepEqual(keys(connected(1, [1, 4])), ["connected 4"]);
  assert.deepEqual(keys(connected(1, [1])), [], "it has gone");
});

test("several new screens are one bar", () => {
  const news = new Newcomers();
  news.bars(connected(1, [1]));
  const [bar, ...rest] = news.bars(connected(1, [1, 6, 7]));
  assert.deepEqual(rest, []);
  assert.deepEqual(bar.actions?.map((a) => [a.do, a.who]), [["local_see", undefined], ["local_known", [6, 7]]]);
  news.known([6, 7]);
  assert.deepEqual(news.bars(connected(1, [1, 6, 7])), []);
});

test("a screen of this page's own, paired anew, is no news", () => {
  const news = new Newcomers();
  news.bars(connected(1, [1]));
  assert.deepEqual(news.bars(connected(2, [2])), []);
});

test("who needs a colleague's yes comes first, with yes and no", () => {
  const news = new Newcomers();
  news.bars(connected(1, [1]));
  const [bar, ...rest] = news.bars(connected(1, [1, 5], { number: 42, role: "Technicien" }));
  assert.equal(bar.level, "alert");
  assert.deepEqual(bar.actions?.map((a) => [a.what, a.number]), [["vouch", 42], ["doubt", 42]]);
  assert.deepEqual(rest.map((b) => b.key), ["connected 5"]);
});

test("a menu offers what the role may do, and all where nobody said", () => {
  const items = [
    { key: "close", label: "", go: { page: "close" } }, { key: "take", label: "", go: { page: "take" } }, { key: "pause", label: "", send: { do: "pause" } },
    { key: "places", label: "", open: "places" }, { key: "test", label: "", test: true }, { key: "keys", label: "", go: { page: "keys" } },
  ];
  const offered = () => items.filter((i) => offers(/** @type {any} */ (i))).map((i) => i.key);
  assert.equal(offered().length, items.length);
  become({ role: "partenaire_invite", label: "", may: ["call", "orient"], orders: ["next", "end"] });
  assert.deepEqual(offered(), ["places", "keys"]);
  assert.deepEqual([may("orient"), may("devices"), mayOrder("next"), mayOrder("close")], [true, false, true, false]);
  become(null);
});

test("a view has every list, whatever the role is shown", () => {
  const view = whole({ seq: 1, role: "technicien", devices: [{ key: "printer", ok: true, text: "" }] });
  assert.deepEqual([view.waiting, view.desks, view.banners, view.devices.length], [[], [], [], 1]);
  assert.deepEqual(whole(/** @type {any} */ ({ desks: [{ key: "1", label: "Bureau 1", roles: [] }] })).desks[0].row, null);
});
