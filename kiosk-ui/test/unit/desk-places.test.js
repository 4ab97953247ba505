// Places, hours, the map and papers in words and values. Without a catalogue say() gives
// the key back, so these tests read keys.
import assert from "node:assert/strict";
import { test } from "node:test";
import { hoursOf, weekOf } from "../../desk/hours.rules.js";
import { byDistance, half, length, marks, radii, rings } from "../../desk/map.rules.js";
import * as places from "../../desk/places.rules.js";
import * as slips from "../../desk/slips.rules.js";
import { loadWords } from "../../lib/words.js";

/** A place as the server shows it. */
const place = (change = {}) => ({
  id: "mjc", name: "MJC du Moulin", town: "Villeneuve", postcode: "01999", address: "3 rue du Moulin", phone: "01 99 00 00 01", emails: [], sites: [],
  hours: "Mo-Fr 09:00-12:00; PH off", hours_lines: [], hours_unsure: false, open: "Ouvert", open_state: "open", metres: 350,
  services: [{ key: "work", label: "Travail" }, { key: "access", label: "Accès" }], publics: [], care: [], fees: [{ key: "free", label: "Gratuit" }],
  access: [], support: [], types: [], summary: "", detail: "", entitles: "", way: "", bring: "", languages: ["fr"], tongues: ["Français"], note: "", staff: "imported",
  gone: false, updated: "", source: "", point: { lat: 45.7, lon: 4.9 }, ...change,
});

test("searchURL: what is empty asks nothing", () => {
  const table = [
    [{}, "/api/places?limit=30"],
    [{ q: "  " }, "/api/places?limit=30"],
    [{ q: "aide à l’écran", service: "work", open: "soon" }, "/api/places?q=aide+%C3%A0+l%E2%80%99%C3%A9cran&service=work&open=soon&limit=30"],
    [{ public: "young", care: "deaf", fee: "free", limit: 60 }, "/api/places?public=young&care=deaf&fee=free&limit=60"],
  ];
  for (const [wish, want] of table) assert.equal(places.searchURL({ ...places.noWish(), ...wish }), want, JSON.stringify(wish));
  assert.equal(places.filters({ ...places.noWish(), q: "mots", fee: "free", open: "now" }), 2);
});

test("resultLine: how many there are, and how many of them are shown", () => {
  const table = [[0, 0, "desk.places_none"], [1, 1, "desk.places_one"], [5, 5, "desk.places_many"], [30, 240, "desk.places_part"]];
  for (const [shown, total, want] of table) assert.equal(places.resultLine(shown, total), want, `${shown} of ${total}`);
});

test("distance: in steps that people use", async () => {
  await loadWords("", async () => new Response(JSON.stringify({ "desk.metres": "{n} m", "desk.kilometres": "{n} km" })));
  try {
    const table = [[null, ""], [-1, ""], [0, "0 m"], [347, "350 m"], [994, "990 m"], [996, "1 km"], [1240, "1,2 km"], [2000, "2 km"], [9960, "10 km"], [23_600, "24 km"]];
    for (const [metres, want] of table) assert.equal(places.distance(metres), want, `distance(${metres})`);
  } finally {
    await loadWords("", async () => new Response("{}"));
  }
});

test("what a directory holds is no address to follow unless it is one", () => {
  for (const [phone, want] of [["01 99 00 00 01", "tel:0199000001"], ["+33199000001", "tel:+33199000001"], ["3949", "tel:3949"], ["appelez Jo", ""], ["", ""]]) {
    assert.equal(places.callURL(phone), want, `callURL(${phone})`);
  }
  for (const [site, want] of [["https://exemple.fr/a", "https://exemple.fr/a"], ["javascript:alert(1)", ""], ["exemple.fr", ""], ["http://a b", ""]]) {
    assert.equal(places.siteURL(site), want, `siteURL(${site})`);
  }
});

test("hours that nobody can read are never « closed »", () => {
  assert.equal(places.openLine(place({ open: "", open_state: "unknown" })), "desk.place_unsure");
  assert.equal(places.openLine(place()), "Ouvert");
});

test("dates: as people say them, or as they stand", () => {
  assert.equal(places.dateText("2026-10-01"), "1 octobre 2026");
  assert.equal(places.dateText("hier"), "hier");
});

test("toggled: on the slip, off again, and no fourth", () => {
  const [a, b, c, d] = ["a", "b", "c", "d"].map((id) => place({ id }));
  const ids = (list) => list.map((p) => p.id);
  assert.deepEqual(ids(places.toggled([a], b)), ["a", "b"]);
  assert.deepEqual(ids(places.toggled([a, b], a)), ["b"]);
  assert.deepEqual(ids(places.toggled([a, b, c], d)), ["a", "b", "c"]);
  assert.deepEqual(ids(places.toggled([a, b, c], c)), ["a", "b"]);
});

test("pointOf: as maps give coordinates, and no others", () => {
  const table = [
    ["", null], ["45.7696, 4.9586", { lat: 45.7696, lon: 4.9586 }], ["45,7696 4,9586", { lat: 45.7696, lon: 4.9586 }], ["-21.1; 55.5", { lat: -21.1, lon: 55.5 }],
    ["45.7", undefined], ["1, 2, 3", undefined], ["0, 0", undefined], ["95, 4", undefined], ["4, 190", undefined], ["ici", undefined], ["45.7 nord, 4.9", undefined],
  ];
  for (const [text, want] of table) assert.deepEqual(places.pointOf(text), want, `pointOf(${text})`);
});

test("a form that nobody touched sends nothing but whose it is", () => {
  for (const change of [{}, { hours: "week 1-53/2 Mo 09:00-12:00" }, { hours: "Mo,Tu,We,Th,Fr 9:00-12:00;PH off" }, { hours: "" }, { point: null }, { languages: ["fr", "ar"] }]) {
    const p = place(change);
    assert.deepEqual(places.placeOf(places.draftOf(p), p), { place: { id: "mjc" }, problems: [] }, JSON.stringify(change));
  }
});

test("a correction sends what was changed, emptied fields too", () => {
  const p = place({ bring: "Une carte" });
  const draft = { ...places.draftOf(p), bring: "", way: " Tram T3 ", code_postal: "01 998", services: ["access"] };
  assert.deepEqual(places.placeOf(draft, p), { place: { id: "mjc", code_postal: "01998", services: ["access"], bring: "", way: "Tram T3" }, problems: [] });
});

test("ticking back and forth changes nothing", () => {
  const p = place();
  const draft = { ...places.draftOf(p), services: slips.ticked(slips.ticked(["work", "access"], "work", false), "work", true) };
  assert.deepEqual(places.placeOf(draft, p).place, { id: "mjc" });
});

test("a new place needs a name, and a town, a postcode or a point", () => {
  const table = [
    [{}, ["nom", "commune"]],
    [{ nom: "Café", commune: "Villeneuve" }, []],
    [{ nom: "Café", code_postal: "01999" }, []],
    [{ nom: "Café", point: "45.7, 4.9" }, []],
    [{ nom: "Café", code_postal: "199" }, ["code_postal"]],
    [{ nom: "Café", commune: "Villeneuve", point: "ici" }, ["point"]],
  ];
  for (const [change, want] of table) {
    const { problems } = places.placeOf({ ...places.draftOf(null), ...change }, null);
    assert.deepEqual(problems.map((p) => p.field), want, JSON.stringify(change));
  }
  const draft = places.draftOf(null);
  draft.nom = "Café";
  draft.commune = "Villeneuve";
  if (draft.week) draft.week.days = ["9h-12h", "matin", "", "", "", "", "toujours"];
  assert.deepEqual(places.placeOf(draft, null).problems.map((p) => p.field), ["day:1", "day:6"]);
});

test("byField: what the server found, where the form can show it", () => {
  const got = places.byField([
    { column: "telephone", text: "T" }, { column: "latitude", text: "P" }, { column: "horaires", text: "H" }, { column: "pivot", text: "X" }, { text: "Y" },
  ], ["telephone", "point", "hours"]);
  assert.deepEqual(got, [
    { field: "", text: "pivot : X" }, { field: "", text: "Y" }, { field: "telephone", text: "T" }, { field: "point", text: "P" }, { field: "hours", text: "H" },
  ]);
});

test("ofSite: the site’s own places answer to words, and to no filter", () => {
  const own = [place({ id: "site-0", name: "Médiathèque des Rives", address: "12 quai de la Brève" }), place({ id: "site-1", name: "CCAS", address: "1 place de la Mairie" })];
  const table = [
    [{}, ["site-0", "site-1"]], [{ q: "  " }, ["site-0", "site-1"]], [{ q: "mediatheque" }, ["site-0"]], [{ q: "QUAI  rives" }, ["site-0"]], [{ q: "mairie" }, ["site-1"]],
    [{ q: "piscine" }, []], [{ fee: "free" }, []], [{ q: "ccas", open: "now" }, []],
  ];
  for (const [wish, want] of table) assert.deepEqual(places.ofSite(own, { ...places.noWish(), ...wish }).map((p) => p.id), want, JSON.stringify(wish));
});

test("importLines: what there is to say, and no more", () => {
  assert.deepEqual(places.importLines({ places: 1, left: 0, corrections: 0, gone: 0, problems: [], more: 0 }), ["desk.import_places_one"]);
  assert.deepEqual(places.importLines({ places: 1, left: 0, corrections: 0, gone: 0, warning: "Un lieu n’a pas de position.", problems: [], more: 0 }),
    ["desk.import_places_one", "Un lieu n’a pas de position."]);
  assert.deepEqual(places.importLines({ places: 9, left: 1, corrections: 2, gone: 1, problems: [], more: 0 }),
    ["desk.import_places_many", "desk.import_left_one", "desk.import_kept_many", "desk.import_gone_one"]);
});

// ---- hours ----

test("weekOf: what a week of days can say, and null for the rest", () => {
  const table = [
    ["", ["", "", "", "", "", "", ""]],
    ["Mo-Fr 09:00-12:00,14:00-17:30", ["9h-12h, 14h-17h30", "9h-12h, 14h-17h30", "9h-12h, 14h-17h30", "9h-12h, 14h-17h30", "9h-12h, 14h-17h30", "", ""]],
    ["Mo-We 09:00-12:00; Tu off", ["9h-12h", "", "9h-12h", "", "", "", ""]],
    ["Mo,We 08:05-12:00; PH off", ["8h05-12h", "", "8h05-12h", "", "", "", ""]],
    ["Sa-Mo 10:00-11:00", ["10h-11h", "", "", "", "", "10h-11h", "10h-11h"]],
    ["Mo 09:00-24:00", ["9h-24h", "", "", "", "", "", ""]],
    ["24/7", null], ["week 1-53/2 Mo 09:00-12:00", null], ["Mo 09:00-12:00 \"sur rendez-vous\"", null], ["Mo 22:00-02:00", null],
    ["Mo 09:00-25:00", null], ["09:00-12:00", null], ["Jan Mo 09:00-12:00", null], ["Mo 09:00+", null], ["tous les matins", null], ["PH 09:00-12:00", null],
  ];
  for (const [text, want] of table) assert.deepEqual(weekOf(text)?.days ?? null, want, `weekOf(${text})`);
  assert.equal(weekOf("Mo 09:00-12:00; PH off")?.holidays, true);
});

test("hoursOf: what people type, as the directory keeps it", () => {
  const monday = (text) => hoursOf({ days: [text, "", "", "", "", "", ""], holidays: false });
  const table = [
    ["9h-12h", "Mo 09:00-12:00"], ["9h30 à 12h", "Mo 09:30-12:00"], ["de 9 h à 12 h et de 14 h à 17 h 30", "Mo 09:00-12:00,14:00-17:30"],
    ["09:00–12:00 / 14:00–17:00", "Mo 09:00-12:00,14:00-17:00"], ["9-12; 14-17", "Mo 09:00-12:00,14:00-17:00"], ["Fermé", ""], ["  ", ""],
  ];
  for (const [text, want] of table) assert.deepEqual(monday(text), { text: want, wrong: [] }, `hoursOf(${text})`);
  for (const text of ["matin", "9h", "12h-9h", "9h-25h", "9h75-12h", "9h-12h, 11h-14h", "9h-12h,"]) assert.deepEqual(monday(text).wrong, [0], `hoursOf(${text})`);
});

test("hoursOf: days that are alike stand together", () => {
  const days = ["9h-12h", "9h-12h", "14h-17h", "9h-12h", "9h-12h", "", "14h-17h"];
  assert.equal(hoursOf({ days, holidays: true }).text, "Mo,Tu,Th,Fr 09:00-12:00; We,Su 14:00-17:00; PH off");
  assert.equal(hoursOf({ days: Array(7).fill("8h-20h"), holidays: false }).text, "Mo-Su 08:00-20:00");
  assert.equal(hoursOf({ days: Array(7).fill(""), holidays: true }).text, "", "no hours are not « closed on holidays »");
});

test("hours go there and back", () => {
  for (const text of ["Mo-Fr 09:00-12:00,14:00-17:30; Sa 10:00-12:00; PH off", "Mo,We,Fr 08:30-11:45", "Tu-Su 00:00-24:00"]) {
    const week = weekOf(text);
    assert.ok(week, `weekOf(${text}) = null`);
    assert.deepEqual(hoursOf(week), { text, wrong: [] });
  }
});

// ---- the map ----

test("rings: round numbers up to the radius", () => {
  const table = [[1000, [250, 500, 1000]], [2000, [500, 1000, 2000]], [5000, [1000, 2000, 5000]], [50_000, [10_000, 20_000, 50_000]]];
  for (const [radius, want] of table) assert.deepEqual(rings(radius), want, `rings(${radius})`);
  for (const radius of radii) for (const ring of rings(radius)) assert.ok(length(ring, radius) < half, `the ring of ${ring} m lies on the map of ${radius} m`);
});

const spot = (id, x, y, open_state = "open") => ({ id, name: id, x, y, open_state });

test("marks: north is up, east is towards the end of the line", () => {
  const [mark] = marks([spot("a", 1000, 2000)], 5000);
  assert.ok(mark.x > 0 && mark.y < 0 && Math.abs(mark.y) > mark.x, JSON.stringify(mark));
});

test("marks: what would lie on each other shares a mark, and nobody is lost", () => {
  const spots = byDistance([spot("far", 4000, 0), spot("b", 110, 0, "closed"), spot("a", 100, 0), spot("c", 120, 10)]);
  assert.deepEqual(spots.map((s) => s.id), ["a", "b", "c", "far"]);
  const got = marks(spots, 5000);
  assert.deepEqual(got.map((m) => [m.label, m.ids, m.state]), [["1 +2", ["a", "b", "c"], "many"], ["4", ["far"], "open"]]);
  assert.deepEqual(got.flatMap((m) => m.ids), spots.map((s) => s.id));
});

// ---- papers ----

const mine = (note) => ({ id: "f".repeat(32), number: 7, lang: "العربية · arabe", note });
const shared = { self: { label: "Se débrouille bien", reassure: false, incomplete: false }, freins: [], seen: "", charter: false, materials: [], advice: "" };

test("the result goes along only if it was shared and the person says yes", () => {
  const table = [
    ["nobody here", null, true, false], ["nothing shared", mine({ ...shared, self: null }), true, false], ["an older row", mine(undefined), true, false],
    ["shared, not asked", mine(shared), false, false], ["shared, and yes", mine(shared), true, true],
  ];
  for (const [name, row, yes, want] of table) {
    const body = slips.orientationBody([place()], "ar", true, row, yes, "1");
    assert.equal(body.with_result, want, name);
    assert.equal(body.visit, row?.id, `${name}: the visit is named for its own phone, when there is one`);
    assert.equal(body.desk, row ? "1" : undefined, `${name}: and the desk that it is at`);
    assert.deepEqual([body.places, body.lang, body.large], [["mjc"], "ar", true]);
  }
});

test("langOf: the language of the person, else French", () => {
  const langs = [{ key: "fr", label: "Français" }, { key: "ar", label: "العربية · arabe" }];
  assert.equal(slips.langOf(langs, mine(shared)), "ar");
  assert.equal(slips.langOf(langs, { ...mine(shared), lang: "" }), "fr");
  assert.equal(slips.langOf(langs, null), "fr");
  assert.equal(slips.langOf([], null), "fr");
});

test("besides: a page is read in the languages that have words", () => {
  const langs = ["fr", "images", "ar"].map((key) => ({ key, label: key }));
  assert.deepEqual(slips.besides(langs, [{ lang: "fr" }, { lang: "ar" }, { lang: "en" }]).map((l) => l.key), ["fr", "ar"]);
  assert.deepEqual(slips.besides(langs, []), []);
});

test("today: in the order of the paper, and never empty", () => {
  const choices = { done: ["a", "b", "c"].map((key) => ({ key, label: key })), bring: [{ key: "x", label: "x" }], roles: [], langs: [] };
  assert.equal(slips.filled(slips.noToday()), false);
  for (const change of [{ done: ["a"] }, { deadline: "2026-12-01" }, { bring: ["x"] }, { next: place() }, { who: "mediator" }]) {
    assert.equal(slips.filled({ ...slips.noToday(), ...change }), true, JSON.stringify(change));
  }
  const body = slips.todayBody({ ...slips.noToday(), done: ["c", "a", "gone"], next: place() }, "fr", false, choices);
  assert.deepEqual(body, { do: "today", lang: "fr", large: false, done: ["a", "c"], deadline: "", bring: [], next: "mjc", who: "" });
});

test("vouchers: good codes leave the field, the others stay to be corrected", () => {
  assert.deepEqual(slips.arrivals({ arrived: 2, again: 1, unknown: ["CCC222"], typo: ["ZZZ"] }), {
    summary: ["desk.vouchers_arrived_many", "desk.vouchers_again_one"],
    lines: [{ code: "ZZZ", text: "desk.vouchers_typo" }, { code: "CCC222", text: "desk.vouchers_unknown" }],
    rest: "ZZZ\nCCC222",
  });
  assert.deepEqual(slips.arrivals({ arrived: 0, again: 0, unknown: [], typo: [] }), { summary: ["desk.vouchers_nothing"], lines: [], rest: "" });
});

test("months: as people say them", () => {
  assert.equal(slips.monthText("2026-11"), "novembre 2026");
  assert.equal(slips.monthText(""), "desk.vouchers_no_month");
});
