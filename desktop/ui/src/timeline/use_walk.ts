/** Walking the messages by keys: one of them is reached by Tab, the arrows go on from there. */

import type { TimelineItem } from "@nexus/core";
import { type KeyboardEvent, type RefObject, useEffect, useState } from "react";
import type { Rows } from "./use_window.ts";

export interface Walk {
  /** The key of the message that Tab reaches. */
  readonly current: string | null;
  readonly onKeyDown: (event: KeyboardEvent) => void;
}

export function useWalk(
  scroller: RefObject<HTMLDivElement | null>,
  items: readonly TimelineItem[],
  rows: Rows,
): Walk {
  const [chosen, setChosen] = useState<string | null>(null);
  const [wanted, setWanted] = useState<string | null>(null);
  const messages = items.filter((item) => item.kind === "message");
  const known = chosen !== null && messages.some((item) => item.key === chosen);
  const current = known ? chosen : (messages.at(-1)?.key ?? null);

  // A row that was far away has to be drawn before it can have the focus.
  useEffect(() => {
    if (wanted === null) return;
    const row = scroller.current?.querySelector<HTMLElement>(
      `[data-key="${CSS.escape(wanted)}"] > .nx-message`,
    );
    if (row === null || row === undefined) return;
    row.focus({ preventScroll: true });
    setWanted(null);
  });

  const onKeyDown = (event: KeyboardEvent) => {
    if (!(event.target instanceof HTMLElement) || !event.target.matches(".nx-message")) return;
    const at = messages.findIndex((item) => item.key === current);
    const to = { ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: messages.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const next = messages[Math.max(0, Math.min(messages.length - 1, to))];
    if (next === undefined) return;
    setChosen(next.key);
    setWanted(next.key);
    rows.scrollToIndex(items.indexOf(next), { align: "auto" });
  };
  return { current, onKeyDown };
}
