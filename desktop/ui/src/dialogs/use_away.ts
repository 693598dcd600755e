/** The threads that were put away: asked for channel by channel, as no program tells of all at once. */

import type { Channel, Failure } from "@nexus/core";
import { useCallback, useEffect, useRef, useState } from "react";
import { useClient } from "../app/client.tsx";

export interface Away {
  readonly loading: boolean;
  readonly failure: Failure | null;
  /** Channels that have more of them. */
  readonly more: readonly Channel[];
  readonly loadMore: (channelId: string) => void;
  readonly again: () => void;
}

/** `channels` none: nothing is asked for now. */
export function useAway(channels: readonly Channel[] | null): Away {
  const { store, actions } = useClient();
  const [loading, setLoading] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);
  const [more, setMore] = useState<readonly Channel[]>([]);
  /** Another round has begun: what this one brings is still kept, but it asks no further. */
  const round = useRef(0);
  const ids = channels?.map(({ id }) => id).join(" ") ?? null;

  const load = useCallback(
    async (wanted: readonly string[], further: boolean) => {
      round.current += 1;
      const mine = round.current;
      setLoading(true);
      setFailure(null);
      for (const id of wanted) {
        const before = further ? oldest(store.getState().channels, id) : undefined;
        const outcome = await actions.awayThreads(id, before);
        if (round.current !== mine) return;
        if (!outcome.ok && outcome.failure.kind !== "forbidden") {
          setFailure(outcome.failure);
          break;
        }
        const channel = store.getState().channels[id];
        const hasMore = outcome.ok && outcome.value.hasMore && channel !== undefined;
        setMore((now) => [...now.filter((each) => each.id !== id), ...(hasMore ? [channel] : [])]);
      }
      setLoading(false);
    },
    [store, actions],
  );

  useEffect(() => {
    if (ids === null) return;
    setMore([]);
    void load(ids === "" ? [] : ids.split(" "), false);
    return () => {
      round.current += 1;
    };
  }, [ids, load]);

  return {
    loading,
    failure,
    more,
    loadMore: (channelId) => void load([channelId], true),
    again: () => void load(ids === null || ids === "" ? [] : ids.split(" "), false),
  };
}

/** When the thread was put away that is known as the first to have been, in a channel. */
function oldest(all: Readonly<Record<string, Channel>>, channelId: string): number | undefined {
  const times = Object.values(all)
    .filter((each) => each.parentId === channelId && each.thread?.archived === true && !each.thread.private)
    .map((each) => each.thread?.archivedAt ?? 0);
  return times.length === 0 ? undefined : Math.min(...times);
}
