/** Going to one message, wherever in a history it is. */

import { useCallback } from "react";
import { createStore } from "zustand/vanilla";
import { useClient } from "../app/client.tsx";
import { failureText } from "../app/failure_text.ts";
import { go, pathTo } from "../app/route.ts";
import { toast } from "../app/screen.ts";

/** The latest wish to see a message. `turn` tells two wishes for the same one apart. */
export const jumps = createStore<{ readonly messageId: string | null; readonly turn: number }>(() => ({
  messageId: null,
  turn: 0,
}));

export function useJump(): (channelId: string, messageId: string) => void {
  const { store, actions } = useClient();
  return useCallback(
    async (channelId, messageId) => {
      const known = store.getState().timelines[channelId]?.ids.includes(messageId) === true;
      if (!known) {
        const outcome = await actions.loadAround(channelId, messageId);
        if (!outcome.ok) return toast(failureText(outcome.failure), "danger");
      }
      jumps.setState((before) => ({ messageId, turn: before.turn + 1 }));
    },
    [store, actions],
  );
}

/** The same for one that may be elsewhere: what is on the screen is only brought into sight. */
export function useVisit(): (channelId: string, messageId: string) => void {
  const { store } = useClient();
  const jump = useJump();
  return useCallback(
    (channelId, messageId) => {
      const { openChannel, openThread, channels } = store.getState();
      if ((openThread ?? openChannel) === channelId) jump(channelId, messageId);
      else go(pathTo(channels[channelId]?.guildId ?? null, channelId, messageId));
    },
    [store, jump],
  );
}
