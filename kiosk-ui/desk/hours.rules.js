/**
 * @file Opening hours as people write them, day by day, and as the directory keeps them,
 * in the syntax of OpenStreetMap. Only what a week of days can say is translated; weeks,
 * months and comments stay as they are, in one field.
 */

/**
 * The seven days from Monday, as typed: « 9h-12h, 14h-17h30 », "" for closed. `holidays`
 * is whether the hours say that it is closed on public holidays.
 * @typedef {{days: string[], holidays: boolean}} Week
 */

const names = ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"];

/**
 * The hours of the directory day by day; null when a week of days cannot say them.
 * @param {string} text
 * @returns {Week|null}
 */
export function weekOf(text) {
  /** @type {string[]} */
  const days = Array(7).fill("");
  let holidays = false;
  for (const rule of text.split(";").map((r) => r.trim()).filter(Boolean)) {
    if (/^PH\s+(off|closed)$/i.test(rule)) {
      holidays = true;
      continue;
    }
    const [, which, what] = rule.match(/^((?:(?:Mo|Tu|We|Th|Fr|Sa|Su)[\s,-]*)+)\s+(\S.*)$/) ?? [];
    const chosen = which && daysOf(which.replace(/\s/g, ""));
    if (!chosen) return null;
    const times = /^(off|closed)$/i.test(what) ? "" : spansOf(what.replace(/\s/g, ""));
    if (times === null) return null;
    for (const day of chosen) days[day] = times; // a later rule overrides an earlier one
  }
  return { days, holidays };
}

/**
 * @param {string} text « Mo-We,Fr »
 * @returns {number[]|null}
 */
function daysOf(text) {
  /** @type {number[]} */
  const out = [];
  for (const part of text.split(",")) {
    const [from, to = from, more] = part.split("-").map((d) => names.indexOf(d));
    if (more !== undefined || from < 0 || to < 0) return null;
    for (let day = from; ; day = (day + 1) % 7) {
      out.push(day);
      if (day === to) break;
    }
  }
  return out;
}

/**
 * @param {string} text « 09:00-12:00,14:00-17:30 »
 * @returns {string|null} as people write it
 */
function spansOf(text) {
  /** @type {string[]} */
  const out = [];
  for (const span of text.split(",")) {
    const [, h1, m1, h2, m2] = span.match(/^(\d\d?):(\d\d)-(\d\d?):(\d\d)$/) ?? [];
    if (h1 === undefined || minutes(h1, m1) === null || minutes(h2, m2) === null) return null;
    if (/** @type {number} */ (minutes(h1, m1)) >= /** @type {number} */ (minutes(h2, m2))) return null; // past midnight
    out.push(`${spoken(h1, m1)}-${spoken(h2, m2)}`);
  }
  return out.join(", ");
}

/**
 * @param {string} h
 * @param {string} m
 */
function spoken(h, m) {
  return `${Number(h)}h${m === "00" ? "" : m}`;
}

/**
 * @param {string} h
 * @param {string} [m]
 */
function minutes(h, m = "") {
  const [hour, minute] = [Number(h), Number(m || 0)];
  return hour > 24 || minute > 59 || (hour === 24 && minute > 0) ? null : hour * 60 + minute;
}

/**
 * What the directory keeps of a week: days that are alike together, in their order.
 * `wrong` are the days (0 is Monday) that nobody could read.
 * @param {Week} week
 * @returns {{text: string, wrong: number[]}}
 */
export function hoursOf(week) {
  /** @type {number[]} */
  const wrong = [];
  const read = week.days.map((text, day) => {
    const spans = typed(text);
    if (spans === null) wrong.push(day);
    return spans ?? "";
  });
  /** @type {string[]} */
  const rules = [];
  const done = new Set();
  for (let day = 0; day < 7; day++) {
    if (read[day] === "" || done.has(day)) continue;
    const same = read.flatMap((spans, d) => (d >= day && spans === read[day] ? [d] : []));
    for (const d of same) done.add(d);
    rules.push(`${together(same)} ${read[day]}`);
  }
  if (week.holidays && rules.length > 0) rules.push("PH off");
  return { text: rules.join("; "), wrong };
}

/**
 * Days in their order as « Mo-We,Fr ».
 * @param {number[]} days
 */
function together(days) {
  /** @type {string[]} */
  const parts = [];
  for (let i = 0; i < days.length; ) {
    let j = i;
    while (j + 1 < days.length && days[j + 1] === days[j] + 1) j++;
    if (j - i >= 2) parts.push(`${names[days[i]]}-${names[days[j]]}`);
    else for (let k = i; k <= j; k++) parts.push(names[days[k]]);
    i = j + 1;
  }
  return parts.join(",");
}

/**
 * What somebody typed for a day: « 9h-12h, 14h à 17h30 », « 09:00–12:00 et 14:00–17:30 »;
 * "" and « fermé » are closed. null when it cannot be read.
 * @param {string} text
 * @returns {string|null} as the directory writes it
 */
function typed(text) {
  const plain = text.trim().toLowerCase();
  if (plain === "" || /^ferm[ée]e?$/.test(plain)) return "";
  /** @type {[number, number][]} */
  const spans = [];
  for (const part of plain.split(/\s*(?:,|;|\/|\bet\b)\s*/)) {
    const [, h1, m1, h2, m2] = part.match(/^(?:de\s+)?(\d\d?)\s*(?:h|:)?\s*(\d\d)?\s*(?:-|–|—|à)\s*(\d\d?)\s*(?:h|:)?\s*(\d\d)?$/) ?? [];
    const from = h1 === undefined ? null : minutes(h1, m1);
    const to = h2 === undefined ? null : minutes(h2, m2);
    if (from === null || to === null || from >= to || (spans.length > 0 && from < spans[spans.length - 1][1])) return null;
    spans.push([from, to]);
  }
  return spans.map(([from, to]) => `${clock(from)}-${clock(to)}`).join(",");
}

/** @param {number} m minutes since midnight */
function clock(m) {
  return `${String(Math.floor(m / 60)).padStart(2, "0")}:${String(m % 60).padStart(2, "0")}`;
}
