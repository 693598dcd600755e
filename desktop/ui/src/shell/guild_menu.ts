import { allows, type Client, firstChannel, myPermissions, Permission } from "@nexus/core";
import { openDialog } from "../app/screen.ts";
import { t } from "../i18n/translate.ts";
import { FolderPlus, LogOut, MailOpen, Plus, Settings, Trash2, UserPlus } from "../parts/icons.ts";
import type { MenuEntry } from "../parts/menu.tsx";

/** What can be done with a guild. */
export function guildMenu({ store, actions }: Client, guildId: string): readonly MenuEntry[] {
  const state = store.getState();
  const held = myPermissions(state, guildId, null);
  const may = (wanted: bigint) => allows(held, wanted);
  const channel = firstChannel(state, guildId);
  const manages = [
    Permission.MANAGE_GUILD,
    Permission.MANAGE_ROLES,
    Permission.BAN_MEMBERS,
    Permission.MANAGE_CHANNELS,
  ].some(may);
  const owner = state.guilds[guildId]?.ownerId === state.me;
  const entries: (MenuEntry | false)[] = [
    channel !== null &&
      may(Permission.CREATE_INSTANT_INVITE) && {
        label: t("guild.invite"),
        icon: UserPlus,
        act: () => openDialog({ kind: "invite", channelId: channel.id }),
      },
    manages && {
      label: t("guild.settings"),
      icon: Settings,
      act: () => openDialog({ kind: "guild_settings", guildId }),
    },
    may(Permission.MANAGE_CHANNELS) && {
      label: t("guild.create_channel"),
      icon: Plus,
      act: () => openDialog({ kind: "create_channel", guildId, parentId: null }),
    },
    may(Permission.MANAGE_CHANNELS) && {
      label: t("guild.create_category"),
      icon: FolderPlus,
      act: () => openDialog({ kind: "create_channel", guildId, parentId: null, category: true }),
    },
    { label: t("guild.mark_read"), icon: MailOpen, keys: "Shift+Esc", act: () => actions.ackGuild(guildId) },
    "line",
    {
      label: t("guild.erase"),
      icon: Trash2,
      danger: true,
      act: () => openDialog({ kind: "erase_said", guildId }),
    },
    !owner && {
      label: t("guild.leave"),
      icon: LogOut,
      danger: true,
      act: () => openDialog({ kind: "leave_guild", guildId }),
    },
  ];
  return entries.filter((entry) => entry !== false);
}
