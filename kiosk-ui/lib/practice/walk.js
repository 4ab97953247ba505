// The way of buttons through a piece: next, previous and OK, for who has no finger
// on the screen. Three rows of keys are walked by rows first, and OK goes into one;
// past either end of it one is out again, as with one switch there is no way back.

/** A button, or a row of keys. @typedef {HTMLElement[]} Stop */

/** How many keys stand in a row. */
const row = 10;

/** @param {Element} e */
const open = (e) => e.getClientRects().length > 0 && !e.closest("[inert]") && /** @type {HTMLElement} */ (e).tabIndex >= 0;

export class Walk {
  #root;
  #at = -1;
  /** The row one is in, -1 outside. */
  #row = -1;

  /** @param {HTMLElement} root what is walked through */
  constructor(root) {
    this.#root = root;
  }

  /** Whether buttons were pressed since a finger was here. */
  on = false;

  /**
   * What can be stood on: keys before the button that ends the writing, the bar of
   * the piece last.
   * @returns {Stop[]}
   */
  #stops() {
    const all = /** @type {HTMLElement[]} */ ([...this.#root.querySelectorAll("button")].filter(open));
    const keys = all.filter((e) => e.matches(".practice-key"));
    const rows = Array.from({ length: Math.ceil(keys.length / row) }, (_, i) => keys.slice(i * row, (i + 1) * row));
    const bar = (/** @type {HTMLElement} */ e) => e.matches(".practice-control");
    const others = all.filter((e) => !keys.includes(e));
    return [...rows, ...[...others.filter((e) => !bar(e)), ...others.filter(bar)].map((e) => [e])];
  }

  /** The stops of where one is: of the piece, or of one row. @returns {Stop[]} */
  #here() {
    const stops = this.#stops();
    return this.#row < 0 ? stops : stops[this.#row].map((e) => [e]);
  }

  /** @returns {{stop: Stop, at: number, of: number} | null} where one stands, at from 1 */
  now() {
    const list = this.#here();
    if (this.#at < 0) this.#at = list.findIndex((stop) => stop.includes(/** @type {HTMLElement} */ (document.activeElement)));
    const stop = list[this.#at];
    return stop ? { stop, at: this.#at + 1, of: list.length } : null;
  }

  /** A step came, or a finger: one stands nowhere. */
  reset() {
    this.#at = this.#row = -1;
    for (const e of this.#root.querySelectorAll("[data-walked]")) e.removeAttribute("data-walked");
  }

  /** @param {1 | -1} by @returns {boolean} false past an end, where one stands nowhere */
  go(by) {
    const from = this.now();
    const list = this.#here();
    const to = from ? from.at - 1 + by : by > 0 ? 0 : list.length - 1;
    if (list[to]) return this.#stand(to);
    if (this.out()) return true;
    this.reset();
    return false;
  }

  /** Out of a row. @returns {boolean} false when one is in none */
  out() {
    if (this.#row < 0) return false;
    const at = this.#row;
    this.#row = -1;
    return this.#stand(at);
  }

  /** Presses what one stands on, or goes into it. @returns {boolean} whether something was pressed */
  press() {
    const here = this.now();
    if (!here) return false;
    if (here.stop.length > 1) {
      this.#row = this.#at;
      this.#stand(0);
      return false;
    }
    here.stop[0].click();
    return true;
  }

  /** Shows where one stands, after what changes under it. */
  show() {
    const here = this.now();
    if (here) this.#stand(here.at - 1);
  }

  /** @param {number} at */
  #stand(at) {
    for (const e of this.#root.querySelectorAll("[data-walked]")) e.removeAttribute("data-walked");
    this.#at = at;
    const stop = this.#here()[at];
    for (const e of stop) e.setAttribute("data-walked", "");
    const target = stop.length > 1 ? /** @type {HTMLElement} */ (stop[0].parentElement) : stop[0];
    target.focus({ preventScroll: true });
    stop[0].scrollIntoView({ block: "nearest" });
    return true;
  }
}
