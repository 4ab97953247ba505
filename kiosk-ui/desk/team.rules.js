/**
 * @file What the desks know of each other: who asks for help, how long the team goes on
 * without a pause, and when this desk beeps. Pure functions of the view.
 */
import { say } from "../lib/words.js";
import { duration } from "./rules.js";

/** @import { Banner, DeskView } from "./view.js" */

/** After so long (ms) without a pause the team is offered one. */
export const longSpell = 90 * 60_000;

/**
 * The bars about the other desks and the team.
 * @param {DeskView} view
 * @param {number} now
 * @returns {Banner[]}
 */
export function teamBars(view, now) {
  const team = view.team;
  if (!team) return [];
  /** @type {Banner[]} */
  const bars = team.helps.map((help) => {
    const done = { do: "desk_help_done", call: help.call, label: say("desk.help_done") };
    const key = "desk_help " + help.call;
    if (help.desk === view.desk) {
      return { key, level: "info", text: help.coming ? say("desk.help_mine_coming", { who: help.coming }) : say("desk.help_mine"), actions: [done] };
    }
    if (help.coming) return { key, level: "info", text: say("desk.help_desk_coming", { desk: help.label, who: help.coming }), actions: [done] };
    return { key, level: "alert", text: say("desk.help_desk", { desk: help.label }), actions: [{ do: "desk_coming", call: help.call, label: say("desk.help_coming") }] };
  });
  if (team.work.lost) {
    bars.push({ key: "work_lost", level: "warn", text: say("desk.work_lost"), actions: [{ do: "work_lost_read", label: say("desk.work_lost_read") }] });
  }
  if (view.untold && !view.mine) {
    bars.push({ key: "untold", level: "info", text: say("desk.end_bar", { n: view.untold.number }), actions: [{ do: "local_end", label: say("desk.end_ask") }] });
  }
  const spell = team.since_ms > 0 ? now - team.since_ms : 0;
  if (view.permanence.status === "open" && spell >= longSpell) {
    bars.push({ key: "load", level: "info", text: say("desk.load", { time: duration(spell) }), actions: [{ do: "pause", label: say("desk.pause") }] });
  }
  return bars;
}

/**
 * Whether a new view is worth a sound at this desk: somebody to call where there was
 * nobody, while this desk is free; or another desk that asks for help.
 * @param {DeskView|null} before
 * @param {DeskView} view
 * @returns {""|"somebody"|"help"}
 */
export function beep(before, view) {
  if (!before || before.desk !== view.desk || !view.desk) return "";
  const known = new Set((before.team?.helps ?? []).map((h) => h.call + " " + h.since_ms));
  const called = (view.team?.helps ?? []).some((h) => h.desk !== view.desk && !h.coming && !known.has(h.call + " " + h.since_ms));
  if (called) return "help";
  const free = view.permanence.status === "open" && before.permanence.status === "open" && !view.mine && !before.mine;
  return free && !before.call_next && view.call_next ? "somebody" : "";
}
