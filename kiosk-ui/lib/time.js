// Times of a view are the server's. A page never reads its own calendar: it
// adds what its monotonic clock has counted since the view came, at the
// server's speed.

/**
 * @param {{now_ms: number, speed?: number}} view
 * @param {number} received performance.now() when the view came
 * @returns {(now?: number) => number} the server's time in ms since 1970
 */
export function serverClock(view, received) {
  const speed = view.speed && view.speed > 0 ? view.speed : 1;
  return (now = performance.now()) => view.now_ms + Math.max(0, now - received) * speed;
}

/**
 * What an elapsed time is told with; each gets whole numbers.
 * @typedef {object} Formatter
 * @property {() => string} moment less than a minute
 * @property {(minutes: number) => string} minutes 1 to 59
 * @property {(hours: number, minutes: number) => string} hours
 */

/**
 * @param {number} ms elapsed; below zero counts as zero
 * @param {Formatter} formatter
 */
export function elapsedText(ms, formatter) {
  const minutes = Math.floor(Math.max(0, ms) / 60_000);
  if (minutes < 1) return formatter.moment();
  if (minutes < 60) return formatter.minutes(minutes);
  return formatter.hours(Math.floor(minutes / 60), minutes % 60);
}

/**
 * How a countdown stands.
 * @param {{seconds: number, until_ms: number}} countdown
 * @param {number} now the server's time
 * @returns {{left: number, part: number, urgent: boolean}} whole seconds left,
 *   the part of the time left (1 to 0), and whether the second half has begun
 */
export function countdownAt(countdown, now) {
  const ms = Math.max(0, countdown.until_ms - now);
  const whole = Math.max(1, countdown.seconds * 1000);
  const part = Math.min(1, ms / whole);
  return { left: Math.ceil(ms / 1000), part, urgent: part <= 0.5 };
}
