/** @file How the parts of the desk ask for something: events that rise to <desk-app>. */

/** @import { Opening } from "./folder.js" */
/** @import { Command } from "./view.js" */
/** @import { Place } from "./menus.js" */

/** @typedef {{command: Command, stay: boolean}} Order */

/**
 * Asks to send a command. `stay` keeps an open sheet open afterwards.
 * @param {Element} from
 * @param {Command} command
 * @param {boolean} [stay]
 */
export function order(from, command, stay = false) {
  from.dispatchEvent(new CustomEvent("desk-order", { bubbles: true, detail: { command, stay } }));
}

/**
 * Asks to open the page of the self test.
 * @param {Element} from
 */
export function test(from) {
  from.dispatchEvent(new CustomEvent("desk-selftest", { bubbles: true }));
}

/**
 * Asks to open a sheet.
 * @param {Element} from
 * @param {Place} place
 */
export function go(from, place) {
  from.dispatchEvent(new CustomEvent("desk-go", { bubbles: true, detail: place }));
}

/**
 * Asks to open a page of the folder.
 * @param {Element} from
 * @param {Opening} what
 */
export function unfold(from, what) {
  from.dispatchEvent(new CustomEvent("desk-folder", { bubbles: true, detail: what }));
}
