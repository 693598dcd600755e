import type { PermissionName } from "@nexus/core";
import type { Key } from "../i18n/translate.ts";

/** Permissions that mean something in this version, as they are listed. */
export const PERMISSION_GROUPS: readonly {
  readonly title: Key;
  readonly names: readonly PermissionName[];
}[] = [
  {
    title: "perm.group_general",
    names: [
      "VIEW_CHANNEL",
      "MANAGE_CHANNELS",
      "MANAGE_ROLES",
      "MANAGE_GUILD",
      "CREATE_GUILD_EXPRESSIONS",
      "MANAGE_GUILD_EXPRESSIONS",
      "CREATE_EVENTS",
      "MANAGE_EVENTS",
      "MANAGE_WEBHOOKS",
      "VIEW_AUDIT_LOG",
      "ADMINISTRATOR",
    ],
  },
  {
    title: "perm.group_people",
    names: [
      "CREATE_INSTANT_INVITE",
      "CHANGE_NICKNAME",
      "MANAGE_NICKNAMES",
      "MODERATE_MEMBERS",
      "KICK_MEMBERS",
      "BAN_MEMBERS",
    ],
  },
  {
    title: "perm.group_messages",
    names: [
      "SEND_MESSAGES",
      "READ_MESSAGE_HISTORY",
      "ADD_REACTIONS",
      "EMBED_LINKS",
      "ATTACH_FILES",
      "MENTION_EVERYONE",
      "SEND_POLLS",
      "SET_VOICE_CHANNEL_STATUS",
      "MANAGE_MESSAGES",
    ],
  },
  {
    title: "perm.group_threads",
    names: ["CREATE_PUBLIC_THREADS", "CREATE_PRIVATE_THREADS", "SEND_MESSAGES_IN_THREADS", "MANAGE_THREADS"],
  },
];

/** Of those, what can be another in a channel. */
export const CHANNEL_PERMISSIONS: readonly PermissionName[] = [
  "VIEW_CHANNEL",
  "SEND_MESSAGES",
  "READ_MESSAGE_HISTORY",
  "ADD_REACTIONS",
  "EMBED_LINKS",
  "ATTACH_FILES",
  "MENTION_EVERYONE",
  "SEND_POLLS",
  "SET_VOICE_CHANNEL_STATUS",
  "MANAGE_MESSAGES",
  "CREATE_PUBLIC_THREADS",
  "CREATE_PRIVATE_THREADS",
  "SEND_MESSAGES_IN_THREADS",
  "MANAGE_THREADS",
  "MANAGE_CHANNELS",
  "MANAGE_ROLES",
  "CREATE_INSTANT_INVITE",
];

/** What a bot may ask for beside them: it is kept, for programs that ask whether it is there. */
export const OTHER_PERMISSIONS: readonly PermissionName[] = [
  "USE_APPLICATION_COMMANDS",
  "USE_EXTERNAL_EMOJIS",
  "USE_EXTERNAL_STICKERS",
  "SEND_TTS_MESSAGES",
  "CONNECT",
  "SPEAK",
  "STREAM",
  "USE_VAD",
  "PRIORITY_SPEAKER",
  "MUTE_MEMBERS",
  "DEAFEN_MEMBERS",
  "MOVE_MEMBERS",
];

/** With these much can be broken: those for which Discord asks its moderators for a second factor. */
export const POWERFUL: ReadonlySet<PermissionName> = new Set<PermissionName>([
  "ADMINISTRATOR",
  "MANAGE_CHANNELS",
  "MANAGE_ROLES",
  "MANAGE_GUILD",
  "MANAGE_GUILD_EXPRESSIONS",
  "MANAGE_WEBHOOKS",
  "MANAGE_MESSAGES",
  "MANAGE_THREADS",
  "MODERATE_MEMBERS",
  "KICK_MEMBERS",
  "BAN_MEMBERS",
]);

export function permissionKey(name: PermissionName): Key {
  return `perm.${name}` as Key;
}
