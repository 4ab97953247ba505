/**
 * @file What the bars of a desk say of connected screens: a pure function of what this
 * page was told before and is told now.
 */
import { say } from "../lib/words.js";

/** @import { Banner, Connected } from "./view.js" */

/** What this page was told of connected screens, so that a new one is news once. */
export class Newcomers {
  /** @type {Set<number>|null} the screens that were there, or that somebody took note of */
  #known = null;

  /**
   * @param {Connected|null|undefined} connected
   * @returns {Banner[]}
   */
  bars(connected) {
    if (!connected) return [];
    this.#known ??= new Set(connected.devices.map((d) => d.id));
    const known = this.#known;
    const news = connected.devices.filter((d) => d.id !== connected.me && !known.has(d.id));
    /** @type {Banner[]} */
    const bars = [];
    if (news.length === 1) {
      const [d] = news;
      bars.push({
        key: `connected ${d.id}`, level: "info", text: say("desk.connected_new", { role: d.role }),
        actions: [
          { do: "local_connected", what: "end", who: d.id, label: say("desk.unpair") },
          { do: "local_known", who: [d.id], label: say("desk.understood") },
        ],
      });
    } else if (news.length > 1) {
      // A team that arrives together: a bar each would cover who waits.
      bars.push({
        key: `connected ${news.map((d) => d.id).join(" ")}`, level: "info", text: say("desk.connected_news", { roles: news.map((d) => d.role).join(", ") }),
        actions: [
          { do: "local_see", label: say("desk.connected_see") },
          { do: "local_known", who: news.map((d) => d.id), label: say("desk.understood") },
        ],
      });
    }
    const asks = connected.ask;
    if (asks) {
      bars.unshift({
        key: `vouch ${asks.number}`, level: "alert", text: say("desk.vouch", { role: asks.role, n: asks.number }),
        actions: [
          { do: "local_connected", what: "vouch", number: asks.number, label: say("desk.vouch_yes") },
          { do: "local_doubt", what: "doubt", number: asks.number, label: say("desk.vouch_no") },
        ],
      });
    }
    return bars;
  }

  /** @param {number[]} ids */
  known(ids) {
    for (const id of ids) this.#known?.add(id);
  }
}
