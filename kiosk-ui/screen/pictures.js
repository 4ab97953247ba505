// Which picture stands for what on the kiosk. A picture has one meaning on all
// screens, and where somebody reads no word, no two choices of a screen look the
// same: what tells them apart is then a number. Pure.

import { symbol } from "../lib/pictos.js";

/** @import { Choice, KioskView } from "../lib/views.js" */

/** Screens whose idea is also a picture, so that no reading is needed. */
const screens = new Map(Object.entries({
  language: "language",
  motif: "ask_motif",
  workshop: "workshop",
  crowded: "crowd",
  home: "home_visit",
  my_ticket: "ticket",
  charter: "charter",
  back_at: "clock",
  thanks: "thanks",
  share: "privacy",
  result: "result",
  closed: "closed",
  places: "places",
  place: "places",
  seats: "workshop",
  seat: "workshop",
  slip: "slip",
  practice: "practice",
  opinion: "opinion",
  opinion_useful: "useful_yes",
  rights: "rights",
  rights_result: "rights",
  settings: "settings",
  settings_language: "language",
  settings_contrast: "contrast",
  settings_voice: "speech",
  settings_scan: "scanning",
  confirm: "confirm",
  help: "help",
  more_time: "hourglass",
  erased: "erased",
  sorry: "sorry",
}));

/**
 * Choices that have a picture of their own on their screen, whatever general one
 * they come with: screen and key.
 */
const choices = new Map(Object.entries({
  "language falc": "easy",
  "language images": "images",
  "settings_language falc": "easy",
  "settings_language images": "images",
  "language opinion": "opinion",
  "closed opinion": "opinion",
  "ticket charter": "charter",
  "ticket home": "home_visit",
  "charter line": "voice",
  "my_ticket large": "size",
  "place print": "slip",
  "slip yes": "slip",
  "opinion_useful yes": "useful_yes",
  "opinion_useful partly": "useful_partly",
  "opinion_useful no": "useful_no",
  "practice practice_touch": "touch",
  "practice practice_keyboard": "keyboard",
  "practice practice_password": "password",
  "practice practice_form": "procedure",
  "practice practice_photo": "photo",
  "question peur": "fear",
  "question mots": "words",
  "question materiel": "equipment",
  "question francais": "french",
  "question lire": "reading",
  "question rassure": "reassure",
  "question rien": "none",
  "settings voice": "speech",
  "settings scan": "scanning",
  "settings reset": "reset",
  "settings_contrast normal": "contrast_normal",
  "settings_contrast dark": "contrast_dark",
  "settings_contrast light": "contrast_light",
  "settings_contrast low": "contrast_low",
  "settings_voice slower": "slower",
  "settings_voice faster": "faster",
  "settings_voice aloud": "voice",
  "settings_voice dark": "curtain",
  "settings_voice listen": "headphones",
  "settings_scan scan_one": "scan_one",
  "settings_scan scan_two": "scan_two",
  "settings_scan scan_slower": "slower",
  "settings_scan scan_faster": "faster",
  "settings_scan scan_off": "scan_off",
}));

/**
 * The picture of a screen, "" when it has none: a question's is sent with it.
 * @param {Pick<KioskView, "id" | "picto" | "piece">} view
 */
export function screenPicture({ id, picto, piece }) {
  if (id === "practice_piece") return choicePicture("practice", { key: `practice_${piece}`, picto: "practice" });
  return symbol(picto) || symbol(screens.get(id));
}

/**
 * The picture of what can be pressed, "" when it has none.
 * @param {string} screen
 * @param {Pick<Choice, "key" | "picto">} choice
 */
export function choicePicture(screen, { key, picto }) {
  return symbol(choices.get(`${screen} ${key}`)) || symbol(picto);
}

/**
 * What tells choices with the same picture apart without a word: the time or the
 * amount of their label, or their place on the screen; "" where the picture does.
 * @param {string} screen
 * @param {readonly Choice[]} all
 * @returns {string[]} one for each
 */
export function marks(screen, all) {
  const drawn = all.map((c) => choicePicture(screen, c));
  return all.map((choice, i) => {
    if (drawn.filter((d) => d === drawn[i]).length === 1 && drawn[i] !== "") return "";
    return /\p{Nd}+(?:\s?[h:.,]\s?\p{Nd}+)?/u.exec(choice.label)?.[0] ?? String(choice.n ?? i + 1);
  });
}
