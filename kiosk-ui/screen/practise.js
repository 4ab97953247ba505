// A piece of practice on the kiosk: drawn by its own module, in the language and
// with the voice of the box. What is typed stays in its field; the box hears which
// of its texts is to be said, how far one is, and that somebody is still there.
//
// Buttons, keypads and switches go to the box as on every screen. It hands back
// those that act in the piece, numbered, and this page alone knows where they lead.

import { mountPractice, pieces } from "../lib/practice/index.js";
import { send } from "../lib/send.js";
import { action as meant } from "./keys.js";

/** @import { KioskView } from "../lib/views.js" */

/** The box is told that somebody is busy at most so often (ms). */
const tellEvery = 5_000;

/** What leads out of a field where one writes. */
const leads = ["Escape", "F1", "F9", "F10"];

/**
 * @typedef {{unmount: () => void, follow: (view: KioskView) => void}} Mounted
 */

/**
 * Draws the piece of a view as soon as its words are there, and follows the buttons
 * of those that come after it.
 * @param {HTMLElement} element
 * @param {KioskView} view
 * @param {() => KioskView | undefined} now the newest view: a turn is that of the moment
 * @returns {Mounted}
 */
export function practise(element, view, now) {
  /** @type {ReturnType<typeof mountPractice> | null} */
  let piece = null;
  let gone = false;
  let told = -Infinity;
  let stage = view.stage ?? 0;
  let done = view.nudges?.seq ?? 0;
  let around = false; // the last press led out, and a next one leads in again
  const post = (/** @type {Record<string, unknown>} */ what) => {
    const turn = now()?.turn;
    if (turn !== undefined && !gone) send("/api/kiosk", { turn, ...what });
  };

  /** What is to be said together goes together. @type {{say: string[], at?: number, of?: number} | null} */
  let saying = null;
  /** @param {string} key @param {{after: boolean, at?: number, of?: number}} how */
  const say = (key, { after, at, of }) => {
    if (!saying) queueMicrotask(() => {
      if (saying) post(saying);
      saying = null;
    });
    saying = after && saying ? { ...saying, say: [...saying.say, key] } : { say: key ? [key] : [], at, of };
  };

  /** @param {KioskView} view */
  const follow = ({ nudges }) => {
    if (!nudges || !piece || nudges.seq <= done) return;
    const news = nudges.last.slice(-Math.min(nudges.last.length, nudges.seq - done));
    done = nudges.seq;
    for (const action of news) {
      const led = piece.act(/** @type {any} */ (action));
      if (!led && !around && (action === "next" || action === "previous")) post({ past: action });
      around = !led;
    }
  };

  words(view.lang).then((texts) => {
    if (gone) return;
    if (!pieces.some(({ id }) => id === view.piece)) return post({ key: "finish" }); // a piece that this page does not know
    piece = mountPractice(element, {
      piece: view.piece ?? "",
      words: texts,
      lang: view.tag ?? view.lang,
      dir: view.dir,
      ownKeyboard: true,
      wordless: document.documentElement.hasAttribute("data-wordless"),
      stage,
      say,
      onDone: () => post({ key: "finish" }),
      onStage: (at) => {
        stage = at;
        post({ touched: true, stage });
      },
      onTouched: () => {
        if (performance.now() - told < tellEvery) return;
        told = performance.now();
        post({ touched: true, stage });
      },
    });
    const latest = now(); // buttons were pressed while the words came
    if (latest) follow(latest);
  });

  /** @param {KeyboardEvent} event */
  const keyed = (event) => {
    const writes = event.target instanceof HTMLInputElement;
    const native = event.key === "Tab" || ((event.key === "Enter" || event.key === " ") && event.target instanceof HTMLButtonElement);
    if (native || (writes && !leads.includes(event.key))) return;
    const action = meant(event, document.documentElement.dir, !!now()?.scan);
    if (!action) return;
    event.preventDefault();
    event.stopPropagation();
    if (!event.repeat) post({ action });
  };
  element.addEventListener("keydown", keyed, true);

  return {
    unmount() {
      piece?.unmount();
      gone = true;
      element.removeEventListener("keydown", keyed, true);
    },
    follow,
  };
}

/** @param {string} lang @returns {Promise<Record<string, string>>} none when the box is away */
async function words(lang) {
  try {
    const answer = await fetch(`/phone/words?lang=${encodeURIComponent(lang)}`);
    return answer.ok ? await answer.json() : {};
  } catch {
    return {};
  }
}
