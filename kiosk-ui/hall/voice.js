/** @file The hall's own voice, where a site lets this screen speak instead of the box. */
import { chime, clip, ownVoice } from "../lib/chime.js";
import { say } from "../lib/words.js";

/** @import { Call } from "../lib/announce.js" */

/**
 * A chime, then the number and where to go, in the box's voice or else the browser's.
 * say resolves when it has been said; what a browser refuses to play is left out, and
 * awake is false as long as it refuses.
 * @returns {{say: (call: Call) => Promise<void>, wake: () => void, readonly awake: boolean}}
 */
export function speaker() {
  /** @type {AudioContext|undefined} */
  let audio;
  /** Made when it is first needed; a television without it is mute, and shows all the same. */
  const sound = () => {
    try {
      audio ??= new AudioContext();
    } catch {
      audio = undefined;
    }
    return audio;
  };
  return {
    async say(call) {
      const on = sound();
      const words = box(call);
      if (on) await chime(on);
      if (!on || !await clip(on, words)) await ownVoice(say("hall.speak", { n: call.number, desk: call.desk }), "fr-FR");
    },
    wake() {
      void sound()?.resume();
    },
    get awake() {
      return (sound()?.state ?? "running") === "running";
    },
  };
}

/**
 * @param {Call} call
 * @returns {Promise<ArrayBuffer | null>} null when the box has no voice for it
 */
async function box(call) {
  try {
    const response = await fetch(`/hall/clip?call=${encodeURIComponent(call.call)}`);
    return response.status === 200 ? await response.arrayBuffer() : null;
  } catch {
    return null;
  }
}
