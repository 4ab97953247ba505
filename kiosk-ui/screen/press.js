// Which presses count. Hands tremble, fingers stay down, screens are slow: the
// same press within half a second, a key that repeats itself and a press before
// the answer to the last one do nothing. Pure.

/** The same press is ignored for so long (ms), EN 301 549 5.8; the box does the same. */
export const sameWithin = 500;

/** Without an answer, pressing is possible again after so long (ms). */
export const lockedFor = 2_000;

export class Guard {
  #last = "";
  #at = -Infinity;
  #locked = false;

  /**
   * @param {string} name what is pressed
   * @param {number} now monotonic ms
   * @param {boolean} [repeat] whether a held key repeats itself
   * @returns {boolean} whether the press counts
   */
  press(name, now, repeat = false) {
    if (repeat) return false;
    if (this.#locked && now - this.#at < lockedFor) return false;
    if (name === this.#last && now - this.#at < sameWithin) return false;
    this.#last = name;
    this.#at = now;
    this.#locked = true;
    return true;
  }

  /** A newer view is drawn: it answers the press. */
  answered() {
    this.#locked = false;
  }

  /**
   * The server did not take a press: no view will answer it, pressing is possible again.
   * @param {number} at the `now` of that press
   * @returns {boolean} false when another press has counted since, which still waits
   */
  refused(at) {
    if (at !== this.#at) return false;
    this.#locked = false;
    return true;
  }
}
