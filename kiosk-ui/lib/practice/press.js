// A press, as trembling hands need it: down and up on the same button, however
// far the finger slid in between; the same one twice at once counts once. The
// time is that of the events.

/** The same button is ignored for so long (ms), EN 301 549 5.8. */
export const sameWithin = 500;

/** A letter may come twice, so only what no finger does on purpose is ignored. */
export const sameKeyWithin = 200;

/**
 * Listens to a part of a page until it is stopped. Buttons are those made by
 * `on`; everything else is left alone.
 * @param {HTMLElement} root
 */
export function presses(root) {
  /** @type {WeakMap<Element, () => void>} */
  const actions = new WeakMap();
  /** @type {{pointer: number, button: HTMLButtonElement} | null} */
  let down = null;
  /** @type {{button: Element | null, at: number}} */
  let last = { button: null, at: -Infinity };
  /** When a finger last went up: the click that browsers make of it comes after, on whatever is there by then. */
  let up = -Infinity;

  /** @param {EventTarget | null} target @returns {HTMLButtonElement | null} */
  const pressable = (target) => {
    const button = target instanceof Element ? target.closest("button") : null;
    return button && !button.disabled && actions.has(button) ? button : null;
  };
  /** @param {HTMLButtonElement} button @param {number} at */
  const press = (button, at) => {
    const within = button.hasAttribute("data-quick") ? sameKeyWithin : sameWithin;
    if (button === last.button && at - last.at < within) return;
    last = { button, at };
    actions.get(button)?.();
  };
  /** @param {PointerEvent} event */
  const raised = (event) => {
    up = event.timeStamp;
  };
  const lift = () => {
    if (down) down.button.removeAttribute("data-down");
    down = null;
  };
  /** @param {PointerEvent} event */
  const under = (event) => pressable(document.elementFromPoint(event.clientX, event.clientY));

  /** @type {[string, (event: any) => void][]} */
  const heard = [
    ["pointerdown", (event) => {
      const button = down || event.button !== 0 ? null : pressable(event.target);
      if (!button) return;
      down = { pointer: event.pointerId, button };
      button.setAttribute("data-down", "");
    }],
    ["pointerup", (event) => {
      if (!down || down.pointer !== event.pointerId) return;
      const { button } = down;
      lift();
      if (under(event) !== button) return;
      press(button, event.timeStamp);
    }],
    ["pointercancel", lift],
    // Keyboards, switches and assistive technology click without a pointer.
    ["click", (event) => {
      const button = pressable(event.target);
      if (!button || (event.detail !== 0 && event.timeStamp - up < 1_000)) return;
      press(button, event.timeStamp);
    }],
    ["keydown", (event) => {
      if (event.repeat && pressable(event.target)) event.preventDefault(); // a held key is one press
    }],
  ];
  for (const [name, listener] of heard) root.addEventListener(name, listener);
  document.addEventListener("pointerup", raised, true);
  // A finger that leaves this part and goes up elsewhere pressed nothing.
  document.addEventListener("pointerup", lift);
  document.addEventListener("pointercancel", lift);
  return {
    /**
     * @param {HTMLButtonElement} button
     * @param {() => void} action
     */
    on(button, action) {
      actions.set(button, action);
      return button;
    },
    stop() {
      for (const [name, listener] of heard) root.removeEventListener(name, listener);
      document.removeEventListener("pointerup", raised, true);
      document.removeEventListener("pointerup", lift);
      document.removeEventListener("pointercancel", lift);
    },
  };
}
