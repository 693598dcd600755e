import { compareIds, type Id } from "../model/entities.ts";
import { Permission } from "../permissions/bits.ts";
import { permissionsIn } from "../permissions/in_channel.ts";
import type { State } from "../state/state.ts";

export interface Unread {
  /** Something was said that was not read. */
  readonly unread: boolean;
  /** How many of it mention one; every message of a conversation does. */
  readonly mentions: number;
}

const NOTHING: Unread = { unread: false, mentions: 0 };

/** What is unread in a channel, or in all channels of a guild that one can see. */
export function unread(state: State, id: Id): Unread {
  if (state.guilds[id] !== undefined)
    return ofMany(state, [...visibleChannels(state, id), ...threadsThatCount(state, id)]);
  return ofChannel(state, id);
}

/** What is unread in all conversations. */
export function unreadConversations(state: State): Unread {
  return ofMany(state, state.privateChannels);
}

/** What the window's title counts. */
export function totalMentions(state: State): number {
  const guilds = state.guildOrder.reduce((sum, id) => sum + unread(state, id).mentions, 0);
  return guilds + unreadConversations(state).mentions;
}

function ofChannel(state: State, channelId: Id): Unread {
  const last = state.channels[channelId]?.lastMessageId ?? null;
  const read = state.reads[channelId];
  if (last === null || read === undefined) return NOTHING;
  const isUnread = read.upTo === null || compareIds(last, read.upTo) > 0;
  return isUnread ? { unread: true, mentions: read.mentions } : NOTHING;
}

function ofMany(state: State, channels: readonly Id[]): Unread {
  let any = false;
  let mentions = 0;
  for (const channel of channels) {
    const here = ofChannel(state, channel);
    any ||= here.unread;
    mentions += here.mentions;
  }
  return any ? { unread: true, mentions } : NOTHING;
}

/** The threads of a guild that one follows, or is mentioned in: what is new in others is no news. */
export function threadsThatCount(state: State, guildId: Id): readonly Id[] {
  return (state.threadsOf[guildId] ?? []).filter((id) => {
    const counts = state.channels[id]?.thread?.followed === true || (state.reads[id]?.mentions ?? 0) > 0;
    return counts && (permissionsIn(state, guildId, id, state.me ?? "") & Permission.VIEW_CHANNEL) !== 0n;
  });
}

/** The channels of a guild that one can see and that messages are in. */
export function visibleChannels(state: State, guildId: Id): readonly Id[] {
  const me = state.me;
  if (me === null) return [];
  return (state.channelsOf[guildId] ?? []).filter((id) => {
    const channel = state.channels[id];
    if (channel === undefined || channel.kind === "category") return false;
    return (permissionsIn(state, guildId, id, me) & Permission.VIEW_CHANNEL) !== 0n;
  });
}
