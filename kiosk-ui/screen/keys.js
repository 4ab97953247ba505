// A keyboard, a numeric keypad or switches plugged into the kiosk work like its
// panel of buttons. Pure.
//
//   keyboard        arrows, Tab          previous, next (mirrored where one reads from the right)
//                   Enter, Space         OK
//                   Escape, Backspace    back
//                   R, H or F1, S        listen again, help, settings
//                   + and -              louder, softer
//   numeric keypad  8 4 and 2 6          previous, next
//                   5, Enter             OK
//                   0, .                 listen again, back
//                   *, /                 help, settings
//                   + and -              louder, softer
//                   7, 9                 speak slower, faster
//                   1, 3                 begin again, larger letters
//   switches        F9, F10              next, OK
//                   Enter or Space       OK, while the focus moves by itself
//
// The numeric keypad is known by its place, so that Num Lock changes nothing.

/** @typedef {"back" | "previous" | "next" | "ok" | "repeat" | "help" | "louder" | "softer" | "restart" | "bigger" | "settings" | "slower" | "faster"} Action */

/** @type {Record<string, Action>} */
const plain = {
  ArrowDown: "next",
  ArrowUp: "previous",
  Enter: "ok",
  " ": "ok",
  Escape: "back",
  Backspace: "back",
  F1: "help",
  F9: "next",
  F10: "ok",
  h: "help",
  r: "repeat",
  s: "settings",
  "+": "louder",
  "=": "louder",
  "-": "softer",
};

/** @type {Record<string, Action>} */
const keypad = {
  Numpad8: "previous",
  Numpad2: "next",
  Numpad5: "ok",
  NumpadEnter: "ok",
  Numpad0: "repeat",
  NumpadDecimal: "back",
  NumpadComma: "back",
  NumpadMultiply: "help",
  NumpadDivide: "settings",
  NumpadAdd: "louder",
  NumpadSubtract: "softer",
  Numpad7: "slower",
  Numpad9: "faster",
  Numpad1: "restart",
  Numpad3: "bigger",
};

/**
 * @param {{key: string, code?: string, shiftKey?: boolean, ctrlKey?: boolean, altKey?: boolean, metaKey?: boolean}} event
 * @param {string} dir of the screen: in Arabic the next choice is to the left
 * @param {boolean} [scanning] whether the focus moves by itself: a single switch chooses
 * @returns {Action | null} null when the key means nothing here
 */
export function action(event, dir, scanning = false) {
  if (event.ctrlKey || event.altKey || event.metaKey) return null;
  const { key, code = "" } = event;
  if (scanning && key === "F9") return "ok";
  if (Object.hasOwn(keypad, code)) return keypad[code];
  const rtl = dir === "rtl";
  if (code === "Numpad6" || key === "ArrowRight") return rtl ? "previous" : "next";
  if (code === "Numpad4" || key === "ArrowLeft") return rtl ? "next" : "previous";
  if (key === "Tab") return event.shiftKey ? "previous" : "next";
  const name = key.length === 1 ? key.toLowerCase() : key;
  return Object.hasOwn(plain, name) ? plain[name] : null;
}
