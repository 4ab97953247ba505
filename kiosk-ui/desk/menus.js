/**
 * @file What the sheets of the desk offer, as values: sections of items. Pure functions
 * of the view and of where the reader is; drawing them is sheet.js.
 */
import { say } from "../lib/words.js";
import { coopFile } from "./coop.js";
import { fileHint } from "./end.rules.js";
import { may as mayRole, offers } from "./roles.js";
import { can, closing, duration, elsewhere, find, motifs, recallIn, running, undoIn, wayBack } from "./rules.js";

/** @import { Opening } from "./folder.js" */
/** @import { DeskView, Row, Choice, Command } from "./view.js" */

/**
 * Where the reader is: which page, about whom, and what is half chosen. `back` is the
 * page to return to.
 * @typedef {object} Place
 * @property {"more"|"not_received"|"person"|"hold"|"hand_over"|"add_motif"|"step_out"|"cancel"|"outcome"|"take"|"close"|"keys"|"stop"} page
 * @property {string} [visit]
 * @property {boolean} [forOther]
 * @property {string[]} [tells] what is ticked for the next permanence
 * @property {Place} [back]
 */

/**
 * One thing to press: it sends a command, goes to another page, or flips a choice.
 * `stay` keeps the sheet open after the command.
 * @typedef {object} Item
 * @property {string} key
 * @property {string} label
 * @property {string} [hint]
 * @property {"strong"|"danger"} [tone]
 * @property {boolean} [disabled]
 * @property {boolean} [pressed] a choice that is on or off
 * @property {boolean} [stay]
 * @property {Command} [send]
 * @property {Place} [go]
 * @property {boolean} [test] opens the page of the self test
 * @property {Opening} [open] opens a page of the folder
 * @property {string} [file] the address of a file to take away
 */

/** @typedef {{key: string, title: string, text?: string, items: Item[], wide?: boolean}} Section */
/** @typedef {{title: string, text: string, back: Place|null, sections: Section[]}} Sheet */

/** How long somebody may step out, in minutes. */
const STEPS_OUT = [15, 30, 45, 60];

/**
 * The sheet at a place; null when it speaks of somebody the server shows no more, or of
 * anybody once the permanence is closed.
 * @param {DeskView} view
 * @param {Place} place
 * @param {number} now
 * @returns {Sheet|null}
 */
export function sheet(view, place, now) {
  const back = place.back ?? null;
  const row = place.visit ? find(view, place.visit) : null;
  if (place.visit && !row) return null;
  switch (place.page) {
    case "more":
      return { title: say("desk.more"), text: "", back, sections: full(more(view, place, now)) };
    case "not_received":
      return { title: say("desk.not_received"), text: "", back, sections: full(notReceived(view, now)) };
    case "take":
      return { title: say("desk.take"), text: say("desk.take_text"), back, sections: full(take(view, place)) };
    case "close":
      return { title: say("desk.close"), text: "", back, sections: full(close(view, place, now)) };
    case "stop":
      return { title: say("desk.stop"), text: say("desk.stop_text"), back, sections: full(stops(view)) };
    case "keys":
      return { title: say("desk.keys"), text: "", back, sections: full(keys()) };
  }
  if (!row || !running(view)) return null; // once closed, nothing about anybody changes
  const title = say("desk.person_title", { n: row.number });
  const text = [motifs(row), row.state === "done" ? row.outcome : ""].filter(Boolean).join(" · ");
  return { title, text, back, sections: full(place.page === "person" ? person(view, row, place) : ask(view, row, place)) };
}

/**
 * Where an itinerant box may be today; choosing opens the permanence.
 * @param {DeskView} view
 * @returns {Section[]}
 */
function stops(view) {
  return [{ key: "stops", title: "", items: (view.choices.stops ?? []).map(({ key, label }) => ({ key, label, send: { do: "open", stop: key } })) }];
}

/**
 * The word on the button that leaves a sheet. Where the question is whether to close the
 * permanence, it must not say « Fermer ».
 * @param {Place} place
 */
export function leave(place) {
  return place.page === "close" ? say("desk.close_not") : say("desk.shut");
}

/** @param {Section[]} sections */
function full(sections) {
  return sections.map((s) => ({ ...s, items: s.items.filter(offers) })).filter((s) => s.items.length > 0 || s.text);
}

/**
 * « Plus »: the person at the desk, somebody else, the permanence.
 * @param {DeskView} view
 * @param {Place} here
 * @param {number} now
 * @returns {Section[]}
 */
function more(view, here, now) {
  const may = can(view, now);
  const mine = view.mine;
  return [
    {
      key: "mine",
      title: mine ? say("desk.section_mine", { n: mine.number }) : "",
      items: mine ? atDesk(view, mine, here, now) : [],
    },
    {
      key: "others",
      title: say("desk.section_others"),
      text: view.waiting.length > 0 ? say("desk.choose") : "",
      items: [
        { key: "take", label: say("desk.take"), hint: say("desk.take_hint"), go: { page: "take", back: here } },
        ...(view.intake ? [] : [{ key: "intake_new", label: say("desk.intake_new"), hint: say("desk.intake_new_hint"), send: { do: "intake_new" } }]),
        ...(view.desks.length > 1 ? [{ key: "desk_help", label: say("desk.help_ask"), hint: say("desk.help_ask_hint"), send: { do: "desk_help" } }] : []),
      ],
    },
    {
      key: "folder",
      title: say("desk.section_folder"),
      items: [
        ...(mine ? [] : forPerson()),
        { key: "visits", label: say("desk.visits"), hint: say("desk.visits_hint"), open: "visits" },
        { key: "agenda", label: say("desk.agenda"), hint: say("desk.agenda_hint"), open: "agenda" },
        { key: "places", label: say("desk.places"), hint: say("desk.places_hint"), open: "places" },
        { key: "map", label: say("desk.map"), hint: say("desk.map_hint"), open: "map" },
        { key: "vouchers", label: say("desk.vouchers"), hint: say("desk.vouchers_hint"), open: "vouchers" },
      ],
    },
    {
      key: "permanence",
      title: say("desk.section_permanence"),
      items: [
        may.pause
          ? { key: "pause", label: say("desk.pause"), hint: say("desk.pause_hint"), send: { do: "pause" } }
          : { key: "resume", label: say("desk.resume"), disabled: !may.resume, send: { do: "resume" } },
        { key: "close", label: say("desk.close"), go: { page: "close", back: here } },
        { key: "ready", label: say("desk.ready"), open: "ready" },
        { key: "catch_up", label: say("desk.catch_up"), hint: say("desk.catch_up_hint"), open: "catch_up" },
        { key: "print_fallback", label: say("desk.fallback_print"), hint: say("desk.fallback_hint"), send: { do: "print_fallback" } },
        { key: "stats", label: say("desk.stats"), hint: say("desk.stats_hint"), open: "stats" },
        { key: "reports", label: say("desk.reports"), hint: say("desk.reports_hint"), open: "reports" },
        ...(view.connected ? [{ key: "connected", label: say("desk.connected"), hint: say("desk.connected_hint"), open: /** @type {Opening} */ ("connected") }] : []),
        { key: "escrow", label: say("desk.escrow"), hint: say("desk.escrow_hint"), open: "escrow" },
        ...(view.care ? [{ key: "care", label: say("desk.care"), hint: say("desk.care_hint"), open: /** @type {Opening} */ ("care") }] : []),
        { key: "selftest", label: say("desk.selftest"), hint: say("desk.selftest_hint"), test: true },
        { key: "keys", label: say("desk.keys"), go: { page: "keys", back: here } },
      ],
    },
  ];
}

/**
 * What is prepared with somebody, with or without a ticket.
 * @returns {Item[]}
 */
function forPerson() {
  return [
    { key: "today", label: say("desk.today_slip"), hint: say("desk.today_slip_hint"), open: "today" },
    { key: "rights", label: say("desk.rights"), hint: say("desk.rights_hint"), open: "rights" },
  ];
}

/**
 * The kiosk's questions, for somebody who has a ticket. Not while this desk fills an
 * intake already: what was answered there would be lost.
 * @param {DeskView} view
 * @param {string} visit
 * @returns {Item[]}
 */
function questions(view, visit) {
  return view.intake ? [] : [{ key: "intake_visit", label: say("desk.intake_visit"), hint: say("desk.intake_visit_hint"), send: { do: "intake_new", visit } }];
}

/**
 * All that can be done with the person at this desk.
 * @param {DeskView} view
 * @param {Row} mine
 * @param {Place} here
 * @param {number} now
 * @returns {Item[]}
 */
function atDesk(view, mine, here, now) {
  const may = can(view, now);
  const left = recallIn(mine, now);
  /** @type {Item[]} */
  const items = [];
  if (may.start) {
    items.push({ key: "start", label: say("desk.start"), hint: say("desk.start_hint"), send: { do: "start" } });
    items.push({
      key: "recall", label: say("desk.recall"), disabled: !may.recall, send: { do: "recall" },
      hint: left > 0 ? say("desk.recall_in", { n: left }) : undefined,
    });
  }
  if (may.together) items.push({ key: "together", label: say("desk.together"), hint: say("desk.together_hint"), send: { do: "together" } });
  if (may.hold) items.push({ key: "hold", label: say("desk.hold"), hint: say("desk.hold_hint"), go: { page: "hold", visit: mine.id, back: here } });
  if (may.handOver) items.push({ key: "hand_over", label: say("desk.hand_over"), hint: say("desk.hand_over_hint"), go: { page: "hand_over", visit: mine.id, back: here } });
  items.push(...questions(view, mine.id));
  items.push({ key: "add_motif", label: say("desk.add_motif"), go: { page: "add_motif", visit: mine.id, back: here } });
  if (may.done) items.push({ key: "outcome", label: say("desk.outcome"), go: { page: "outcome", visit: mine.id, back: here } });
  items.push({ key: "reprint", label: say("desk.reprint"), send: { do: "reprint", visit: mine.id } });
  items.push({ key: "cancel", label: say("desk.cancel"), tone: "danger", go: { page: "cancel", visit: mine.id, back: here } });
  return items;
}

/**
 * « Pas pu être reçu »: the person at the desk, then somebody without a ticket.
 * @param {DeskView} view
 * @param {number} now
 * @returns {Section[]}
 */
function notReceived(view, now) {
  const may = can(view, now);
  const mine = view.mine;
  /** @type {Item[]} */
  const items = [];
  if (mine && may.done) {
    if (mine.propose_no_show) items.push({ key: "no_show", label: say("desk.no_show"), hint: say("desk.no_show_hint", { n: mine.calls }), tone: "strong", send: { do: "no_show", visit: mine.id } });
    if (may.absent) items.push({ key: "absent", label: say("desk.absent"), hint: say("desk.absent_hint"), send: { do: "absent" } });
    items.push({ key: "left", label: say("desk.left"), send: { do: "end", visit: mine.id, outcome: "left" } });
    items.push({ key: "oriented", label: say("desk.oriented"), send: { do: "end", visit: mine.id, outcome: "oriented" } });
    items.push({ key: "misrouted", label: say("desk.misrouted"), send: { do: "end", visit: mine.id, outcome: "misrouted" } });
  }
  return [
    {
      key: "mine",
      title: mine ? say("desk.section_mine", { n: mine.number }) : "",
      items,
    },
    {
      key: "turned_away",
      title: say("desk.section_no_ticket"),
      text: say("desk.section_no_ticket_text"),
      items: pick(view.choices.turned_away, (reason) => ({ do: "turned_away", reason })),
    },
  ];
}

/**
 * What can be done with somebody of a list.
 * @param {DeskView} view
 * @param {Row} row
 * @param {Place} here
 * @returns {Section[]}
 */
function person(view, row, here) {
  const visit = row.id;
  const may = can(view, 0);
  /** @param {Place["page"]} page @returns {Place} */
  const to = (page) => ({ page, visit, back: here });
  /** @type {Item[]} */
  const items = [];
  const back = wayBack(row);
  if (back) items.push({ key: back.do, label: back.label, hint: back.hint, tone: "strong", send: { do: back.do, visit } });
  if (row.state === "done") {
    if (!back) items.push({ key: "end", label: say("desk.end_ask"), open: `end:${visit}` });
    items.push({ key: "outcome", label: say("desk.outcome_change"), go: to("outcome") });
    items.push({ key: "add_motif", label: say("desk.add_motif"), go: to("add_motif") });
    return [{ key: "person", title: "", items }];
  }
  if (row.state === "called" || row.state === "serving") return [{ key: "person", title: "", text: say("desk.at_desk", { desk: row.desk }), items }];

  items.push({
    key: "call", label: say("desk.call"), tone: back ? undefined : "strong", disabled: !may.call, send: { do: "call", visit },
    hint: view.mine ? say("desk.next_busy", { n: view.mine.number }) : undefined,
  });
  items.push(row.priority
    ? { key: "prioritise", label: say("desk.priority_off"), send: { do: "prioritise", visit, on: false } }
    : { key: "prioritise", label: say("desk.priority_on"), hint: say("desk.priority_hint"), send: { do: "prioritise", visit, on: true } });
  items.push({ key: "hand_over", label: say("desk.needs"), go: to("hand_over") });
  items.push({ key: "add_motif", label: say("desk.add_motif"), go: to("add_motif") });
  items.push(...questions(view, visit));
  if (row.state === "waiting") items.push({ key: "step_out", label: say("desk.step_out"), hint: say("desk.step_out_hint"), go: to("step_out") });
  items.push({ key: "reprint", label: say("desk.reprint"), send: { do: "reprint", visit } });
  items.push({ key: "left", label: say("desk.left"), send: { do: "end", visit, outcome: "left" } });
  if (row.calls > 0) items.push({ key: "no_show", label: say("desk.no_show"), send: { do: "no_show", visit } });
  items.push({ key: "cancel", label: say("desk.cancel"), tone: "danger", go: to("cancel") });
  return [{ key: "person", title: "", items }];
}

/**
 * A question with a closed list of answers about one person.
 * @param {DeskView} view
 * @param {Row} row
 * @param {Place} place
 * @returns {Section[]}
 */
function ask(view, row, place) {
  const visit = row.id;
  const c = view.choices;
  switch (place.page) {
    case "hold":
      return [{ key: "hold", title: say("desk.hold_ask"), items: pick(c.hold, (reason) => ({ do: "hold", reason })) }];
    case "hand_over":
      return [{ key: "hand_over", title: say("desk.hand_over_ask"), items: pick(c.roles, (role) => ({ do: "hand_over", visit, role })) }];
    case "add_motif":
      return [{ key: "add_motif", title: say("desk.add_motif_ask"), wide: true, items: pick(c.motifs.filter((m) => !row.motifs.includes(m.label)), (motif) => ({ do: "add_motif", visit, motif })) }];
    case "step_out":
      return [{
        key: "step_out", title: say("desk.step_out_ask"),
        items: STEPS_OUT.map((n) => ({ key: String(n), label: say("desk.step_out_minutes", { n }), send: { do: "step_out", visit, minutes: n } })),
      }];
    case "cancel":
      return [{ key: "cancel", title: say("desk.cancel_ask"), items: pick(c.cancel, (reason) => ({ do: "cancel", visit, reason })) }];
    case "outcome":
      return [{ key: "outcome", title: say("desk.outcome_ask"), items: pick(c.outcomes, (outcome) => ({ do: "end", visit, outcome })) }];
    default:
      return [];
  }
}

/**
 * A ticket for somebody who cannot use the kiosk.
 * @param {DeskView} view
 * @param {Place} place
 * @returns {Section[]}
 */
function take(view, place) {
  const forOther = place.forOther === true;
  const also = forOther ? { for_other: true } : {};
  return [
    {
      key: "whom", title: "",
      items: [{ key: "for_other", label: say("desk.take_for_other"), pressed: forOther, go: { ...place, forOther: !forOther } }],
    },
    {
      key: "motif", title: say("desk.take_motif"), wide: true,
      items: [
        ...pick(view.choices.motifs, (motif) => ({ do: "take", motif, ...also })),
        { key: "", label: say("desk.take_no_motif"), send: { do: "take", ...also } },
      ],
    },
  ];
}

/**
 * Closing: who is still here, one by one, what the next team should know, and last, once
 * both are read, the close itself, for all who are still here.
 * @param {DeskView} view
 * @param {Place} here
 * @param {number} now
 * @returns {Section[]}
 */
function close(view, here, now) {
  const { people, unseen, rest } = closing(view);
  const tells = here.tells ?? [];
  const also = tells.length > 0 ? { tells } : {};
  const told = forNext(view, here);
  const rows = (view.team?.work.told ?? 0) + (view.team?.work.workshops ?? 0);
  /** @type {Section[]} */
  const file = rows > 0 && view.team && mayRole("open_close") ? [{
    key: "coop", title: "", items: [{ key: "coop", label: say("desk.coop_download"), hint: fileHint(view.team.work), file: coopFile }],
  }] : [];
  if (people.length === 0 && unseen === 0) {
    return [...file, { key: "here", title: "", text: say("desk.close_empty"), items: [] }, ...told, {
      key: "all", title: "",
      items: [{ key: "close", label: say("desk.close_now"), tone: "strong", send: { do: "close", ...also } }],
    }];
  }
  const n = people.length + unseen;
  const left = undoIn(view, now);
  const all = { key: "left", label: say("desk.close_all_left"), hint: say("desk.close_all_left_hint"), send: { do: "close", rest: "left", ...also } };
  const unknown = { key: "unresolved", label: say("desk.close_unknown"), hint: say("desk.close_unknown_hint"), send: { do: "close", rest: "unresolved", ...also } };
  /** @type {Item[]} */
  const both = rest === "left" ? [{ ...all, tone: "strong" }, unknown] : [{ ...unknown, tone: "strong" }, all];
  return [
    ...file,
    { key: "here", title: "", text: n === 1 ? say("desk.close_here_one") : say("desk.close_here_many", { n }), items: [] },
    ...people.map((row) => ({
      key: "visit:" + row.id,
      title: say("desk.person_title", { n: row.number }),
      text: [motifs(row), row.desk && met(row) ? row.desk : "", say("desk.close_here", { time: duration(now - row.arrived_ms) })].filter(Boolean).join(" · "),
      // Whoever sits at another desk is that desk's to finish with.
      items: elsewhere(view, row) ? [] : /** @type {Item[]} */ ([
        { key: "left", label: say("desk.close_left"), stay: true, send: { do: "end", visit: row.id, outcome: "left" } },
        ...(met(row) ? [{ key: "served", label: say("desk.close_served"), stay: true, send: { do: "end", visit: row.id, outcome: "served" } }] : []),
      ]),
    })),
    ...(unseen > 0 ? [{ key: "unseen", title: "", text: say("desk.close_unseen", { n: unseen }), items: [] }] : []),
    ...(view.undo && left > 0 ? [{ key: "undo", title: "", items: [{ key: "undo", label: undoLabel(view.undo.label, left), stay: true, send: { do: "undo" } }] }] : []),
    ...told,
    { key: "all", title: "", items: both },
  ];
}

/**
 * What the next permanence should know, to tick: a closed list, so that nobody writes
 * about a person.
 * @param {DeskView} view
 * @param {Place} here
 * @returns {Section[]}
 */
function forNext(view, here) {
  const tells = here.tells ?? [];
  return [{
    key: "tells", title: say("desk.close_tells"), text: say("desk.close_tells_text"), wide: true,
    items: (view.choices.tells ?? []).map(({ key, label }) => ({
      key, label, pressed: tells.includes(key),
      go: { ...here, tells: tells.includes(key) ? tells.filter((t) => t !== key) : [...tells, key] },
    })),
  }];
}

/**
 * Whether somebody has received this person, or begun to.
 * @param {Row} row
 */
function met(row) {
  return row.state === "called" || row.state === "serving" || row.state === "held";
}

/**
 * « Annuler : Appel du 12 (8 s) ».
 * @param {string} label
 * @param {number} n seconds left
 */
export function undoLabel(label, n) {
  return say("desk.undo", { label, n });
}

/** @returns {Section[]} */
function keys() {
  return [{
    key: "keys", title: "", text: say("desk.keys_text"),
    items: [
      { key: "n", label: say("desk.next"), hint: "N", disabled: true },
      { key: "t", label: say("desk.done"), hint: "T", disabled: true },
      { key: "r", label: say("desk.recall"), hint: "R", disabled: true },
      { key: "u", label: say("desk.undo_short"), hint: "U", disabled: true },
      { key: "p", label: say("desk.pause_or_resume"), hint: "P", disabled: true },
      { key: "?", label: say("desk.keys"), hint: "?", disabled: true },
    ],
  }];
}

/**
 * One item for each choice of a closed list.
 * @param {Choice[]} choices
 * @param {(key: string) => Command} send
 * @returns {Item[]}
 */
function pick(choices, send) {
  return choices.map(({ key, label }) => ({ key, label, send: send(key) }));
}
