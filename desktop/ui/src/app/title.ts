import { type Client, channelName, totalMentions } from "@nexus/core";
import { t } from "../i18n/translate.ts";
import { route } from "./route.ts";

/** The window's title: how often one is mentioned, and where one is. */
export function followTitle({ store }: Client): () => void {
  let last: unknown[] = [];
  const set = () => {
    const state = store.getState();
    const here = route();
    const channel =
      here.at === "channel" && here.channelId !== null ? state.channels[here.channelId] : undefined;
    const parts = [state.reads, state.channels, state.users, state.members, channel];
    if (parts.every((part, at) => part === last[at])) return;
    last = parts;
    const mentions = totalMentions(state);
    const guild = channel?.guildId == null ? null : (state.guilds[channel.guildId]?.name ?? null);
    const sign = channel?.guildId == null ? "" : "#";
    const place = channel === undefined ? null : `${sign}${channelName(state, channel)}`;
    const words = [place, guild, t("app.name")].filter((part) => part !== null).join(" · ");
    document.title = mentions > 0 ? `(${mentions}) ${words}` : words;
  };
  set();
  return store.subscribe(set);
}
