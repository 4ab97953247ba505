/**
 * @file What the hall shows, as values: which calls are large, which are history, what
 * is said when there are none. Pure. The view holds no motif, so none can be shown.
 */
/** @import { Call } from "../lib/announce.js" */
/** @import { HallView } from "../lib/views.js" */

/** So many calls may be large at once: as many as a view holds. */
export const most = 6;

/** So many older calls are shown beneath. */
export const memory = 4;

/**
 * What the middle of the screen is for. A pause, or a box that was cut, takes nobody's
 * call away.
 * @param {HallView} view
 * @returns {"calls"|"welcome"|"paused"|"message"}
 */
export function scene(view) {
  if (view.status !== "open" && view.status !== "paused") return "message";
  if (view.calls.some((c) => c.current)) return "calls";
  return view.status === "paused" ? "paused" : "welcome";
}

/** A call flashes for so long (ms), and one is heard in so long: two notes and its words. */
export const flashes = 12_000;
export const heard = 6_000;

/**
 * When calls stop flashing. Several at once are heard one after the other, and each
 * goes on flashing until it has been.
 * @param {number} now any monotonic ms
 * @param {number} free when the loudspeaker is, as an earlier answer told
 * @param {number} n calls, oldest first
 * @returns {{until: number[], free: number}}
 */
export function flash(now, free, n) {
  const begins = Array.from({ length: n }, (_, i) => Math.max(now, free) + i * heard);
  return { until: begins.map((at) => at + flashes), free: Math.max(now, free) + n * heard };
}

/**
 * The calls to show large and those beneath. A number called again stands once, at its
 * newest call. Large are those still awaited at a desk, and nobody else: a person who
 * reads their number large must be right to get up.
 * @param {readonly Call[]} calls newest first
 * @returns {{large: Call[], past: Call[]}} newest first
 */
export function board(calls) {
  /** @type {Call[]} */
  const each = [];
  for (const call of calls) {
    if (!each.some((c) => c.number === call.number)) each.push(call);
  }
  const large = each.filter((c) => c.current).slice(0, most);
  return { large, past: each.filter((c) => !large.includes(c)).slice(0, memory) };
}

/**
 * How long a desk's name is, so that it can be written as large as it fits.
 * @param {string} desk
 * @returns {"short"|"medium"|"long"}
 */
export function length(desk) {
  const n = [...desk].length;
  return n <= 10 ? "short" : n <= 18 ? "medium" : "long";
}
