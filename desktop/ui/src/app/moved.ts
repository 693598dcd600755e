/** Who changes a message while it is moved goes on where it is then. */

import { type Client, channelName, movedAway, type State } from "@nexus/core";
import { t } from "../i18n/translate.ts";
import { keepEditing, screen, toast } from "./screen.ts";

export function followEdited({ store }: Pick<Client, "store">): () => void {
  return store.subscribe((now, before) => {
    const { editing } = screen.getState();
    if (editing === null || now.moved === before.moved) return;
    const to = movedAway(now, editing.channelId, editing.messageId);
    if (to === null) return;
    keepEditing({ channelId: to });
    if (now.openThread !== to && now.openChannel !== to)
      toast(t("move.editing", { place: placeName(now, to) }));
  });
}

/** A thread by its name, a channel with its sign. */
export function placeName(state: State, channelId: string): string {
  const channel = state.channels[channelId];
  if (channel === undefined) return t("common.unknown_channel");
  return channel.kind === "thread" ? channel.name : `#${channelName(state, channel)}`;
}
