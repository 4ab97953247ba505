// A keyboard plugged into the kiosk works like its panel of buttons. Pure.

/** @typedef {"back" | "previous" | "next" | "ok" | "repeat" | "help" | "louder" | "softer"} Action */

/** @type {Record<string, Action>} */
const plain = {
  ArrowDown: "next",
  ArrowUp: "previous",
  Enter: "ok",
  " ": "ok",
  Escape: "back",
  F1: "help",
  h: "help",
  H: "help",
  r: "repeat",
  R: "repeat",
  "+": "louder",
  "=": "louder",
  "-": "softer",
};

/**
 * @param {{key: string, shiftKey?: boolean, ctrlKey?: boolean, altKey?: boolean, metaKey?: boolean}} event
 * @param {string} dir of the screen: in Arabic the next choice is to the left
 * @returns {Action | null} null when the key means nothing here
 */
export function action(event, dir) {
  if (event.ctrlKey || event.altKey || event.metaKey) return null;
  if (event.key === "Tab") return event.shiftKey ? "previous" : "next";
  if (event.key === "ArrowRight") return dir === "rtl" ? "previous" : "next";
  if (event.key === "ArrowLeft") return dir === "rtl" ? "next" : "previous";
  return Object.hasOwn(plain, event.key) ? plain[event.key] : null;
}
