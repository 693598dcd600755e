import type { Channel } from "../model/entities.ts";
import type { State } from "../state/state.ts";

/** Days that messages of a channel are kept; none: for ever. A thread's are kept as those of the channel it hangs on. */
export function keptDays(state: State, channel: Channel): number | null {
  const parent =
    channel.thread === null || channel.parentId === null ? undefined : state.channels[channel.parentId];
  const guild = channel.guildId === null ? undefined : state.guilds[channel.guildId];
  const days = (parent ?? channel).retention ?? guild?.retention ?? 0;
  return days === 0 ? null : days;
}
