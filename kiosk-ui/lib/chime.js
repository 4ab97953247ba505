// The two soft notes before a call, as every page plays them.

/**
 * Plays them after a moment of silence: amplifiers swallow the first 300 ms.
 * Resolves when they have sounded, at once when the browser plays nothing yet.
 * @param {AudioContext} context
 */
export async function chime(context) {
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

/**
 * Plays a clip of the box.
 * @param {AudioContext} context
 * @param {Promise<ArrayBuffer | null>} loading
 * @param {AbortSignal} [stop]
 * @returns {Promise<boolean>} whether it was heard
 */
export async function clip(context, loading, stop) {
  const data = await loading.catch(() => null);
  if (!data || context.state !== "running" || stop?.aborted) return false;
  const buffer = await context.decodeAudioData(data).catch(() => null);
  if (!buffer || stop?.aborted) return false;
  const source = new AudioBufferSourceNode(context, { buffer });
  source.connect(context.destination);
  stop?.addEventListener("abort", () => source.stop(), { once: true });
  await new Promise((ended) => {
    source.addEventListener("ended", ended, { once: true });
    source.start();
  });
  return true;
}

/**
 * The device's own voice, for what the box has no clip of.
 * @param {string} text
 * @param {string} lang BCP 47
 * @param {AbortSignal} [stop]
 * @returns {Promise<void>} when it has been said, or cannot be
 */
export function ownVoice(text, lang, stop) {
  return new Promise((done) => {
    if (!("speechSynthesis" in window) || stop?.aborted) return done();
    const said = new SpeechSynthesisUtterance(text);
    said.lang = lang;
    said.rate = 0.9;
    said.onend = said.onerror = () => done();
    stop?.addEventListener("abort", () => (speechSynthesis.cancel(), done()), { once: true });
    speechSynthesis.speak(said);
  });
}
