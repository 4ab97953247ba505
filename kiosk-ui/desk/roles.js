/**
 * @file What the role of this screen may do. The server decides and refuses; this only
 * keeps from the page what would be refused. Where nobody said, everything is there.
 */

/** @import { DeskView } from "./view.js" */
/** @import { Item } from "./menus.js" */

/** @typedef {{role: string, label: string, may: string[], orders: string[]}} Me */

/** @type {Me|null} */
let me = null;

/** @param {Me|null} who */
export function become(who) {
  me = who;
}

/** Whether an order of the desk is this role's. @param {string} what */
export const mayOrder = (what) => me === null || me.orders.includes(what);

/** Whether this role has a capability. @param {string} capability */
export const may = (capability) => me === null || me.may.includes(capability);

/** What a page of the folder needs. @type {Record<string, string>} */
const pages = {
  places: "orient", map: "orient", orientation: "orient", today: "orient", rights: "orient", vouchers: "orient",
  agenda: "agenda", visits: "end", ready: "open_close", catch_up: "open_close", reports: "open_close", stats: "open_close", escrow: "escrow", update: "care", care: "care",
};

/** What a page of the sheet ends in. @type {Record<string, string>} */
const ends = { take: "take", close: "close" };

/**
 * Whether something of a menu is this role's.
 * @param {Item} item
 */
export function offers(item) {
  if (item.send && !mayOrder(item.send.do)) return false;
  if (item.go && ends[item.go.page] && !mayOrder(ends[item.go.page])) return false;
  if (item.test && !may("devices")) return false;
  return !item.open || !pages[item.open] || may(pages[item.open]);
}

/** What a role's view may lack, empty: the page draws nothing of it. */
const nothing = {
  banners: [], desks: [], mine: null, call_next: null, waiting: [], waiting_total: 0, resting: [], held: [], away: [], ended: [],
  counts: { issued: 0, served: 0, no_show: 0, left: 0, cancelled: 0, misrouted: 0, oriented: 0, unresolved: 0, here: 0, turned_away: 0 },
  undo: null, unprinted: [], devices: [], help: null, intake: null, report: null, next: "", desk: "",
  permanence: { status: "none", date: "", from: "", until: "", test: false, stale: false },
  choices: { hold: [], turned_away: [], cancel: [], roles: [], motifs: [], outcomes: [] },
  selftest: { now: null, last: null, ask: false, stands: { ready: true, text: "", lines: [] } },
};

/**
 * A view with every field, whatever the role is shown.
 * @param {Partial<DeskView>} view
 * @returns {DeskView}
 */
export function whole(view) {
  return /** @type {DeskView} */ ({ ...nothing, ...view, desks: (view.desks ?? []).map((d) => ({ ...d, row: d.row ?? null })) });
}
