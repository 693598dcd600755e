/** One search of a guild's or a conversation's messages: what was asked, how far it is, and what was found. */

import type { Failure, MessageSearch, Searched, SearchPlace, SearchProblem } from "@nexus/core";
import { SEARCH_PAGE, wantedMessages } from "@nexus/core";
import { useCallback, useEffect, useRef, useState } from "react";
import { useApp, useClient } from "../app/client.tsx";

export interface Found {
  readonly page: Searched;
  /** Found messages on the pages before. */
  readonly offset: number;
  readonly words: readonly string[];
}

/** How it stands with the search. */
export type Stage =
  | { readonly is: "idle" }
  | { readonly is: "unclear"; readonly problems: readonly SearchProblem[] }
  /** `looked`: messages that were read so far. */
  | { readonly is: "working"; readonly looked: number }
  | { readonly is: "stopped" }
  | { readonly is: "failed"; readonly failure: Failure }
  | { readonly is: "done" };

export interface Search {
  readonly place: SearchPlace;
  readonly stage: Stage;
  /** Stays in sight while another page is looked for. */
  readonly found: Found | null;
  readonly oldestFirst: boolean;
  readonly look: (text: string) => void;
  readonly order: (oldestFirst: boolean) => void;
  readonly turnTo: (offset: number) => void;
  readonly stop: () => void;
  /** Once more, where it was stopped or failed. */
  readonly again: () => void;
  readonly forget: () => void;
}

interface Asked {
  readonly search: MessageSearch;
  readonly oldestFirst: boolean;
  readonly offset: number;
}

export function useSearch(place: SearchPlace): Search {
  const { store, actions } = useClient();
  const [stage, setStage] = useState<Stage>({ is: "idle" });
  const [found, setFound] = useState<Found | null>(null);
  const [oldestFirst, setOldestFirst] = useState(false);
  const asked = useRef<Asked | null>(null);
  /** What an earlier round brings is not what is looked for now. */
  const round = useRef(0);

  const run = useCallback(
    async (wish: Asked) => {
      round.current += 1;
      const mine = round.current;
      const isCalledOff = () => round.current !== mine;
      asked.current = wish;
      setStage({ is: "working", looked: 0 });
      const { search, ...how } = wish;
      const onLooked = (looked: number) => {
        if (!isCalledOff()) setStage({ is: "working", looked });
      };
      const outcome = await actions.searchMessages(place, search, { ...how, onLooked, isCalledOff });
      if (isCalledOff()) return;
      if (!outcome.ok) return setStage({ is: "failed", failure: outcome.failure });
      if (outcome.value === null) return;
      setFound({ page: outcome.value, offset: wish.offset, words: search.words });
      setStage({ is: "done" });
    },
    [actions, place],
  );

  const end = useCallback((stage: Stage) => {
    round.current += 1;
    setStage(stage);
  }, []);

  useEffect(
    () => () => {
      round.current += 1;
    },
    [],
  );
  const again = useCallback(() => {
    if (asked.current !== null) void run(asked.current);
  }, [run]);
  useReturn(stage, again);

  return {
    place,
    stage,
    found,
    oldestFirst,
    look(text) {
      const wanted = wantedMessages(store.getState(), place, text, Date.now());
      if (wanted.kind === "nothing") return;
      setFound(null);
      if (wanted.kind === "unclear") end({ is: "unclear", problems: wanted.problems });
      else void run({ search: wanted.search, oldestFirst, offset: 0 });
    },
    order(first) {
      setOldestFirst(first);
      if (asked.current === null) return;
      setFound(null);
      void run({ ...asked.current, oldestFirst: first, offset: 0 });
    },
    turnTo(offset) {
      if (asked.current !== null) void run({ ...asked.current, offset: Math.max(0, offset) });
    },
    stop: () => end({ is: "stopped" }),
    again,
    forget() {
      asked.current = null;
      setFound(null);
      end({ is: "idle" });
    },
  };
}

/** Where nobody answered it goes on once the program is back. */
function useReturn(stage: Stage, again: () => void): void {
  const ready = useApp((state) => state.session.phase === "ready");
  const waits = stage.is === "failed" && isAway(stage.failure);
  const was = useRef(ready);
  useEffect(() => {
    const back = ready && !was.current;
    was.current = ready;
    if (back && waits) again();
  }, [ready, waits, again]);
}

export function isAway({ kind }: Failure): boolean {
  return kind === "offline";
}

/** Where the pages before and after this one begin; none where there is none. */
export function pagesBeside({ page, offset }: Found): { before: number | null; after: number | null } {
  return {
    before: offset === 0 ? null : Math.max(0, offset - SEARCH_PAGE),
    after: page.hasMore ? offset + SEARCH_PAGE : null,
  };
}
