import type { Id } from "../model/entities.ts";
import { allows, Permission } from "../permissions/bits.ts";
import { myPermissions } from "../permissions/in_channel.ts";
import { goneChannel } from "../state/gone.ts";
import type { Gone, State } from "../state/state.ts";

/** What became of the place that one looks at; none where it is there, or was never known. */
export function goneAt(state: State, guildId: Id | null, channelId: Id | null): Gone | null {
  const told = (id: Id) => state.gone.find((each) => each.id === id) ?? null;
  if (guildId !== null && state.guilds[guildId] === undefined) return told(guildId);
  if (channelId === null) return null;
  const channel = state.channels[channelId];
  if (channel === undefined) return told(channelId);
  const sees = guildId === null || allows(myPermissions(state, guildId, channelId), Permission.VIEW_CHANNEL);
  return sees ? null : goneChannel(state, channel, "closed");
}
