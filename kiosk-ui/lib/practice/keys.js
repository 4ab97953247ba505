// Our own keyboard, for a kiosk that has none: AZERTY in three rows of ten, as
// on a telephone, so that each key stays large on a small panel. Pure.

/** What a key does: "shift", "erase", "space", "signs", "letters", or writes itself. @typedef {string} Key */

/** @type {Record<"letters" | "signs", Key[][]>} */
export const pages = {
  letters: [
    ["a", "z", "e", "r", "t", "y", "u", "i", "o", "p"],
    ["q", "s", "d", "f", "g", "h", "j", "k", "l", "m"],
    ["shift", "w", "x", "c", "v", "b", "n", "space", "signs", "erase"],
  ],
  signs: [
    ["1", "2", "3", "4", "5", "6", "7", "8", "9", "0"],
    ["@", ".", "-", "/", "_", ",", "'", "?", "!", "+"],
    ["é", "è", "à", "ç", ":", ";", "&", "space", "letters", "erase"],
  ],
};

/** Keys that have a name and a drawing. */
export const named = ["shift", "erase", "space", "signs", "letters"];

/** @typedef {{page: "letters" | "signs", shift: boolean}} Board */

/** @type {() => Board} */
export const board = () => ({ page: "letters", shift: false });

/**
 * The board and the text after a key. A capital is for one letter.
 * @param {Board} now
 * @param {string} text
 * @param {Key} key
 * @returns {{board: Board, text: string}}
 */
export function strike(now, text, key) {
  switch (key) {
    case "shift":
      return { board: { ...now, shift: !now.shift }, text };
    case "signs":
    case "letters":
      return { board: { page: key, shift: false }, text };
    case "erase":
      return { board: now, text: [...text].slice(0, -1).join("") };
    case "space":
      return { board: { ...now, page: "letters" }, text: `${text} ` };
    default:
      return { board: { ...now, shift: false }, text: text + (now.shift ? key.toLocaleUpperCase("fr") : key) };
  }
}

/**
 * The key of the shown page that leads to a sign, "" when no key does.
 * @param {Board} now
 * @param {string} sign one sign, "erase" or "ok"
 * @returns {Key}
 */
export function way(now, sign) {
  if (sign === "erase" || sign === "ok") return sign;
  if (sign === " ") return "space";
  const small = sign.toLocaleLowerCase("fr");
  const on = /** @type {const} */ (["letters", "signs"]).find((page) => pages[page].some((row) => row.includes(small)));
  if (!on) return "";
  if (on !== now.page) return on;
  return (small !== sign) === now.shift ? small : "shift";
}
