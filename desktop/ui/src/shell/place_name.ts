import { channelName, type SearchPlace, type State } from "@nexus/core";

/** What a guild or a conversation is called. */
export function placeName(state: State, { kind, id }: SearchPlace): string {
  if (kind === "guild") return state.guilds[id]?.name ?? "";
  const channel = state.channels[id];
  return channel === undefined ? "" : channelName(state, channel);
}
