// The questions about benefits on a page: one a screen, each may be passed, and at
// the end what to check with the social worker. The answers are a variable of
// mountRights and nothing else: no storage, no address, no request holds them.
import { h } from "../lib/dom.js";
import { bands, hints, next, questions, withAnswer, wording, wordings } from "../lib/rights.js";

/** @typedef {import("../lib/words.js").Say} Say */
/** @typedef {import("../lib/rights.js").Rules} Rules */
/** @typedef {import("../lib/rights.js").Hint} Hint */
/** @typedef {import("../lib/rights.js").Answers} Answers */
/** @typedef {{on: boolean, toggle: () => Promise<boolean>, speak: (keys: string[]) => void, stop: () => void}} Hear
 *  toggle answers whether there is sound */
/** The same words in another language, shown under the first. @typedef {{say: Say, lang: string, tag: string, dir: string}} Beside */
/**
 * @typedef {object} Options
 * @property {Say} say
 * @property {Rules} rules
 * @property {string} [lang] of a site's own names; French where it has none
 * @property {boolean} [own] the visitor's own device, and not one of the house
 * @property {Hear} [hear] reads the screen aloud
 * @property {(ids: string[]) => void} [print] prints the list, when the visitor asks
 * @property {() => Node} [home] a way out of the page, while nothing would be lost
 * @property {() => void} [close] after the end; without it the page begins again
 */

/**
 * What is read aloud of the questions, in the order in which they are met: every
 * text that any answers could lead to, so that to fetch them all tells nothing.
 * @param {Rules} rules
 * @returns {string[]}
 */
export function clipKeys(rules) {
  const active = rules.regles.filter((rule) => rule.actif);
  return [
    "rights.title", "rights.intro", "rights.private_phone", "rights.may_pass", "rights.start",
    ...questions(rules).flatMap((q) => wordings(q.key).flatMap((as) => [
      `rights.question.${as}`, ...(q.key === "income" ? [] : q.answers.map((a) => `rights.answer.${as}.${a}`)),
    ])),
    "rights.pass", "rights.result.title", "rights.result.text", "rights.result.longer", "rights.result.none", "rights.result.none_text",
    ...active.map((rule) => `rights.rule.${rule.id}`),
    ...new Set(active.flatMap((rule) => rule.verifier.map((code) => `rights.who.${code}`))),
    "rights.erased",
  ];
}

/**
 * @param {{[lang: string]: string} | undefined} names
 * @param {string} lang
 */
const named = (names, lang) => names?.[lang] ?? names?.fr;

/**
 * Shows the questions in element. erase forgets everything and goes back to the
 * beginning; remove forgets everything and empties the element; beside shows another
 * language under the first, or none, and what was answered stays.
 * @param {HTMLElement} element
 * @param {Options} options
 * @returns {{erase: () => void, remove: () => void, beside: (other: Beside | null) => void}}
 */
export function mountRights(element, { say, rules, lang = "fr", own = false, hear, print, home, close }) {
  /** @type {Answers} */
  let answers = {};
  /** @type {string[]} the screens before this one */
  let trail = [];
  let screen = "intro";
  let sound = true;
  /** @type {Beside | null} */
  let other = null;

  const root = h("section", { class: "rights" });
  element.replaceChildren(root);

  /** @param {string} to */
  const go = (to) => {
    trail = [...trail, screen];
    screen = to;
    render();
  };

  /** @param {string} after */
  const advance = (after) => go(next(rules, answers, after)?.key ?? "result");

  const forget = (/** @type {string} */ to) => {
    answers = {};
    trail = [];
    screen = to;
    hear?.stop();
  };

  /**
   * A text, and under it the same in the other language, when that says something else.
   * @param {(say: Say, lang: string) => string} text
   * @returns {(Node | string)[]}
   */
  const both = (text) => {
    const first = text(say, lang), second = other ? text(other.say, other.lang) : first;
    return second === first || !other ? [first] : [first, h("span", { class: "beside", lang: other.tag, dir: other.dir }, second)];
  };

  /** @param {string} key @param {Record<string, string | number>} [args] */
  const words = (key, args) => both((say) => say(key, args));

  /**
   * @param {(Node | string)[]} text
   * @param {() => void} press
   * @param {Record<string, string | boolean>} [attributes]
   */
  const button = (text, press, attributes = {}) => {
    const b = h("button", { type: "button", ...attributes }, ...text);
    b.addEventListener("click", press);
    return b;
  };

  /** @param {string} key @returns {{text: (Node | string)[], answer: string}[]} */
  const offered = (key) => {
    if (key === "income") {
      return bands(rules, answers).map((b, i) => {
        const name = i === 0 ? "below" : b.below ? "between" : "above";
        return { text: both((say) => say(`rights.band.${name}`, { from: b.from, below: b.below })), answer: b.key };
      });
    }
    const list = questions(rules).find((q) => q.key === key)?.answers ?? [];
    return list.map((answer) => ({ text: words(`rights.answer.${wording(key, answers)}.${answer}`), answer }));
  };

  /** @param {Hint} hint */
  const aid = (hint) => both((say, lang) => named(hint.names, lang) ?? say(`rights.rule.${hint.id}`));
  /** @param {Hint} hint */
  const whom = (hint) => both((say, lang) =>
    say("rights.result.ask", { who: hint.verify.map((code) => named(hint.bodies[code], lang) ?? say(`rights.who.${code}`)).join(", ") }));

  /** @returns {{title: (Node | string)[], body: (Node | false | undefined)[], spoken: string[]}} */
  const parts = () => {
    if (screen === "intro") {
      const privacy = own ? "rights.private_phone" : "rights.private_here";
      return {
        title: words("rights.title"),
        body: [
          h("p", {}, ...words("rights.intro")), h("p", {}, ...words(privacy)), h("p", {}, ...words("rights.may_pass")),
          button(words("rights.start"), () => advance(""), { class: "rights-main" }),
        ],
        spoken: ["rights.title", "rights.intro", privacy, "rights.may_pass", "rights.start"],
      };
    }
    if (screen === "erased") {
      return {
        title: words("rights.erased"),
        body: [button(words("rights.again"), () => (forget("intro"), render()), { class: "rights-main" })],
        spoken: ["rights.erased"],
      };
    }
    if (screen === "result") {
      const found = hints(rules, answers);
      const head = found.length ? ["rights.result.text", ...(found.some((f) => f.open) ? ["rights.result.longer"] : [])] : ["rights.result.none_text"];
      const title = found.length ? "rights.result.title" : "rights.result.none";
      const printing = h("p", { role: "status" });
      return {
        title: words(title),
        body: [
          ...head.map((key) => h("p", {}, ...words(key))),
          found.length > 0 && h("ul", { class: "rights-list", role: "list" },
            ...found.map((f) => h("li", {}, h("strong", {}, ...aid(f)), h("span", {}, ...whom(f))))),
          found.length > 0 && print && button(words("rights.result.print"), () => {
            print(found.map((f) => f.id));
            printing.replaceChildren(...words("rights.result.printing"));
          }),
          printing,
          button(words("rights.result.end"), end, { class: "rights-main" }),
        ],
        spoken: [title, ...head, ...found.flatMap((f) => [`rights.rule.${f.id}`, ...f.verify.map((code) => `rights.who.${code}`)])],
      };
    }
    const list = offered(screen);
    const key = screen, as = wording(key, answers);
    const answer = (/** @type {string} */ given) => {
      answers = withAnswer(answers, key, given);
      advance(key);
    };
    return {
      title: words(`rights.question.${as}`),
      body: [
        h("ul", { class: "rights-answers", role: "list" },
          ...list.map((a) => h("li", {}, button(a.text, () => answer(a.answer), { "aria-pressed": String(answers[key] === a.answer) }))),
          h("li", {}, button(words("rights.pass"), () => answer(""), { class: "rights-pass" }))),
      ],
      spoken: [`rights.question.${as}`, ...(key === "income" ? [] : list.map((a) => `rights.answer.${as}.${a.answer}`)), "rights.pass"],
    };
  };

  const end = () => {
    forget(close ? "intro" : "erased");
    if (close) close();
    else render();
  };

  const foot = () => {
    const list = [];
    if (trail.length) list.push(button(words("rights.back"), () => { screen = trail[trail.length - 1]; trail = trail.slice(0, -1); render(); }));
    if (hear && sound) {
      list.push(button(words(hear.on ? "rights.silence" : "rights.listen"), async () => {
        sound = await hear.toggle();
        render();
      }, { class: "rights-hear" }));
    }
    if (screen !== "erased" && screen !== "result" && trail.length) {
      list.push(button(words("rights.erase"), () => { forget("erased"); render(); }));
    }
    return list;
  };

  const draw = () => {
    const { title, body, spoken } = parts();
    const heading = h(own ? "h1" : "h2", { tabindex: "-1", class: "rights-title" }, ...title);
    const below = foot();
    root.replaceChildren(heading, ...body.filter((node) => node instanceof Node),
      ...(sound ? [] : [h("p", { role: "status" }, ...words("rights.no_sound"))]),
      ...(below.length ? [h("div", { class: "rights-foot" }, ...below)] : []),
      ...(home && (screen === "intro" || screen === "erased") ? [home()] : []));
    return { heading, spoken };
  };

  const render = () => {
    const { heading, spoken } = draw();
    if (trail.length || screen !== "intro") heading.focus();
    root.scrollIntoView?.({ block: "start" });
    if (hear?.on) hear.speak(spoken);
  };

  render();
  return {
    erase: () => { forget("intro"); render(); },
    remove: () => { forget("intro"); root.remove(); },
    beside: (to) => { other = to; draw(); },
  };
}
