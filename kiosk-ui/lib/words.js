// Fixed labels come from the server's catalogue, as one flat object per surface
// and language. What the catalogue lacks is shown as its key: a test of the
// server fails before a person can see it.

/** @typedef {(key: string, args?: Record<string, string | number>) => string} Say */

/**
 * @param {Record<string, string>} catalogue
 * @returns {Say & {has: (key: string) => boolean}}
 */
export function speaker(catalogue) {
  /** @type {Say} */
  const say = (key, args = {}) =>
    (catalogue[key] ?? key).replace(/\{(\w+)\}/g, (hole, name) => String(args[name] ?? hole));
  // Object.hasOwn is not in the browsers of older televisions.
  return Object.assign(say, { has: (/** @type {string} */ key) => Object.prototype.hasOwnProperty.call(catalogue, key) });
}

/** The words of this page. */
let current = speaker({});

/**
 * Says a label of the loaded catalogue, with {n}-style holes filled.
 * @type {Say}
 */
export const say = (key, args) => current(key, args);

/** @param {string} key */
export const hasWord = (key) => current.has(key);

/**
 * Loads the words of a surface, "/words/desk.json". When the server cannot be
 * reached the words already there stay.
 * @param {string} url
 * @param {(url: string) => Promise<Response>} [get]
 * @returns {Promise<boolean>} whether they came
 */
export async function loadWords(url, get = (u) => fetch(u)) {
  try {
    const response = await get(url);
    if (!response.ok) return false;
    current = speaker(await response.json());
    return true;
  } catch {
    return false;
  }
}
