/** A program in miniature: what it holds, the events it sends, and what it answers. For tests that must know the truth. */

import type * as wire from "../src/wire/generated.ts";
import type { Dispatches } from "../src/wire/generated.ts";

export const AT = "2026-01-01T00:00:00.000000+00:00";
export const ME = "1001";
export const GUILD = "2001";

export type Event = { readonly t: keyof Dispatches; readonly d: unknown };

export function user(id: string, name = `user ${id}`): wire.User {
  return { id, username: name, global_name: name, discriminator: "0", avatar: null, bot: false };
}

export function member(id: string, roles: string[] = []): wire.Member {
  return { user: user(id), roles, joined_at: AT, flags: 0, deaf: false, mute: false, nick: null };
}

export function role(id: string, permissions: bigint, position = 0): wire.Role {
  const colors = { primary_color: 0, secondary_color: null, tertiary_color: null };
  const flags = { hoist: false, managed: false, mentionable: false, flags: 0 };
  return {
    id,
    name: `role ${id}`,
    color: 0,
    colors,
    position,
    permissions: permissions.toString(),
    ...flags,
  };
}

export function channel(id: string, more: Partial<wire.Channel> = {}): wire.Channel {
  return {
    id,
    type: 0,
    name: `channel ${id}`,
    position: 0,
    permission_overwrites: [],
    parent_id: null,
    ...more,
  };
}

/** A public thread of the channel 300. */
export function thread(
  id: string,
  more: Partial<wire.Thread> = {},
  facts: Partial<wire.Thread["thread_metadata"]> = {},
) {
  const whole: wire.Thread = {
    id,
    type: 11,
    guild_id: GUILD,
    parent_id: "300",
    owner_id: "1002",
    name: `thread ${id}`,
    last_message_id: null,
    rate_limit_per_user: 0,
    message_count: 0,
    total_message_sent: 0,
    member_count: 1,
    flags: 0,
    thread_metadata: {
      archived: false,
      archive_timestamp: AT,
      auto_archive_duration: 1440,
      locked: false,
      create_timestamp: AT,
      ...facts,
    },
    ...more,
  };
  return whole;
}

export function message(id: string, channelId: string, author: string, more: Partial<wire.Message> = {}) {
  const base: wire.Message = {
    id,
    channel_id: channelId,
    author: user(author),
    content: `message ${id}`,
    timestamp: AT,
    edited_timestamp: null,
    tts: false,
    mention_everyone: false,
    mentions: [],
    mention_roles: [],
    attachments: [],
    embeds: [],
    pinned: false,
    type: 0,
    flags: 0,
    ...more,
  };
  return base;
}

export interface GuildFacts {
  readonly id?: string;
  readonly owner?: string;
  readonly channels?: readonly wire.Channel[];
  readonly roles?: readonly wire.Role[];
  readonly members?: readonly wire.Member[];
}

export function guildCreate(facts: GuildFacts = {}): Dispatches["GUILD_CREATE"] {
  const id = facts.id ?? GUILD;
  const members = [...(facts.members ?? [member(ME)])];
  return {
    ...wholeGuild(id, facts),
    joined_at: AT,
    large: false,
    unavailable: false,
    member_count: members.length,
    members,
    channels: [...(facts.channels ?? [])],
    presences: [],
    voice_states: [],
    threads: [],
    stage_instances: [],
    guild_scheduled_events: [],
    soundboard_sounds: [],
  };
}

function wholeGuild(id: string, facts: GuildFacts): wire.Guild {
  return {
    id,
    name: "Guild",
    owner_id: facts.owner ?? "9999",
    roles: [...(facts.roles ?? [role(id, EVERYTHING_ORDINARY)])],
    description: null,
    system_channel_id: null,
    icon: null,
    splash: null,
    discovery_splash: null,
    afk_channel_id: null,
    afk_timeout: 300,
    verification_level: 0,
    default_message_notifications: 0,
    explicit_content_filter: 0,
    emojis: [],
    stickers: [],
    features: [],
    mfa_level: 0,
    application_id: null,
    system_channel_flags: 0,
    rules_channel_id: null,
    public_updates_channel_id: null,
    vanity_url_code: null,
    banner: null,
    premium_tier: 0,
    preferred_locale: "en-US",
    nsfw_level: 0,
    premium_progress_bar_enabled: false,
  };
}

/** What everybody has in a new guild. */
export const EVERYTHING_ORDINARY = 0x0006_64f9_8635_de41n;

export function ready(
  guilds: readonly string[],
  conversations: wire.PrivateChannel[] = [],
): Dispatches["READY"] {
  return {
    v: 10,
    user: { ...user(ME), flags: 0, mfa_enabled: false, verified: true },
    guilds: guilds.map((id) => ({ id, unavailable: true })),
    private_channels: conversations,
    session_id: "s",
    resume_gateway_url: "ws://here",
    shard: [0, 1],
  };
}
