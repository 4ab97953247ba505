/**
 * @file Questions about places and vouchers, and what changes them. Each goes once, and
 * may be asked again: the page keeps what was typed. Papers go by send(), whose orders
 * are done once however often they are sent.
 */
import { say } from "../lib/words.js";

/** @import { Answer } from "../lib/send.js" */

/** @typedef {{column?: string, text: string}} Problem */

/**
 * @typedef {{ok: true, body: any} | {ok: false, error: string, problems: Problem[]}} Got
 *   error is a sentence to show
 */

/** How long an answer may take (ms). */
const patience = 10_000;

/** The same for a file: it is sent over a radio, then read. */
const patienceFile = 180_000;

/**
 * Asks, and never throws. With a body it is a POST: JSON, or a file as it is.
 * @param {string} url
 * @param {Record<string, unknown>|File} [body]
 * @param {number} [wait] how long the answer may take (ms), instead of the usual
 * @returns {Promise<Got>}
 */
export async function ask(url, body, wait) {
  const file = body instanceof File;
  /** @type {RequestInit} */
  const init = { signal: AbortSignal.timeout(wait ?? (file ? patienceFile : patience)) };
  if (body) {
    init.method = "POST";
    init.headers = { "Content-Type": file ? "application/octet-stream" : "application/json" };
    init.body = file ? body : JSON.stringify(body);
  }
  try {
    const response = await fetch(url, init);
    const text = await response.text();
    return read(response, text);
  } catch {
    return { ok: false, error: say("desk.error_silent"), problems: [] };
  }
}

/**
 * @param {Response} response
 * @param {string} text
 * @returns {Got}
 */
function read(response, text) {
  /** @type {any} */
  let answer = {};
  try {
    answer = text === "" ? {} : JSON.parse(text);
  } catch {
    if (response.ok) return { ok: false, error: say("desk.error_silent"), problems: [] }; // cut off
  }
  if (response.ok) return { ok: true, body: answer };
  return {
    ok: false,
    error: typeof answer.error === "string" && answer.error ? answer.error : say("desk.error_other"),
    problems: Array.isArray(answer.problems) ? answer.problems : [],
  };
}

/**
 * The sentence of an order that was not done.
 * @param {Answer} answer
 */
export function refusal(answer) {
  if (answer.ok) return "";
  return answer.error || (answer.status === 0 ? say("desk.error_silent") : say("desk.error_other"));
}
