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
const FEW_ROWS = 60;
const FLASH_MS = 2_000;
/** For so long after there is other room the rows come to lie. */
const SETTLING_MS = 400;

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
  const stays = useRef(true);
  const touched = useRef(0);
  const { atEnd, onScroll } = useAtEnd(scroller, items, stays, touched);
  useFirstPlace(virtualizer, items, stays);
  useFollowing(scroller, items, stays);
  useEdges(virtualizer, channelId, items.length, stays);
  useRead(channelId, items, atEnd);
  const flash = useJumps(virtualizer, items, stays);
  const toEnd = useCallback(() => {
    stays.current = true;
    touched.current = 0;
    virtualizer.scrollToEnd({ behavior: "auto" });
  }, [virtualizer]);
  return { virtualizer, atEnd, below: useBelow(channelId, items, atEnd), flash, toEnd, onScroll };
}

/** Whether one reads the present and wants to go on: so it is until one scrolls away by hand, however fast others write. */
type Stays = RefObject<boolean>;

/** What a person does to scroll. */
const BY_HAND = ["wheel", "touchmove", "keydown", "pointerdown"] as const;
const BY_HAND_MS = 400;

function useAtEnd(
  scroller: RefObject<HTMLDivElement | null>,
  items: readonly TimelineItem[],
  stays: Stays,
  touched: RefObject<number>,
) {
  const [atEnd, setAtEnd] = useState(true);
  const onScroll = useCallback(() => {
    const box = scroller.current;
    if (box === null) return;
    const near = box.scrollHeight - box.scrollTop - box.clientHeight <= END_PX;
    if (near) stays.current = true;
    else if (performance.now() - touched.current < BY_HAND_MS) stays.current = false;
    setAtEnd(near || stays.current);
  }, [scroller, stays, touched]);
  useEffect(() => {
    const box = scroller.current;
    const touch = (event: Event) => {
      // Only its bar scrolls when it is pressed.
      if (event.type !== "pointerdown" || event.target === box) touched.current = performance.now();
    };
    for (const what of BY_HAND) box?.addEventListener(what, touch, { passive: true });
    return () => {
      for (const what of BY_HAND) box?.removeEventListener(what, touch);
    };
  }, [scroller, touched]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: other rows are another end
  useEffect(() => {
    const frame = requestAnimationFrame(onScroll);
    return () => cancelAnimationFrame(frame);
  }, [onScroll, items]);
  return { atEnd, onScroll };
}

/**
 * The present is followed even where as much leaves the window at its start as comes at its end, where rows turn out
 * higher than they were taken for, and where what stands around the talk takes some of its room: a tray of files, a long
 * text, a keyboard. By the element itself: the virtualizer's own way takes some frames, in which more comes.
 */
function useFollowing(
  scroller: RefObject<HTMLDivElement | null>,
  items: readonly TimelineItem[],
  stays: Stays,
): void {
  const last = items.at(-1)?.key;
  const follow = useCallback(() => {
    const box = scroller.current;
    if (box !== null && stays.current) box.scrollTop = box.scrollHeight;
  }, [scroller, stays]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is followed is the last row
  useLayoutEffect(follow, [follow, last]);
  // Rows that come on the screen with other room are measured while they are drawn, and the virtualizer corrects where it
  // last saw the talk, which is from before.
  const resized = useRef(Number.NEGATIVE_INFINITY);
  useLayoutEffect(() => {
    if (performance.now() - resized.current < SETTLING_MS) follow();
  });
  useEffect(() => {
    const box = scroller.current;
    const rows = box?.querySelector(".nx-timeline-rows");
    if (box === null || rows === null || rows === undefined) return;
    const watcher = new ResizeObserver(() => {
      resized.current = performance.now();
      follow();
    });
    watcher.observe(box);
    watcher.observe(rows);
    return () => watcher.disconnect();
  }, [scroller, follow]);
}

/** When a channel comes on the screen: where one had stopped reading, or the end. */
function useFirstPlace(virtualizer: Rows, items: readonly TimelineItem[], stays: Stays): void {
  const placed = useRef(false);
  useLayoutEffect(() => {
    if (placed.current || items.length === 0) return;
    placed.current = true;
    const wanted = jumps.getState().messageId;
    const focus = wanted === null ? -1 : items.findIndex((item) => item.key === wanted);
    const unread = items.findIndex((item) => item.kind === "unread");
    stays.current = focus < 0 && unread < 0;
    if (focus >= 0) virtualizer.scrollToIndex(focus, { align: "center" });
    else if (unread >= 0) virtualizer.scrollToIndex(unread, { align: "start" });
    else virtualizer.scrollToEnd();
  }, [virtualizer, items, stays]);
}

/** Near an edge of what is here, more is asked for. */
function useEdges(virtualizer: Rows, channelId: string, count: number, stays: Stays): void {
  const actions = useActions();
  const timeline = useApp((state) => state.timelines[channelId] ?? EMPTY_TIMELINE);
  const range = virtualizer.range;
  useEffect(() => {
    if (range === null || timeline.loading !== "no" || timeline.error !== null || count === 0) return;
    // Who stays at the present is near the start only where there is little.
    const wantsOlder = range.startIndex < EDGE_ROWS && !(stays.current && count > FEW_ROWS);
    if (timeline.hasOlder && wantsOlder) void actions.loadOlder(channelId);
    else if (timeline.hasNewer && range.endIndex > count - EDGE_ROWS) void actions.loadNewer(channelId);
  }, [actions, channelId, timeline, count, range, stays]);
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

function useBelow(channelId: string, items: readonly TimelineItem[], atEnd: boolean): number {
  // In the past, what is loaded was not said just now.
  const hasNewer = useApp((state) => state.timelines[channelId]?.hasNewer ?? true);
  const me = useApp((state) => state.me);
  const moved = useApp((state) => state.moved);
  const seen = useRef<string | null>(null);
  const newest = items.findLast((item) => item.kind === "message")?.key ?? null;
  if (atEnd || hasNewer || seen.current === null) seen.current = newest;
  const from = seen.current;
  if (from === null) return 0;
  return items.filter((item) => {
    if (item.kind !== "message" || item.message.authorId === me || compareIds(item.key, from) <= 0)
      return false;
    // What was moved here was said before.
    return moved.every((each) => each.messageId !== item.key);
  }).length;
}

function useJumps(virtualizer: Rows, items: readonly TimelineItem[], stays: Stays): string | null {
  const jump = useStore(jumps);
  const done = useRef(0);
  const [flash, setFlash] = useState<string | null>(null);
  useEffect(() => {
    if (jump.messageId === null || jump.turn === done.current) return;
    const index = items.findIndex((item) => item.key === jump.messageId);
    if (index < 0) return;
    done.current = jump.turn;
    stays.current = false;
    virtualizer.scrollToIndex(index, { align: "center" });
    setFlash(jump.messageId);
    jumps.setState({ messageId: null });
  }, [jump, items, virtualizer, stays]);
  useEffect(() => {
    if (flash === null) return;
    const timer = setTimeout(() => setFlash(null), FLASH_MS);
    return () => clearTimeout(timer);
  }, [flash]);
  return flash;
}
