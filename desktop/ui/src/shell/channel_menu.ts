import { allows, type Channel, type Client, myPermissions, Permission } from "@nexus/core";
import { pathTo } from "../app/route.ts";
import { openDialog } from "../app/screen.ts";
import { t } from "../i18n/translate.ts";
import { Link, MailOpen, Pencil, Settings, Trash2, UserPlus } from "../parts/icons.ts";
import type { MenuEntry } from "../parts/menu.tsx";
import { copy } from "../rich/code_block.tsx";

/** What can be done with a channel or a category. */
export function channelMenu({ store, actions }: Client, channel: Channel): readonly MenuEntry[] {
  const { id, guildId } = channel;
  const state = store.getState();
  const held = myPermissions(state, guildId, id);
  const manages = guildId !== null && allows(held, Permission.MANAGE_CHANNELS);
  const category = channel.kind === "category";
  const entries: (MenuEntry | false)[] = [
    !category && { label: t("guild.mark_read"), icon: MailOpen, keys: "Esc", act: () => actions.ack(id) },
    !category && {
      label: t("talk.copy_link"),
      icon: Link,
      act: () => void copy(location.origin + pathTo(guildId, id)),
    },
    !category &&
      guildId !== null &&
      allows(held, Permission.CREATE_INSTANT_INVITE) && {
        label: t("guild.invite"),
        icon: UserPlus,
        act: () => openDialog({ kind: "invite", channelId: id }),
      },
    // Nobody is in a voice channel by this client: who is not, needs both.
    manages &&
      channel.kind === "voice" &&
      allows(held, Permission.SET_VOICE_CHANNEL_STATUS) && {
        label: t("dlg.voice_status_set"),
        icon: Pencil,
        act: () => openDialog({ kind: "voice_status", channelId: id }),
      },
    manages && {
      label: t(category ? "dlg.category_settings" : "dlg.channel_settings"),
      icon: Settings,
      act: () => openDialog({ kind: "channel_settings", channelId: id }),
    },
    manages && "line",
    manages && {
      label: t("dlg.delete_channel"),
      icon: Trash2,
      danger: true,
      act: () => openDialog({ kind: "delete_channel", channelId: id }),
    },
  ];
  return entries.filter((entry) => entry !== false);
}
