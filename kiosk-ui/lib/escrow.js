// A phone of the staff keeps the keys of the answers that wait in the box, so that a
// stolen card holds none. Nobody has to know: they come by themselves when the phone is
// connected, go back by themselves when the box was off, and are forgotten when the
// answers are counted. They are kept under the address of the box, whichever it is: one
// phone may serve several boxes that have the same.

const prefix = "jeudi.key.";
const name = "jeudi.device";

/** @typedef {{kind: string, batch: string}} KeyName */
/** @typedef {KeyName & {box: string, text: string}} Kept */

/** What a page keeps things in: localStorage, or nothing where the browser gives none. */
export function storage() {
  try {
    return localStorage;
  } catch {
    return null; // it is switched off
  }
}

/** The keys that this phone keeps. */
export class Keys {
  #storage;

  /** @param {Storage|null} [where] */
  constructor(where = storage()) {
    this.#storage = where;
  }

  /** This phone's name for itself: it only tells phones apart. */
  get device() {
    const known = this.#storage?.getItem(name) ?? "";
    if (/^[0-9a-f]{16}$/.test(known)) return known;
    const fresh = Array.from(crypto.getRandomValues(new Uint8Array(8)), (b) => b.toString(16).padStart(2, "0")).join("");
    return this.#put(name, fresh) ? fresh : "";
  }

  /**
   * All that is kept.
   * @returns {Kept[]}
   */
  list() {
    /** @type {Kept[]} */
    const list = [];
    for (let i = 0; i < (this.#storage?.length ?? 0); i++) {
      const key = this.#storage?.key(i) ?? "";
      const [box, kind, batch, ...more] = key.startsWith(prefix) ? key.slice(prefix.length).split(".") : [];
      if (batch && more.length === 0) list.push({ box, kind, batch, text: this.#storage?.getItem(key) ?? "" });
    }
    return list.sort((a, b) => (prefixed(a) < prefixed(b) ? -1 : 1));
  }

  /**
   * Keeps a key.
   * @param {Kept} kept
   * @returns {boolean} whether it is new here, and there now
   */
  keep(kept) {
    const at = prefixed(kept);
    return this.#storage?.getItem(at) !== kept.text && this.#put(at, kept.text);
  }

  /** @param {KeyName & {box: string}} which */
  forget(which) {
    this.#storage?.removeItem(prefixed(which));
  }

  /** Forgets everything: the phone is in other hands. */
  erase() {
    for (const kept of this.list()) this.forget(kept);
  }

  /**
   * @param {string} at
   * @param {string} text
   */
  #put(at, text) {
    try {
      this.#storage?.setItem(at, text);
    } catch {
      return false; // full, or a window that keeps nothing
    }
    return this.#storage?.getItem(at) === text;
  }
}

/** @param {KeyName & {box: string}} k */
const prefixed = (k) => `${prefix}${k.box}.${k.kind}.${k.batch}`;

/** More keys than these are not offered at once. */
const most = 8;

/**
 * Tells the box what is kept here, keeps what it gives, gives what it wants and forgets
 * what it says. It asks again until nothing changes, and never more than a few times.
 * @param {Keys} keys
 * @param {string} box
 * @param {(body: Record<string, unknown>) => Promise<{keys: (KeyName & {text: string})[], wanted: KeyName[], forget: KeyName[]}|null>} ask null: no answer
 * @returns {Promise<"kept"|"not_kept"|"silent">} not_kept: this browser keeps nothing
 */
export async function exchange(keys, box, ask) {
  const { device } = keys;
  if (!device) return "not_kept";
  /** @type {string[]} */
  let back = [];
  /** @type {Set<string>} */
  const offered = new Set();
  for (let round = 0; round < 4; round++) {
    const has = keys.list().filter((k) => k.box === box).map(({ kind, batch }) => ({ kind, batch }));
    const got = await ask({ device, has, back });
    if (!got) return "silent";
    let changed = false;
    for (const key of got.keys) changed = keys.keep({ box, ...key }) || changed;
    for (const key of got.forget) keys.forget({ box, ...key });
    changed ||= got.forget.length > 0;
    // A box that was set up anew has another name, and may want what it gave before.
    const wanted = keys.list().filter((k) => got.wanted.some((w) => w.kind === k.kind && w.batch === k.batch) && !offered.has(k.text))
      .sort((a, b) => Number(b.box === box) - Number(a.box === box));
    back = wanted.slice(0, most).map((k) => k.text);
    for (const text of back) offered.add(text);
    if (!changed && back.length === 0) {
      const missing = got.keys.some((k) => !keys.list().some((l) => l.box === box && l.kind === k.kind && l.batch === k.batch));
      return missing ? "not_kept" : "kept";
    }
  }
  return "kept";
}

/**
 * Asks whether staff said that this phone is lost, and forgets everything if they did. A
 * phone that keeps nothing asks nothing.
 * @param {Keys} [keys]
 * @param {(url: string, init: RequestInit) => Promise<Response>} [post]
 */
export async function eraseIfLost(keys = new Keys(), post = (url, init) => fetch(url, init)) {
  if (keys.list().length === 0) return;
  try {
    const answer = await post("/api/escrow/lost", {
      method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ device: keys.device }),
    });
    if (answer.ok && (await answer.json()).erase === true) keys.erase();
  } catch {
    // The box is away: it is asked again when this page comes back.
  }
}
