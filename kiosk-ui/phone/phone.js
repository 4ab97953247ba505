// What the pages on a visitor's own phone share. They store nothing, send
// nothing but the name of a language and of a text to be said, and ask nobody
// but the box. The language is in the address.

import { h } from "../lib/dom.js";
import { picture } from "../lib/practice/pictures.js";

/** A language as the box lists it: lang for the address, tag for the page. @typedef {{lang: string, tag: string, dir: string, name: string}} Language */

/** French alone, until the box has said what there is. @type {Language[]} */
const first = [{ lang: "fr", tag: "fr", dir: "ltr", name: "Français" }];

/**
 * Something of the box as JSON; an older phone, or one that lost the network,
 * goes on with what there is.
 * @template T
 * @param {string} url
 * @param {T} otherwise
 * @returns {Promise<T>}
 */
async function json(url, otherwise) {
  try {
    const response = await fetch(url, { credentials: "omit" });
    return response.ok ? await response.json() : otherwise;
  } catch {
    return otherwise;
  }
}

/**
 * The language of the address, else the phone's own, else the first.
 * @param {Language[]} languages
 * @param {string | null} asked
 * @param {readonly string[]} preferred of the phone
 * @returns {Language}
 */
export function choose(languages, asked, preferred) {
  const named = languages.find((l) => l.lang === asked);
  if (named) return named;
  for (const tag of preferred) {
    const like = languages.find((l) => l.lang === tag.toLowerCase().split("-")[0]);
    if (like) return like;
  }
  return languages[0];
}

/** The address of a page in a language. @param {string} page @param {string} lang @param {Record<string, string>} [more] */
export const link = (page, lang, more = {}) => `${page}?${new URLSearchParams({ lang, ...more })}`;

/**
 * Opens a page: its language, its words, its voice. Elements with data-say are
 * given their text.
 * @param {string} [own] the language of a ticket, before that of the address
 */
export async function open(own) {
  const query = new URLSearchParams(location.search);
  const listed = await json("languages", first);
  const languages = Array.isArray(listed) && listed.length > 0 ? listed : first;
  const language = choose(languages, own ?? query.get("lang"), navigator.languages ?? []);
  /** @type {Record<string, string>} */
  const words = await json(link("words", language.lang), {});
  document.documentElement.lang = language.tag || language.lang;
  document.documentElement.dir = language.dir || "ltr";
  const text = (/** @type {string} */ key) => words[key] ?? key;
  for (const element of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-say]"))) {
    element.textContent = text(element.dataset.say ?? "");
  }
  return { query, languages, lang: language.lang, tag: language.tag || language.lang, dir: language.dir || "ltr", words, text, ...voice(language.lang) };
}

/**
 * The voice of a language. A clip that does not come, or a phone that plays
 * nothing before the first touch, is silence.
 * @param {string} lang
 */
export function voice(lang) {
  /** @type {string[]} */
  let waiting = [];
  /** @type {HTMLAudioElement | null} */
  let playing = null;
  const next = () => {
    const key = waiting.shift();
    playing = null;
    if (key === undefined) return;
    const clip = new Audio(link("clip", lang, { key }));
    playing = clip;
    const go = () => {
      if (playing === clip) next();
    };
    clip.addEventListener("ended", go);
    clip.addEventListener("error", go);
    const begun = clip.play();
    if (begun) begun.catch(go);
  };
  const quiet = () => {
    waiting = [];
    playing?.pause();
    playing = null;
  };
  return {
    /** @param {string} key @param {{after?: boolean}} [options] */
    say(key, { after = false } = {}) {
      if (!after) quiet();
      waiting.push(key);
      if (!playing) next();
    },
    quiet,
  };
}

/**
 * A large link with its drawing, its name and a line below.
 * @param {{href: string, picto: string, name: string, sub?: string, lang?: string, dir?: string, current?: boolean}} what
 */
export function way({ href, picto, name, sub, lang, dir, current }) {
  return h("a", { class: "way", href, lang, dir, "aria-current": current ? "page" : null },
    picto ? h("span", { class: "tile" }, picture(picto)) : null,
    h("span", { class: "words" }, h("strong", {}, name), sub ? h("span", {}, sub) : null));
}
