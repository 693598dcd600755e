/** What can be done with a message, for its toolbar, its menu and the keyboard. */

import {
  type Actions,
  type Client,
  type Message,
  type MessageDeeds,
  messageDeeds,
  type State,
  said,
} from "@nexus/core";
import { useApp, useDerived } from "../app/client.tsx";
import { pathTo } from "../app/route.ts";
import { type Anchor, answer, edit, openDialog, openEmojiPicker } from "../app/screen.ts";
import { told } from "../app/wish.ts";
import { t } from "../i18n/translate.ts";
import {
  Copy,
  CornerUpLeft,
  Forward,
  Link,
  MessageSquareDot,
  MessagesSquare,
  MoveRight,
  Pencil,
  Pin,
  PinOff,
  SmilePlus,
  Trash2,
  Undo2,
} from "../parts/icons.ts";
import type { MenuEntry } from "../parts/menu.tsx";
import { copy } from "../rich/code_block.tsx";
import { toggleReaction } from "./reactions.tsx";

/** What it depends on: one's rights in the channel, and whose message it is. */
export function useDeeds(message: Message): MessageDeeds {
  const guild = message.guildId ?? "";
  return useDerived(
    (state) => [
      state.me,
      state.guilds[guild],
      state.roles[guild],
      state.members[guild]?.[state.me ?? ""],
      state.channels[message.channelId],
      state.channels[message.id],
      state.channels[message.movedFrom ?? ""],
    ],
    (state) => messageDeeds(state, message),
    [message.authorId, message.unreadable, message.movedFrom],
  );
}

/** Whether the message is addressed to oneself in a guild: then it stands out. */
export function useIsForMe(message: Message): boolean {
  return useApp((state) => isForMe(state, message));
}

function isForMe(state: State, message: Message): boolean {
  const { me } = state;
  if (me === null || message.guildId === null || message.authorId === me) return false;
  if (message.mentionEveryone || message.mentions.includes(me)) return true;
  const mine = state.members[message.guildId]?.[me]?.roles ?? [];
  return message.mentionRoles.some((role) => mine.includes(role));
}

export function askReaction(actions: Actions, message: Message, anchor: Anchor): void {
  openEmojiPicker(anchor, message.guildId, (emoji) => toggleReaction(actions, message, emoji));
}

export function messageMenu(
  { store, actions }: Pick<Client, "store" | "actions">,
  message: Message,
  deeds: MessageDeeds,
  anchor: Anchor,
): readonly MenuEntry[] {
  const { channelId, id, guildId, pinned } = message;
  const home = store.getState().channels[message.movedFrom ?? ""]?.name ?? "";
  const entries: (MenuEntry | false)[] = [
    deeds.react && {
      label: t("talk.add_reaction"),
      icon: SmilePlus,
      act: () => askReaction(actions, message, anchor),
    },
    deeds.reply && {
      label: t("talk.reply"),
      icon: CornerUpLeft,
      keys: "R",
      act: () => answer(channelId, id),
    },
    deeds.forward && {
      label: t("forward.go"),
      icon: Forward,
      act: () => openDialog({ kind: "forward", channelId, messageId: id }),
    },
    deeds.thread && {
      label: t("thread.begin"),
      icon: MessagesSquare,
      act: () => openDialog({ kind: "new_thread", channelId, messageId: id }),
    },
    deeds.move && {
      label: t(deeds.moveBack ? "move.to_another" : "move.to_thread"),
      icon: MoveRight,
      act: () => openDialog({ kind: "move", channelId, messageId: id }),
    },
    deeds.moveBack && {
      label: t("move.back_to", { channel: home }),
      icon: Undo2,
      act: () => openDialog({ kind: "move_back", channelId, messageId: id }),
    },
    deeds.edit && { label: t("talk.edit"), icon: Pencil, keys: "E", act: () => edit(channelId, id) },
    deeds.pin && {
      label: t(pinned ? "talk.unpin" : "talk.pin"),
      icon: pinned ? PinOff : Pin,
      act: () => void told(pinned ? actions.unpin(channelId, id) : actions.pin(channelId, id)),
    },
    "line",
    { label: t("talk.copy_text"), icon: Copy, act: () => void copy(said(message).content) },
    {
      label: t("talk.copy_link"),
      icon: Link,
      act: () => void copy(`${location.origin}${pathTo(guildId, channelId, id)}`),
    },
    { label: t("talk.mark_unread"), icon: MessageSquareDot, act: () => actions.markUnread(channelId, id) },
    deeds.delete && "line",
    deeds.delete && {
      label: t("talk.delete"),
      icon: Trash2,
      keys: "Del",
      danger: true,
      act: () => openDialog({ kind: "delete_message", channelId, messageId: id }),
    },
  ];
  return entries.filter((entry) => entry !== false);
}
