// A stream is the newest view of a surface: the server sends whole views, the
// page draws the last one. There is nothing to resume and nothing to merge.
//
// It promises that an older view never replaces a newer one, that a silent or
// lost server is noticed and told, and that it comes back by itself.

/** How long a connection may stay silent (ms). The server speaks every 10 s. */
export const silenceLimit = 15_000;

/** A loss shorter than this (ms) is not shown: a restart of the box takes less. */
export const grace = 1_000;

/**
 * The pause before connection attempt n (ms): 0.25 s growing to 5 s, each
 * halved at most by chance so that many pages do not come back at once.
 * @param {number} attempt 0 for the first
 * @param {number} random from 0 up to but without 1
 */
export function pauseBefore(attempt, random) {
  const whole = Math.min(5_000, 250 * 2 ** Math.min(attempt, 10));
  return Math.round(whole / 2 + (whole / 2) * random);
}

/**
 * What may be drawn: a message newer than all before it on its connection.
 * A new connection starts anew, because a restarted server counts from one.
 */
export class Newest {
  #seq = -1;

  /**
   * @param {unknown} message
   * @returns {boolean} whether it is a view to draw
   */
  take(message) {
    const seq = /** @type {{seq?: unknown} | null} */ (message)?.seq;
    if (typeof seq !== "number" || seq <= this.#seq) return false;
    this.#seq = seq;
    return true;
  }
}

/**
 * The world a stream lives in; a test gives its own.
 * @typedef {object} World
 * @property {(url: string) => WebSocket} open
 * @property {() => number} now monotonic ms
 * @property {() => number} random
 * @property {(run: () => void, ms: number) => any} later
 * @property {(timer: any) => void} forget
 * @property {(run: () => void) => void} painted calls once what is drawn now is on the screen
 */

/** @type {World} */
const browser = {
  open: (url) => new WebSocket(url),
  now: () => performance.now(),
  random: Math.random,
  later: (run, ms) => setTimeout(run, ms),
  forget: (timer) => clearTimeout(timer),
  // The first frame is about to be painted, at the second one it has been.
  painted: (run) => requestAnimationFrame(() => requestAnimationFrame(run)),
};

/**
 * Follows the views of one address until closed.
 * @template View
 * @param {object} options
 * @param {string} options.url "/ws/kiosk", or a whole ws: address
 * @param {(view: View, received: number) => void} options.view called with each
 *   newer view and the performance.now() at which it came
 * @param {string} [options.hello] what is said first on each connection
 * @param {string} [options.beat] what is said whenever the server has spoken and the page
 *   has been painted since: a page that stands still says nothing
 * @param {(since: number) => void} [options.lost] the server was last heard at
 *   `since`; called once per loss
 * @param {() => void} [options.found] the server is heard again after a loss
 * @param {World} [world]
 * @returns {{again: () => void, close: () => void}} again asks for the newest view at
 *   once: a page that was out of sight may have slept, and its connection with it
 */
export function openStream({ url, view: draw, hello, beat, lost, found }, world = browser) {
  /** @type {WebSocket | null} */
  let socket = null;
  let newest = new Newest();
  let attempt = 0;
  let heard = world.now();
  let told = false;
  let ended = false;
  /** @type {any} */
  let silence;
  /** @type {any} */
  let retry;
  /** @type {any} */
  let telling;

  const alive = () => {
    heard = world.now();
    attempt = 0;
    world.forget(silence);
    world.forget(telling);
    telling = undefined;
    silence = world.later(drop, silenceLimit);
    if (told) {
      told = false;
      found?.();
    }
  };

  const tell = () => {
    telling = undefined;
    told = true;
    lost?.(heard);
  };

  /** Gives the connection up and asks for another one. */
  const drop = () => {
    world.forget(silence);
    const old = socket;
    socket = null; // before close(): what the old one still says is not heard
    old?.close();
    if (ended) return;
    if (!told && telling === undefined) {
      telling = world.later(tell, Math.max(0, grace - (world.now() - heard)));
    }
    world.forget(retry);
    retry = world.later(connect, pauseBefore(attempt++, world.random()));
  };

  const connect = () => {
    /** @type {WebSocket} */
    let mine;
    try {
      mine = world.open(absolute(url));
    } catch {
      drop();
      return;
    }
    socket = mine;
    newest = new Newest();
    // A connection that opens but never speaks, or never opens, is silent too.
    world.forget(silence);
    silence = world.later(drop, silenceLimit);
    if (hello !== undefined) mine.onopen = () => mine.send(hello);
    mine.onmessage = (event) => {
      if (socket !== mine) return;
      const message = parse(event.data);
      if (message === undefined) return;
      alive();
      if (newest.take(message)) draw(/** @type {View} */ (message), world.now());
      if (beat !== undefined) world.painted(() => socket === mine && mine.send(beat));
    };
    mine.onclose = mine.onerror = () => {
      if (socket === mine) drop();
    };
  };

  connect();
  return {
    again() {
      if (ended) return;
      attempt = 0;
      drop();
      // It has slept for as long as it was out of sight: that is no loss yet.
      world.forget(telling);
      telling = told ? undefined : world.later(tell, grace);
      world.forget(retry);
      connect();
    },
    close() {
      ended = true;
      for (const timer of [silence, retry, telling]) world.forget(timer);
      const old = socket;
      socket = null;
      old?.close();
    },
  };
}

/** @param {unknown} data @returns {unknown} undefined when it is not JSON */
function parse(data) {
  try {
    return JSON.parse(String(data));
  } catch {
    return undefined;
  }
}

/** @param {string} url */
function absolute(url) {
  if (!url.startsWith("/")) return url;
  return location.origin.replace(/^http/, "ws") + url;
}
