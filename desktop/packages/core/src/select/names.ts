import type { Channel, Id } from "../model/entities.ts";
import type { State } from "../state/state.ts";

/** What somebody is called there: nickname, else display name, else account name; none where they are not known. */
export function nameOf(state: State, userId: Id, guildId: Id | null): string | null {
  const nick = guildId === null ? null : (state.members[guildId]?.[userId]?.nick ?? null);
  return nick ?? state.users[userId]?.displayName ?? null;
}

/** The colour of somebody's highest role that has one, 0xRRGGBB; none where no role has. */
export function colorOf(state: State, userId: Id, guildId: Id | null): number | null {
  if (guildId === null) return null;
  const known = state.roles[guildId] ?? {};
  let best: { readonly position: number; readonly color: number } | null = null;
  for (const id of state.members[guildId]?.[userId]?.roles ?? []) {
    const role = known[id];
    if (role === undefined || role.color === 0) continue;
    if (best === null || role.position > best.position) best = role;
  }
  return best === null ? null : best.color;
}

/** Whose picture stands for a conversation: of the other in it, or, of several, its own. */
export function faceOf(channel: Channel): Id {
  return (channel.headId === undefined ? channel.recipients[0] : undefined) ?? channel.id;
}

/** A channel's name; of a conversation, the names of the others in it. */
export function channelName(state: State, channel: Channel): string {
  if (channel.name !== "" || channel.guildId !== null) return channel.name;
  return channel.recipients.map((id) => nameOf(state, id, null) ?? "?").join(", ");
}
