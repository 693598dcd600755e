/** Which channel of a guild one was in last: one comes back to it. */

import { firstChannel, type State } from "@nexus/core";

const last = new Map<string, string>();

export function wasIn(guildId: string, channelId: string): void {
  last.set(guildId, channelId);
}

export function lastChannelOf(state: State, guildId: string): string | null {
  const before = last.get(guildId);
  if (before !== undefined && state.channels[before] !== undefined) return before;
  return firstChannel(state, guildId)?.id ?? null;
}

/** Whether there is nowhere to go yet: no guild, and nobody that one talks with. */
export function isNowhere(state: State): boolean {
  return (
    state.session.phase === "ready" && state.guildOrder.length === 0 && state.privateChannels.length === 0
  );
}
