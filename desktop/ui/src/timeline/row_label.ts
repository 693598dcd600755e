import type { Message } from "@nexus/core";
import { useApp } from "../app/client.tsx";
import { moment } from "../i18n/time.ts";
import { t } from "../i18n/translate.ts";
import { useName } from "./author.tsx";

/** What a message is called where its row is come to: by whom, when, and what sets it apart. */
export function useRowLabel(message: Message, forMe: boolean): string {
  const { authorId: userId, guildId, at, brought, movedFrom } = message;
  const name = useName({ userId, guildId });
  const channel = useChannelName(movedFrom ?? brought?.from ?? null);
  const parts = [
    t("talk.message_label", { name, when: moment(at) }),
    brought !== null && t("move.brought", { name, n: brought.count, channel: `#${channel}` }),
    movedFrom !== null && t("move.mark", { channel }),
    forMe && t("talk.mentions_you"),
  ];
  return parts.filter((part) => part !== false).join(", ");
}

export function useChannelName(channelId: string | null): string {
  return useApp((state) => state.channels[channelId ?? ""]?.name) ?? t("common.unknown_channel");
}
