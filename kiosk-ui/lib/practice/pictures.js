// The drawings of the practice pieces; what they lack comes from lib/pictos.js.

import { picto } from "../pictos.js";

const sprite = new URL("pictures.svg", import.meta.url).pathname;

/** What the sprite holds; a test compares the two. */
export const names = new Set(
  `touch keyboard password fake form write photo sun car cat cup flower boat apple umbrella star
  gift trash send eye eye_off stop next up down left right turn_left turn_right nearer farther
  light focus shoot erase shift space table_plain table_busy photo_good photo_cut photo_dark`.split(/\s+/),
);

/** Drawings that point where reading goes. */
const turned = new Set(["next", "send"]);

/**
 * A drawing, hidden from screen readers because a word stands beside it.
 * @param {string} name
 * @returns {SVGSVGElement | null} null when there is no such drawing
 */
export function picture(name) {
  if (!names.has(name)) return picto(name);
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", turned.has(name) ? "picto practice-turned" : "picto");
  svg.setAttribute("data-picto", name);
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("focusable", "false");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `${sprite}#${name}`);
  svg.append(use);
  return svg;
}
