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
 * @property {boolean} [mute] a language that no voice of this box speaks
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
 * A phone of the staff is connected, over the screen.
 * @typedef {object} KioskPairing
 * @property {"offer" | "confirm" | "pin"} stage
 * @property {string} title
 * @property {string} text
 * @property {{size: number, path: string}} [qr] a QR code; a unit of the path is a module
 * @property {string} [address]
 * @property {string} [print] of the certificate
 * @property {number} [number] that the phone shows too
 * @property {number} left_ms until this is over
 * @property {string} [erase] takes the last digit back
 * @property {{do: string, label: string, main: boolean}[]} buttons
 */

/**
 * The box's own Wi-Fi, which a phone of the staff joins first.
 * @typedef {object} KioskWifi
 * @property {string} title
 * @property {string} text
 * @property {{size: number, path: string}} qr
 * @property {string} name
 * @property {string} passphrase
 * @property {string} alone that there is no Internet
 * @property {string} show the button that leads here
 * @property {string} next the button that leads on
 * @property {string} close
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
 * @property {"s" | "m" | "l" | "xl"} size
 * @property {"normal" | "dark" | "light" | "low"} contrast
 * @property {number} volume 0 to 100
 * @property {boolean} listening
 * @property {Panel} panel
 * @property {string} id
 * @property {string} [tag] of the language, for HTML, where lang is none
 * @property {boolean} [words] false: pictures alone are shown
 * @property {boolean} [dark] nothing is to be seen: the voice reads
 * @property {{step_ms: number} | null} [scan] the focus moves by itself
 * @property {string} [called] the name of the desk that calls this visitor, or ""
 * @property {string} [picto] of the screen
 * @property {string} [piece] of practice, drawn by the page itself
 * @property {number} [stage] where the page goes on in it
 * @property {{seq: number, last: string[]}} [nudges] what buttons did in it, numbered to the newest, which is last
 * @property {number} [line] the line that was read last, from 1; 0 when none
 * @property {string} title
 * @property {string} text
 * @property {string} notice
 * @property {Choice[]} choices
 * @property {{key: string, label: string, picto?: string} | null} skip
 * @property {{key: string, label: string, picto?: string, selected: boolean} | null} [toggle] something that is so, or not
 * @property {Control[]} controls
 * @property {string} focus
 * @property {{at: number, of: number} | null} progress
 * @property {{number: number, paper: "printing" | "printed" | "unprinted" | "unknown", ahead: string, before?: number} | null} ticket before: how many people are called first
 * @property {string[]} lines
 * @property {{seconds: number, until_ms: number} | null} countdown
 * @property {number} now_ms
 * @property {number} speed
 * @property {KioskTest} [selftest]
 * @property {string} [team] a button for staff, under the settings
 * @property {KioskPairing} [pairing]
 * @property {KioskWifi} [wifi]
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
