/** Going to one message, wherever in a history it is. */

import type { Client } from "@nexus/core";
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
  const client = useClient();
  return useCallback(
    async (channelId, messageId) => {
      const { store, actions } = client;
      const known = store.getState().timelines[channelId]?.ids.includes(messageId) === true;
      if (!known) {
        const outcome = await actions.loadAround(channelId, messageId);
        if (!outcome.ok) return toast(failureText(outcome.failure), "danger");
        if (await isElsewhere(client, channelId, messageId)) return;
      }
      jumps.setState((before) => ({ messageId, turn: before.turn + 1 }));
    },
    [client],
  );
}

/** Whether it was moved away from where somebody noted it; then one goes there. */
async function isElsewhere(
  { store, actions }: Pick<Client, "store" | "actions">,
  channelId: string,
  messageId: string,
): Promise<boolean> {
  const { timelines, channels } = store.getState();
  if (timelines[channelId]?.ids.includes(messageId) === true) return false;
  const place = await actions.placeOf(channelId, messageId);
  if (!place.ok || place.value === channelId) return false;
  go(pathTo(channels[channelId]?.guildId ?? null, place.value, messageId), true);
  return true;
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
