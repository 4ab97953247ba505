/**
 * @file What the server says to a desk, whole, each time anything changes. All times
 * named `*_ms` are the server's, in milliseconds since 1970; texts are ready to show.
 */

/**
 * One visit, as staff see it.
 * @typedef {object} Row
 * @property {string} id 32 hex digits; the number is only what people see
 * @property {number} number
 * @property {string[]} motifs
 * @property {string} lang the visitor's language in its own script, "" for French
 * @property {string} need the role this person waits for, "" for anybody
 * @property {boolean} for_other comes for somebody who cannot come
 * @property {boolean} priority
 * @property {"waiting"|"called"|"serving"|"held"|"away"|"done"} state
 * @property {number} since_ms when this state began
 * @property {number} arrived_ms
 * @property {number} calls how many times called aloud
 * @property {number} recall_ms the earliest time to call again
 * @property {boolean} propose_no_show
 * @property {string} reason why held
 * @property {number} until_ms when a person who stepped out is back, 0 if unknown
 * @property {string} desk
 * @property {string[]} roles who serves
 * @property {"queued"|"printing"|"printed"|"unprinted"|"unknown"|"none"} paper
 * @property {string} outcome
 * @property {boolean} can_return
 * @property {boolean} inaccurate a power cut made its times uncertain
 * @property {string} [told] what the ticket said of the wait, "" where nothing
 * @property {boolean} [delayed] that will not be kept
 * @property {Note} [note] of the person at one's own desk alone
 */

/**
 * What the person wanted the team to know, and what the team says of the visit. It is
 * in memory only, until the visit ends.
 * @typedef {object} Note
 * @property {{label: string, reassure: boolean, incomplete: boolean}|null} self what they shared of the self-assessment, as a sentence
 * @property {string[]} freins the difficulties they named
 * @property {Level|""} seen as the mediator sees it
 * @property {boolean} charter the promises of both sides were read together
 * @property {string[]} materials to have at hand
 * @property {string} advice
 */

/** @typedef {"remote"|"accompanied"|"autonomous"} Level */

/** @typedef {{key: string, label: string}} Choice */

/** @typedef {{do: string, label: string} & Record<string, unknown>} BannerAction */

/**
 * @typedef {object} Banner
 * @property {string} key
 * @property {"info"|"warn"|"alert"} level
 * @property {string} text
 * @property {BannerAction[]} [actions]
 */

/** @typedef {{key: string, label: string, roles: string[], row: Row|null}} Desk */

/**
 * The screens that are connected; `ask` waits for the yes of one of them.
 * @typedef {object} Connected
 * @property {number} me this screen, 0 on the box's own machine
 * @property {{id: number, role: string, desk: string, at: string, locked: boolean}[]} devices
 * @property {{number: number, role: string}|null} ask
 */

/**
 * @typedef {object} Counts
 * @property {number} issued
 * @property {number} served
 * @property {number} no_show
 * @property {number} left
 * @property {number} cancelled
 * @property {number} misrouted
 * @property {number} oriented
 * @property {number} unresolved
 * @property {number} here
 * @property {number} turned_away
 */

/**
 * @typedef {object} DeskView
 * @property {number} seq
 * @property {number} now_ms
 * @property {number} speed
 * @property {string} place
 * @property {{status: "none"|"planned"|"open"|"paused"|"closed", date: string, from: string, until: string, test: boolean, stale: boolean}} permanence
 * @property {string} next
 * @property {Banner[]} banners
 * @property {string} [role] as what this screen is here
 * @property {Connected|null} [connected] nothing where nobody pairs
 * @property {string} desk
 * @property {Desk[]} desks
 * @property {Row|null} mine
 * @property {{id: string, number: number}|null} call_next who « Suivant » would call at this desk, or would were it free
 * @property {Row[]} waiting in the order they will be called
 * @property {number} waiting_total those who wait, listed or not, without the resting
 * @property {Row[]} resting did not answer, not proposed for five minutes
 * @property {Row[]} held
 * @property {Row[]} away
 * @property {Row[]} ended
 * @property {Counts} counts
 * @property {{label: string, until_ms: number}|null} undo
 * @property {{id: string, number: number}[]} unprinted
 * @property {{key: string, ok: boolean, text: string, do?: string, label?: string}[]} devices what may be ordered of one is its do
 * @property {{since_ms: number, coming: boolean, text: string}|null} help
 * @property {{hold: Choice[], turned_away: Choice[], cancel: Choice[], roles: Choice[], motifs: Choice[], outcomes: Choice[], tells?: Choice[], stops?: Choice[]}} choices
 * @property {KioskView|null} intake
 * @property {{test: boolean, lines: [string, string][], identity: string, remarks?: string[]}|null} report a line without a value is a heading
 * @property {{text: string, over: string, until_ms: number}|null} [slot] how long the person at this desk may stay: advice
 * @property {{newcomer: string, learning: string}} [waits] what a ticket would say that is taken now
 * @property {SelfTestView} selftest
 * @property {boolean} [updates] this box can be updated
 * @property {boolean} [care] somebody looks after this box
 * @property {EscrowView} [escrow] who keeps the keys of the answers that wait
 * @property {Team} [team] what desks know of each other; a guest sees none
 * @property {{id: string, number: number}|null} [untold] who left this desk last, while nothing is said of what was done
 */

/**
 * @typedef {object} EscrowView
 * @property {string} box the box's name for itself
 * @property {boolean} sealed
 * @property {string} mark another when this phone should ask what is to be kept
 * @property {number} holders phones that keep every key
 * @property {boolean} on_paper a drawer ticket of now has every key
 * @property {"none"|"queued"|"printing"|"printed"|"unprinted"|"unknown"} paper of the newest drawer ticket
 * @property {boolean} print the box has a key to print
 * @property {{kind: string, batch: string, text: string}[]} locked what waits for its key, as a sentence
 */

/**
 * @typedef {object} Team
 * @property {{call: number, desk: string, label: string, since_ms: number, coming: string}[]} helps desks that ask for help, and the label of the one that comes
 * @property {number} since_ms since when the team receives people without a pause, 0 when it does not
 * @property {{ended: number, told: number, workshops: number, lost: boolean}} work
 */

/** @typedef {{label: string, result: "ok"|"warning"|"failed"|"skipped"|"unknown", word: string, notes: string[]}} TestRow */

/**
 * The box's test of itself; one for all desks.
 * @typedef {object} SelfTestView
 * @property {{turn: number, item: string, title: string, text: string, notice: string, choices: {key: string, label: string, main: boolean}[], at: number, of: number, rows: TestRow[]}|null} now
 * @property {{verdict: "ready"|"watch"|"not_ready"|"incomplete", ok: boolean, title: string, when: string, ended_ms: number, version: string, notice: string, rows: TestRow[]}|null} last
 * @property {boolean} ask a permanence is open: staff are to be sure
 * @property {{ready: boolean, text: string, lines: string[]}} stands
 */

/** @typedef {import("../lib/views.js").KioskView} KioskView */

/**
 * An order to the server; the sender adds its id, the desk adds its key.
 * @typedef {{do: string} & Record<string, unknown>} Command
 */

export {};
