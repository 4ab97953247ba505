// The announcements of the hall: which calls are new, and which one is spoken
// next. All functions are pure; run is the few lines that touch a loudspeaker.
//
// It promises that no call is dropped, that two calls of one view are both
// heard, that recalls of one number still waiting to be heard make one
// announcement, and that one that fails or hangs never mutes the next.

/**
 * @typedef {object} Call
 * @property {string} call changes at each call and each recall
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
 * @property {readonly string[]} seen ids already taken in, newest last
 */

/** A call older than this (server ms) is history, not news. */
export const freshFor = 30_000;

/** One announcement may last this long (ms); then the next one has its turn. */
export const longest = 20_000;

/** So many ids are remembered; a view shows six calls at most. */
const memory = 200;

/** @type {Announcements} */
export const silent = { queue: [], playing: null, started: 0, seen: [] };

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
  const fresh = unseen.filter((c) => now - c.at_ms < freshFor);
  let queue = state.queue;
  for (const call of fresh) {
    const same = queue.findIndex((c) => c.number === call.number);
    queue = same < 0 ? [...queue, call] : queue.map((c, i) => (i === same ? call : c));
  }
  const seen = [...state.seen, ...unseen.map((c) => c.call)].slice(-memory);
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
 * @returns {(calls: readonly Call[], now: number, aloud: boolean) => Call[]}
 *   takes the calls of a view and returns the fresh ones
 */
export function announcer(
  speak,
  world = { now: () => performance.now(), later: (run, ms) => setTimeout(run, ms) },
) {
  let state = silent;
  const turn = () => {
    const step = next(state, world.now());
    state = step.state;
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
