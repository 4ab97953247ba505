// What the page of a ticket shows and when it rings, as values. Pure.

/**
 * A line of the slip.
 * @typedef {{kind: "title" | "place" | "label" | "text", text: string, tag: string, dir: string}} Line
 */

/**
 * All that the box tells of a ticket.
 * @typedef {object} PhoneTicket
 * @property {number} seq
 * @property {string} lang as the catalogue calls it
 * @property {string} tag
 * @property {string} dir
 * @property {string} place
 * @property {string} test what says that staff practise, or ""
 * @property {"waiting" | "paused" | "called" | "serving" | "held" | "missed" | "done" | "gone"} state
 * @property {number} number
 * @property {string} desk
 * @property {string} call "0" unless called; another at each call
 * @property {string} text
 * @property {string[]} wait
 * @property {Line[]} slip
 */

/**
 * The capability in the address, "" without one. It stands behind the #, so that no
 * browser sends it anywhere.
 * @param {string} hash
 */
export const capability = (hash) => (/^#[\w-]{22}$/.test(hash) ? hash.slice(1) : "");

/**
 * Whether a view rings: once for each call, however late it comes, for the person is
 * still awaited.
 * @param {string} rung the call that rang last
 * @param {PhoneTicket} view
 * @returns {{ring: boolean, rung: string}}
 */
export function rings(rung, view) {
  const ring = view.state === "called" && view.call !== "0" && view.call !== rung;
  return { ring, rung: ring ? view.call : rung };
}

/**
 * The slip to show: the newest that came. The box forgets it when the visit ends;
 * the page keeps it as long as it is open, for it is the visitor's own.
 * @param {readonly Line[]} before
 * @param {PhoneTicket} view
 * @returns {readonly Line[]}
 */
export const slipOf = (before, view) => (view.slip.length > 0 ? view.slip : before);

/**
 * The view to draw. The box forgets everybody when it closes: for who has been received
 * the visit is still over, and their ticket is not refused.
 * @param {PhoneTicket} before
 * @param {PhoneTicket} view
 * @returns {PhoneTicket}
 */
export const after = (before, view) => (view.state === "gone" && before.state === "done" ? before : view);

/** Whether nothing more can come that the page would have to be connected for. @param {PhoneTicket["state"]} state */
export const over = (state) => state === "done" || state === "gone";

/** Whether there is time to practise. @param {PhoneTicket["state"]} state */
export const idle = (state) => state === "waiting" || state === "paused" || state === "held";

/** Whether the page still waits for a call, and should be kept open. @param {PhoneTicket["state"]} state */
export const awaits = (state) => idle(state) || state === "missed" || state === "called";

/** Shakes of a call (ms): long ones, for a phone in a pocket. */
export const shake = [700, 300, 700, 300, 700, 300, 700];
