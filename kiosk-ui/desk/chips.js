/** @file Choices as small as a thumb allows: several to a line, each on or off. */
import { h } from "../lib/dom.js";
import { attr } from "./dom.js";

/** @import { Choice } from "./view.js" */

/**
 * @param {{legend: string, choices: Choice[], on: (key: string) => boolean, press: (key: string) => void}} options
 *   `on` is asked again after each press, of this or of any other group through `draw`
 * @returns {{node: HTMLElement, draw: () => void}}
 */
export function chips({ legend, choices, on, press }) {
  const buttons = choices.map((c) => {
    const button = h("button", { type: "button", class: "chip" }, c.label);
    button.addEventListener("click", () => {
      press(c.key);
      draw();
    });
    return { key: c.key, button };
  });
  const node = h("fieldset", { class: "chips" }, h("legend", {}, legend), h("div", {}, ...buttons.map((b) => b.button)));
  const draw = () => buttons.forEach((b) => attr(b.button, "aria-pressed", String(on(b.key))));
  draw();
  return { node, draw };
}
