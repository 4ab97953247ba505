// Sizes are thought in millimetres and drawn in pixels of the mounted panel:
// 44 CSS pixels may be 5 mm or 9 mm. Pure.

/** @import { KioskView, Panel } from "../lib/views.js" */

/**
 * Capital height of Atkinson Hyperlegible Next, in em. The Noto fonts' is 0.714:
 * font-size-adjust (base.css) draws every script with capitals of this height, so
 * that the ranges below hold for all of them.
 */
export const capRatio = 0.668;

/** Millimetres, from the VVSG 2.0: least target, main target, least gap. */
export const target = 12.7;
export const primary = 20;
export const gap = 2.54;

/** @typedef {"title" | "label" | "text" | "list" | "small"} Role */

/**
 * The capital height (mm) each text may have: [least, wanted]. A screen takes
 * the largest between them that fits. S is 3.5–4.2 mm, M 4.8–5.6, L 6.4–7.1 and
 * XL 8.5–9.0; when one word is too long for L or XL its screen goes below.
 * @type {Record<KioskView["size"], Record<Role, [number, number]>>}
 */
export const caps = {
  s: { title: [3.5, 4.8], label: [3.5, 4.2], text: [3.5, 4], list: [3.5, 4], small: [3.5, 3.5] },
  m: { title: [4.8, 6.6], label: [4.8, 5.6], text: [4.8, 5], list: [3.5, 5], small: [3.5, 4.2] },
  l: { title: [4.8, 8], label: [4.8, 7.1], text: [4.8, 6.4], list: [3.5, 6.4], small: [3.5, 4.8] },
  xl: { title: [4.8, 9], label: [4.8, 9], text: [4.8, 8.5], list: [3.5, 8.5], small: [3.5, 5.6] },
};

/** Below this (mm) no text goes, however long, but the lines of a list. */
export const leastCap = 3.5;

/** A list too long for a small panel is rather small than cut. */
export const leastLine = 2.6;

/**
 * Panels lower than this (px) have no height to spare: what is secondary stands
 * beside the second way out, in small letters.
 */
export const compactBelow = 600;

/**
 * The part of the way from least to wanted at which a size is truly reached.
 * Down to there the lines of examples stay; below, they make room.
 * @type {Record<KioskView["size"], number>}
 */
export const reached = { s: 0, m: 0.6, l: 0.7, xl: 0.88 };

/**
 * Line heights of what is read, in em: 1.5 wanted (WCAG 1.4.8); where the room is
 * short, larger letters are worth more than the air between their lines.
 */
export const leading = { wanted: 1.5, least: 1.2, leastCompact: 1.1 };

/**
 * The line height between least and wanted.
 * @param {number} air from 0 to 1
 * @param {boolean} compact
 */
export function lineHeight(air, compact) {
  const least = compact ? leading.leastCompact : leading.least;
  return least + (leading.wanted - least) * air;
}

/**
 * The font sizes (px) at a point between least and wanted.
 * @param {Panel} panel
 * @param {KioskView["size"]} size
 * @param {number} t 1 wanted, 0 least; from 0 to -1, down to leastCap
 * @param {boolean} [quiet] whether title and text leave the room to the choices
 * @returns {Record<Role, number>}
 */
export function fonts(panel, size, t, quiet = false) {
  const role = (/** @type {[number, number]} */ [least, wanted], floor = leastCap) => {
    const mm = t >= 0 ? least + (wanted - least) * t : least + (least - floor) * t;
    return Math.ceil((mm * panel.pxmm_v) / capRatio - 1e-9);
  };
  const of = caps[size] ?? caps.m;
  const least = (/** @type {[number, number]} */ [mm]) => role([mm, mm]);
  return {
    title: quiet ? least(of.title) : role(of.title),
    label: role(of.label),
    text: quiet ? least(of.text) : role(of.text),
    list: role(of.list, leastLine),
    small: role(of.small),
  };
}

/**
 * The fixed sizes of a panel (px), rounded up.
 * @param {Panel} panel
 */
export function sizes(panel) {
  const across = (/** @type {number} */ mm) => Math.ceil(mm * panel.pxmm_h - 1e-9);
  const down = (/** @type {number} */ mm) => Math.ceil(mm * panel.pxmm_v - 1e-9);
  return {
    "target-inline": across(target),
    "target-block": down(target),
    "primary-inline": across(primary),
    "primary-block": down(primary),
    "gap-inline": across(gap),
    "gap-block": down(gap),
  };
}

/**
 * A way to lay choices out.
 * @typedef {{columns: number, picto: "top" | "start"}} Layout
 */

/**
 * The layouts worth trying for so many choices, the preferred one first.
 * @param {number} count
 * @param {boolean} beside whether they stand beside a ticket or a list
 * @returns {Layout[]}
 */
export function layouts(count, beside) {
  /** @type {(columns: number, picto: "top" | "start") => Layout} */
  const as = (columns, picto) => ({ columns, picto });
  if (beside) {
    return count <= 3
      ? [as(1, "start"), as(1, "top")]
      : [as(1, "start"), as(2, "top"), as(2, "start")];
  }
  switch (count) {
    case 0:
    case 1:
      return [as(1, "top"), as(1, "start")];
    case 2:
      return [as(2, "top"), as(2, "start"), as(1, "start")];
    case 3:
      return [as(3, "top"), as(1, "start")];
    case 4:
      return [as(2, "start"), as(4, "top"), as(2, "top")];
    default:
      return [as(3, "top"), as(2, "start"), as(3, "start")];
  }
}

/**
 * The largest t that fits, to a sixteenth.
 * @param {(t: number) => boolean} fits smaller always fits if larger does
 * @param {number} from least t
 * @param {number} to largest t
 * @returns {number | null} null when not even `from` fits
 */
export function largest(fits, from, to) {
  if (fits(to)) return to;
  if (!fits(from)) return null;
  let low = from;
  let high = to;
  while (high - low > 1 / 16) {
    const middle = (low + high) / 2;
    if (fits(middle)) low = middle;
    else high = middle;
  }
  return low;
}

/**
 * How a screen is drawn: the size of its letters (t, see fonts), where its
 * choices stand, whether the lines of examples are there, whether title and text
 * leave the room to the choices, whether the title goes without its picture, the
 * size of the pictures and the air between lines (0 least, 1 largest).
 * @typedef {{t: number, layout: Layout, examples: boolean, quiet: boolean, bare: boolean, picture: number, air: number}} Fit
 */

/**
 * The side of a choice's picture (px): it grows with the letters beside it, and
 * further where no letters stand.
 * @param {Panel} panel
 * @param {number} label font size
 * @param {Layout} layout
 * @param {number} picture from 0 to 1
 * @param {boolean} [wordless]
 */
export function tile(panel, label, layout, picture, wordless = false) {
  const least = label * 1.3;
  const targets = wordless ? 4 : layout.picto === "top" ? 2.2 : 1;
  const most = Math.max(least, primary * panel.pxmm_v * targets);
  return Math.floor(least + (most - least) * picture);
}

/**
 * Lets lines, then pictures, grow into the room that the letters left.
 * @template {Fit & {fits: boolean}} F
 * @param {F} fit
 * @param {(fit: Fit) => boolean} fits
 * @returns {F}
 */
export function grow(fit, fits) {
  if (!fit.fits) return fit;
  const aired = { ...fit, air: largest((air) => fits({ ...fit, air }), fit.air, 1) ?? fit.air };
  return { ...aired, picture: largest((picture) => fits({ ...aired, picture }), 0, 1) ?? 0 };
}

/**
 * Chooses the largest letters, then the preferred layout, that fit.
 * @param {KioskView["size"]} size
 * @param {Layout[]} ways
 * @param {(fit: Fit) => boolean} fits
 * @param {boolean} [beside] whether the choices stand beside what is to be read
 * @param {boolean} [pictured] whether the title has a picture that it can do without
 * @returns {Fit & {fits: boolean}} when nothing fits: the smallest, with fits false
 */
export function choose(size, ways, fits, beside = false, pictured = false) {
  /** A preferred layout may have letters a little smaller than another one: 0.2 mm at most. */
  const favour = { s: 0.2, m: 0.2, l: 0.08, xl: 0.05 }[size] ?? 0.2;
  /** A smaller title is worth it when the choices gain this much. */
  const worth = 0.3;
  /**
   * @param {{examples: boolean, quiet: boolean, bare: boolean, air: number}} how
   * @param {number} from
   * @param {number} to
   * @returns {Fit | null}
   */
  const best = (how, from, to) => {
    /** @type {Fit | null} */
    let found = null;
    for (const layout of ways) {
      const least = found ? Math.min(to, found.t + favour) : from;
      const t = largest((t) => fits({ t, layout, picture: 0, ...how }), least, to);
      if (t !== null && (!found || t > found.t)) found = { t, layout, picture: 0, ...how };
      if (found && found.t === to) break;
    }
    return found;
  };
  const all = { examples: true, quiet: false, bare: false, air: 0 };
  const brief = { ...all, examples: false };
  const bare = (/** @type {typeof all} */ how, /** @type {number} */ from, /** @type {number} */ to) => (pictured ? best({ ...how, bare: true }, from, to) : null);
  const enough = reached[size] ?? 0;
  let fit = best({ ...all, air: 1 }, enough, 1) ?? best(all, enough, 1) ?? (enough === 0 ? bare(all, 0, 1) : null) ?? best(brief, 0, 1) ?? bare(brief, 0, 1);
  if ((size === "l" || size === "xl") && !beside && (!fit || fit.t < enough)) {
    const quiet = best({ ...brief, quiet: true, bare: pictured }, 0, 1);
    if (quiet && (!fit || quiet.t > fit.t + worth)) fit = quiet;
  }
  fit ??= best(all, -1, 0) ?? best(brief, -1, 0) ?? bare(brief, -1, 0);
  if (fit) return { ...fit, fits: true };
  return { t: -1, layout: ways[0], picture: 0, ...brief, bare: pictured, fits: false };
}
