// The shapes of what the server sends, for the type checker alone.

/**
 * @typedef {object} Choice
 * @property {string} key
 * @property {string} label
 * @property {string} [sub] a line of examples, or ""
 * @property {string} [picto]
 * @property {boolean} [selected]
 * @property {string} [lang] of the label, when it is not the screen's
 * @property {string} [dir]
 * @property {number} [n] its place, from 1
 */

/**
 * @typedef {object} Control
 * @property {string} key
 * @property {string} label
 * @property {string} [sub] a shorter label, where the bar is full
 * @property {string} [picto]
 * @property {boolean} enabled
 */

/**
 * @typedef {object} Panel
 * @property {number} width px
 * @property {number} height px
 * @property {number} pxmm_h px per mm
 * @property {number} pxmm_v px per mm
 * @property {number} choices at most on a screen
 */

/**
 * The box tests itself, over the screen.
 * @typedef {object} KioskTest
 * @property {string} title
 * @property {string} text
 * @property {string} corner the name of a corner
 * @property {boolean[]} [corners] the four, true once touched
 * @property {{key: string, label: string, text: string, lang: string, dir: string}[]} choices the languages of whoever comes now
 */

/**
 * @typedef {object} KioskView
 * @property {number} seq
 * @property {number} turn
 * @property {string} lang
 * @property {"ltr" | "rtl"} dir
 * @property {boolean} test
 * @property {string} test_label
 * @property {"m" | "l" | "xl"} size
 * @property {"normal" | "dark" | "light"} contrast
 * @property {number} volume 0 to 100
 * @property {boolean} listening
 * @property {Panel} panel
 * @property {string} id
 * @property {string} title
 * @property {string} text
 * @property {string} notice
 * @property {Choice[]} choices
 * @property {{key: string, label: string, picto?: string} | null} skip
 * @property {{key: string, label: string, picto?: string, selected: boolean} | null} [toggle] something that is so, or not
 * @property {Control[]} controls
 * @property {string} focus
 * @property {{at: number, of: number} | null} progress
 * @property {{number: number, paper: "printing" | "printed" | "unprinted" | "unknown", ahead: string} | null} ticket
 * @property {string[]} lines
 * @property {{seconds: number, until_ms: number} | null} countdown
 * @property {number} now_ms
 * @property {number} speed
 * @property {KioskTest} [selftest]
 */

/**
 * @typedef {object} HallView
 * @property {number} seq
 * @property {number} now_ms
 * @property {number} speed
 * @property {string} place
 * @property {"none" | "planned" | "open" | "paused" | "closed"} status
 * @property {boolean} test
 * @property {string} test_label
 * @property {import("./announce.js").Call[]} calls newest first
 * @property {number} waiting
 * @property {string} message
 * @property {boolean} speak
 */

export {};
