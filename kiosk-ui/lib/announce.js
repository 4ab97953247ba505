// The announcements of the hall: which calls are new, and which one is spoken
// next. All functions are pure; run is the few lines that touch a loudspeaker.
//
// It promises that no call is dropped, that two calls of one view are both
// heard, that recalls of one number still waiting to be heard make one
// announcement, and that one that fails or hangs never mutes the next. A page
// that lost the box for a while announces who is still awaited, and one that is
// loaded again does not repeat what it has said.

/**
 * @typedef {object} Call
 * @property {string} call another at each call and recall, of every permanence
 * @property {number} number
 * @property {string} desk
 * @property {number} at_ms the server's time
 * @property {number} times
 * @property {boolean} current the person is still awaited at that desk
 */

/**
 * @typedef {object} Announcements
 * @property {readonly Call[]} queue first is next
 * @property {Call | null} playing
 * @property {number} started when playing began (the page's monotonic ms)
 * @property {readonly string[] | null} seen the calls already taken in, newest last;
 *   null before the first view
 */

/** To a page that has just been opened, a call older than this (server ms) is history. */
export const freshFor = 30_000;

/** One announcement may last this long (ms); then the next one has its turn. */
export const longest = 20_000;

/** So many calls are remembered; a view shows six at most. */
const memory = 200;

/** @type {Announcements} */
export const silent = { queue: [], playing: null, started: 0, seen: null };

/**
 * Takes in the calls of a view.
 * @param {Announcements} state
 * @param {readonly Call[]} calls newest first
 * @param {number} now the server's time
 * @returns {{state: Announcements, fresh: Call[]}} fresh: the calls to make
 *   flash, oldest first
 */
export function look(state, calls, now) {
  const known = new Set(state.seen);
  const unseen = calls.filter((c) => !known.has(c.call)).reverse();
  // What came while the box was not reached is news as long as somebody is awaited.
  const fresh = unseen.filter((c) => now - c.at_ms < freshFor || (state.seen !== null && c.current));
  let queue = state.queue;
  for (const call of fresh) {
    const same = queue.findIndex((c) => c.number === call.number);
    queue = same < 0 ? [...queue, call] : queue.map((c, i) => (i === same ? call : c));
  }
  const shown = calls.map((c) => c.call).reverse(); // last: what is on the board is never forgotten
  const seen = [...[...known].filter((call) => !shown.includes(call)), ...shown].slice(-memory);
  return { state: { ...state, queue, seen }, fresh };
}

/**
 * What to announce now, if anything.
 * @param {Announcements} state
 * @param {number} now the page's monotonic ms
 * @returns {{state: Announcements, play: Call | null}}
 */
export function next(state, now) {
  if (state.playing && now - state.started < longest) return { state, play: null };
  const [play = null, ...queue] = state.queue;
  if (!play && !state.playing) return { state, play: null };
  return { state: { ...state, queue, playing: play, started: now }, play };
}

/**
 * An announcement has ended, well or badly. One that was given up is ignored.
 * @param {Announcements} state
 * @param {string} call
 * @returns {Announcements}
 */
export function finished(state, call) {
  return state.playing?.call === call ? { ...state, playing: null } : state;
}

/**
 * Speaks what look found new, one call at a time.
 * @param {(call: Call) => Promise<void>} speak
 * @param {{now: () => number, later: (run: () => void, ms: number) => unknown}} [world]
 * @param {Pick<Storage, "getItem" | "setItem"> | null} [kept] what this page knew before
 *   it was loaded again
 * @returns {(calls: readonly Call[], now: number, aloud: boolean) => Call[]}
 *   takes the calls of a view and returns the fresh ones
 */
export function announcer(
  speak,
  world = { now: () => performance.now(), later: (run, ms) => setTimeout(run, ms) },
  kept = null,
) {
  /** @type {Announcements} */
  let state = { ...silent, seen: recalled(kept) };
  let noted = "";
  /** Notes what need not be said again: what still waits for its turn is not among it. */
  const note = () => {
    const waiting = state.queue.map((c) => c.call);
    const text = JSON.stringify((state.seen ?? []).filter((call) => !waiting.includes(call)));
    if (text !== noted) remember(kept, text);
    noted = text;
  };
  const turn = () => {
    const step = next(state, world.now());
    state = step.state;
    note();
    const play = step.play;
    if (!play) return;
    const end = () => {
      state = finished(state, play.call);
      turn();
    };
    world.later(turn, longest); // if it hangs
    new Promise((done) => done(speak(play))).then(end, end);
  };
  return (calls, now, aloud) => {
    const before = state.queue;
    const step = look(state, calls, now);
    // A hall that may not speak shows all the same, and does not catch up later.
    state = aloud ? step.state : { ...step.state, queue: before };
    turn();
    return step.fresh;
  };
}

const place = "jeudi.calls";

/**
 * @param {Pick<Storage, "getItem" | "setItem"> | null} kept
 * @returns {string[] | null} null when this page was never open before
 */
function recalled(kept) {
  try {
    const list = JSON.parse(kept?.getItem(place) ?? "null");
    return Array.isArray(list) ? list.filter((m) => typeof m === "string").slice(-memory) : null;
  } catch {
    return null; // a browser that keeps nothing
  }
}

/**
 * @param {Pick<Storage, "getItem" | "setItem"> | null} kept
 * @param {string} text
 */
function remember(kept, text) {
  try {
    kept?.setItem(place, text);
  } catch {
    // the same
  }
}
