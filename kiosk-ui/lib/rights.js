// Which benefits a household may be missing, worked out where the answers are: in
// this page. It is the engine of firmware/rights once more, over the same file of
// rules; a test holds the two together. An answer that is not given never hides
// a hint that some answer would give.

/** @typedef {{[question: string]: string}} Answers question to answer; what is missing is unknown */
/** @typedef {{key: string, answers: string[]}} Question */
/** @typedef {{id: string, verify: string[], open: boolean, names?: {[lang: string]: string}, bodies: {[code: string]: {[lang: string]: string}}}} Hint
 *  open: an answer that was not given could still rule it out */
/** @typedef {{key: string, from: number, below: number}} Band below 0 is without end */
/** @typedef {{de?: number, a?: number, nombre?: number}} Years */
/** @typedef {string | {tous?: Cond[], un_de?: Cond[], non?: Cond, revenu_max?: string, age_plus_age?: Years, age_plus_jeune?: Years, enfants?: Years}} Cond */
/** @typedef {{id: string, actif: boolean, verifier: string[], nom?: {[lang: string]: string}, tous: Cond[]}} Rule */
/** @typedef {{bandes_uc: {[band: string]: number}, revenu_inconnu_si: string[], organismes?: {[code: string]: {[lang: string]: string}}, regles: Rule[]}} Rules */
/** @typedef {0 | 1 | 2} Truth */
/** @typedef {[lo: number, hi: number]} Span */

const NO = 0, MAYBE = 1, YES = 2;
const oldest = 120, most = 20;

const ages = ["18-19", "20-24", "25-59", "60-61", "62-64", "65+"];
const count = ["0", "1", "2", "3", "4+"];
const truth = ["yes", "no"];

/** Questions about children: their ages, and their tenths of a consumption unit. */
const broods = /** @type {{key: string, ages: Span, tenths: number}[]} */ ([
  { key: "under_3", ages: [0, 2], tenths: 3 },
  { key: "from_3", ages: [3, 5], tenths: 3 },
  { key: "from_6", ages: [6, 13], tenths: 3 },
  { key: "from_14", ages: [14, 18], tenths: 5 },
  { key: "from_19", ages: [19, 20], tenths: 5 },
]);

const order = ["household", "age", "partner_age", "children", ...broods.map((b) => b.key), "work", "stopped", "income",
  "housing", "handicap", "daily_help", "carer", "jobless", "pregnancy"];

/** @type {{[name: string]: [question: string, ...answers: string[]]}} */
const facts = {
  seul: ["household", "alone"],
  travail: ["work", "employee", "self", "both"],
  a_son_compte: ["work", "self", "both"],
  revenus_arretes: ["stopped", "yes"],
  locataire: ["housing", "tenant"],
  proprietaire: ["housing", "owner"],
  heberge: ["housing", "hosted"],
  sans_logement: ["housing", "homeless"],
  handicap: ["handicap", "yes"],
  aide_quotidien: ["daily_help", "yes"],
  aidant: ["carer", "yes"],
  indemnise: ["jobless", "yes"],
  grossesse: ["pregnancy", "yes"],
};

/**
 * The questions in the order asked.
 * @param {Rules} rules
 * @returns {Question[]}
 */
export function questions(rules) {
  /** @type {{[key: string]: string[]}} */
  const others = {
    household: ["alone", "couple"], age: ages, partner_age: ages, work: ["employee", "self", "both", "no"],
    income: bandKeys(rules), housing: ["tenant", "owner", "hosted", "homeless"],
  };
  for (const b of broods) others[b.key] = count;
  return order.map((key) => ({ key, answers: others[key] ?? truth }));
}

/**
 * What words a question after these answers: whoever lives alone has nobody else to count.
 * @param {string} question
 * @param {Answers} answers
 */
export function wording(question, answers) {
  return question === "work" && answers.household === "alone" ? "work_alone" : question;
}

/** All that may word a question, the question itself first. @param {string} question */
export function wordings(question) {
  return question === "work" ? ["work", "work_alone"] : [question];
}

/** @param {Rules} rules */
function limits(rules) {
  return Object.keys(rules.bandes_uc).sort().map((key) => rules.bandes_uc[key]);
}

/** @param {Rules} rules */
function bandKeys(rules) {
  return [...limits(rules), 0].map((_, i) => String.fromCharCode(65 + i));
}

/**
 * The answers with one more; "" takes one back. Who changes who lives in the
 * household takes back the band of its money as well: its euros were another's.
 * @param {Answers} answers
 * @param {string} question
 * @param {string} answer
 * @returns {Answers}
 */
export function withAnswer(answers, question, answer) {
  const next = { ...answers };
  if ((next[question] ?? "") === answer) return next;
  if (["household", "children", ...broods.map((b) => b.key)].includes(question)) delete next.income;
  next[question] = answer;
  if (!answer) delete next[question];
  return next;
}

/**
 * @param {Rules} rules
 * @param {Answers} answers
 */
function clean(rules, answers) {
  /** @type {Answers} */
  const known = {};
  for (const q of questions(rules)) if (q.answers.includes(answers[q.key] ?? "")) known[q.key] = answers[q.key];
  return known;
}

/**
 * @param {Span} s
 * @param {Span} of
 * @returns {Truth}
 */
function within([lo, hi], [from, to]) {
  if (lo >= from && hi <= to) return YES;
  return hi < from || lo > to ? NO : MAYBE;
}

/**
 * @param {Years} years
 * @param {number} top
 * @returns {Span}
 */
const span = (years, top) => [years.de ?? 0, years.a ?? top];

/**
 * @param {string | undefined} answer
 * @returns {Span}
 */
function ageOf(answer) {
  if (!answer) return [18, oldest];
  const [lo, hi] = answer.split("-").map((n) => parseInt(n, 10));
  return [lo, hi ?? oldest];
}

/**
 * Ages of the oldest and of the youngest adult.
 * @param {Answers} a
 * @returns {[old: Span, young: Span]}
 */
function adults(a) {
  const one = ageOf(a.age);
  if (a.household === "alone") return [one, one];
  if (a.household !== "couple") return [[one[0], oldest], [18, one[1]]];
  const other = ageOf(a.partner_age);
  return [
    [Math.max(one[0], other[0]), Math.max(one[1], other[1])],
    [Math.min(one[0], other[0]), Math.min(one[1], other[1])],
  ];
}

/**
 * @param {Answers} a
 * @param {string} question
 * @returns {Span}
 */
function countOf(a, question) {
  if (a.children === "no") return [0, 0];
  const given = a.children === "yes" ? a[question] : undefined;
  if (!given) return [0, most];
  if (given === "4+") return [4, most];
  return [Number(given), Number(given)];
}

/**
 * @param {Answers} a
 * @param {Span} years
 * @returns {Span}
 */
function childrenOf(a, years) {
  let lo = 0, hi = 0;
  for (const b of broods) {
    const is = within(b.ages, years), n = countOf(a, b.key);
    if (is === YES) lo += n[0];
    if (is !== NO) hi += n[1];
  }
  return [lo, hi];
}

/**
 * Tenths of consumption units, 0 while they are not known.
 * @param {Answers} a
 */
function units(a) {
  if (a.household !== "alone" && a.household !== "couple") return 0;
  let tenths = a.household === "couple" ? 15 : 10;
  for (const b of broods) {
    const [lo, hi] = countOf(a, b.key);
    if (lo !== hi) return 0;
    tenths += lo * b.tenths;
  }
  return tenths;
}

/**
 * @param {Answers} a
 * @param {string} name
 * @returns {Truth}
 */
function fact(a, name) {
  const [question, ...answers] = facts[name] ?? [""];
  if (!a[question]) return MAYBE;
  return answers.includes(a[question]) ? YES : NO;
}

/**
 * The answers to the question about money in the euros of this household, rounded
 * up to 50: rounding down could hide a hint. Empty while it is not known.
 * @param {Rules} rules
 * @param {Answers} answers
 * @returns {Band[]}
 */
export function bands(rules, answers) {
  const tenths = units(clean(rules, answers));
  if (!tenths) return [];
  let from = 0;
  return [...limits(rules), 0].map((limit, i) => {
    const band = { key: bandKeys(rules)[i], from, below: Math.ceil((limit * tenths) / 500) * 50 };
    from = band.below;
    return band;
  });
}

/**
 * @param {Rules} rules
 * @param {Answers} a
 */
function band(rules, a) {
  if (!units(a) || rules.revenu_inconnu_si.some((name) => fact(a, name) !== NO)) return "";
  return a.income ?? "";
}

/**
 * @param {Rules} rules
 * @param {Cond} c
 * @param {Answers} a
 * @returns {Truth}
 */
function evaluate(rules, c, a) {
  if (typeof c === "string") return fact(a, c);
  if (c.tous) return /** @type {Truth} */ (Math.min(YES, ...c.tous.map((part) => evaluate(rules, part, a))));
  if (c.un_de) return /** @type {Truth} */ (Math.max(NO, ...c.un_de.map((part) => evaluate(rules, part, a))));
  if (c.non !== undefined) return /** @type {Truth} */ (YES - evaluate(rules, c.non, a));
  if (c.revenu_max) {
    const is = band(rules, a);
    if (!is) return MAYBE;
    return is <= c.revenu_max ? YES : NO;
  }
  if (c.age_plus_age) return within(adults(a)[0], span(c.age_plus_age, oldest));
  if (c.age_plus_jeune) return within(adults(a)[1], span(c.age_plus_jeune, oldest));
  if (c.enfants) {
    const [lo, hi] = childrenOf(a, span(c.enfants, 20)), least = c.enfants.nombre ?? 1;
    if (lo >= least) return YES;
    return hi < least ? NO : MAYBE;
  }
  return MAYBE;
}

/**
 * The questions that could help to make c what it is wanted to be; null when it
 * can no longer become that. Questions up to after without an answer were passed.
 * @param {Rules} rules
 * @param {Cond} c
 * @param {Truth} want YES or NO
 * @param {Answers} a
 * @param {number} after
 * @returns {string[] | null}
 */
function needs(rules, c, want, a, after) {
  const is = evaluate(rules, c, a);
  if (is !== MAYBE) return is === want ? [] : null;
  const passed = (/** @type {string} */ q) => !a[q] && order.indexOf(q) <= after;
  const open = (/** @type {string[]} */ list) => {
    const left = list.filter((q) => !a[q] && !passed(q));
    return left.length ? left : null;
  };
  /** @param {Cond[]} parts @param {boolean} every */
  const of = (parts, every) => {
    const found = parts.map((part) => needs(rules, part, want, a, after));
    if (every ? found.includes(null) : found.every((f) => f === null)) return null;
    return found.flatMap((f) => f ?? []);
  };
  if (typeof c === "string") return open([facts[c][0]]);
  if (c.tous) return of(c.tous, want === YES);
  if (c.un_de) return of(c.un_de, want === NO);
  if (c.non !== undefined) return needs(rules, c.non, /** @type {Truth} */ (YES - want), a, after);
  if (c.revenu_max) {
    const list = ["household", "children"];
    if (a.children === "yes") {
      if (broods.some((b) => a[b.key] === "4+")) return null;
      list.push(...broods.map((b) => b.key));
    }
    if (rules.revenu_inconnu_si.some((name) => fact(a, name) === YES)) return null;
    list.push(...rules.revenu_inconnu_si.map((name) => facts[name][0]), "income");
    return list.some(passed) ? null : open(list);
  }
  if (c.enfants) {
    const years = span(c.enfants, 20);
    const asked = a.children === "yes" ? broods.filter((b) => within(b.ages, years) !== NO).map((b) => b.key) : [];
    return open(["children", ...asked]);
  }
  return open(["household", "age", ...(a.household === "couple" ? ["partner_age"] : [])]);
}

/**
 * What the answers do not rule out, in the order of the file: things to check
 * with the social worker, no more.
 * @param {Rules} rules
 * @param {Answers} answers
 * @returns {Hint[]}
 */
export function hints(rules, answers) {
  const a = clean(rules, answers);
  return rules.regles.filter((rule) => rule.actif && evaluate(rules, { tous: rule.tous }, a) !== NO).map((rule) => ({
    id: rule.id,
    verify: rule.verifier,
    open: evaluate(rules, { tous: rule.tous }, a) === MAYBE && needs(rules, { tous: rule.tous }, NO, a, -1) !== null,
    names: rule.nom,
    bodies: rules.organismes ?? {},
  }));
}

/**
 * The question to ask after another, "" before the first; null when the rest can
 * rule nothing out any more. Only answers up to there count.
 * @param {Rules} rules
 * @param {Answers} answers
 * @param {string} after
 * @returns {Question | null}
 */
export function next(rules, answers, after) {
  const list = questions(rules);
  const at = list.findIndex((q) => q.key === after);
  const all = clean(rules, answers);
  /** @type {Answers} */
  const known = {};
  for (const q of list.slice(0, at + 1)) if (all[q.key]) known[q.key] = all[q.key];
  const wanted = new Set();
  for (const rule of rules.regles) {
    if (rule.actif) for (const q of needs(rules, { tous: rule.tous }, NO, known, at) ?? []) wanted.add(q);
  }
  return list.find((q, i) => i > at && wanted.has(q.key)) ?? null;
}
