// A paper, a lamp and a camera that do not exist: what each press does to the
// picture, and when it is good. Pure. Every press can be undone by another.

/**
 * x and y: how far the paper is from the middle of the frame, turn: how
 * crooked, near: how far from the right distance; 0 is right, 2 the farthest.
 * @typedef {{x: number, y: number, turn: number, near: number, light: boolean, sharp: boolean, taken: boolean}} Scene
 */

/** @typedef {"left" | "right" | "up" | "down" | "turn_left" | "turn_right" | "nearer" | "farther" | "light" | "focus" | "shoot"} Action */

/** @typedef {"placed" | "straight" | "near" | "light" | "sharp" | "taken"} Goal */

/** How far anything goes from where it should be. */
export const most = 2;

/** A good picture before it is taken. @returns {Scene} */
export const start = () => ({ x: 0, y: 0, turn: 0, near: 0, light: true, sharp: true, taken: false });

/** @type {Record<Action, [keyof Scene, number | boolean]>} */
const effects = {
  left: ["x", -1],
  right: ["x", 1],
  up: ["y", -1],
  down: ["y", 1],
  turn_left: ["turn", -1],
  turn_right: ["turn", 1],
  nearer: ["near", 1],
  farther: ["near", -1],
  light: ["light", true],
  focus: ["sharp", true],
  shoot: ["taken", true],
};

/**
 * @param {Scene} scene
 * @param {Action} action
 * @returns {Scene}
 */
export function press(scene, action) {
  const [what, by] = effects[action];
  if (typeof by === "boolean") return { ...scene, [what]: by };
  return { ...scene, [what]: Math.max(-most, Math.min(most, Number(scene[what]) + by)) };
}

/**
 * How many presses a scene is from a goal.
 * @param {Scene} scene
 * @param {Goal} goal
 */
function far(scene, goal) {
  switch (goal) {
    case "placed":
      return Math.abs(scene.x) + Math.abs(scene.y);
    case "straight":
      return Math.abs(scene.turn);
    case "near":
      return Math.abs(scene.near);
    default:
      return scene[goal] ? 0 : 1;
  }
}

/** @param {Scene} scene @param {Goal[]} goals */
export const distance = (scene, goals) => goals.reduce((sum, goal) => sum + far(scene, goal), 0);

/** @param {Scene} scene @param {Goal[]} goals */
export const good = (scene, goals) => distance(scene, goals) === 0;

/**
 * Whether a press was wrong: it led away, or took a picture that is not good.
 * @param {Scene} before
 * @param {Scene} after
 * @param {Goal[]} goals
 */
export function wrong(before, after, goals) {
  if (after.taken && !before.taken && !good(after, goals)) return true;
  return distance(after, goals) > distance(before, goals);
}

/**
 * The press that helps now; the picture is taken last.
 * @param {Scene} scene
 * @param {Action[]} actions those there are
 * @param {Goal[]} goals
 * @returns {Action | ""}
 */
export function best(scene, actions, goals) {
  const here = distance(scene, goals);
  const useful = actions.filter((a) => distance(press(scene, a), goals) < here);
  return useful.find((a) => a !== "shoot") ?? useful[0] ?? "";
}
