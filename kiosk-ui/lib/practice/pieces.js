// The seven practice pieces, as data. Every word is a key of the catalogue; what
// is typed or copied is the same in every language and belongs to nobody: the
// people, the services and the messages are made up, the addresses end in names
// that are kept for examples.

/** @import { Piece } from "./engine.js" */

/** @type {Piece[]} */
export const pieces = [
  {
    id: "touch",
    picto: "touch",
    title: "practice.touch.title",
    minutes: 2,
    intro: "practice.touch.intro",
    end: "practice.touch.end",
    steps: [
      {
        kind: "tap",
        ask: "practice.touch.sun",
        hint: "practice.hint.picture",
        help: "practice.help.ringed",
        options: [{ id: "sun", picture: "sun", text: "practice.name.sun", right: true }],
      },
      {
        kind: "tap",
        ask: "practice.touch.cat",
        hint: "practice.hint.picture",
        help: "practice.help.ringed",
        options: [
          { id: "car", picture: "car", text: "practice.name.car" },
          { id: "cat", picture: "cat", text: "practice.name.cat", right: true },
          { id: "cup", picture: "cup", text: "practice.name.cup" },
        ],
      },
      {
        kind: "tap",
        frame: "box",
        ask: "practice.touch.tick",
        hint: "practice.hint.picture",
        help: "practice.help.ringed",
        options: [{ id: "box", text: "practice.touch.tick_name", right: true }],
      },
      {
        kind: "tap",
        frame: "window",
        ask: "practice.touch.close",
        hint: "practice.touch.close_hint",
        help: "practice.help.ringed",
        options: [
          { id: "cross", picture: "no", text: "practice.name.cross", right: true },
          { id: "gift", picture: "gift", text: "practice.name.gift" },
        ],
      },
      {
        kind: "scroll",
        ask: "practice.touch.scroll",
        hint: "practice.touch.scroll_hint",
        help: "practice.touch.scroll_help",
        options: [
          { id: "sun", picture: "sun", text: "practice.name.sun" },
          { id: "car", picture: "car", text: "practice.name.car" },
          { id: "cup", picture: "cup", text: "practice.name.cup" },
          { id: "cat", picture: "cat", text: "practice.name.cat" },
          { id: "flower", picture: "flower", text: "practice.name.flower" },
          { id: "boat", picture: "boat", text: "practice.name.boat" },
          { id: "apple", picture: "apple", text: "practice.name.apple" },
          { id: "umbrella", picture: "umbrella", text: "practice.name.umbrella" },
          { id: "star", picture: "star", text: "practice.name.star", right: true },
        ],
      },
    ],
  },
  {
    id: "keyboard",
    picto: "keyboard",
    title: "practice.keyboard.title",
    minutes: 4,
    intro: "practice.keyboard.intro",
    end: "practice.keyboard.end",
    steps: [
      { kind: "type", ask: "practice.keyboard.word", hint: "practice.hint.model", help: "practice.help.letter", model: "merci", match: "loose" },
      { kind: "type", ask: "practice.keyboard.erase", hint: "practice.keyboard.erase_hint", help: "practice.help.letter", model: "chat", start: "chatpp", match: "loose" },
      { kind: "type", ask: "practice.keyboard.capital", hint: "practice.keyboard.capital_hint", help: "practice.help.letter", model: "Paris", match: "exact" },
      { kind: "type", ask: "practice.keyboard.space", hint: "practice.keyboard.space_hint", help: "practice.help.letter", model: "le chat", match: "loose" },
      { kind: "type", ask: "practice.keyboard.digits", hint: "practice.keyboard.digits_hint", help: "practice.help.letter", model: "1980", match: "exact" },
      { kind: "type", ask: "practice.keyboard.at", hint: "practice.keyboard.at_hint", help: "practice.help.letter", model: "sara@example.org", match: "loose" },
    ],
  },
  {
    id: "password",
    picto: "password",
    title: "practice.password.title",
    minutes: 4,
    intro: "practice.password.intro",
    end: "practice.password.end",
    steps: [
      {
        kind: "choose",
        ask: "practice.password.best",
        hint: "practice.password.best_hint",
        help: "practice.help.ringed",
        because: "practice.password.best_because",
        options: [
          { id: "digits", plain: "123456" },
          { id: "name", plain: "sara1980" },
          { id: "words", plain: "girafe-velo-soupe", right: true },
        ],
      },
      { kind: "password", ask: "practice.password.make", hint: "practice.password.make_hint", help: "practice.password.make_help", because: "practice.password.make_because" },
      { kind: "reveal", ask: "practice.password.eye", hint: "practice.hint.picture", help: "practice.help.ringed", because: "practice.password.eye_because", value: "girafe-velo-soupe" },
      {
        kind: "choose",
        ask: "practice.password.phone",
        hint: "practice.password.phone_hint",
        help: "practice.help.ringed",
        because: "practice.password.phone_because",
        options: [
          { id: "give", text: "practice.password.phone_give" },
          { id: "keep", text: "practice.password.phone_keep", right: true },
        ],
      },
      {
        kind: "choose",
        ask: "practice.password.where",
        hint: "practice.password.where_hint",
        help: "practice.help.ringed",
        because: "practice.password.where_because",
        options: [
          { id: "screen", text: "practice.password.where_screen" },
          { id: "notebook", text: "practice.password.where_notebook", right: true },
          { id: "message", text: "practice.password.where_message" },
        ],
      },
    ],
  },
  {
    id: "fake",
    picto: "fake",
    title: "practice.fake.title",
    minutes: 5,
    intro: "practice.fake.intro",
    end: "practice.fake.end",
    steps: [
      judged("telephone", "practice.fake.parcel_from", "practice.fake.parcel", false, "practice.fake.parcel_because"),
      judged("telephone", "practice.fake.hall_from", "practice.fake.hall", true, "practice.fake.hall_because"),
      judged("mail", "practice.fake.bank_from", "practice.fake.bank", false, "practice.fake.bank_because"),
      judged("mail", "practice.fake.library_from", "practice.fake.library", true, "practice.fake.library_because"),
      judged("telephone", "practice.fake.child_from", "practice.fake.child", false, "practice.fake.child_because"),
      {
        kind: "choose",
        ask: "practice.fake.then",
        hint: "practice.fake.then_hint",
        help: "practice.help.ringed",
        because: "practice.fake.then_because",
        options: [
          { id: "answer", text: "practice.fake.then_answer", picture: "write" },
          { id: "erase", text: "practice.fake.then_erase", picture: "trash", right: true },
        ],
      },
    ],
  },
  {
    id: "form",
    picto: "form",
    title: "practice.form.title",
    minutes: 5,
    intro: "practice.form.intro",
    end: "practice.form.end",
    steps: [
      { kind: "type", ask: "practice.form.ask_name", hint: "practice.hint.model", help: "practice.help.letter", label: "practice.form.name", model: "Martin", match: "loose" },
      { kind: "type", ask: "practice.form.ask_first_name", hint: "practice.hint.model", help: "practice.help.letter", label: "practice.form.first_name", model: "Sara", match: "loose" },
      { kind: "type", ask: "practice.form.ask_birth", hint: "practice.form.birth_hint", help: "practice.help.letter", label: "practice.form.birth", model: "03/05/1980", match: "date" },
      { kind: "type", ask: "practice.form.ask_postcode", hint: "practice.form.postcode_hint", help: "practice.help.letter", label: "practice.form.postcode", model: "00150", match: "digits" },
      {
        kind: "tap",
        frame: "box",
        ask: "practice.form.agree",
        hint: "practice.hint.picture",
        help: "practice.help.ringed",
        options: [{ id: "box", text: "practice.form.agree_name", right: true }],
      },
      {
        kind: "tap",
        ask: "practice.form.send",
        hint: "practice.form.send_hint",
        help: "practice.help.ringed",
        because: "practice.form.send_because",
        options: [
          { id: "erase", picture: "trash", text: "practice.name.erase" },
          { id: "send", picture: "send", text: "practice.name.send", right: true },
        ],
      },
    ],
  },
  {
    id: "mail",
    picto: "write",
    title: "practice.mail.title",
    minutes: 5,
    intro: "practice.mail.intro",
    end: "practice.mail.end",
    steps: [
      {
        kind: "tap",
        ask: "practice.mail.new",
        hint: "practice.hint.picture",
        help: "practice.help.ringed",
        options: [
          { id: "trash", picture: "trash", text: "practice.name.erase" },
          { id: "write", picture: "write", text: "practice.name.write", right: true },
          { id: "print", picture: "printer", text: "practice.name.print" },
        ],
      },
      { kind: "type", ask: "practice.mail.to", hint: "practice.hint.model", help: "practice.help.letter", because: "practice.mail.to_because", label: "practice.mail.to_name", model: "mairie@example.org", match: "loose" },
      {
        kind: "choose",
        ask: "practice.mail.subject",
        hint: "practice.mail.subject_hint",
        help: "practice.help.ringed",
        because: "practice.mail.subject_because",
        options: [
          { id: "vague", text: "practice.mail.subject_vague" },
          { id: "clear", text: "practice.mail.subject_clear", right: true },
        ],
      },
      { kind: "type", ask: "practice.mail.hello", hint: "practice.hint.model", help: "practice.help.letter", label: "practice.mail.message_name", model: "Bonjour", match: "loose" },
      {
        kind: "choose",
        ask: "practice.mail.body",
        hint: "practice.mail.body_hint",
        help: "practice.help.ringed",
        because: "practice.mail.body_because",
        options: [
          { id: "rude", text: "practice.mail.body_rude" },
          { id: "clear", text: "practice.mail.body_clear", right: true },
        ],
      },
      { kind: "type", ask: "practice.mail.sign", hint: "practice.hint.model", help: "practice.help.letter", because: "practice.mail.sign_because", label: "practice.mail.message_name", model: "Sara Martin", match: "loose" },
      {
        kind: "tap",
        ask: "practice.mail.send",
        hint: "practice.hint.picture",
        help: "practice.help.ringed",
        options: [
          { id: "trash", picture: "trash", text: "practice.name.erase" },
          { id: "send", picture: "send", text: "practice.name.send", right: true },
        ],
      },
    ],
  },
  {
    id: "photo",
    picto: "photo",
    title: "practice.photo.title",
    minutes: 3,
    intro: "practice.photo.intro",
    end: "practice.photo.end",
    steps: [
      {
        kind: "tap",
        ask: "practice.photo.table",
        hint: "practice.photo.table_hint",
        help: "practice.help.ringed",
        options: [
          { id: "busy", picture: "table_busy", text: "practice.name.table_busy" },
          { id: "plain", picture: "table_plain", text: "practice.name.table_plain", right: true },
        ],
      },
      { kind: "photo", ask: "practice.photo.light", hint: "practice.hint.picture", help: "practice.help.ringed", because: "practice.photo.light_because", scene: { light: false }, actions: ["light"], goals: ["light"] },
      { kind: "photo", ask: "practice.photo.place", hint: "practice.photo.place_hint", help: "practice.help.ringed", scene: { x: -2, y: 1 }, actions: ["left", "up", "down", "right"], goals: ["placed"] },
      { kind: "photo", ask: "practice.photo.turn", hint: "practice.photo.turn_hint", help: "practice.help.ringed", scene: { turn: 2 }, actions: ["turn_left", "turn_right"], goals: ["straight"] },
      { kind: "photo", ask: "practice.photo.near", hint: "practice.photo.near_hint", help: "practice.help.ringed", because: "practice.photo.near_because", scene: { near: -2 }, actions: ["farther", "nearer"], goals: ["near"] },
      { kind: "photo", ask: "practice.photo.take", hint: "practice.photo.take_hint", help: "practice.help.ringed", because: "practice.photo.take_because", scene: { sharp: false }, actions: ["focus", "shoot"], goals: ["sharp", "taken"] },
      {
        kind: "tap",
        ask: "practice.photo.check",
        hint: "practice.photo.check_hint",
        help: "practice.help.ringed",
        options: [
          { id: "cut", picture: "photo_cut", text: "practice.name.photo_cut" },
          { id: "good", picture: "photo_good", text: "practice.name.photo_good", right: true },
          { id: "dark", picture: "photo_dark", text: "practice.name.photo_dark" },
        ],
      },
    ],
  },
];

/**
 * A message to judge: true or false, and why.
 * @param {string} picture
 * @param {string} from
 * @param {string} text
 * @param {boolean} real
 * @param {string} because
 * @returns {import("./engine.js").Step}
 */
function judged(picture, from, text, real, because) {
  return {
    kind: "choose",
    ask: "practice.fake.ask",
    hint: "practice.fake.hint",
    help: "practice.help.ringed",
    because,
    message: { picture, from, text },
    options: [
      { id: "true", text: "practice.fake.true", picture: "yes", right: real },
      { id: "false", text: "practice.fake.false", picture: "fake", right: !real },
    ],
  };
}

/** @param {string} id @returns {Piece | null} */
export const piece = (id) => pieces.find((p) => p.id === id) ?? null;
