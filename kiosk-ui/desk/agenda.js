/**
 * @file The agenda: what is to come, who holds a seat under an anonymous code, and who
 * came. No name is asked anywhere.
 */
import { h } from "../lib/dom.js";
import { newId, send } from "../lib/send.js";
import { say } from "../lib/words.js";
import { days, eventBody, importedLines, noEvent, seats, spaced } from "./agenda.rules.js";
import { ask, refusal } from "./ask.js";
import { chips } from "./chips.js";
import { keyed, put } from "./dom.js";
import { paperFields, slipChoices } from "./paper.js";
import { button, field, tick } from "./parts.js";
import { ticked } from "./slips.rules.js";

/** @import { Agenda, Event, Imported } from "./agenda.rules.js" */
/** @import { DeskFolder, Page } from "./folder.js" */
/** @import { Field } from "./parts.js" */

/** @typedef {Event & {codes: {code: string, came: boolean}[]}} Open */

/**
 * An order to the agenda: done once, however often it is sent.
 * @param {DeskFolder} folder
 * @param {Record<string, unknown>} body
 * @returns {Promise<Record<string, unknown>|null>} null when it was not done, which the folder says
 */
async function agendaOrder(folder, body) {
  const got = await send("/api/agenda", body);
  if (got.ok) return got;
  folder.problem(refusal(got));
  return null;
}

/** What is to come. */
export class AgendaPage {
  #folder;
  /** @type {Agenda} */
  #agenda = { events: [], kinds: [], themes: [] };
  #code = field({ label: say("desk.agenda_code"), help: say("desk.agenda_code_help"), attributes: { autocapitalize: "characters", spellcheck: "false", maxlength: 12 } });
  #none = h("p", { class: "help", hidden: true }, say("desk.agenda_none"));
  #list = h("div", { class: "stack" });
  /** @type {Page} */
  page;

  /** @param {DeskFolder} folder */
  constructor(folder) {
    this.#folder = folder;
    const find = h("form", { class: "find" }, this.#code.node, button(say("desk.agenda_find"), () => void this.#find()));
    find.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#find();
    });
    this.page = {
      key: "agenda", title: say("desk.agenda"), body: h("div", { class: "page" }, this.#none, this.#list, find,
        h("a", { class: "item", href: "/api/agenda/export", download: "agenda.ics" }, h("span", { class: "label" }, say("desk.agenda_export")))),
      foot: [
        button(say("desk.agenda_add"), () => this.#folder.push(new EventForm(this.#folder, this.#agenda, noEvent()).page), "strong"),
        button(say("desk.agenda_import"), () => this.#folder.push(new ImportPage(this.#folder, this.#agenda).page)),
      ],
      shown: () => void this.#ask(),
    };
  }

  async #ask() {
    const got = await ask("/api/agenda");
    if (!got.ok) return this.#folder.problem(got.error);
    this.#agenda = /** @type {Agenda} */ (got.body);
    this.#none.hidden = this.#agenda.events.length > 0;
    keyed(this.#list, days(this.#agenda.events), (d) => d.events[0].date + d.events[0].id, () => h("section", { class: "group" }, h("h3"), h("ul", { class: "rows" })), (node, d) => {
      put(node.children[0], d.day);
      keyed(node.children[1], d.events, (e) => e.id, (e) => {
        const open = h("button", { type: "button", class: "row place" }, h("span", { class: "name" }), h("span", { class: "when" }, h("span"), h("span", { class: "far" })));
        open.addEventListener("click", () => this.#folder.push(new EventPage(this.#folder, () => this.#agenda, e.id, e.what).page));
        return h("li", {}, open);
      }, (row, e) => {
        const [name, when] = row.children[0].children;
        put(name, e.what);
        put(when.children[0], e.hours);
        put(when.children[1], [e.room, seats(e)].filter(Boolean).join(" · "));
      });
    });
    this.#folder.renew(this.page);
  }

  async #find() {
    const typed = this.#code.input.value.trim();
    if (!typed) return this.#code.input.focus();
    const got = await ask("/api/agenda/code?code=" + encodeURIComponent(typed));
    if (!got.ok) return this.#code.problem(got.error);
    this.#code.input.value = "";
    this.#code.problem("");
    const event = /** @type {Event} */ (got.body.event);
    this.#folder.push(new EventPage(this.#folder, () => this.#agenda, event.id, event.what, String(got.body.code)).page);
  }
}

/** One event: reserve, cancel, tick who came, end. */
class EventPage {
  #folder;
  #agenda;
  #id;
  #wanted;
  /** @type {Open|null} */
  #event = null;
  #when = h("p", { class: "lead" });
  #free = h("p", { class: "found" });
  #paper = h("div");
  #codesNone = h("p", { class: "help" }, say("desk.agenda_codes_none"));
  #codes = h("ul", { class: "seats" });
  #more = field({ label: say("desk.agenda_more"), value: "0", attributes: { inputmode: "numeric", maxlength: 3 } });
  #end;
  #reserve;
  #edit;
  #busy = false;
  /** @type {Page} */
  page;

  /**
   * @param {DeskFolder} folder
   * @param {() => Agenda} agenda
   * @param {string} id
   * @param {string} what
   * @param {string} [wanted] the code that led here
   */
  constructor(folder, agenda, id, what, wanted = "") {
    this.#folder = folder;
    this.#agenda = agenda;
    this.#id = id;
    this.#wanted = wanted;
    this.#reserve = button(say("desk.agenda_reserve"), () => void this.#take(), "strong");
    this.#edit = button(say("desk.agenda_edit"), () => this.#event && this.#folder.push(new EventForm(this.#folder, this.#agenda(), { ...this.#event }).page));
    const remove = button(say("desk.agenda_remove"), () => this.#remove(), "danger");
    this.#end = h("section", { class: "stack" }, h("p", { class: "help" }, say("desk.agenda_end_text")), this.#more.node, button(say("desk.agenda_end"), () => void this.#finish(), "strong"));
    this.page = {
      key: "event", title: what, foot: [this.#reserve],
      body: h("div", { class: "page" }, this.#when, this.#free, this.#paper, h("h3", {}, say("desk.agenda_codes")), this.#codesNone, this.#codes, this.#end,
        h("div", { class: "items" }, this.#edit, remove)),
      shown: () => void this.#ask(),
    };
  }

  async #ask() {
    if (!this.#paper.firstChild) {
      const choices = await slipChoices(this.#folder);
      if (choices && !this.#paper.firstChild) this.#paper.append(paperFields(this.#folder, choices));
    }
    const got = await ask("/api/agenda/event?id=" + this.#id);
    if (!got.ok) return this.#folder.problem(got.error);
    const event = /** @type {Open} */ (got.body);
    this.#event = event;
    this.page.title = event.what;
    put(this.#when, [event.day, event.hours, event.room].filter(Boolean).join(" · "));
    put(this.#free, seats(event));
    this.#reserve.hidden = this.#paper.hidden = event.free === 0 || event.over;
    this.#end.hidden = !event.begun;
    this.#codesNone.hidden = event.codes.length > 0;
    keyed(this.#codes, event.codes, (c) => c.code, (c) => {
      const came = tick("", false, (on) => void this.#came(c.code, on));
      const quick = (/** @type {string} */ label, /** @type {string} */ name, /** @type {() => void} */ press) => {
        const b = h("button", { type: "button", class: "quiet", "aria-label": name }, label);
        b.addEventListener("click", press);
        return b;
      };
      return h("li", {}, h("span", { class: "code" }, spaced(c.code)), came,
        quick(say("desk.agenda_print"), say("desk.agenda_print") + " " + spaced(c.code), () => void this.#print(c.code)),
        quick(say("desk.agenda_cancel"), say("desk.agenda_cancel_one", { code: spaced(c.code) }), () => this.#cancel(c.code)));
    }, (node, c) => {
      const [, came] = node.children;
      const box = /** @type {HTMLInputElement} */ (came.children[0]);
      box.checked = c.came;
      box.setAttribute("aria-label", say("desk.agenda_came_one", { code: spaced(c.code) }));
      put(came.children[1], say("desk.agenda_came"));
      node.toggleAttribute("data-wanted", c.code === this.#wanted);
    });
    this.#folder.renew(this.page);
  }

  /** @param {Record<string, unknown>} body */
  async #order(body) {
    if (this.#busy) return null;
    this.#busy = true;
    const got = await agendaOrder(this.#folder, { event: this.#id, ...body });
    this.#busy = false;
    return got;
  }

  async #take() {
    const { drafts } = this.#folder;
    const got = await this.#order({ do: "reserve", lang: drafts.lang || "fr", large: drafts.large });
    if (!got) return void this.#ask();
    await this.#ask();
    const code = typeof got.code === "string" ? got.code : "";
    this.#folder.told(code ? say("desk.agenda_reserved", { code: spaced(code) }) : say("desk.agenda_reserved_short"));
  }

  /** @param {string} code @param {boolean} came */
  async #came(code, came) {
    await this.#order({ do: "came", code, came });
    await this.#ask();
  }

  /** @param {string} code */
  async #print(code) {
    const { drafts } = this.#folder;
    if (await this.#order({ do: "print", code, lang: drafts.lang || "fr", large: drafts.large })) this.#folder.told(say("desk.slip_printing"));
  }

  /** @param {string} code */
  #cancel(code) {
    this.#folder.push(sure(say("desk.agenda_cancel"), say("desk.agenda_cancel_ask", { code: spaced(code) }), say("desk.agenda_cancel_yes"), async () => {
      if (!(await this.#order({ do: "cancel", code }))) return;
      this.#folder.back();
      this.#folder.told(say("desk.agenda_cancelled"));
    }));
  }

  #remove() {
    const given = (this.#event?.taken ?? 0) > 0;
    const text = [say("desk.agenda_remove_ask"), given ? say("desk.agenda_remove_given") : ""].filter(Boolean).join(" ");
    this.#folder.push(sure(say("desk.agenda_remove"), text, say("desk.agenda_remove_yes"), async () => {
      if (!(await this.#order({ do: "remove", anyway: given }))) return;
      this.#folder.back(2);
      if (this.#folder.isOpen) this.#folder.told(say("desk.agenda_gone"));
    }));
  }

  async #finish() {
    const more = Number.parseInt(this.#more.input.value, 10) || 0;
    const got = await this.#order({ do: "end", more });
    if (!got) return;
    this.#folder.back();
    if (this.#folder.isOpen) this.#folder.told(say("desk.agenda_ended", { n: Number(got.participants ?? more) }));
  }
}

/**
 * A question before what cannot be taken back.
 * @param {string} title
 * @param {string} text
 * @param {string} yes
 * @param {() => void} press
 * @returns {Page}
 */
function sure(title, text, yes, press) {
  return { key: "sure", title, foot: [button(yes, press, "danger")], body: h("div", { class: "page" }, h("p", { class: "lead" }, text)) };
}

/** A new event, or another day for one. */
class EventForm {
  #folder;
  #event;
  #form = h("form", { novalidate: true });
  /** @type {Record<string, Field>} */
  #fields = {};
  #changed = false;
  #busy = false;
  /** @type {Page} */
  page;

  /**
   * @param {DeskFolder} folder
   * @param {Agenda} agenda
   * @param {Event} event its copy
   */
  constructor(folder, agenda, event) {
    this.#folder = folder;
    this.#event = event;
    const times = ["date", "from", "until"];
    /** @param {string} column @param {Field} f @param {(value: string) => void} keep */
    const add = (column, f, keep) => {
      this.#fields[column] = f;
      f.input.addEventListener("input", () => {
        this.#changed = true;
        keep(f.input.value);
        // An hour is wrong without its day, and an end without its beginning.
        if (times.includes(column)) for (const other of times) this.#fields[other]?.problem("");
      });
      return f.node;
    };
    const name = add("title", field({ label: say("desk.agenda_name"), help: say("desk.agenda_name_help"), value: event.title, attributes: { maxlength: 120 } }), (v) => (event.title = v));
    const room = add("room", field({ label: say("desk.agenda_room"), value: event.room, attributes: { maxlength: 120, list: "rooms" } }), (v) => (event.room = v));
    room.append(h("datalist", { id: "rooms" }, ...(agenda.rooms ?? []).map((value) => h("option", { value }))));
    const hidden = () => {
      name.hidden = event.kind !== "atelier";
      room.hidden = event.kind === "visite";
    };
    const kind = chips({ legend: say("desk.agenda_type"), choices: agenda.kinds, on: (key) => event.kind === key, press: (key) => {
      event.kind = /** @type {Event["kind"]} */ (key);
      this.#changed = true;
      hidden();
    } });
    hidden();
    const chosen = () => event.themes;
    this.#form.append(kind.node, name,
      add("date", field({ label: say("desk.agenda_date"), kind: "date", value: event.date }), (v) => (event.date = v)),
      h("div", { class: "pair" },
        add("from", field({ label: say("desk.agenda_from"), value: event.from, attributes: { type: "time" } }), (v) => (event.from = v)),
        add("until", field({ label: say("desk.agenda_until"), value: event.until, attributes: { type: "time" } }), (v) => (event.until = v))),
      room,
      add("seats", field({ label: say("desk.agenda_seats"), value: String(event.seats), attributes: { inputmode: "numeric", maxlength: 3 } }), (v) => (event.seats = Number.parseInt(v, 10) || 0)),
      h("details", { open: event.themes.length > 0 }, h("summary", {}, say("desk.agenda_themes")), chips({ legend: say("desk.agenda_themes"), choices: agenda.themes, on: (key) => chosen().includes(key), press: (key) => {
        this.#changed = true;
        event.themes = ticked(chosen(), key, !chosen().includes(key));
      } }).node));
    this.#form.addEventListener("submit", (e) => {
      e.preventDefault();
      void this.#save();
    });
    this.page = {
      key: "event_form", title: event.id ? say("desk.agenda_edit") : say("desk.agenda_add"), typed: () => this.#changed,
      foot: [button(say("desk.agenda_save"), () => void this.#save(), "strong")], body: h("div", { class: "page form" }, this.#form),
    };
  }

  async #save() {
    if (this.#busy) return;
    this.#busy = true;
    for (const f of Object.values(this.#fields)) f.problem("");
    const got = await ask("/api/agenda", { id: newId(), ...eventBody(this.#event) });
    this.#busy = false;
    if (got.ok) {
      this.#changed = false;
      return this.#folder.back();
    }
    this.#folder.problem(got.error);
    for (const p of got.problems) {
      const noDay = this.#event.date === "";
      if (noDay && p.column === "until") continue; // there is no hour without a day
      this.#fields[noDay && p.column === "from" ? "date" : p.column ?? ""]?.problem(p.text);
    }
    const wrong = this.#form.querySelector("[aria-invalid]");
    if (wrong instanceof HTMLElement) wrong.focus();
  }
}

/** Reads a calendar of another program. */
class ImportPage {
  #folder;
  #file = h("input", { type: "file", accept: ".ics,text/calendar", hidden: true });
  #working = h("p", { class: "working", role: "status", hidden: true }, say("desk.agenda_reading"));
  #kind = "atelier";
  #busy = false;
  /** @type {Page} */
  page;

  /**
   * @param {DeskFolder} folder
   * @param {Agenda} agenda
   */
  constructor(folder, agenda) {
    this.#folder = folder;
    this.#file.addEventListener("change", () => {
      const file = this.#file.files?.[0];
      if (file) void this.#read(file);
    });
    this.page = {
      key: "agenda_import", title: say("desk.agenda_import"), foot: [button(say("desk.agenda_import_file"), () => this.#file.click(), "strong")],
      body: h("div", { class: "page form" }, h("p", {}, say("desk.agenda_import_text")),
        chips({ legend: say("desk.agenda_import_kind"), choices: agenda.kinds, on: (key) => this.#kind === key, press: (key) => (this.#kind = key) }).node, this.#working, this.#file),
    };
  }

  /** @param {File} file */
  async #read(file) {
    if (this.#busy) return;
    this.#busy = true;
    this.#working.hidden = false;
    const got = await ask(`/api/agenda/import?kind=${this.#kind}&name=${encodeURIComponent(file.name)}`, file);
    this.#busy = false;
    this.#working.hidden = true;
    this.#file.value = ""; // the same file may be chosen again
    if (!got.ok) return this.#folder.problem(got.error);
    this.#folder.replace(imported(got.body));
  }
}

/**
 * What came of a file.
 * @param {Imported} got
 * @returns {Page}
 */
function imported(got) {
  /** @param {string} text @param {Event[]} events */
  const list = (text, events) => events.length > 0 && h("section", { class: "part" }, h("p", { class: "warn" }, text), h("ul", {}, ...events.map((e) => h("li", {}, [e.what, e.day, e.hours].join(" · ")))));
  return {
    key: "agenda_imported", title: say("desk.agenda_imported"),
    body: h("div", { class: "page" }, h("ul", { class: "lead" }, ...importedLines(got).map((l) => h("li", {}, l))),
      list(say("desk.agenda_moved"), got.moved), list(say("desk.agenda_missing"), got.missing)),
  };
}
