/** Guilds, channels, roles and the people in them. */

import { type Channel, compareIds, type Id } from "../../model/entities.ts";
import * as decode from "../../wire/decode.ts";
import type { Dispatches, PrivateChannel, User } from "../../wire/generated.ts";
import { draftsElsewhere } from "../drafts.ts";
import { withGone, withUnsaid } from "../gone.ts";
import { firstSeen, readElsewhere } from "../reads.ts";
import { byKey, drop, put, putAll, update } from "../records.ts";
import type { Gone, State } from "../state.ts";
import { closeWindow } from "../window.ts";
import { withEmojiOf, withoutEmojiOf } from "./emoji.ts";
import { withEventsOf } from "./events.ts";
import { withThreadsOf } from "./threads.ts";

export function ready(state: State, d: Dispatches["READY"]): State {
  const here = new Set(d.guilds.map((guild) => guild.id));
  const gone = state.guildOrder.filter((id) => !here.has(id));
  let next: State = { ...state, me: d.user.id, presences: {}, typing: {}, captions: {} };
  for (const id of gone) next = withoutGuild(next, id, "unknown");
  next = withUsers(next, [d.user]);
  const conversations = d.private_channels ?? [];
  const kept = new Set(conversations.map((channel) => channel.id));
  next = withoutChannels(
    next,
    next.privateChannels.filter((id) => !kept.has(id)),
    "unknown",
  );
  next = { ...next, privateChannels: [] };
  for (const { id, last_message_id } of d.read_state?.entries ?? [])
    next = readElsewhere(next, id, last_message_id);
  return conversations.reduce(withConversation, draftsElsewhere(next, d.nexus_drafts));
}

export function guildCreate(state: State, d: Dispatches["GUILD_CREATE"]): State {
  const facts = { joinedAt: decode.time(d.joined_at), memberCount: d.member_count, large: d.large };
  const channels = d.channels.map((each) => decode.channel(each, d.id));
  const kept = new Set(channels.map((channel) => channel.id));
  const before = state.channelsOf[d.id] ?? [];
  const cleared = withoutChannels(
    state,
    before.filter((id) => !kept.has(id)),
    "unknown",
  );
  const members = d.members.map((each) => decode.member(each, each.user.id, d.id));
  const roles = d.roles.map((each) => decode.role(each, d.id));
  const next: State = {
    ...cleared,
    guilds: put(cleared.guilds, d.id, decode.guild(d, facts)),
    channels: putAll(cleared.channels, channels, (channel) => channel.id),
    channelsOf: put(
      cleared.channelsOf,
      d.id,
      channels.map((channel) => channel.id),
    ),
    roles: put(
      cleared.roles,
      d.id,
      byKey(roles, (role) => role.id),
    ),
    members: put(
      cleared.members,
      d.id,
      byKey(members, (member) => member.userId),
    ),
  };
  const peopled = withPresences(
    withUsers(
      ordered(next),
      d.members.map((each) => each.user),
    ),
    d.presences,
  );
  const seen = channels.reduce((sum, channel) => firstSeen(sum, channel.id), peopled);
  const own = withEventsOf(withEmojiOf(seen, d.id, d.emojis), d.id, d.guild_scheduled_events);
  return withThreadsOf(own, d.id, d.threads);
}

export function guildUpdate(state: State, d: Dispatches["GUILD_UPDATE"]): State {
  const guilds = update(state.guilds, d.id, (before) => decode.guild(d, before));
  if (guilds === state.guilds) return state;
  const roles = byKey(
    d.roles.map((each) => decode.role(each, d.id)),
    (role) => role.id,
  );
  return withEmojiOf({ ...state, guilds, roles: put(state.roles, d.id, roles) }, d.id, d.emojis);
}

export function guildDelete(state: State, d: Dispatches["GUILD_DELETE"]): State {
  return d.unavailable === true ? state : withoutGuild(state, d.id, "out");
}

export function channelCreate(state: State, d: Dispatches["CHANNEL_CREATE"]): State {
  if ("recipients" in d) return withConversation(state, d);
  const guildId = d.guild_id;
  if (guildId === undefined || state.guilds[guildId] === undefined) return state;
  const before = state.channels[d.id];
  const drawn = decode.channel(d, guildId);
  // An update does not tell when something was last said.
  const channel: Channel = { ...drawn, lastMessageId: drawn.lastMessageId ?? before?.lastMessageId ?? null };
  const listed = state.channelsOf[guildId] ?? [];
  const channelsOf = listed.includes(d.id)
    ? state.channelsOf
    : put(state.channelsOf, guildId, [...listed, d.id]);
  return firstSeen({ ...state, channels: put(state.channels, d.id, channel), channelsOf }, d.id);
}

export function channelDelete(state: State, d: Dispatches["CHANNEL_DELETE"]): State {
  const orphaned = { ...state, channels: { ...state.channels } as Record<Id, Channel> };
  for (const channel of Object.values(state.channels)) {
    if (channel.parentId === d.id) orphaned.channels[channel.id] = { ...channel, parentId: null };
  }
  const hanging = Object.values(state.channels).filter(
    (each) => each.thread !== null && each.parentId === d.id,
  );
  const how = "recipients" in d ? "out" : "deleted";
  return withoutChannels(orphaned, [d.id, ...hanging.map((each) => each.id)], how);
}

/** Somebody has come into a conversation of several. */
export function recipientAdd(state: State, d: Dispatches["CHANNEL_RECIPIENT_ADD"]): State {
  const channel = state.channels[d.channel_id];
  if (channel === undefined || channel.recipients.includes(d.user.id)) return state;
  const recipients = [...channel.recipients, d.user.id];
  const channels = put(state.channels, channel.id, { ...channel, recipients });
  return withUsers({ ...state, channels }, [d.user]);
}

export function recipientRemove(state: State, d: Dispatches["CHANNEL_RECIPIENT_REMOVE"]): State {
  const channel = state.channels[d.channel_id];
  if (channel === undefined) return state;
  const recipients = channel.recipients.filter((id) => id !== d.user.id);
  return { ...state, channels: put(state.channels, channel.id, { ...channel, recipients }) };
}

export function roleSet(state: State, d: Dispatches["GUILD_ROLE_CREATE"]): State {
  const role = decode.role(d.role, d.guild_id);
  return { ...state, roles: update(state.roles, d.guild_id, (roles) => put(roles, role.id, role)) };
}

export function roleDelete(state: State, d: Dispatches["GUILD_ROLE_DELETE"]): State {
  const roles = update(state.roles, d.guild_id, (known) => drop(known, d.role_id));
  const members = update(state.members, d.guild_id, (known) => {
    const held = Object.values(known).filter((member) => member.roles.includes(d.role_id));
    const without = held.map((member) => ({
      ...member,
      roles: member.roles.filter((id) => id !== d.role_id),
    }));
    return putAll(known, without, (member) => member.userId);
  });
  return { ...state, roles, members };
}

/** People as they come along with whatever names them. */
export function withUsers(state: State, users: readonly User[]): State {
  const changed = users.map(decode.user).filter((user) => {
    const known = state.users[user.id];
    return (
      known === undefined ||
      known.displayName !== user.displayName ||
      known.username !== user.username ||
      known.contested !== user.contested
    );
  });
  return changed.length === 0 ? state : { ...state, users: putAll(state.users, changed, (user) => user.id) };
}

export function withPresences(state: State, presences: Dispatches["GUILD_CREATE"]["presences"]): State {
  let next = state.presences;
  for (const each of presences) {
    const presence = decode.presence(each);
    const id = each.user.id;
    next = presence.status === "offline" ? drop(next, id) : put(next, id, presence);
  }
  return next === state.presences ? state : { ...state, presences: next };
}

export function withConversation(state: State, from: PrivateChannel): State {
  const drawn = decode.conversation(from);
  const lastMessageId = drawn.lastMessageId ?? state.channels[from.id]?.lastMessageId ?? null;
  const listed = state.privateChannels.includes(from.id);
  const privateChannels = listed ? state.privateChannels : [...state.privateChannels, from.id];
  const channels = put(state.channels, from.id, { ...drawn, lastMessageId });
  return firstSeen(withUsers({ ...state, channels, privateChannels }, from.recipients), from.id);
}

export function withoutChannels(state: State, gone: readonly Id[], how: Gone["how"]): State {
  if (gone.length === 0) return state;
  const told = gone.reduce((now, id) => withGone(now, id, how), withUnsaid(state, gone));
  const closed = closeWindow(told, ...gone);
  const out = new Set(gone);
  return {
    ...closed,
    channelsOf: without(closed.channelsOf, out),
    threadsOf: without(closed.threadsOf, out),
    followed: drop(closed.followed, ...gone),
    channels: drop(closed.channels, ...gone),
    privateChannels: closed.privateChannels.filter((id) => !out.has(id)),
    typing: drop(closed.typing, ...gone),
    captions: drop(closed.captions, ...gone),
    reads: drop(closed.reads, ...gone),
    readsToTell: drop(closed.readsToTell, ...gone),
    drafts: drop(closed.drafts, ...gone),
    draftsToTell: drop(closed.draftsToTell, ...gone),
    pending: drop(closed.pending, ...gone),
    openChannel: closed.openChannel !== null && out.has(closed.openChannel) ? null : closed.openChannel,
    openThread: closed.openThread !== null && out.has(closed.openThread) ? null : closed.openThread,
  };
}

/** Lists by guild, without some of what is in them. */
function without(lists: State["channelsOf"], out: ReadonlySet<Id>): State["channelsOf"] {
  let left = lists;
  for (const [guildId, ids] of Object.entries(lists)) {
    const kept = ids.filter((id) => !out.has(id));
    if (kept.length < ids.length) left = put(left, guildId, kept);
  }
  return left;
}

function withoutGuild(state: State, id: Id, how: Gone["how"]): State {
  const threads = state.threadsOf[id] ?? [];
  const inside = [...(state.channelsOf[id] ?? []), ...threads];
  // Told is that the guild is gone, and not each of its channels.
  const { gone, leaving: left } = withGone(state, id, how);
  const closed: State = { ...withoutChannels(state, inside, how), gone, leaving: left };
  const cleared = withoutEmojiOf(closed, id);
  return {
    ...cleared,
    guilds: drop(cleared.guilds, id),
    guildOrder: cleared.guildOrder.filter((each) => each !== id),
    channelsOf: drop(cleared.channelsOf, id),
    threadsOf: drop(cleared.threadsOf, id),
    events: drop(cleared.events, id),
    // An event that waits stands under its guild.
    pending: drop(cleared.pending, id),
    roles: drop(cleared.roles, id),
    members: drop(cleared.members, id),
  };
}

/** Guilds in the order one joined them: the same after every start. */
function ordered(state: State): State {
  const guildOrder = Object.values(state.guilds)
    .sort((a, b) => a.joinedAt - b.joinedAt || compareIds(a.id, b.id))
    .map((guild) => guild.id);
  return { ...state, guildOrder };
}
