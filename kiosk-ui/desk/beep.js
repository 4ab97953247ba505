/**
 * @file The two sounds of a desk, soft and short. A browser lets a page sound only once
 * somebody has touched it: until then they are lost, and the bars say the same.
 */

/** Notes in Hz, one after the other. */
const notes = { somebody: [660], help: [880, 660, 880] };

/** How long a note lasts (s). */
const length = 0.18;

export class Beeper {
  /** @type {AudioContext|null} */
  #sound = null;

  constructor() {
    const wake = () => {
      this.#sound ??= new AudioContext();
      void this.#sound.resume();
    };
    for (const touch of ["pointerdown", "keydown"]) document.addEventListener(touch, wake, { once: true });
  }

  /** @param {"somebody"|"help"} what */
  sound(what) {
    const sound = this.#sound;
    if (!sound || sound.state !== "running") return;
    notes[what].forEach((hertz, i) => {
      const from = sound.currentTime + i * length * 1.2;
      const tone = new OscillatorNode(sound, { frequency: hertz });
      const gain = new GainNode(sound, { gain: 0 });
      gain.gain.setTargetAtTime(0.2, from, 0.01);
      gain.gain.setTargetAtTime(0, from + length - 0.04, 0.02);
      tone.connect(gain).connect(sound.destination);
      tone.start(from);
      tone.stop(from + length + 0.1);
    });
  }
}
