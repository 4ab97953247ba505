/**
 * @file What a desk may do now, and how a person is put in words: pure functions of the
 * view. The server decides again; this only keeps buttons honest.
 */
import { say } from "../lib/words.js";
import { elapsedText } from "../lib/time.js";

/** @import { DeskView, Row, Counts, Level, Note } from "./view.js" */

/**
 * A length of time as staff say it: « 12 min ».
 * @param {number} ms
 */
export function duration(ms) {
  return elapsedText(ms, {
    moment: () => say("desk.time_moment"),
    minutes: (n) => (n === 1 ? say("desk.time_minute") : say("desk.time_minutes", { n })),
    hours: (h, m) => (m === 0 ? say("desk.time_hours", { h }) : say("desk.time_hours_minutes", { h, m: String(m).padStart(2, "0") })),
  });
}

/**
 * True while a permanence runs, paused or not.
 * @param {DeskView} view
 */
export function running(view) {
  return view.permanence.status === "open" || view.permanence.status === "paused";
}

/**
 * Which of the desk's own actions make sense.
 * @param {DeskView} view
 * @param {number} now the server's time in ms
 */
export function can(view, now) {
  const on = running(view);
  const open = view.permanence.status === "open";
  const state = on && view.mine ? view.mine.state : "";
  const here = state === "called" || state === "serving";
  return {
    next: open && !view.mine && view.call_next !== null,
    call: open && !view.mine,
    done: here,
    notReceived: on,
    recall: open && state === "called" && recallIn(view.mine, now) === 0,
    start: state === "called",
    together: here,
    hold: here,
    absent: state === "called",
    handOver: here,
    pause: open,
    resume: view.permanence.status === "paused",
    undo: undoIn(view, now) > 0,
  };
}

/**
 * Whole seconds before a person may be called again; 0 when now is fine.
 * @param {Row|null} row
 * @param {number} now
 */
export function recallIn(row, now) {
  return row ? seconds(row.recall_ms - now) : 0;
}

/**
 * Whole seconds during which the last action can be taken back.
 * @param {DeskView} view
 * @param {number} now
 */
export function undoIn(view, now) {
  return view.undo ? seconds(view.undo.until_ms - now) : 0;
}

/** @param {number} ms */
function seconds(ms) {
  return Math.max(0, Math.ceil(ms / 1000));
}

/**
 * Why « Suivant » cannot be pressed, or whom it will call.
 * @param {DeskView} view
 */
export function nextHint(view) {
  if (view.permanence.status === "paused") return say("desk.next_paused");
  if (view.mine) return say("desk.next_busy", { n: view.mine.number });
  if (view.call_next) return say("desk.next_who", { n: view.call_next.number });
  return view.waiting.length > 0 ? say("desk.next_other") : say("desk.next_nobody");
}

/** @param {Row} row */
export function motifs(row) {
  return row.motifs.length > 0 ? row.motifs.join(" + ") : say("desk.no_motif");
}

/**
 * What is worth knowing about a person besides number, motif and time, in the order
 * staff need it. Each mark is a word, never a colour alone.
 * @param {Row} row
 * @param {number} now
 * @returns {{key: string, text: string}[]}
 */
export function marks(row, now) {
  const out = [];
  if (row.priority) out.push({ key: "priority", text: say("desk.mark_priority") });
  if (row.state === "held" && row.reason) out.push({ key: "reason", text: row.reason });
  if (row.state === "away") out.push({ key: "away", text: backIn(row, now) });
  if (row.delayed) out.push({ key: "delayed", text: say("desk.delayed") });
  if (row.need) out.push({ key: "need", text: row.need });
  if (row.for_other) out.push({ key: "for_other", text: say("desk.mark_for_other") });
  if (row.lang) out.push({ key: "lang", text: row.lang });
  if (row.state === "done" && row.outcome) out.push({ key: "outcome", text: row.outcome });
  if (row.state !== "done" && row.paper === "unprinted") out.push({ key: "paper", text: say("desk.mark_unprinted") });
  if (row.state !== "done" && row.paper === "unknown") out.push({ key: "paper", text: say("desk.mark_paper_unknown") });
  if (row.inaccurate) out.push({ key: "inaccurate", text: say("desk.mark_inaccurate") });
  if (row.told) out.push({ key: "told", text: row.told });
  return out;
}

/**
 * How long the person at this desk may stay, and whether that time is over: advice.
 * @param {DeskView} view
 * @param {number} now
 * @returns {{over: boolean, text: string}|null}
 */
export function slotLine(view, now) {
  if (!view.slot || !view.mine) return null;
  const over = now >= view.slot.until_ms;
  return { over, text: over ? view.slot.over : view.slot.text };
}

/**
 * What the person at the desk wanted the team to know, in the order of use.
 * @param {Note} note
 * @returns {{key: string, text: string}[]}
 */
export function noteLines(note) {
  const out = [];
  if (note.self) {
    out.push({ key: "self", text: note.self.label });
    if (note.self.incomplete) out.push({ key: "incomplete", text: say("desk.note_incomplete") });
  }
  if (note.advice) out.push({ key: "advice", text: note.advice });
  if (note.freins.length > 0) out.push({ key: "freins", text: say("desk.note_freins", { list: note.freins.join(" · ") }) });
  if (note.materials.length > 0) out.push({ key: "materials", text: say("desk.note_materials", { list: note.materials.join(" · ") }) });
  return out;
}

/**
 * How the mediator may see it, from the most help to the least.
 * @returns {{key: Level, label: string}[]}
 */
export function levels() {
  return [
    { key: "remote", label: say("desk.see_remote") },
    { key: "accompanied", label: say("desk.see_accompanied") },
    { key: "autonomous", label: say("desk.see_autonomous") },
  ];
}

/**
 * When a person who stepped out is back. A length of time needs no time zone.
 * @param {Row} row
 * @param {number} now
 */
function backIn(row, now) {
  if (!row.until_ms) return say("desk.away");
  const ms = row.until_ms - now;
  return ms > 0 ? say("desk.away_back_in", { time: duration(ms) }) : say("desk.away_due");
}

/**
 * The line under the number of the person at this desk.
 * @param {Row} row
 * @param {number} now
 */
export function stateLine(row, now) {
  const ms = now - row.since_ms;
  const time = duration(ms);
  const just = ms < 60_000;
  if (row.state === "serving") {
    const line = just ? say("desk.serving_now") : say("desk.serving_since", { time });
    return row.roles.length > 1 ? say("desk.serving_together", { line, who: row.roles.join(" + ") }) : line;
  }
  if (row.calls > 1) return just ? say("desk.recalled_now", { n: row.calls }) : say("desk.recalled_since", { n: row.calls, time });
  return just ? say("desk.called_now") : say("desk.called_since", { time });
}

/**
 * How long somebody waiting has been here, otherwise how long ago their state began.
 * @param {Row} row
 * @param {number} now
 */
export function wait(row, now) {
  const ms = now - (row.state === "waiting" ? row.arrived_ms : row.since_ms);
  const time = duration(ms);
  return row.state === "done" && ms >= 60_000 ? say("desk.ago", { time }) : time;
}

/**
 * The order that brings a person back into the list, and its words: short on the row,
 * whole in the sheet; null when there is nothing to come back from.
 * @param {Row} row
 * @returns {{do: "return"|"came_back", short: string, label: string, hint: string}|null}
 */
export function wayBack(row) {
  if (row.state === "held") return { do: "return", short: say("desk.return_short"), label: say("desk.return"), hint: say("desk.return_hint") };
  if (row.state === "away") return { do: "return", short: say("desk.came_back_short"), label: say("desk.came_back"), hint: "" };
  if (row.can_return) return { do: "came_back", short: say("desk.came_back_short"), label: say("desk.came_back"), hint: say("desk.came_back_hint") };
  return null;
}

/** @param {DeskView} view */
export function waitingTitle(view) {
  const n = Math.max(view.waiting_total, view.waiting.length);
  if (n === 0) return say("desk.waiting_none");
  return n === 1 ? say("desk.waiting_one") : say("desk.waiting_many", { n });
}

/**
 * The lists under the person at the desk, in the order staff look at them. The waiting
 * list keeps the server's order, which is the order of calls.
 * @param {DeskView} view
 */
export function groups(view) {
  return [
    { key: "waiting", title: waitingTitle(view), rows: view.waiting, more: Math.max(0, view.waiting_total - view.waiting.length) },
    { key: "held", title: say("desk.list_held"), rows: byTime(view.held, (r) => r.since_ms), more: 0 },
    { key: "away", title: say("desk.list_away"), rows: byTime(view.away, (r) => r.until_ms || Infinity), more: 0 },
    { key: "resting", title: say("desk.list_resting"), rows: byTime(view.resting, (r) => r.since_ms), more: 0 },
  ];
}

/**
 * Those whose visit ended, the latest first.
 * @param {DeskView} view
 */
export function ended(view) {
  return byTime(view.ended, (r) => -r.since_ms);
}

/**
 * @param {Row[]} rows
 * @param {(row: Row) => number} time
 */
function byTime(rows, time) {
  return [...rows].sort((a, b) => {
    const x = time(a), y = time(b);
    return x === y ? a.number - b.number : x < y ? -1 : 1;
  });
}

/**
 * The row of a visit wherever it now is, or null once the server shows it no more.
 * @param {DeskView} view
 * @param {string} id
 * @returns {Row|null}
 */
export function find(view, id) {
  return everybody(view).find((row) => row.id === id) ?? null;
}

/**
 * Everybody of the view, those at a desk first, each once.
 * @param {DeskView} view
 * @returns {Row[]}
 */
function everybody(view) {
  const at = view.desks.map((d) => d.row);
  /** @type {Map<string, Row>} */
  const seen = new Map();
  for (const row of [view.mine, ...at, ...view.waiting, ...view.held, ...view.away, ...view.resting, ...view.ended]) {
    if (row && !seen.has(row.id)) seen.set(row.id, row);
  }
  return [...seen.values()];
}

/**
 * What closing has to ask. `people` are those still here, in the order of their numbers;
 * `rest` is what one tap makes of them all: a permanence that was left open cannot know
 * that they went home.
 * @param {DeskView} view
 * @returns {{people: Row[], unseen: number, rest: "left"|"unresolved"}}
 */
export function closing(view) {
  const people = everybody(view).filter((row) => row.state !== "done").sort((a, b) => a.number - b.number);
  return {
    people,
    unseen: Math.max(0, view.counts.here - people.length),
    rest: view.permanence.stale ? "unresolved" : "left",
  };
}

/**
 * Whether somebody is called or served at another desk than this one.
 * @param {DeskView} view
 * @param {Row} row
 */
export function elsewhere(view, row) {
  return (row.state === "called" || row.state === "serving") && row.id !== view.mine?.id;
}

/**
 * Whether the numbers of the day add up: nobody is lost.
 * @param {Counts} c
 */
export function addsUp(c) {
  return c.issued === c.served + c.no_show + c.left + c.cancelled + c.misrouted + c.oriented + c.unresolved + c.here;
}

/**
 * The counts of the day as lines of a table.
 * @param {Counts} c
 * @returns {{key: string, label: string, n: number}[]}
 */
export function countLines(c) {
  return [
    { key: "issued", label: say("desk.count_issued"), n: c.issued },
    { key: "served", label: say("desk.count_served"), n: c.served },
    { key: "no_show", label: say("desk.count_no_show"), n: c.no_show },
    { key: "left", label: say("desk.count_left"), n: c.left },
    { key: "cancelled", label: say("desk.count_cancelled"), n: c.cancelled },
    { key: "misrouted", label: say("desk.count_misrouted"), n: c.misrouted },
    { key: "oriented", label: say("desk.count_oriented"), n: c.oriented },
    { key: "unresolved", label: say("desk.count_unresolved"), n: c.unresolved },
    { key: "here", label: say("desk.count_here"), n: c.here },
    { key: "turned_away", label: say("desk.count_turned_away"), n: c.turned_away },
  ].filter((line) => line.n > 0 || line.key === "issued" || line.key === "served");
}

/**
 * The lines of a closing report. One without a value is the heading of those after it;
 * two parts may use the same word, so a line is known by its place as well.
 * @param {[string, string][]} lines
 * @returns {{key: string, label: string, value: string, heading: boolean}[]}
 */
export function reportLines(lines) {
  return lines.map(([label, value], i) => ({ key: `${i} ${value === "" ? "part" : "line"}`, label, value, heading: value === "" }));
}

/**
 * What stands in the way of the day, the gravest first: the server's banners, then
 * devices that are not well.
 * @param {DeskView} view
 * @returns {import("./view.js").Banner[]}
 */
export function banners(view) {
  const sick = view.devices.filter((d) => !d.ok)
    .map((d) => ({ key: "device:" + d.key, level: /** @type {const} */ ("warn"), text: d.text, actions: [] }));
  return gravest([...view.banners, ...sick]);
}

/**
 * Bars with the gravest first, and those that are as grave in their order: a phone
 * shows two of them.
 * @param {import("./view.js").Banner[]} bars
 */
export function gravest(bars) {
  /** @type {Record<string, number>} */
  const rank = { alert: 0, warn: 1, info: 2 };
  return [...bars].sort((a, b) => rank[a.level] - rank[b.level]);
}

/**
 * What a key of the keyboard does, or "" for nothing: held down, with a modifier, or
 * typed into a field it means something else.
 * @param {{key: string, repeat?: boolean, ctrlKey?: boolean, altKey?: boolean, metaKey?: boolean}} event
 * @returns {""|"next"|"done"|"recall"|"undo"|"pause"|"keys"}
 */
export function shortcut(event) {
  if (event.repeat || event.ctrlKey || event.altKey || event.metaKey) return "";
  switch (event.key.toLowerCase()) {
    case "n": return "next";
    case "t": return "done";
    case "r": return "recall";
    case "u": return "undo";
    case "p": return "pause";
    case "?": return "keys";
    default: return "";
  }
}

/** What of the kiosk's control bar serves a person sitting at a desk. */
const INTAKE_CONTROLS = ["back", "restart"];

/**
 * The buttons of a kiosk screen as a desk shows them.
 * @param {import("./view.js").KioskView} view
 */
export function intakeButtons(view) {
  /** @param {{key: string, label: string, sub?: string, picto?: string, selected?: boolean, lang?: string, dir?: string, enabled?: boolean}} b */
  const button = (b) => ({
    key: b.key, label: b.label, sub: b.sub ?? "", picto: b.picto, selected: b.selected || undefined,
    lang: b.lang, dir: b.dir, enabled: b.enabled !== false,
  });
  return {
    choices: [...view.choices, ...(view.skip ? [view.skip] : []), ...(view.toggle ? [view.toggle] : [])].map(button),
    controls: view.controls.filter((c) => INTAKE_CONTROLS.includes(c.key)).map(button),
  };
}
