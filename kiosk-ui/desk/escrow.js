/**
 * @file The key of the answers that wait: who keeps it, the drawer ticket, and what to do
 * when the box has lost it. A phone takes its keys and gives them back by itself, see
 * Keeper; the page is for the rare day when that is not enough.
 */
import { exchange, Keys } from "../lib/escrow.js";
import { h } from "../lib/dom.js";
import { newId, send } from "../lib/send.js";
import { say } from "../lib/words.js";
import { ask, refusal } from "./ask.js";
import { keyed, put } from "./dom.js";
import { drawer, keepers } from "./escrow.rules.js";
import { tell } from "./frame.js";
import { button, field, section } from "./parts.js";
import { may, mayOrder } from "./roles.js";

/** @import { DeskFolder, Page } from "./folder.js" */
/** @import { DeskView, EscrowView } from "./view.js" */

/** After this long (ms) a box that did not answer is asked again. */
const again = 5_000;

/** Exchanges keys with the box each time what it has changes. */
export class Keeper {
  #keys = new Keys();
  #mark = "";
  #busy = false;
  #next = 0;
  /** @type {"kept"|"not_kept"|"silent"|""} whether this phone keeps the keys */
  here = "";

  /**
   * @param {DeskView} view
   * @param {number} [now]
   */
  async look({ escrow, connected }, now = performance.now()) {
    // The box's own screen keeps nothing: what its browser keeps lies on the card.
    if (!escrow?.sealed || !connected?.me || !may("escrow")) return;
    const mark = `${escrow.box} ${escrow.mark}`;
    if (this.#busy || mark === this.#mark || now < this.#next) return;
    this.#busy = true;
    this.here = await exchange(this.#keys, escrow.box, async (body) => {
      const got = await ask("/api/escrow", body);
      return got.ok ? got.body : null;
    });
    this.#busy = false;
    if (this.here === "silent") this.#next = performance.now() + again;
    else this.#mark = mark;
  }
}

/** The page of the key. */
export class EscrowPage {
  #folder;
  #keeper;
  #keepers = h("div", { class: "stack" });
  #print = button(say("desk.escrow_print"), () => void tell(this.#folder, { do: "key_print" }), "", say("desk.escrow_print_hint"));
  #paper = h("p", { role: "status" });
  #drawer = h("section", { class: "stack" }, this.#print, this.#paper);
  #waiting = h("ul", { class: "lead" });
  #code = field({ label: say("desk.escrow_code"), help: say("desk.escrow_code_help"), attributes: { autocapitalize: "characters", spellcheck: "false", maxlength: 400 } });
  #give = button(say("desk.escrow_give"), () => void this.#type(), "strong");
  #abandon = h("div", { class: "stack" });
  #locked = section(say("desk.escrow_locked"), this.#waiting, h("p", {}, say("desk.escrow_locked_text")), this.#code.node, this.#give);
  /** @type {Page} */
  page;

  /**
   * @param {DeskFolder} folder
   * @param {Keeper} keeper
   */
  constructor(folder, keeper) {
    this.#folder = folder;
    this.#keeper = keeper;
    this.page = {
      key: "escrow", title: say("desk.escrow"), body: h("div", { class: "page" }, this.#locked, this.#keepers, this.#drawer, this.#abandon),
      typed: () => this.#code.input.value.trim() !== "",
      left: () => (this.#code.input.value = ""), // nothing of a key stays in the page
    };
    this.#code.input.addEventListener("keydown", (event) => {
      // A scanner ends with Enter.
      if (/** @type {KeyboardEvent} */ (event).key === "Enter") void this.#type();
    });
  }

  /** @param {EscrowView|undefined} escrow */
  render(escrow) {
    if (!escrow) return;
    const { locked } = escrow;
    this.#locked.hidden = this.#abandon.hidden = locked.length === 0;
    keyed(this.#waiting, locked, (l) => l.kind, () => h("li"), (node, l) => put(node, l.text));
    keyed(this.#abandon, mayOrder("key_abandon") ? locked : [], (l) => `${l.kind} ${l.batch}`,
      (l) => button(say("desk.escrow_abandon"), () => this.#ask(l), "danger", say("desk.escrow_abandon_hint")), (node, l) => {
        put(node.children[1], locked.length > 1 ? l.text : say("desk.escrow_abandon_hint"));
      });
    keyed(this.#keepers, keepers(escrow, this.#keeper.here), (l) => l.key, () => h("p"), (node, l) => put(node, l.text));
    this.#drawer.hidden = !escrow.print || !mayOrder("key_print");
    put(this.#paper, drawer(escrow));
  }

  async #type() {
    const key = this.#code.input.value.trim();
    if (key === "") {
      this.#code.problem(say("desk.escrow_code_none"));
      this.#code.input.focus();
      return;
    }
    const answer = await send("/api/desk", { desk: this.#folder.desk, do: "key_type", key });
    if (!answer.ok) {
      this.#code.problem(refusal(answer));
      this.#code.input.focus();
      return;
    }
    this.#code.input.value = "";
    this.#code.problem("");
    this.#folder.told(say("desk.escrow_given"));
  }

  /**
   * Gives up answers for good: asked twice, as nothing brings them back.
   * @param {EscrowView["locked"][number]} batch
   */
  #ask(batch) {
    const id = newId(); // pressed twice, it is done once
    const last = button(say("desk.escrow_abandon_last_yes"), async () => {
      if (await tell(this.#folder, { id, do: "key_abandon", key: batch.kind, call: Number(batch.batch) })) {
        this.#folder.backTo(this.page);
        this.#folder.told(say("desk.escrow_abandoned"));
      }
    }, "danger");
    const sure = button(say("desk.escrow_abandon_yes"), () => this.#folder.push({
      key: "escrow-last", title: say("desk.escrow_abandon_last"), foot: [last],
      body: h("div", { class: "page" }, h("p", {}, batch.text), h("p", {}, say("desk.escrow_abandon_last_text"))),
    }), "danger");
    this.#folder.push({
      key: "escrow-abandon", title: say("desk.escrow_abandon"), foot: [sure],
      body: h("div", { class: "page" }, h("p", {}, batch.text), h("p", {}, say("desk.escrow_abandon_text"))),
    });
  }
}
