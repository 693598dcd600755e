/** Which part of a channel is on the screen, and what follows from where that is. */

import { compareIds, EMPTY_TIMELINE, type TimelineItem } from "@nexus/core";
import { useVirtualizer, type Virtualizer } from "@tanstack/react-virtual";
import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";
import { useStore } from "zustand";
import { useActions, useApp } from "../app/client.tsx";
import { estimate } from "./estimate.ts";
import { jumps } from "./jump.ts";

export type Rows = Virtualizer<HTMLDivElement, Element>;

export interface Window {
  readonly virtualizer: Rows;
  readonly atEnd: boolean;
  /** Messages of others that came while one looked elsewhere. */
  readonly below: number;
  /** The message that was jumped to, for a moment. */
  readonly flash: string | null;
  readonly toEnd: () => void;
  readonly onScroll: () => void;
}

/** So near to the end, pixels, one counts as being there. */
const END_PX = 48;
/** So many rows from an edge more is asked for. */
const EDGE_ROWS = 12;
const FLASH_MS = 2_000;

export function useWindow(
  scroller: RefObject<HTMLDivElement | null>,
  channelId: string,
  items: readonly TimelineItem[],
): Window {
  const virtualizer = useVirtualizer<HTMLDivElement, Element>({
    count: items.length,
    getScrollElement: () => scroller.current,
    estimateSize: (index) => estimate(items[index]),
    getItemKey: (index) => items[index]?.key ?? index,
    overscan: 8,
    anchorTo: "end",
    followOnAppend: true,
    scrollEndThreshold: END_PX,
    paddingEnd: 20,
    useFlushSync: false,
  });
  const { atEnd, onScroll } = useAtEnd(scroller, items.length);
  useFirstPlace(virtualizer, items);
  useEdges(virtualizer, channelId, items.length);
  useRead(channelId, items, atEnd);
  const flash = useJumps(virtualizer, items);
  const toEnd = useCallback(() => virtualizer.scrollToEnd({ behavior: "auto" }), [virtualizer]);
  return { virtualizer, atEnd, below: useBelow(items, atEnd), flash, toEnd, onScroll };
}

function useAtEnd(scroller: RefObject<HTMLDivElement | null>, count: number) {
  const [atEnd, setAtEnd] = useState(true);
  const onScroll = useCallback(() => {
    const box = scroller.current;
    if (box !== null) setAtEnd(box.scrollHeight - box.scrollTop - box.clientHeight <= END_PX);
  }, [scroller]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another number of rows is another end
  useEffect(() => {
    const frame = requestAnimationFrame(onScroll);
    return () => cancelAnimationFrame(frame);
  }, [onScroll, count]);
  return { atEnd, onScroll };
}

/** When a channel comes on the screen: where one had stopped reading, or the end. */
function useFirstPlace(virtualizer: Rows, items: readonly TimelineItem[]): void {
  const placed = useRef(false);
  useLayoutEffect(() => {
    if (placed.current || items.length === 0) return;
    placed.current = true;
    const wanted = jumps.getState().messageId;
    const focus = wanted === null ? -1 : items.findIndex((item) => item.key === wanted);
    const unread = items.findIndex((item) => item.kind === "unread");
    if (focus >= 0) virtualizer.scrollToIndex(focus, { align: "center" });
    else if (unread >= 0) virtualizer.scrollToIndex(unread, { align: "start" });
    else virtualizer.scrollToEnd();
  }, [virtualizer, items]);
}

/** Near an edge of what is here, more is asked for. */
function useEdges(virtualizer: Rows, channelId: string, count: number): void {
  const actions = useActions();
  const timeline = useApp((state) => state.timelines[channelId] ?? EMPTY_TIMELINE);
  const range = virtualizer.range;
  useEffect(() => {
    if (range === null || timeline.loading !== "no" || timeline.error !== null || count === 0) return;
    if (timeline.hasOlder && range.startIndex < EDGE_ROWS) void actions.loadOlder(channelId);
    else if (timeline.hasNewer && range.endIndex > count - EDGE_ROWS) void actions.loadNewer(channelId);
  }, [actions, channelId, timeline, count, range]);
}

/** What is seen at the end is read. */
function useRead(channelId: string, items: readonly TimelineItem[], atEnd: boolean): void {
  const actions = useActions();
  const hasNewer = useApp((state) => state.timelines[channelId]?.hasNewer ?? true);
  const last = items.at(-1)?.key;
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new last row has to be read too
  useEffect(() => {
    const read = () => {
      if (atEnd && !hasNewer && document.hasFocus()) actions.ack(channelId);
    };
    read();
    addEventListener("focus", read);
    return () => removeEventListener("focus", read);
  }, [actions, channelId, atEnd, hasNewer, last]);
}

function useBelow(items: readonly TimelineItem[], atEnd: boolean): number {
  const me = useApp((state) => state.me);
  const seen = useRef<string | null>(null);
  const newest = items.findLast((item) => item.kind === "message")?.key ?? null;
  if (atEnd || seen.current === null) seen.current = newest;
  const from = seen.current;
  if (from === null) return 0;
  return items.filter(
    (item) =>
      item.kind === "message" && item.message.authorId !== me && compareIds(item.message.id, from) > 0,
  ).length;
}

function useJumps(virtualizer: Rows, items: readonly TimelineItem[]): string | null {
  const jump = useStore(jumps);
  const done = useRef(0);
  const [flash, setFlash] = useState<string | null>(null);
  useEffect(() => {
    if (jump.messageId === null || jump.turn === done.current) return;
    const index = items.findIndex((item) => item.key === jump.messageId);
    if (index < 0) return;
    done.current = jump.turn;
    virtualizer.scrollToIndex(index, { align: "center" });
    setFlash(jump.messageId);
    jumps.setState({ messageId: null });
  }, [jump, items, virtualizer]);
  useEffect(() => {
    if (flash === null) return;
    const timer = setTimeout(() => setFlash(null), FLASH_MS);
    return () => clearTimeout(timer);
  }, [flash]);
  return flash;
}
