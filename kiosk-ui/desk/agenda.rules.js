/** @file The agenda, as values: pure functions of what the server tells of it. */
import { say } from "../lib/words.js";
import { some } from "./places.rules.js";

/** @import { Choice } from "./view.js" */

/**
 * An event, in the words and the zone of the place.
 * @typedef {object} Event
 * @property {string} id
 * @property {"atelier"|"rendez_vous"|"visite"} kind
 * @property {string} what its title, or what it is
 * @property {string} title
 * @property {string} day in words
 * @property {string} hours
 * @property {string} date as a form has it
 * @property {string} from
 * @property {string} until
 * @property {string} room
 * @property {string[]} themes
 * @property {number} seats
 * @property {number} taken
 * @property {number} came
 * @property {number} free
 * @property {boolean} begun it may be ended
 * @property {boolean} over
 */

/** @typedef {{events: Event[], kinds: Choice[], themes: Choice[], rooms?: string[]}} Agenda */

/** @typedef {{added: number, changed: number, same: number, removed: number, notes: string[], moved: Event[], missing: Event[]}} Imported */

/**
 * The events under their days, in the server's order.
 * @param {Event[]} events
 * @returns {{day: string, events: Event[]}[]}
 */
export function days(events) {
  /** @type {{date: string, day: string, events: Event[]}[]} */
  const list = [];
  for (const event of events) {
    const last = list.at(-1);
    if (last?.date === event.date) last.events.push(event);
    else list.push({ date: event.date, day: event.day, events: [event] });
  }
  return list;
}

/**
 * What is left of an event, in words.
 * @param {Event} event
 */
export function seats(event) {
  if (event.over) return say("desk.agenda_over");
  return event.free === 0 ? say("desk.agenda_full") : some(event.free, "desk.agenda_free_one", "desk.agenda_free_many");
}

/**
 * A code as one reads it aloud: three by three.
 * @param {string} code
 */
export function spaced(code) {
  return code.replace(/(...)(?=.)/g, "$1\u00a0");
}

/** A new event, as the form begins. @returns {Event} */
export function noEvent() {
  return {
    id: "", kind: "atelier", what: "", title: "", day: "", hours: "", date: "", from: "14:00", until: "16:00", room: "",
    themes: [], seats: 8, taken: 0, came: 0, free: 8, begun: false, over: false,
  };
}

/**
 * What is sent of a form. What a kind of event does not have is left out: an appointment
 * has no title, a home visit no place.
 * @param {Event} event
 */
export function eventBody(event) {
  const { id, kind, date, from, until, themes, seats } = event;
  return {
    do: "put",
    form: { id, kind, date, from, until, themes, seats, title: kind === "atelier" ? event.title.trim() : "", room: kind === "visite" ? "" : event.room.trim() },
  };
}

/**
 * What came of a file, in short; what did not happen is not said.
 * @param {Imported} got
 */
export function importedLines(got) {
  return [
    ...[["desk.agenda_added", got.added], ["desk.agenda_changed", got.changed], ["desk.agenda_same", got.same], ["desk.agenda_removed", got.removed]]
      .filter(([, n]) => Number(n) > 0).map(([key, n]) => say(String(key), { n: Number(n) })),
    ...got.notes,
  ];
}
