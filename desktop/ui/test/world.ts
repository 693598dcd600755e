/** A small guild to write in. */

import { type Channel, initialState, Permission, type Role, type State, type User } from "@nexus/core";

export const GUILD = "10";
export const GENERAL = "20";
export const ME = "1";

const NOW = Date.UTC(2026, 10, 23, 12);

export function world(
  names: Readonly<Record<string, string>> = { 1: "Me", 2: "Ada", 3: "Ada Lovelace", 4: "Bo" },
): State {
  const ids = Object.keys(names);
  return {
    ...initialState(),
    session: { phase: "ready", since: NOW },
    me: ME,
    users: Object.fromEntries(ids.map((id) => [id, user(id, names[id] ?? "")])),
    guilds: {
      [GUILD]: {
        id: GUILD,
        name: "Engines",
        description: null,
        ownerId: ME,
        retention: null,
        systemChannelId: null,
        joinedAt: NOW,
        memberCount: ids.length,
        large: false,
      },
    },
    guildOrder: [GUILD],
    channels: { [GENERAL]: channel(GENERAL, "general"), 21: channel("21", "rust") },
    channelsOf: { [GUILD]: [GENERAL, "21"] },
    roles: { [GUILD]: { [GUILD]: role(GUILD, "@everyone"), 30: role("30", "keepers") } },
    members: {
      [GUILD]: Object.fromEntries(
        ids.map((id) => [id, { userId: id, guildId: GUILD, nick: null, roles: [], joinedAt: NOW }]),
      ),
    },
  };
}

function user(id: string, displayName: string): User {
  return { id, username: displayName.toLowerCase(), displayName, bot: false, contested: false };
}

export function channel(id: string, name: string): Channel {
  return {
    id,
    kind: "text",
    guildId: GUILD,
    name,
    topic: null,
    position: 0,
    parentId: null,
    nsfw: false,
    slowmode: 0,
    retention: null,
    overwrites: [],
    lastMessageId: null,
    recipients: [],
    thread: null,
    forum: null,
  };
}

function role(id: string, name: string): Role {
  return {
    id,
    guildId: GUILD,
    name,
    color: 0,
    hoist: false,
    position: id === GUILD ? 0 : 1,
    permissions: Permission.VIEW_CHANNEL | Permission.SEND_MESSAGES,
    mentionable: true,
    managed: false,
  };
}
