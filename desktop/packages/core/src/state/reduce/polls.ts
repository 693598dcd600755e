/** What was answered to a message that asks something. */

import type { Id, Message, Poll } from "../../model/entities.ts";
import type { Dispatches } from "../../wire/generated.ts";
import type { State } from "../state.ts";
import { patchMessage } from "../window.ts";

type Vote = Dispatches["MESSAGE_POLL_VOTE_ADD"];

export function voteAdd(state: State, d: Vote): State {
  return counted(state, d, 1);
}

export function voteRemove(state: State, d: Vote): State {
  return counted(state, d, -1);
}

/** One's own ballot: on the screen before the events come. */
export function voted(state: State, channelId: Id, messageId: Id, ballot: readonly number[]): State {
  return patchPoll(state, channelId, messageId, (poll) => {
    const counts: Record<number, number> = { ...poll.counts };
    for (const id of poll.mine) counts[id] = Math.max(0, (counts[id] ?? 0) - 1);
    for (const id of ballot) counts[id] = (counts[id] ?? 0) + 1;
    return { ...poll, counts, mine: [...ballot].sort((a, b) => a - b) };
  });
}

/** A poll as an event brings it, which is drawn for nobody in particular: which answers are one's own it cannot say. */
export function withMine(poll: Poll | null, before: Message): Poll | null {
  return poll === null || before.poll === null ? poll : { ...poll, mine: before.poll.mine };
}

function counted(state: State, d: Vote, by: 1 | -1): State {
  const own = d.user_id === state.me;
  return patchPoll(state, d.channel_id, d.message_id, (poll) => {
    const answered = poll.mine.includes(d.answer_id);
    // One's own counted when it was given.
    if (own && answered === by > 0) return poll;
    const counts = { ...poll.counts, [d.answer_id]: Math.max(0, (poll.counts[d.answer_id] ?? 0) + by) };
    if (!own) return { ...poll, counts };
    const others = poll.mine.filter((id) => id !== d.answer_id);
    return { ...poll, counts, mine: by > 0 ? [...others, d.answer_id].sort((a, b) => a - b) : others };
  });
}

function patchPoll(state: State, channelId: Id, messageId: Id, change: (poll: Poll) => Poll): State {
  return patchMessage(state, channelId, messageId, (message) =>
    message.poll === null ? message : { ...message, poll: change(message.poll) },
  );
}
