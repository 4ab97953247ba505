/**
 * @file A map of places without a map: where marks and rings lie on a square whose
 * middle is here. Metres in, units of the drawing out; north is up.
 */

/** @import { OpenState } from "./places.rules.js" */

/** @typedef {{id: string, name: string, x: number, y: number, open_state: OpenState}} Spot metres east and north of here */

/**
 * One mark on the map, for one place or for several that would lie on each other.
 * @typedef {{x: number, y: number, label: string, ids: string[], state: OpenState|"many"}} Mark
 */

/** Half the side of the drawing, in its own units. */
export const half = 100;

/** How much of it the outermost ring takes: the rest is for its label. */
const used = 0.92;

/** The radii that may be chosen, in metres. */
export const radii = [1000, 2000, 5000, 10_000, 20_000, 50_000];

/**
 * The rings of a radius, from the inside out: its half or less in round numbers.
 * @param {number} radius metres
 * @returns {number[]} metres
 */
export function rings(radius) {
  const steps = [250, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000].filter((m) => m < radius);
  return [...steps.slice(-2), radius];
}

/**
 * Units of the drawing for a length.
 * @param {number} metres
 * @param {number} radius
 */
export function length(metres, radius) {
  return (metres / radius) * half * used;
}

/**
 * The places in the order of the list and of their numbers: the nearest first.
 * @param {Spot[]} spots
 */
export function byDistance(spots) {
  return spots.map((s) => ({ ...s, metres: Math.hypot(s.x, s.y) })).sort((a, b) => a.metres - b.metres || (a.name < b.name ? -1 : 1));
}

/**
 * The marks of numbered places. Those nearer to each other than a mark is wide share
 * one: « 3 +2 » is number 3 and two more.
 * @param {Spot[]} spots in the order of their numbers
 * @param {number} radius metres
 * @param {number} [size] the width of a mark, in units of the drawing
 * @returns {Mark[]}
 */
export function marks(spots, radius, size = 15) {
  /** @type {(Mark & {first: number})[]} */
  const out = [];
  spots.forEach((spot, i) => {
    const x = length(spot.x, radius);
    const y = -length(spot.y, radius);
    const near = out.find((m) => Math.hypot(m.x - x, m.y - y) < size);
    if (!near) {
      out.push({ x, y, label: String(i + 1), ids: [spot.id], state: spot.open_state, first: i + 1 });
      return;
    }
    near.ids.push(spot.id);
    near.label = `${near.first} +${near.ids.length - 1}`;
    if (near.state !== spot.open_state) near.state = "many";
  });
  return out.map(({ first: _, ...mark }) => mark);
}
