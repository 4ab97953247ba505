/**
 * @file What is asked of the directory of places, how a place is put in words, and what
 * its form holds: pure functions.
 */
import { say } from "../lib/words.js";
import { hoursOf, weekOf } from "./hours.rules.js";

/** @import { Choice } from "./view.js" */
/** @import { Week } from "./hours.rules.js" */

/** @typedef {{lat: number, lon: number}} Point degrees, north and east positive */

/**
 * A place as the server shows it; lists hold keys of closed lists and their labels.
 * @typedef {object} PlaceView
 * @property {string} id
 * @property {string} name
 * @property {string} town
 * @property {string} postcode
 * @property {string} address
 * @property {string} phone
 * @property {string[]} emails
 * @property {string[]} sites
 * @property {string} hours as the directory writes them
 * @property {string[]} hours_lines the same in words
 * @property {boolean} hours_unsure nobody could read them: they are shown as they are
 * @property {string} open a sentence
 * @property {OpenState} open_state
 * @property {number|null} metres as the crow flies, null when unknown
 * @property {Choice[]} services
 * @property {Choice[]} publics
 * @property {Choice[]} care
 * @property {Choice[]} fees
 * @property {Choice[]} access
 * @property {Choice[]} support
 * @property {string[]} types
 * @property {string} summary
 * @property {string} detail
 * @property {string} entitles
 * @property {string} way
 * @property {string} bring
 * @property {string[]} languages
 * @property {string[]} tongues the same, by name
 * @property {string} note
 * @property {"imported"|"corrected"|"added"|"site"} staff "site": the site file names it
 * @property {boolean} gone corrected here, and the last file lacks it
 * @property {string} updated
 * @property {string} source
 * @property {Point|null} point
 */

/** @typedef {"open"|"closed"|"unknown"} OpenState */

/** @typedef {{services: Choice[], publics: Choice[], care: Choice[], fees: Choice[], access: Choice[], support: Choice[]}} Terms */

/**
 * What is looked for; an empty part asks nothing.
 * @typedef {{q: string, service: string, public: string, care: string, fee: string, open: ""|"now"|"soon", limit: number}} Wish
 */

/** How many places a page of results has. */
export const pageful = 30;

/** How many places fit on one slip. */
export const mostPlaces = 3;

/** @returns {Wish} */
export function noWish() {
  return { q: "", service: "", public: "", care: "", fee: "", open: "", limit: pageful };
}

/**
 * The address of a search.
 * @param {Wish} wish
 */
export function searchURL(wish) {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(wish)) {
    const text = String(value).trim();
    if (text) query.set(name, text);
  }
  return "/api/places?" + query;
}

/**
 * How many filters are set, words aside.
 * @param {Wish} wish
 */
export function filters(wish) {
  return [wish.service, wish.public, wish.care, wish.fee, wish.open].filter(Boolean).length;
}

/** @param {string} text without accents and capitals */
function plain(text) {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}

/**
 * Those of the site's own list that a wish leaves: nothing is known of what they do, so
 * that they answer to words alone.
 * @param {PlaceView[]} own
 * @param {Wish} wish
 */
export function ofSite(own, wish) {
  if (filters(wish) > 0) return [];
  const words = plain(wish.q).split(/\s+/);
  return own.filter((p) => words.every((w) => plain(`${p.name} ${p.address}`).includes(w)));
}

/**
 * The line above a list of results.
 * @param {number} shown
 * @param {number} total
 */
export function resultLine(shown, total) {
  if (total === 0) return say("desk.places_none");
  if (total === 1) return say("desk.places_one");
  return total > shown ? say("desk.places_part", { n: shown, total }) : say("desk.places_many", { n: total });
}

/**
 * A distance as people say it: « 350 m », « 1,2 km »; "" when unknown.
 * @param {number|null} metres
 */
export function distance(metres) {
  if (metres === null || metres < 0) return "";
  const tens = Math.round(metres / 10) * 10;
  if (tens < 1000) return say("desk.metres", { n: tens });
  const km = metres / 1000;
  const text = km < 9.95 ? km.toFixed(1).replace(/\.0$/, "").replace(".", ",") : String(Math.round(km));
  return say("desk.kilometres", { n: text });
}

/**
 * The state of a place in one word, where there is no room for its sentence.
 * @param {OpenState} state
 */
export function openWord(state) {
  return state === "open" ? say("desk.place_open") : state === "closed" ? say("desk.place_closed") : say("desk.place_unsure");
}

/**
 * Whether it is open, as a sentence: hours that nobody can read say that they are.
 * @param {PlaceView} place
 */
export function openLine(place) {
  return place.open || openWord(place.open_state);
}

/**
 * The address on one line.
 * @param {PlaceView} place
 */
export function addressLine(place) {
  return [place.address, [place.postcode, place.town].filter(Boolean).join(" ")].filter(Boolean).join(", ");
}

/**
 * « 2026-11-25 » as people say it; what is no date stays as it is.
 * @param {string} date
 */
export function dateText(date) {
  const at = new Date(date.slice(0, 10) + "T00:00:00Z");
  return Number.isNaN(at.getTime()) ? date : new Intl.DateTimeFormat("fr", { dateStyle: "long", timeZone: "UTC" }).format(at);
}

/** @param {Choice[]} list */
export function labels(list) {
  return list.map((c) => c.label).join(", ");
}

/**
 * The number as a telephone takes it, "" when it is none.
 * @param {string} phone
 */
export function callURL(phone) {
  const digits = phone.replace(/[\s.()-]/g, "");
  return /^\+?\d{2,15}$/.test(digits) ? "tel:" + digits : "";
}

/**
 * The address of a page of the web, "" for anything else a directory may hold.
 * @param {string} site
 */
export function siteURL(site) {
  return /^https?:\/\/[^\s]+$/i.test(site) ? site : "";
}

/**
 * The places of a slip with one more or one fewer; the list itself when it is full.
 * @param {PlaceView[]} chosen
 * @param {PlaceView} place
 */
export function toggled(chosen, place) {
  if (chosen.some((p) => p.id === place.id)) return chosen.filter((p) => p.id !== place.id);
  return chosen.length < mostPlaces ? [...chosen, place] : chosen;
}

// ---- the form ----

/**
 * What the form holds: texts as typed, and what is ticked.
 * @typedef {object} Draft
 * @property {string} id "" for a new place
 * @property {string} nom
 * @property {string} adresse
 * @property {string} code_postal
 * @property {string} commune
 * @property {string} telephone
 * @property {Week|null} week the hours day by day; null when they are not that simple
 * @property {string} horaires the hours as the directory writes them
 * @property {string[]} services
 * @property {string[]} frais_a_charge
 * @property {string[]} publics_specifiquement_adresses
 * @property {string[]} prise_en_charge_specifique
 * @property {string} entitles
 * @property {string} way
 * @property {string} bring
 * @property {string[]} languages
 * @property {string} note
 * @property {string} point « 45.76, 4.95 », or ""
 */

/** @typedef {{field: string, text: string}} FieldProblem field "" is about the whole form */

/** @param {PlaceView|null} place */
export function draftOf(place) {
  /** @param {Choice[]|undefined} list */
  const keys = (list) => (list ?? []).map((c) => c.key);
  /** @type {Draft} */
  const draft = {
    id: place?.id ?? "", nom: place?.name ?? "", adresse: place?.address ?? "", code_postal: place?.postcode ?? "", commune: place?.town ?? "",
    telephone: place?.phone ?? "", week: weekOf(place?.hours ?? ""), horaires: place?.hours ?? "",
    services: keys(place?.services), frais_a_charge: keys(place?.fees), publics_specifiquement_adresses: keys(place?.publics),
    prise_en_charge_specifique: keys(place?.care), entitles: place?.entitles ?? "", way: place?.way ?? "", bring: place?.bring ?? "",
    languages: [...(place?.languages ?? [])], note: place?.note ?? "", point: place?.point ? `${place.point.lat}, ${place.point.lon}` : "",
  };
  return draft;
}

/**
 * The place as the server takes it, or what is wrong with the form. Of a place that is
 * corrected only what was changed is sent: the rest, and all that the form does not
 * show, stays as the directory has it.
 * @param {Draft} draft
 * @param {PlaceView|null} place the one that is corrected
 * @returns {{place: Record<string, unknown>, problems: FieldProblem[]}}
 */
export function placeOf(draft, place) {
  /** @type {FieldProblem[]} */
  const problems = [];
  const point = pointOf(draft.point);
  if (draft.nom.trim() === "") problems.push({ field: "nom", text: say("desk.form_needs_name") });
  if (draft.commune.trim() === "" && draft.code_postal.trim() === "" && !point) problems.push({ field: "commune", text: say("desk.form_needs_town") });
  if (draft.code_postal.trim() !== "" && !/^\d{5}$/.test(draft.code_postal.replace(/\s/g, ""))) problems.push({ field: "code_postal", text: say("desk.form_bad_postcode") });
  if (point === undefined) problems.push({ field: "point", text: say("desk.form_bad_point") });
  if (draft.week) for (const day of hoursOf(draft.week).wrong) problems.push({ field: "day:" + day, text: say("desk.form_bad_hours") });
  const now = sent(draft);
  const before = place ? sent(draftOf(place)) : {};
  const changed = Object.entries(now).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(before[name]));
  return { place: { ...(place ? { id: place.id } : {}), ...Object.fromEntries(changed) }, problems };
}

/**
 * @param {Draft} draft
 * @returns {Record<string, unknown>} by the names of the directory
 */
function sent({ id: _, week, horaires, point, ...rest }) {
  /** @type {Record<string, unknown>} */
  const out = {};
  for (const [name, value] of Object.entries(rest)) out[name] = typeof value === "string" ? value.trim() : [...value].sort();
  out.code_postal = rest.code_postal.replace(/\s/g, "");
  out.horaires = week ? hoursOf(week).text : horaires.trim();
  out.point = pointOf(point) ?? null;
  return out;
}

/**
 * Coordinates as maps give them, or as they are written here with commas; null for
 * nothing, undefined for what is no point of the Earth.
 * @param {string} text
 * @returns {Point|null|undefined}
 */
export function pointOf(text) {
  const parts = text.trim().match(/-?\d+(?:[.,]\d+)?/g) ?? [];
  if (text.trim() === "") return null;
  if (parts.length !== 2 || /[^\d.,;\s°-]/.test(text)) return undefined;
  const [lat, lon] = parts.map((p) => Number(p.replace(",", ".")));
  if (Math.abs(lat) > 90 || Math.abs(lon) > 180 || (lat === 0 && lon === 0)) return undefined;
  return { lat, lon };
}

/** The columns of the directory that a field of the form stands for. */
const columns = /** @type {Record<string, string>} */ ({ latitude: "point", longitude: "point", horaires: "hours" });

/**
 * What the server found, by field of the form; what is about no field comes first.
 * @param {{column?: string, text: string}[]} problems
 * @param {string[]} fields those that the form shows
 * @returns {FieldProblem[]}
 */
export function byField(problems, fields) {
  const all = problems.map(({ column = "", text }) => {
    const field = columns[column] ?? column;
    return fields.includes(field) ? { field, text } : { field: "", text: column && !fields.includes(field) ? `${column} : ${text}` : text };
  });
  return [...all.filter((p) => p.field === ""), ...all.filter((p) => p.field !== "")];
}

// ---- imports ----

/**
 * @typedef {object} ImportReport
 * @property {number} places
 * @property {number} left
 * @property {number} corrections
 * @property {number} gone
 * @property {string} [warning] a sentence: how many have no coordinates
 * @property {{line?: number, file?: string, column: string, value: string, text: string, done: string}[]} problems
 * @property {number} more
 */

/**
 * What came of an import, in a few sentences.
 * @param {ImportReport} report
 */
export function importLines(report) {
  const out = [some(report.places, "desk.import_places_one", "desk.import_places_many")];
  if (report.left > 0) out.push(some(report.left, "desk.import_left_one", "desk.import_left_many"));
  if (report.corrections > 0) out.push(some(report.corrections, "desk.import_kept_one", "desk.import_kept_many"));
  if (report.gone > 0) out.push(some(report.gone, "desk.import_gone_one", "desk.import_gone_many"));
  if (report.warning) out.push(report.warning);
  return out;
}

/**
 * A count in words: one, or so many.
 * @param {number} n
 * @param {string} one
 * @param {string} many
 */
export function some(n, one, many) {
  return n === 1 ? say(one) : say(many, { n });
}
