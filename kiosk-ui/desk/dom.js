/**
 * @file The few lines between values and the page. What is drawn again keeps its
 * nodes, so that focus, an open dialog and a finger on a button survive a new view.
 */
export { put } from "../lib/dom.js";

/**
 * Sets an attribute only when it changes; false or undefined takes it away.
 * @param {Element} node
 * @param {string} name
 * @param {string|boolean|undefined} value
 */
export function attr(node, name, value) {
  if (value === false || value === undefined) {
    if (node.hasAttribute(name)) node.removeAttribute(name);
    return;
  }
  const text = value === true ? "" : value;
  if (node.getAttribute(name) !== text) node.setAttribute(name, text);
}

/**
 * Says that a button does nothing now. Not the `disabled` attribute: a button that
 * loses focus as it is pressed throws keyboard and screen reader users back to the top.
 * @param {Element} button
 * @param {boolean} on
 */
export function enable(button, on) {
  attr(button, "aria-disabled", on ? undefined : "true");
}

/** @param {Element} button */
export function enabled(button) {
  return button.getAttribute("aria-disabled") !== "true";
}

/** @type {WeakMap<Element, Map<string, HTMLElement>>} */
const drawn = new WeakMap();

/**
 * Makes the children of a parent follow a list, one child for each key; a child keeps
 * its node and its focus as long as its key is there.
 * @template V
 * @param {Element} parent
 * @param {V[]} values
 * @param {(value: V) => string} key
 * @param {(value: V) => HTMLElement} make
 * @param {(node: HTMLElement, value: V) => void} update
 */
export function keyed(parent, values, key, make, update) {
  const before = drawn.get(parent) ?? new Map();
  const focus = document.activeElement;
  /** @type {Map<string, HTMLElement>} */
  const now = new Map();
  for (const value of values) {
    const k = key(value);
    if (now.has(k)) continue;
    const node = before.get(k) ?? make(value);
    update(node, value);
    now.set(k, node);
  }
  for (const [k, node] of before) if (!now.has(k)) node.remove();
  let at = parent.firstElementChild;
  for (const node of now.values()) {
    if (node === at) at = at.nextElementSibling;
    else parent.insertBefore(node, at);
  }
  drawn.set(parent, now);
  // Moving a node takes its focus away.
  if (focus instanceof HTMLElement && focus !== document.activeElement && parent.contains(focus)) focus.focus({ preventScroll: true });
}
