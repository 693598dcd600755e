/** The windows onto histories: what keeps them ascending, without holes, and small. */

import { type Answered, compareIds, type Id, type Message } from "../model/entities.ts";
import { byKey, drop, put, update } from "./records.ts";
import { EMPTY_TIMELINE, type State, type Timeline } from "./state.ts";

/** Messages kept of one channel. */
export const WINDOW_MAX = 600;

/** Part of a history, ascending, without holes. */
export interface Page {
  readonly messages: readonly Message[];
  /** There is more before, after. */
  readonly hasOlder: boolean;
  readonly hasNewer: boolean;
}

/** Changes a timeline, making it where there is none. */
export function withTimeline(state: State, channelId: Id, change: Partial<Timeline>): State {
  const before = state.timelines[channelId] ?? EMPTY_TIMELINE;
  return { ...state, timelines: put(state.timelines, channelId, { ...before, ...change }) };
}

/** The window shows this page and nothing else. What arrived meanwhile must be told again afterwards. */
export function showPage(state: State, channelId: Id, page: Page, focus: Id | null): State {
  const ids = page.messages.map((message) => message.id);
  const { hasOlder, hasNewer } = page;
  const shown = withTimeline(state, channelId, {
    ids,
    hasOlder,
    hasNewer,
    loading: "no",
    error: null,
    focus,
  });
  const messages = put(
    shown.messages,
    channelId,
    byKey(page.messages, (message) => message.id),
  );
  return trimmed({ ...shown, messages }, channelId, "older");
}

/** What is before the window joins it; too much of it leaves at the other end. */
export function joinOlder(state: State, channelId: Id, page: Page): State {
  return joined(state, channelId, page, "newer");
}

/** What is after the window joins it. */
export function joinNewer(state: State, channelId: Id, page: Page): State {
  return joined(state, channelId, page, "older");
}

function joined(state: State, channelId: Id, page: Page, trims: "older" | "newer"): State {
  const timeline = state.timelines[channelId];
  if (timeline === undefined) return state;
  const known = state.messages[channelId] ?? {};
  const fresh = page.messages.filter((message) => known[message.id] === undefined);
  const ids = [...timeline.ids, ...fresh.map((message) => message.id)].sort(compareIds);
  const ends = trims === "newer" ? { hasOlder: page.hasOlder } : { hasNewer: page.hasNewer };
  const grown = withTimeline(state, channelId, { ids, ...ends, loading: "no", error: null });
  const messages = put(grown.messages, channelId, {
    ...known,
    ...byKey(page.messages, (message) => message.id),
  });
  return trimmed({ ...grown, messages }, channelId, trims);
}

/** A message that was just said. A window that shows the past does not take it. */
export function append(state: State, message: Message): State {
  const timeline = state.timelines[message.channelId];
  if (timeline === undefined || timeline.hasNewer || timeline.loading === "first") return state;
  return withOne(state, timeline, message);
}

/** A message that was said before and has come here since: it takes its place, if that is in the window. */
export function place(state: State, message: Message): State {
  const timeline = state.timelines[message.channelId];
  if (timeline === undefined || !spans(timeline, message.id)) return state;
  return withOne(state, timeline, message);
}

/** Whether a window shows the time of that message. Before its first page nothing is known of what it will show. */
function spans({ ids, hasOlder, hasNewer, loading }: Timeline, id: Id): boolean {
  if (loading === "first") return false;
  const [first, last] = [ids[0], ids.at(-1)];
  const isBefore = first === undefined || compareIds(id, first) < 0;
  const isAfter = last === undefined || compareIds(id, last) > 0;
  return !(isBefore && hasOlder) && !(isAfter && hasNewer);
}

function withOne(state: State, timeline: Timeline, message: Message): State {
  const ids = inserted(timeline.ids, message.id);
  if (ids === timeline.ids) return setMessage(state, message);
  const grown = withTimeline(state, message.channelId, { ids });
  const known = grown.messages[message.channelId] ?? {};
  const messages = put(grown.messages, message.channelId, put(known, message.id, message));
  return trimmed({ ...grown, messages }, message.channelId, "older");
}

/** Changes a message that is in the window. */
export function patchMessage(
  state: State,
  channelId: Id,
  id: Id,
  change: (message: Message) => Message,
): State {
  const messages = update(state.messages, channelId, (known) => update(known, id, change));
  return messages === state.messages ? state : { ...state, messages };
}

export function setMessage(state: State, message: Message): State {
  return patchMessage(state, message.channelId, message.id, () => message);
}

/** Takes messages out of the window, and out of the answers that quote them. Answers to what was moved follow it there. */
export function removeMessages(
  state: State,
  channelId: Id,
  ids: readonly Id[],
  movedTo: Id | null = null,
): State {
  const gone = new Set(ids);
  const quoting = requote(state, (answers) => {
    if (!gone.has(answers.messageId) || answers.channelId !== channelId) return answers;
    return movedTo === null
      ? { ...answers, authorId: null, content: "" }
      : { ...answers, channelId: movedTo };
  });
  const timeline = quoting.timelines[channelId];
  const known = quoting.messages[channelId];
  if (timeline === undefined || known === undefined) return quoting;
  const kept = timeline.ids.some((id) => gone.has(id))
    ? timeline.ids.filter((id) => !gone.has(id))
    : timeline.ids;
  const messages = put(quoting.messages, channelId, drop(known, ...ids));
  return withTimeline({ ...quoting, messages }, channelId, { ids: kept });
}

/** Changes what answers show of what they answer, in every window: they may stand elsewhere than that. */
export function requote(state: State, change: (answers: Answered) => Answered): State {
  let messages = state.messages;
  for (const [channelId, known] of Object.entries(state.messages)) {
    let out = known;
    for (const message of Object.values(known)) {
      if (message.answers === null) continue;
      const answers = change(message.answers);
      if (answers !== message.answers) out = put(out, message.id, { ...message, answers });
    }
    messages = put(messages, channelId, out);
  }
  return messages === state.messages ? state : { ...state, messages };
}

/** Forgets a channel's window. */
export function closeWindow(state: State, ...channels: readonly Id[]): State {
  return {
    ...state,
    timelines: drop(state.timelines, ...channels),
    messages: drop(state.messages, ...channels),
    pins: drop(state.pins, ...channels),
  };
}

function inserted(ids: readonly Id[], id: Id): readonly Id[] {
  let at = ids.length;
  while (at > 0 && compareIds(ids[at - 1] ?? "", id) > 0) at -= 1;
  return ids[at - 1] === id ? ids : [...ids.slice(0, at), id, ...ids.slice(at)];
}

function trimmed(state: State, channelId: Id, side: "older" | "newer"): State {
  const timeline = state.timelines[channelId];
  const over = (timeline?.ids.length ?? 0) - WINDOW_MAX;
  if (timeline === undefined || over <= 0) return state;
  const older = side === "older";
  const ids = older ? timeline.ids.slice(over) : timeline.ids.slice(0, WINDOW_MAX);
  const out = older ? timeline.ids.slice(0, over) : timeline.ids.slice(WINDOW_MAX);
  const ends = older ? { hasOlder: true } : { hasNewer: true };
  const messages = update(state.messages, channelId, (known) => drop(known, ...out));
  return withTimeline({ ...state, messages }, channelId, { ids, ...ends });
}
