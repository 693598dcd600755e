/** A forum's posts as they are asked for: page by page, and what those begin with that came since. */

import { type Channel, type Failure, forumPosts, type Message } from "@nexus/core";
import { useCallback, useEffect, useRef, useState } from "react";
import { useApp, useClient, useDerived } from "../app/client.tsx";

export interface Found {
  readonly loading: boolean;
  readonly failure: Failure | null;
  readonly hasMore: boolean;
  /** By post: what it begins with. */
  readonly first: Readonly<Record<string, Message>>;
  readonly more: () => void;
  readonly again: () => void;
}

/** Asks for posts, put away or not. */
export function useFound(forumId: string, tag: string | null): Found {
  const { actions } = useClient();
  const [first, setFirst] = useState<Found["first"]>({});
  const [now, setNow] = useState({
    loading: true,
    failure: null as Failure | null,
    hasMore: false,
    offset: 0,
  });
  const load = useCallback(
    async (offset: number, isWanted: () => boolean) => {
      setNow((before) => ({ ...before, loading: true, failure: null }));
      const outcome = await actions.posts(forumId, { tag, offset });
      if (!isWanted()) return;
      if (!outcome.ok) {
        setNow((before) => ({ ...before, loading: false, failure: outcome.failure }));
        return;
      }
      const { posts, hasMore } = outcome.value;
      setFirst((known) => ({ ...known, ...outcome.value.first }));
      setNow({ loading: false, failure: null, hasMore, offset: offset + posts.length });
    },
    [actions, forumId, tag],
  );
  useEffect(() => {
    let here = true;
    void load(0, () => here);
    return () => {
      here = false;
    };
  }, [load]);
  const addFirst = useCallback((more: Found["first"]) => setFirst((known) => ({ ...known, ...more })), []);
  useNewcomers(forumId, now.loading, addFirst);
  const always = () => true;
  return {
    ...now,
    first,
    more: () => void load(now.offset, always),
    again: () => void load(now.offset, always),
  };
}

/** The gateway tells that there is another post, but not what it begins with: that is asked for, once. */
function useNewcomers(forumId: string, loading: boolean, onFirst: (first: Found["first"]) => void): void {
  const { actions } = useClient();
  const forum = useApp((state) => state.channels[forumId]);
  const posts = useDerived(
    (state) => [state.channels, state.threadsOf, state.roles, state.members],
    (state): readonly Channel[] => (forum === undefined ? [] : forumPosts(state, forum, null)),
    [forum],
  );
  const known = useRef(new Set<string>());
  useEffect(() => {
    const others = posts.filter(({ id }) => !known.current.has(id));
    for (const { id } of others) known.current.add(id);
    // What is loaded brings its own.
    if (loading || others.length === 0) return;
    void actions.posts(forumId, { tag: null, offset: 0 }).then((outcome) => {
      if (outcome.ok) onFirst(outcome.value.first);
    });
  }, [actions, forumId, posts, loading, onFirst]);
}
