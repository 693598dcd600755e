/** Which messages are moved: what somebody began at, and what goes along with it. */

import { type Channel, type Id, type Message, movableIn, movedAlong } from "@nexus/core";
import { useRef, useState } from "react";
import { useClient, useDerived } from "../app/client.tsx";

export interface Moving {
  /** As it was when that was wished for. */
  readonly message: Message;
  /** The channel it was written in. */
  readonly home: Channel;
  /** It, and those after it that may go along. */
  readonly offered: readonly Id[];
}

/** What is offered stays so, whatever is said meanwhile. */
export function useMoving(channelId: Id, messageId: Id): Moving | null {
  const { store } = useClient();
  const [moving] = useState(() => {
    const state = store.getState();
    const message = state.messages[channelId]?.[messageId];
    const home = message === undefined ? null : movableIn(state, message);
    if (message === undefined || home === null) return null;
    return { message, home, offered: movedAlong(state, message) };
  });
  return moving;
}

/**
 * Of what was offered, what is still here; nothing where that it begins with is gone. While it is on its way it stays what
 * it was: that it goes is seen before it is answered.
 */
export function useAlong({ message, offered }: Moving, busy: boolean): readonly Id[] {
  const { channelId } = message;
  const here = useDerived(
    (state) => [state.messages[channelId]],
    (state) => offered.filter((id) => state.messages[channelId]?.[id] !== undefined),
    [offered],
  );
  const before = useRef(here);
  if (!busy) before.current = here;
  const along = before.current;
  return along[0] === message.id ? along : [];
}

/** Those that are meant: the first alone, or all up to one. What was chosen as the last may be gone meanwhile. */
export function meant(along: readonly Id[], upTo: Id | null): readonly Id[] {
  if (upTo === null) return along.slice(0, 1);
  const last = along.indexOf(upTo);
  return last < 0 ? along : along.slice(0, last + 1);
}
