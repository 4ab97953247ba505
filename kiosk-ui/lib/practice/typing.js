// What is typed: whether it is what was asked, which letter comes next, and
// what makes a password hard to find. Pure; it keeps nothing.

/**
 * exact: every sign counts. loose: capitals and accents do not. digits: the
 * digits count alone. date: day, month and year in this order, with or without
 * zeros and strokes.
 * @typedef {"exact" | "loose" | "digits" | "date"} Match
 */

/** @param {string} text */
const plain = (text) => text.normalize("NFC").replace(/\s+/g, " ").replace(/[’‘]/g, "'").trim();

/** @param {string} text */
const loose = (text) => plain(text).normalize("NFD").replace(/[\u0300-\u036f]/g, "").toLowerCase();

/** @param {string} text @returns {string} day, month and year without zeros in front, or "" */
function date(text) {
  const parts = /^(\d{1,2})\D+(\d{1,2})\D+(\d{4})$/.exec(plain(text)) ?? /^(\d{2})(\d{2})(\d{4})$/.exec(plain(text));
  return parts ? parts.slice(1).map(Number).join("/") : "";
}

/**
 * @param {Match} match
 * @param {string} model
 * @param {string} typed
 * @returns {boolean}
 */
export function matches(match, model, typed) {
  switch (match) {
    case "exact":
      return plain(typed) === plain(model);
    case "loose":
      return loose(typed) === loose(model);
    case "digits":
      return typed.replace(/\D/g, "") === model.replace(/\D/g, "");
    case "date":
      return date(typed) !== "" && date(typed) === date(model);
  }
}

/**
 * Where a text leaves its model: how many signs are right from the beginning.
 * @param {string} model
 * @param {string} typed
 */
export function common(model, typed) {
  let n = 0;
  while (n < model.length && n < typed.length && model[n] === typed[n]) n++;
  return n;
}

/**
 * The key to press next to reach the model: a sign, "erase" or "ok".
 * @param {string} model
 * @param {string} typed
 */
export function nextKey(model, typed) {
  const n = common(model, typed);
  if (typed.length > n) return "erase";
  return n < model.length ? model[n] : "ok";
}

/** A password has at least so many signs. */
export const longEnough = 12;

/** It has at least so many words, each of three letters. */
export const wordsEnough = 3;

/** What is tried first by who guesses. */
const easy = ["123", "321", "000", "111", "azerty", "qwerty", "abcd", "motdepasse", "password"];

/**
 * Whether a text would make a good password; each is a rule in plain words.
 * @param {string} text
 * @returns {{long: boolean, words: boolean, rare: boolean}}
 */
export function strength(text) {
  const words = text.toLowerCase().split(/[^\p{L}]+/u).filter((w) => [...w].length >= 3);
  const joined = loose(text).replace(/[^a-z0-9]/g, "");
  return {
    long: [...text.trim()].length >= longEnough,
    words: new Set(words).size >= wordsEnough,
    rare: joined !== "" && !easy.some((e) => joined.includes(e)) && !/(.)\1\1/u.test(text),
  };
}

/** @param {string} text */
export function strong(text) {
  const { long, words, rare } = strength(text);
  return long && words && rare;
}
