import { mayAttach, movedAway, type State } from "@nexus/core";
import { useClient } from "../app/client.tsx";
import { dropAnswer, edit, screen } from "../app/screen.ts";
import { dismissRefused } from "./chosen.ts";
import { focusComposer } from "./focus.ts";
import { toWire } from "./names.ts";

/** Characters that a message may have. */
export const CONTENT_MAX = 2_000;

/** There is something to be said, or files alone; not with files where one may send none. */
export function maySend(state: State, channelId: string, text: string): boolean {
  const files = state.trays[channelId] !== undefined;
  return files ? mayAttach(state, channelId) : text.trim() !== "";
}

export interface Send {
  readonly send: () => void;
  /** Whether there was one to edit. */
  readonly editLast: () => boolean;
}

export function useSend(channelId: string): Send {
  const { store, actions } = useClient();
  return {
    send() {
      const state = store.getState();
      const text = (state.drafts[channelId] ?? "").trim();
      if (!maySend(state, channelId, text)) return;
      const content = toWire(state, state.channels[channelId]?.guildId ?? null, text);
      if ([...content].length > CONTENT_MAX) return;
      const bar = screen.getState().replies[channelId];
      // Where what it answers has gone, the bar says that this will be no answer.
      const reply =
        bar !== undefined && movedAway(state, channelId, bar.messageId) !== null ? undefined : bar;
      actions.setDraft(channelId, "");
      actions.send(channelId, content, reply);
      dropAnswer(channelId);
      dismissRefused(channelId);
      // Whoever writes while looking at the past wants to see what they wrote.
      if (state.timelines[channelId]?.hasNewer === true) void actions.loadPresent(channelId);
      focusComposer(channelId);
    },
    editLast() {
      const state = store.getState();
      const known = state.messages[channelId] ?? {};
      const last = state.timelines[channelId]?.ids.findLast((id) => {
        const message = known[id];
        if (message?.authorId !== state.me || message?.forwarded !== null) return false;
        return message.kind === "plain" || message.kind === "reply";
      });
      if (last === undefined) return false;
      edit(channelId, last);
      return true;
    },
  };
}
