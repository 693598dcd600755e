import { type Channel, compareIds, type Id } from "../model/entities.ts";
import { holdsPosts } from "../model/holds_posts.ts";
import { Permission } from "../permissions/bits.ts";
import { permissionsIn } from "../permissions/in_channel.ts";
import type { State } from "../state/state.ts";

export interface ChannelGroup {
  /** None: channels without a category, always first. */
  readonly category: Channel | null;
  readonly channels: readonly Channel[];
}

/** A guild's channels as its sidebar lists them: by category, only those one can see. A category with nothing in it is
 * shown to those who may manage channels. */
export function channelTree(state: State, guildId: Id): readonly ChannelGroup[] {
  const all = (state.channelsOf[guildId] ?? []).flatMap((id) => state.channels[id] ?? []).sort(byPlace);
  const me = state.me ?? "";
  const sees = (channel: Channel) =>
    (permissionsIn(state, guildId, channel.id, me) & Permission.VIEW_CHANNEL) !== 0n;
  const categories = all.filter((channel) => channel.kind === "category");
  const known = new Set(categories.map((category) => category.id));
  const inside = (parent: Id | null) =>
    all.filter((channel) => {
      if (channel.kind === "category" || !sees(channel)) return false;
      const place = channel.parentId !== null && known.has(channel.parentId) ? channel.parentId : null;
      return place === parent;
    });
  const manages = (permissionsIn(state, guildId, null, me) & Permission.MANAGE_CHANNELS) !== 0n;
  const groups = categories
    .map((category) => ({ category, channels: inside(category.id) }))
    .filter((group) => group.channels.length > 0 || (manages && sees(group.category)));
  const loose = inside(null);
  return loose.length === 0 ? groups : [{ category: null, channels: loose }, ...groups];
}

/** Voice channels below the others, as Discord lists them; then by position, then by age. */
function byPlace(a: Channel, b: Channel): number {
  const voice = Number(a.kind === "voice") - Number(b.kind === "voice");
  return voice || a.position - b.position || compareIds(a.id, b.id);
}

/** Conversations, the one with the newest message first. */
export function conversations(state: State): readonly Channel[] {
  const newest = (channel: Channel) => channel.lastMessageId ?? channel.id;
  return state.privateChannels
    .flatMap((id) => state.channels[id] ?? [])
    .sort((a, b) => compareIds(newest(b), newest(a)));
}

/** The channel of a guild to show first: the first text channel one can see; without one, the first that holds posts. */
export function firstChannel(state: State, guildId: Id): Channel | null {
  const all = channelTree(state, guildId).flatMap((group) => group.channels);
  const text = all.find((channel) => channel.kind === "text" || channel.kind === "announcement");
  return text ?? all.find(holdsPosts) ?? null;
}
