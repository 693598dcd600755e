/** From the wire to the entities: guilds, channels, roles, people, invites. */

import type {
  Activity,
  Ban,
  Channel,
  ChannelKind,
  EventStatus,
  ForumFacts,
  ForumTag,
  Guild,
  GuildEmoji,
  GuildEvent,
  Invite,
  Member,
  Millis,
  Presence,
  Role,
  User,
} from "../model/entities.ts";
import { holdsPosts } from "../model/holds_posts.ts";
import type * as wire from "./generated.ts";
import type { WireBan, WireInvite } from "./rest.ts";

export function user(from: wire.User): User {
  return {
    id: from.id,
    username: from.username,
    displayName: from.global_name ?? from.username,
    bot: from.bot ?? false,
    contested: from.nexus?.contested ?? false,
  };
}

export function guild(from: wire.Guild, before: Pick<Guild, "joinedAt" | "memberCount" | "large">): Guild {
  return {
    id: from.id,
    name: from.name,
    description: from.description,
    ownerId: from.owner_id,
    retention: from.nexus?.retention_days ?? null,
    systemChannelId: from.system_channel_id,
    joinedAt: before.joinedAt,
    memberCount: before.memberCount,
    large: before.large,
  };
}

const KINDS: Readonly<Record<number, ChannelKind>> = {
  0: "text",
  1: "conversation",
  2: "voice",
  3: "group",
  4: "category",
  5: "announcement",
  10: "thread",
  11: "thread",
  12: "thread",
  15: "forum",
  16: "media",
};

export function channel(from: wire.Channel, guildId: string): Channel {
  const kind = KINDS[from.type] ?? "text";
  return {
    id: from.id,
    kind,
    guildId,
    name: from.name,
    topic: from.topic ?? null,
    position: from.position,
    parentId: from.parent_id,
    nsfw: from.nsfw ?? false,
    slowmode: from.rate_limit_per_user ?? 0,
    retention: from.nexus?.retention_days ?? null,
    overwrites: from.permission_overwrites.map((line) => ({
      id: line.id,
      of: line.type === 0 ? "role" : "member",
      allow: BigInt(line.allow),
      deny: BigInt(line.deny),
    })),
    lastMessageId: from.last_message_id ?? null,
    recipients: [],
    thread: null,
    forum: holdsPosts({ kind }) ? forum(from, kind) : null,
  };
}

/** Discord's flags of a forum whose posts must have a tag, and of a post that is shown before the others. */
const TAG_REQUIRED = 1 << 4;
const PINNED = 1 << 1;
/** Discord's number of the layout that shows a forum's posts by their pictures. */
const GALLERY = 2;

function forum(from: wire.Channel, kind: ChannelKind): ForumFacts {
  const tags = (from.available_tags ?? []).map(
    (tag): ForumTag => ({ id: tag.id, name: tag.name, moderated: tag.moderated, emoji: tag.emoji_name }),
  );
  return {
    tags,
    tagRequired: ((from.flags ?? 0) & TAG_REQUIRED) !== 0,
    gallery: kind === "media" || from.default_forum_layout === GALLERY,
  };
}

/** `before`: the same thread as it was known. An event that is drawn for nobody in particular does not say whether one follows it. */
export function thread(from: wire.Thread, before: Channel | undefined): Channel {
  const facts = from.thread_metadata;
  return {
    id: from.id,
    kind: "thread",
    guildId: from.guild_id,
    name: from.name,
    topic: null,
    position: 0,
    parentId: from.parent_id,
    nsfw: false,
    slowmode: from.rate_limit_per_user,
    retention: null,
    overwrites: [],
    lastMessageId: from.last_message_id ?? before?.lastMessageId ?? null,
    recipients: [],
    thread: {
      ownerId: from.owner_id,
      private: from.type === 12,
      archived: facts.archived,
      archivedAt: time(facts.archive_timestamp),
      locked: facts.locked,
      messageCount: from.message_count,
      memberCount: from.member_count,
      followed: from.member !== undefined || (before?.thread?.followed ?? false),
      pinned: (from.flags & PINNED) !== 0,
      tags: from.applied_tags ?? [],
    },
    forum: null,
  };
}

export function conversation(from: wire.PrivateChannel): Channel {
  return {
    id: from.id,
    kind: KINDS[from.type] ?? "conversation",
    guildId: null,
    name: from.name ?? "",
    topic: null,
    position: 0,
    parentId: null,
    nsfw: false,
    slowmode: 0,
    retention: null,
    overwrites: [],
    lastMessageId: from.last_message_id ?? null,
    recipients: from.recipients.map((each) => each.id),
    ...(from.owner_id === undefined ? {} : { headId: from.owner_id }),
    thread: null,
    forum: null,
  };
}

export function guildEmoji(from: wire.GuildEmoji, guildId: string): GuildEmoji {
  const { id, name, animated, roles } = from;
  return { id, guildId, name, animated, path: from.nexus.path, roles };
}

const STATUSES: Readonly<Record<number, EventStatus>> = {
  1: "scheduled",
  2: "active",
  3: "over",
  4: "called_off",
};

/** `before`: the same event as it was known. An event of the gateway does not say who looks forward to it. */
export function event(from: wire.ScheduledEvent, before: GuildEvent | undefined): GuildEvent {
  return {
    id: from.id,
    guildId: from.guild_id,
    channelId: from.channel_id,
    location: from.entity_metadata?.location ?? null,
    creatorId: from.creator_id,
    name: from.name,
    description: from.description,
    startsAt: time(from.scheduled_start_time),
    endsAt: from.scheduled_end_time === null ? null : time(from.scheduled_end_time),
    status: STATUSES[from.status] ?? "scheduled",
    interested: from.user_count ?? before?.interested ?? null,
    mine: before?.mine ?? false,
  };
}

export function role(from: wire.Role, guildId: string): Role {
  return {
    id: from.id,
    guildId,
    name: from.name,
    color: from.color,
    hoist: from.hoist,
    position: from.position,
    permissions: BigInt(from.permissions),
    mentionable: from.mentionable,
    managed: from.managed,
  };
}

export function member(from: wire.MemberFields, userId: string, guildId: string): Member {
  return {
    userId,
    guildId,
    nick: from.nick ?? null,
    roles: from.roles,
    joinedAt: from.joined_at === null ? null : time(from.joined_at),
  };
}

export function presence(from: Pick<wire.Presence, "status" | "activities">): Presence {
  const activities = from.activities.map(
    (each): Activity => ({ name: each.name, type: each.type, state: each.state ?? null }),
  );
  return { status: from.status, activities };
}

export function invite(from: WireInvite): Invite {
  return {
    code: from.code,
    url: from.nexus_url ?? null,
    addresses: from.nexus_addresses ?? [],
    guildId: from.guild?.id ?? from.guild_id ?? "",
    guildName: from.guild?.name ?? "",
    guildDescription: from.guild?.description ?? null,
    channelId: from.channel?.id ?? null,
    channelName: from.channel?.name ?? null,
    inviter: from.inviter === undefined ? null : user(from.inviter),
    memberCount: from.approximate_member_count ?? null,
    onlineCount: from.approximate_presence_count ?? null,
    expiresAt: from.expires_at == null ? null : time(from.expires_at),
  };
}

export function ban(from: WireBan): Ban {
  return { user: user(from.user), reason: from.reason };
}

/** Unix ms; 0 where it is no time. */
export function time(text: string): Millis {
  const at = Date.parse(text);
  return Number.isNaN(at) ? 0 : at;
}
