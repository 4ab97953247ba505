/** @file The hall's own voice, where a site lets this screen speak instead of the box. */
import { say } from "../lib/words.js";

/** @import { Call } from "../lib/announce.js" */

/**
 * A chime, then the number and where to go. Resolves when it has been said; what a
 * browser refuses to play is left out.
 * @returns {(call: Call) => Promise<void>}
 */
export function speaker() {
  /** Made at the first call: before, nobody may have asked for sound. @type {AudioContext|undefined} */
  let audio;
  return async (call) => {
    audio ??= new AudioContext();
    await chime(audio);
    await voice(say("hall.speak", { n: call.number, desk: call.desk }));
  };
}

/**
 * Two soft notes, after a moment of silence: amplifiers swallow the first 300 ms.
 * @param {AudioContext} context
 */
async function chime(context) {
  if (context.state !== "running") {
    // A browser that wants a touch first may never answer: do not wait for it.
    void context.resume();
    return;
  }
  const start = context.currentTime + 0.3;
  const last = [659, 523].map((pitch, i) => {
    const note = new OscillatorNode(context, { frequency: pitch });
    const loud = new GainNode(context, { gain: 0 });
    const at = start + i * 0.45;
    loud.gain.setValueAtTime(0, at);
    loud.gain.linearRampToValueAtTime(0.4, at + 0.03);
    loud.gain.exponentialRampToValueAtTime(0.001, at + 0.9);
    note.connect(loud).connect(context.destination);
    note.start(at);
    note.stop(at + 0.9);
    return note;
  })[1];
  await new Promise((done) => last.addEventListener("ended", done, { once: true }));
}

/** @param {string} text */
function voice(text) {
  return new Promise((done) => {
    if (!("speechSynthesis" in window)) return done(undefined);
    const said = new SpeechSynthesisUtterance(text);
    said.lang = "fr-FR";
    said.rate = 0.9;
    said.onend = said.onerror = done;
    speechSynthesis.speak(said);
  });
}
