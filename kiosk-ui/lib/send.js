// Commands go up as small POSTs that carry an id of their own. When the network
// fails, the same body with the same id goes again: the server does it once.

/** 32 hexadecimal digits that nobody has used before. */
export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");
}

/**
 * What the server said, or what can be said without it.
 * @typedef {{ok: true, [more: string]: unknown}
 *   | {ok: false, status: number, error: string}} Answer
 *   status 0: nobody answered in time.
 */

/**
 * The world commands leave from; a test gives its own.
 * @typedef {object} Post
 * @property {(url: string, init: RequestInit) => Promise<Response>} fetch
 * @property {(ms: number) => Promise<void>} pause
 * @property {() => number} now monotonic ms
 * @property {(ms: number) => AbortSignal} within
 * @property {() => string} id
 */

/** @type {Post} */
const browser = {
  fetch: (url, init) => fetch(url, init),
  pause: (ms) => new Promise((done) => setTimeout(done, ms)),
  now: () => performance.now(),
  within: (ms) => AbortSignal.timeout(ms),
  id: newId,
};

/** After this long (ms) the veil is up and a command is given up. */
export const giveUp = 15_000;

/** One attempt may last this long (ms). */
const oneTry = 4_000;

/**
 * Sends a command and returns the answer; never throws.
 * @param {string} url
 * @param {Record<string, unknown>} body its id is added when it has none
 * @param {Post} [post]
 * @returns {Promise<Answer>}
 */
export async function send(url, body, post = browser) {
  const text = JSON.stringify({ id: post.id(), ...body });
  const start = post.now();
  for (let attempt = 0; ; attempt++) {
    try {
      const response = await post.fetch(url, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: text,
        signal: post.within(oneTry),
      });
      return await read(response);
    } catch {
      const pause = Math.min(2_000, 250 * 2 ** attempt);
      if (post.now() - start + pause >= giveUp) return { ok: false, status: 0, error: "" };
      await post.pause(pause);
    }
  }
}

/**
 * An answer whose body breaks off throws, so that the command is sent again.
 * @param {Response} response
 * @returns {Promise<Answer>}
 */
async function read(response) {
  const text = await response.text();
  /** @type {Record<string, unknown>} */
  let body = {};
  try {
    body = JSON.parse(text);
  } catch {
    if (response.ok && text !== "") throw new Error("send: answer is cut off");
  }
  if (response.ok) return { ...body, ok: true };
  return { ok: false, status: response.status, error: typeof body.error === "string" ? body.error : "" };
}
