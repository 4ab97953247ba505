/**
 * @file « Droits à vérifier » with the social worker: the same questions as on the
 * visitor's own phone, worked out in this page, in French and beside it in the language
 * of the person. Nothing is kept: what was answered goes with the page, or with the visit.
 */
import { h } from "../lib/dom.js";
import { send } from "../lib/send.js";
import { say, speaker } from "../lib/words.js";
import { mountRights } from "../phone/rights.mount.js";
import { ask, refusal } from "./ask.js";
import { slipChoices } from "./paper.js";
import { field } from "./parts.js";
import { besides, langOf } from "./slips.rules.js";

/** @import { DeskFolder, Page } from "./folder.js" */

export class RightsPage {
  #folder;
  #lang = h("div", { class: "rights-lang" });
  #questions = h("div");
  /** @type {ReturnType<typeof mountRights>|null} */
  #mounted = null;
  #gone = false;
  #busy = false;
  /** The newest language that was asked for: older ones come too late. */
  #asked = 0;
  /** @type {Page} */
  page;

  /** @param {DeskFolder} folder */
  constructor(folder) {
    this.#folder = folder;
    this.page = {
      key: "rights", title: say("desk.rights"), visit: true, body: h("div", { class: "page" }, this.#lang, this.#questions),
      shown: () => void this.#mount(),
      left: () => {
        this.#gone = true;
        this.#mounted?.remove();
      },
    };
  }

  async #mount() {
    if (this.#mounted) return;
    const [rules, words, tongues, choices] = await Promise.all([ask("/phone/rules"), ask("/phone/words?lang=fr"), ask("/phone/languages"), slipChoices(this.#folder)]);
    if (this.#gone || this.#mounted) return;
    if (!rules.ok || !words.ok || !tongues.ok || !choices) return this.#folder.problem(say("desk.rights_none"));
    this.#mounted = mountRights(this.#questions, {
      say: speaker(words.body), rules: rules.body,
      print: (ids) => void this.#print(ids),
      close: () => this.#folder.back(),
    });
    const { drafts, mine } = this.#folder;
    drafts.lang ||= langOf(choices.langs, mine);
    const langs = besides(choices.langs, tongues.body);
    if (langs.length < 2) return; // French alone
    const lang = field({ label: say("desk.slip_lang"), help: say("desk.rights_lang_help"), kind: "select", choices: langs,
      value: langs.some((l) => l.key === drafts.lang) ? drafts.lang : "fr" });
    lang.input.addEventListener("change", () => {
      drafts.lang = lang.input.value;
      void this.#beside(tongues.body, drafts.lang);
    });
    this.#lang.append(lang.node);
    await this.#beside(tongues.body, drafts.lang);
  }

  /**
   * @param {{lang: string, tag: string, dir: string}[]} tongues
   * @param {string} lang
   */
  async #beside(tongues, lang) {
    const turn = ++this.#asked;
    const tongue = tongues.find((t) => t.lang === lang);
    if (!tongue || lang === "fr") return this.#mounted?.beside(null);
    const words = await ask("/phone/words?lang=" + encodeURIComponent(lang));
    if (turn !== this.#asked) return;
    if (!words.ok) return this.#folder.problem(words.error);
    this.#mounted?.beside({ ...tongue, say: speaker(words.body) });
  }

  /** @param {string[]} ids */
  async #print(ids) {
    if (this.#busy) return;
    this.#busy = true;
    const { drafts } = this.#folder;
    const got = await send("/api/slip", { do: "rights", lang: drafts.lang || "fr", ids, large: drafts.large });
    this.#busy = false;
    if (!got.ok) return this.#folder.problem(refusal(got));
    this.#folder.told(say("desk.slip_printing"));
  }
}
