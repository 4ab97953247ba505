/** @file The pages around a permanence: which desk is this, and no permanence now. */
import { say } from "../lib/words.js";
import { h } from "../lib/dom.js";
import { attr, keyed, put } from "./dom.js";
import { frameDoors } from "./frame.js";
import { go, order, test, unfold } from "./orders.js";
import { may, mayOrder } from "./roles.js";
import { reportLines } from "./rules.js";

/** @import { DeskView } from "./view.js" */

/** Which desk is this? The answer is an address, so that it can be kept. */
export class DeskChooser extends HTMLElement {
  #list = h("ul", { class: "desks" });

  connectedCallback() {
    if (this.firstChild) return;
    this.append(h("h1", {}, say("desk.which")), this.#list);
  }

  /** @param {DeskView} view */
  render(view) {
    keyed(this.#list, view.desks, (d) => d.key, (d) => {
      return h("li", {}, h("a", { href: "?desk=" + encodeURIComponent(d.key) }, h("span", { class: "label" }), h("span", { class: "hint" })));
    }, (node, d) => {
      const link = /** @type {Element} */ (node.firstElementChild);
      put(link.children[0], d.label);
      put(link.children[1], d.roles.join(" + "));
    });
  }
}

/** No permanence now: when the next one is, and how to open it. */
export class DeskFront extends HTMLElement {
  #eyebrow = h("p", { class: "eyebrow" });
  #when = h("h1");
  #here = h("p", { class: "here" });
  #open = h("button", { type: "button", class: "big open" });
  #test = h("button", { type: "button", class: "quiet" });
  #testText = h("p", { class: "help" });
  #lines = h("tbody");
  /** What is read less often is unfolded. */
  #rest = h("tbody");
  #whole = h("details", {}, h("summary", {}, say("desk.stats_table")), h("table", {}, this.#rest));
  #identity = h("p", { class: "sum" });
  #remarks = h("ul", { class: "tells" });
  #reprint = h("button", { type: "button", class: "quiet" });
  #devices = h("ul", { class: "devices" });
  #standsText = h("h2");
  #standsLines = h("ul");
  #standsTest = h("button", { type: "button", class: "quiet" });
  #stands = h("section", { class: "stands" }, h("div", {}, this.#standsText, this.#standsLines), this.#standsTest);
  #places = h("button", { type: "button", class: "quiet" });
  #vouchers = h("button", { type: "button", class: "quiet" });
  #connected = h("button", { type: "button", class: "quiet" });
  #agenda = h("button", { type: "button", class: "quiet" });
  #escrow = h("button", { type: "button", class: "quiet" });
  #update = h("button", { type: "button", class: "quiet" });
  #care = h("button", { type: "button", class: "quiet" });
  #frame = frameDoors();
  #heading = h("h2", { class: "heading" });
  #practised = h("p");
  /** Whether the box is itinerant: where it is today is asked first. */
  #stops = false;
  #report = h("section", { class: "report" });

  connectedCallback() {
    if (this.firstChild) return;
    put(this.#open, say("desk.open"));
    put(this.#test, say("desk.open_test"));
    put(this.#testText, say("desk.open_test_text"));
    put(this.#standsTest, say("desk.selftest"));
    put(this.#places, say("desk.places"));
    put(this.#vouchers, say("desk.vouchers"));
    put(this.#connected, say("desk.connected"));
    this.#connected.addEventListener("click", () => unfold(this, "connected"));
    put(this.#agenda, say("desk.agenda"));
    put(this.#escrow, say("desk.escrow"));
    put(this.#update, say("desk.update"));
    put(this.#care, say("desk.care"));
    this.#update.addEventListener("click", () => unfold(this, "update"));
    this.#care.addEventListener("click", () => unfold(this, "care"));
    this.#escrow.addEventListener("click", () => unfold(this, "escrow"));
    this.#agenda.addEventListener("click", () => unfold(this, "agenda"));
    this.#places.addEventListener("click", () => unfold(this, "places"));
    this.#vouchers.addEventListener("click", () => unfold(this, "vouchers"));
    this.#standsTest.addEventListener("click", () => test(this));
    this.#open.addEventListener("click", () => (this.#stops ? go(this, { page: "stop" }) : order(this, { do: "open" })));
    this.#test.addEventListener("click", () => order(this, { do: "open", test: true }));
    this.#reprint.addEventListener("click", () => order(this, { do: "reprint_report" }));
    put(this.#practised, say("desk.report_test_text"));
    this.#report.append(this.#heading, this.#practised, this.#identity, h("table", {}, this.#lines), this.#whole, this.#remarks, this.#reprint);
    this.append(
      h("div", { class: "welcome" }, this.#eyebrow, this.#when, this.#here),
      h("div", { class: "start" }, this.#open, h("div", { class: "trial" }, this.#test, this.#testText)),
      this.#stands,
      h("div", { class: "doors" }, ...this.#frame, this.#agenda, this.#places, this.#vouchers, this.#connected, this.#escrow, this.#care, this.#update),
      this.#report,
      this.#devices,
      h("p", { class: "guides" }, h("a", { href: "/guide/" }, say("desk.guides"))));
  }

  /** @param {DeskView} view */
  render(view) {
    this.#connected.hidden = !view.connected;
    for (const door of this.#frame) door.hidden = !may("open_close");
    this.#open.hidden = this.#test.hidden = this.#testText.hidden = !mayOrder("open");
    this.#stops = (view.choices.stops ?? []).length > 0;
    this.#reprint.hidden = !mayOrder("reprint_report");
    this.#standsTest.hidden = !may("devices");
    this.#places.hidden = this.#vouchers.hidden = !may("orient");
    this.#agenda.hidden = !may("agenda");
    this.#update.hidden = !view.updates || !may("care");
    this.#care.hidden = !view.care || !may("care");
    this.#escrow.hidden = !view.escrow || !may("escrow");
    const p = view.permanence;
    const today = p.status === "planned";
    put(this.#eyebrow, today ? say("desk.front_today") : p.status === "closed" ? say("desk.front_closed") : say("desk.front_next"));
    put(this.#when, today ? say("desk.front_hours", { date: p.date, from: p.from, until: p.until }) : view.next || say("desk.front_no_date"));
    const early = today ? view.counts.here : 0;
    this.#here.hidden = early === 0;
    put(this.#here, early === 1 ? say("desk.front_here_one") : say("desk.front_here_many", { n: early }));
    renderDevices(this.#devices, view);
    const { stands } = view.selftest;
    attr(this.#stands, "data-ready", stands.ready);
    put(this.#standsText, stands.text);
    keyed(this.#standsLines, stands.lines, (l) => l, () => h("li"), put);
    this.#report.hidden = !view.report;
    if (!view.report) return;
    const { test: practised } = view.report;
    put(this.#heading, practised ? say("desk.report_test") : say("desk.report"));
    this.#practised.hidden = !practised;
    put(this.#reprint, practised ? say("desk.reprint_report_test") : say("desk.reprint_report"));
    keyed(this.#remarks, view.report.remarks ?? [], (r) => r, () => h("li"), put);
    const lines = reportLines(view.report.lines);
    const third = lines.filter((l) => l.heading)[2];
    const cut = third ? lines.indexOf(third) : lines.length;
    drawLines(this.#lines, lines.slice(0, cut));
    drawLines(this.#rest, lines.slice(cut));
    this.#whole.hidden = cut === lines.length;
    put(this.#identity, view.report.identity);
  }
}

/**
 * @param {HTMLElement} body
 * @param {ReturnType<typeof reportLines>} lines
 */
function drawLines(body, lines) {
  keyed(body, lines, (l) => l.key, (l) => {
    return l.heading
      ? h("tr", { class: "rowgroup" }, h("th", { scope: "rowgroup", colspan: "2" }))
      : h("tr", {}, h("th", { scope: "row" }), h("td"));
  }, (node, l) => {
    put(node.children[0], l.label);
    if (!l.heading) put(node.children[1], l.value);
  });
}

/**
 * What works, in quiet lines; what does not is a bar of its own.
 * @param {HTMLElement} list
 * @param {DeskView} view
 */
export function renderDevices(list, view) {
  keyed(list, view.devices.filter((d) => d.ok), (d) => d.key, () => {
    const button = h("button", { type: "button", class: "quiet" });
    button.addEventListener("click", () => order(button, { do: button.dataset.do ?? "" }));
    return h("li", {}, h("span"), button);
  }, (node, d) => {
    const button = /** @type {HTMLButtonElement} */ (node.children[1]);
    put(node.children[0], d.text);
    button.hidden = !d.do;
    button.dataset.do = d.do ?? "";
    put(button, d.label ?? "");
  });
}
