import { compareIds, type Id, type Message } from "../model/entities.ts";
import type { Pending, State } from "../state/state.ts";

export type TimelineItem =
  /** Nothing was said before. */
  | { readonly kind: "beginning"; readonly key: string }
  /** `day`: YYYY-MM-DD where the reader is; `at`: the first message of it. */
  | { readonly kind: "day"; readonly key: string; readonly day: string; readonly at: number }
  /** What follows was not read when the channel was opened. */
  | { readonly kind: "unread"; readonly key: string }
  /** `head`: drawn with picture and name; otherwise it goes on the one above. */
  | { readonly kind: "message"; readonly key: string; readonly message: Message; readonly head: boolean }
  | { readonly kind: "pending"; readonly key: string; readonly pending: Pending; readonly head: boolean };

/** Messages of one author this close together are one group. */
const GROUP_SPAN_MS = 7 * 60_000;

/** Everything a channel's column shows, in order. `dayOf` names the reader's day of a time; the default is the platform's zone. */
export function timelineItems(
  state: State,
  channelId: Id,
  dayOf: (at: number) => string = localDay,
): readonly TimelineItem[] {
  const timeline = state.timelines[channelId];
  if (timeline === undefined) return [];
  const items: TimelineItem[] = [];
  if (!timeline.hasOlder && timeline.error === null && timeline.loading !== "first") {
    items.push({ kind: "beginning", key: "beginning" });
  }
  const last = pushMessages(items, state, channelId, dayOf);
  if (!timeline.hasNewer) pushPending(items, state, channelId, last);
  return items;
}

interface Last {
  readonly authorId: Id;
  readonly at: number;
  readonly day: string;
  readonly kind: Message["kind"];
  readonly movedFrom: Message["movedFrom"];
}

function pushMessages(
  items: TimelineItem[],
  state: State,
  channelId: Id,
  dayOf: (at: number) => string,
): Last | null {
  const messages = state.messages[channelId] ?? {};
  const divider = state.reads[channelId]?.divider ?? null;
  let divided = divider === null;
  let last: Last | null = null;
  for (const id of state.timelines[channelId]?.ids ?? []) {
    const message = messages[id];
    if (message === undefined) continue;
    const day = dayOf(message.at);
    let head = last === null || !continues(last, message);
    if (last === null || last.day !== day) {
      items.push({ kind: "day", key: `day-${id}`, day, at: message.at });
      head = true;
    }
    if (!divided && divider !== null && compareIds(id, divider) > 0) {
      divided = true;
      head = true;
      items.push({ kind: "unread", key: "unread" });
    }
    items.push({ kind: "message", key: id, message, head });
    const { authorId, at, kind, movedFrom } = message;
    last = { authorId, at, day, kind, movedFrom };
  }
  return last;
}

function continues(last: Last, message: Message): boolean {
  const near = Math.abs(message.at - last.at) < GROUP_SPAN_MS;
  const ordinary = message.kind === "plain" && (last.kind === "plain" || last.kind === "reply");
  // What was moved here, and what was said here, are told apart at their heads.
  const together = message.authorId === last.authorId && message.movedFrom === last.movedFrom;
  return near && ordinary && together;
}

function pushPending(items: TimelineItem[], state: State, channelId: Id, last: Last | null): void {
  let before = last;
  for (const pending of state.pending[channelId] ?? []) {
    const authorId = state.me ?? "";
    const near = before !== null && pending.at - before.at < GROUP_SPAN_MS;
    const together = before?.authorId === authorId && before.movedFrom === null;
    const head = !near || !together || pending.answers !== null;
    items.push({ kind: "pending", key: `pending-${pending.nonce}`, pending, head });
    before = { authorId, at: pending.at, day: "", kind: "plain", movedFrom: null };
  }
}

function localDay(at: number): string {
  const there = new Date(at - new Date(at).getTimezoneOffset() * 60_000);
  return there.toISOString().slice(0, 10);
}
