// The page of the questions about benefits on the visitor's own phone. Texts and
// rules come once, when it loads; after that it asks the box for nothing. Only
// who turns the sound on makes it fetch clips: all of them, always in the same
// order, so that what was asked for says nothing of what was answered.
import { h } from "../lib/dom.js";
import { speaker } from "../lib/words.js";
import { link, open, way } from "./phone.js";
import { clipKeys, mountRights } from "./rights.mount.js";

/** @typedef {import("./rights.mount.js").Hear} Hear */

/**
 * Reads texts aloud with clips of the box.
 * @param {string} lang
 * @param {string[]} keys
 * @returns {Hear}
 */
export function clips(lang, keys) {
  /** @type {AudioContext | undefined} */
  let audio;
  /** @type {Map<string, Promise<ArrayBuffer | null>>} */
  const loaded = new Map();
  /** @type {AudioBufferSourceNode | undefined} */
  let playing;
  let turn = 0;

  // One after the other: the order is that of the list whatever is on the screen.
  const load = () => {
    let before = Promise.resolve(/** @type {ArrayBuffer | null} */ (null));
    for (const key of keys) {
      before = before.then(async () => {
        try {
          const response = await fetch(link("clip", lang, { key }), { credentials: "omit" });
          return response.ok ? await response.arrayBuffer() : null;
        } catch {
          return null;
        }
      });
      loaded.set(key, before);
    }
  };

  const stop = () => {
    turn++;
    playing?.stop();
    playing = undefined;
  };

  /** @param {string} key @param {number} mine */
  const play = async (key, mine) => {
    const data = await loaded.get(key);
    if (!data || !audio || mine !== turn) return;
    const buffer = await audio.decodeAudioData(data.slice(0)).catch(() => null);
    if (!buffer || mine !== turn) return;
    const source = audio.createBufferSource();
    source.buffer = buffer;
    source.connect(audio.destination);
    playing = source;
    await new Promise((ended) => {
      source.onended = ended;
      source.start();
    });
  };

  /** @type {Hear} */
  const hear = {
    on: false,
    async toggle() {
      if (hear.on) {
        hear.on = false;
        stop();
        return true;
      }
      try {
        audio ??= new AudioContext();
        await audio.resume();
      } catch {
        return false;
      }
      if (!loaded.size) load();
      if ((await loaded.get(keys[0])) === null) return false;
      hear.on = true;
      return true;
    },
    async speak(list) {
      stop();
      const mine = turn;
      for (const key of list) if (mine === turn) await play(key, mine);
    },
    stop,
  };
  return hear;
}

/** @returns {Promise<import("../lib/rights.js").Rules | null>} */
async function rulesOfTheBox() {
  try {
    const response = await fetch("rules", { credentials: "omit" });
    return response.ok ? await response.json() : null;
  } catch {
    return null;
  }
}

const main = document.getElementById("rights");
if (main) {
  Promise.all([open(), rulesOfTheBox()]).then(([{ languages, lang, words }, rules]) => {
    const say = speaker(words);
    document.title = say("rights.title");
    // Without a picture: its sprite would be fetched again when the questions end.
    const home = () => h("nav", { class: "ways" }, way({ href: link("index.html", lang), picto: "", name: say("phone.back") }));
    if (!rules) {
      main.replaceChildren(h("h1", {}, say("rights.title")), h("p", { role: "alert" }, say("rights.no_rules")), home());
      return;
    }
    const voice = /** @type {{lang: string, voice?: boolean}[]} */ (languages).find((l) => l.lang === lang)?.voice;
    const hear = voice ? clips(lang, clipKeys(rules)) : undefined;
    const mounted = mountRights(main, { say, rules, lang, own: true, hear, home });
    // A browser that keeps the page for « back » must not keep the answers with it.
    addEventListener("pagehide", () => mounted.erase());
  });
}
