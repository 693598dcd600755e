/** What is said, changed and taken back. */

import { compareIds, type Id, type Message, type Reaction } from "../../model/entities.ts";
import { said } from "../../model/said.ts";
import { message as decoded, emojiName, snapshotOf, type WireMessage } from "../../wire/decode_message.ts";
import type { Dispatches, User } from "../../wire/generated.ts";
import { counted, uncounted } from "../reads.ts";
import { drop, put, update } from "../records.ts";
import type { State } from "../state.ts";
import { append, patchMessage, removeMessages, requote } from "../window.ts";
import { asMine, isMine } from "./as_mine.ts";
import { withUsers } from "./guilds.ts";
import { withMember } from "./members.ts";
import { arrived, withMoved } from "./moves.ts";
import { countedIn, threadSet } from "./threads.ts";

/** What is said of messages that count no more: so many are kept. */
const VOIDS_MAX = 20;

export function messageCreate(state: State, d: Dispatches["MESSAGE_CREATE"]): State {
  const message = decoded(d, state.channels[d.channel_id]?.guildId ?? null);
  let next = withPeopleOf(state, d);
  if (d.member !== undefined && d.guild_id !== undefined)
    next = withMember(next, d.guild_id, d.author, d.member);
  next = append(accepted(spoken(next, message), message), message);
  if (message.brought !== null) next = countedIn(next, message.channelId, message.brought.count);
  return counted(next, message);
}

export function messageUpdate(state: State, d: Dispatches["MESSAGE_UPDATE"]): State {
  const message = decoded(d, state.channels[d.channel_id]?.guildId ?? null);
  const peopled = withPeopleOf(state, d);
  const isHere = state.messages[message.channelId]?.[message.id] !== undefined;
  const next = isHere
    ? patchMessage(peopled, message.channelId, message.id, (before) => asMine(message, before))
    : arrived(peopled, message);
  return requoted(next, message);
}

export function messageDelete(state: State, d: Dispatches["MESSAGE_DELETE"]): State {
  return removed(state, d.channel_id, [d.id], d.nexus?.moved_to);
}

/** Comes after the message was deleted, and says why. */
export function messageVoid(state: State, d: Dispatches["NEXUS_MESSAGE_VOID"]): State {
  if (state.dismissed.includes(d.id)) return state;
  const content = state.lastGone?.id === d.id ? said(state.lastGone).content : (d.content ?? null);
  const row = { messageId: d.id, channelId: d.channel_id, reason: d.reason, content };
  const others = state.voids.filter((each) => each.messageId !== d.id);
  return { ...state, voids: [...others, row].slice(-VOIDS_MAX), lastGone: null };
}

/** An act of governance that came to nothing. */
export function actionVoid(state: State, d: Dispatches["NEXUS_ACTION_VOID"]): State {
  if (state.dismissed.includes(d.op)) return state;
  const row = { messageId: d.op, channelId: "", reason: d.reason, content: null, action: d.action };
  const others = state.voids.filter((each) => each.messageId !== d.op);
  return { ...state, voids: [...others, row].slice(-VOIDS_MAX) };
}

export function messageDeleteBulk(state: State, d: Dispatches["MESSAGE_DELETE_BULK"]): State {
  return removed(state, d.channel_id, d.ids);
}

export function reactionAdd(state: State, d: Dispatches["MESSAGE_REACTION_ADD"]): State {
  return reacted(state, d.channel_id, d.message_id, emojiName(d.emoji), d.user_id, 1);
}

export function reactionRemove(state: State, d: Dispatches["MESSAGE_REACTION_REMOVE"]): State {
  return reacted(state, d.channel_id, d.message_id, emojiName(d.emoji), d.user_id, -1);
}

export function reactionRemoveAll(state: State, d: Dispatches["MESSAGE_REACTION_REMOVE_ALL"]): State {
  return patchMessage(state, d.channel_id, d.message_id, (message) => ({ ...message, reactions: [] }));
}

export function reactionRemoveEmoji(state: State, d: Dispatches["MESSAGE_REACTION_REMOVE_EMOJI"]): State {
  const emoji = emojiName(d.emoji);
  return patchMessage(state, d.channel_id, d.message_id, (message) => ({
    ...message,
    reactions: message.reactions.filter((each) => each.emoji !== emoji),
  }));
}

/** Everybody whom a message names, and the thread that was made from it. */
export function withPeopleOf(state: State, from: WireMessage): State {
  const answered = from.referenced_message?.author;
  const people: User[] = [from.author, ...from.mentions, ...(snapshotOf(from)?.mentions ?? [])];
  const peopled = withUsers(state, answered === undefined ? people : [...people, answered]);
  return from.thread === undefined ? peopled : threadSet(peopled, from.thread);
}

/** One reaction more or less. One's own is on the screen before the event comes, and counts once. */
export function reacted(
  state: State,
  channelId: Id,
  messageId: Id,
  emoji: string,
  userId: Id,
  by: 1 | -1,
): State {
  const mine = userId === state.me;
  return patchMessage(state, channelId, messageId, (message) => {
    if (mine && isMine(message, emoji) === by > 0) return message;
    return { ...message, reactions: changed(message.reactions, emoji, mine, by) };
  });
}

function changed(
  reactions: readonly Reaction[],
  emoji: string,
  mine: boolean,
  by: 1 | -1,
): readonly Reaction[] {
  const known = reactions.find((each) => each.emoji === emoji);
  if (known === undefined) return by > 0 ? [...reactions, { emoji, count: 1, mine }] : reactions;
  const next = { ...known, count: known.count + by, mine: mine ? by > 0 : known.mine };
  if (next.count <= 0) return reactions.filter((each) => each !== known);
  return reactions.map((each) => (each === known ? next : each));
}

/** What the channel and the list of who is writing learn of it. */
function spoken(state: State, message: Message): State {
  const { channelId, id, authorId } = message;
  const last = state.channels[channelId]?.lastMessageId ?? null;
  const isNew = last === null || compareIds(last, id) < 0;
  const typing = update(state.typing, channelId, (writers) => drop(writers, authorId));
  if (!isNew) return { ...state, typing };
  const channels = update(state.channels, channelId, (channel) => ({ ...channel, lastMessageId: id }));
  // What a post begins with has the post's own number, and is not counted.
  const counts = id !== channelId;
  const spokenIn = { ...state, channels, typing };
  return counts ? countedIn(spokenIn, channelId, 1) : spokenIn;
}

/** One's own message has arrived: it waits no longer. */
function accepted(state: State, message: Message): State {
  const waiting = state.pending[message.channelId];
  if (waiting === undefined || message.nonce === null || message.authorId !== state.me) return state;
  const left = waiting.filter((row) => row.nonce !== message.nonce);
  if (left.length === waiting.length) return state;
  const { channelId } = message;
  const pending = left.length === 0 ? drop(state.pending, channelId) : put(state.pending, channelId, left);
  return { ...state, pending };
}

/** `movedTo`: they are there now. */
function removed(state: State, channelId: Id, ids: readonly Id[], movedTo: Id | null = null): State {
  let next = state;
  for (const id of ids) {
    if (id !== channelId) next = countedIn(next, channelId, -1);
    const message = state.messages[channelId]?.[id];
    if (movedTo !== null) next = withMoved(next, { messageId: id, to: movedTo, before: message ?? null });
    if (message === undefined) continue;
    next = uncounted(next, message);
    if (message.authorId === state.me && movedTo === null) next = { ...next, lastGone: message };
  }
  next = removeMessages(next, channelId, ids, movedTo);
  const pins = update(next.pins, channelId, (pinned) => pinned.filter((each) => !ids.includes(each.id)));
  return withLast({ ...next, pins }, channelId, ids);
}

/** Where the newest message was deleted, the one before it is the newest, if it is known which. */
function withLast(state: State, channelId: Id, gone: readonly Id[]): State {
  const last = state.channels[channelId]?.lastMessageId ?? null;
  const timeline = state.timelines[channelId];
  if (last === null || !gone.includes(last) || timeline === undefined || timeline.hasNewer) return state;
  const lastMessageId = timeline.ids.at(-1) ?? null;
  if (lastMessageId === null && timeline.hasOlder) return state;
  return {
    ...state,
    channels: update(state.channels, channelId, (channel) => ({ ...channel, lastMessageId })),
  };
}

/** Answers show what they answer as it is now. */
function requoted(state: State, message: Message): State {
  const { id, channelId } = message;
  const { content } = said(message);
  return requote(state, (answers) => {
    const same = answers.content === content && answers.channelId === channelId;
    return answers.messageId !== id || same ? answers : { ...answers, content, channelId };
  });
}
