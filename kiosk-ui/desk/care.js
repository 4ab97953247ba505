/**
 * @file « Boîtier »: how the machine is, what can be taken away on a stick, and what can
 * be brought. Whatever ends the box is asked twice; what erases wants a word to be typed.
 */
import { h } from "../lib/dom.js";
import { say } from "../lib/words.js";
import { ask } from "./ask.js";
import { keyed, put } from "./dom.js";
import { button, field, section } from "./parts.js";

/** @import { DeskFolder, Page } from "./folder.js" */

/**
 * @typedef {{id: string, name: string, refused: string, files: string[]}} Stick
 * @typedef {{version: string, busy: boolean, hands: boolean, well: string, faults: string[], facts: string[], sticks: Stick[]}} CareView
 */

/** How long a stick may take (ms). */
const writing = 60_000;

export class CarePage {
  #folder;
  #version = h("p", { class: "help" });
  #well = h("p", { class: "told" });
  #faults = h("ul", { class: "rows" });
  #facts = h("ul", { class: "rows" });
  #sticks = h("div");
  #nothing = section(say("desk.care_in"), h("p", { class: "help" }, say("desk.care_no_stick")));
  #hand = button(say("desk.care_handover"), () => this.#handOver(), "", say("desk.care_handover_hint"));
  #hands = h("p", { class: "help" }, say("desk.care_handover_who"));
  #working = false;
  #open = false;
  /** @type {Page} */
  page;

  /** @param {DeskFolder} folder */
  constructor(folder) {
    this.#folder = folder;
    this.page = {
      key: "care", title: say("desk.care"),
      body: h("div", { class: "page" },
        section(say("desk.care_state"), this.#well, this.#faults, this.#facts, this.#version,
          button(say("desk.care_look"), () => void this.#look())),
        section(say("desk.care_out"),
          button(say("desk.care_report"), () => void this.#do({ do: "report" }), "", say("desk.care_report_hint")),
          button(say("desk.care_backup"), () => void this.#do({ do: "backup" }), "", say("desk.care_backup_hint")),
          this.#hand, this.#hands),
        this.#nothing, this.#sticks,
        section(say("desk.care_machine"),
          button(say("desk.care_setup"), () => this.#setUp(), "", say("desk.care_setup_hint")),
          button(say("desk.care_reboot"), () => this.#end("reboot")),
          button(say("desk.care_poweroff"), () => this.#end("poweroff")),
          button(say("desk.care_reset"), () => this.#reset(), "danger", say("desk.care_reset_hint")))),
      shown: () => void this.#look(),
    };
  }

  async #look() {
    const got = await ask("/api/care");
    if (!got.ok) return this.#folder.problem(got.error);
    this.#folder.problem("");
    const view = /** @type {CareView} */ (got.body);
    this.#open = view.busy;
    this.#hand.hidden = !view.hands;
    this.#hands.hidden = view.hands;
    put(this.#well, view.well);
    this.#well.hidden = view.well === "";
    lines(this.#faults, view.faults);
    lines(this.#facts, view.facts);
    put(this.#version, say("desk.care_version", { version: view.version }));
    this.#nothing.hidden = view.sticks.length > 0;
    keyed(this.#sticks, view.sticks, (s) => s.id + s.refused + s.files.join("/"), (s) =>
      section(say("desk.care_stick", { name: s.name }), ...this.#files(s)), () => {});
  }

  /** @param {Stick} stick */
  #files(stick) {
    if (stick.refused) return [h("p", { class: "warn" }, stick.refused)];
    if (stick.files.length === 0) return [h("p", { class: "help" }, say("desk.care_no_backup"))];
    return stick.files.map((name) => button(say("desk.care_restore", { file: name }), () => this.#restore(stick.id, name)));
  }

  /**
   * One order at a time: a stick is written for some seconds.
   * @param {Record<string, unknown>} order
   * @returns {Promise<{text: string, code?: string}|null>} null for one that was refused
   */
  async #do(order) {
    if (this.#working) return null;
    this.#working = true;
    this.#folder.problem("");
    const got = await ask("/api/care", order, writing);
    this.#working = false;
    if (!got.ok) {
      this.#folder.problem(got.error);
      return null;
    }
    this.#folder.told(got.body.text);
    return got.body;
  }

  /** The code is noted before anything is written: with the box, this page goes dark. */
  #handOver() {
    const code = h("p", { class: "handover", role: "status", hidden: true });
    const draw = button(say("desk.care_handover_code"), async () => {
      const done = await this.#do({ do: "handover" });
      if (!done) return;
      put(code, done.code ?? "");
      code.hidden = yes.hidden = false;
      draw.hidden = true;
      yes.focus();
    }, "strong");
    const yes = button(say("desk.care_handover_yes"), async () => {
      if (await this.#do({ do: "handover_go", code: code.textContent })) yes.hidden = true;
    }, "strong");
    yes.hidden = true;
    this.#folder.push({ key: "care-handover", title: say("desk.care_handover"), foot: [draw, yes],
      body: h("div", { class: "page" }, h("p", {}, say("desk.care_handover_text")), code) });
  }

  /**
   * @param {string} stick
   * @param {string} name
   */
  #restore(stick, name) {
    const code = field({ label: say("desk.care_code"), help: say("desk.care_code_help"), attributes: { autocapitalize: "characters", spellcheck: "false", maxlength: 24 } });
    const yes = button(say("desk.care_restore_yes"), async () => {
      if (await this.#do({ do: "restore", stick, name, code: code.input.value })) yes.hidden = true;
    }, "strong");
    this.#folder.push({ key: "care-restore", title: say("desk.care_restore_title"), foot: [yes],
      typed: () => code.input.value !== "" && !yes.hidden,
      body: h("div", { class: "page" }, h("p", {}, h("strong", {}, name)), h("p", {}, say("desk.care_restore_text")), code.node) });
  }

  /** @param {"reboot"|"poweroff"} what */
  #end(what) {
    const title = say(what === "reboot" ? "desk.care_reboot" : "desk.care_poweroff");
    const yes = button(title, async () => {
      if (await this.#do({ do: what })) yes.hidden = true;
    }, "strong");
    this.#folder.push({ key: "care-" + what, title, foot: [yes],
      body: h("div", { class: "page" }, ...(this.#open ? [h("p", { class: "warn" }, say("desk.care_open"))] : [])) });
  }

  #setUp() {
    const yes = button(say("desk.care_setup_yes"), async () => {
      if (await this.#do({ do: "setup" })) yes.hidden = true;
    }, "strong");
    this.#folder.push({ key: "care-setup", title: say("desk.care_setup"), foot: [yes],
      body: h("div", { class: "page" }, h("p", {}, say("desk.care_setup_text"))) });
  }

  #reset() {
    const word = field({ label: say("desk.care_reset_word"), attributes: { autocapitalize: "characters", spellcheck: "false", maxlength: 12 } });
    const yes = button(say("desk.care_reset_yes"), async () => {
      if (await this.#do({ do: "reset", sure: word.input.value.trim() })) yes.hidden = true;
    }, "danger");
    this.#folder.push({ key: "care-reset", title: say("desk.care_reset"), foot: [yes], typed: () => word.input.value !== "" && !yes.hidden,
      body: h("div", { class: "page" }, h("p", {}, say("desk.care_reset_text")), word.node) });
  }
}

/**
 * @param {HTMLElement} list
 * @param {string[]} texts
 */
function lines(list, texts) {
  list.hidden = texts.length === 0;
  keyed(list, texts, (text) => text, (text) => h("li", {}, text), () => {});
}
