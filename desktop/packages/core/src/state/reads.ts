/** How far one has read, and what of the rest mentions one. */

import { compareIds, type Id, type Message } from "../model/entities.ts";
import { drop, put, update } from "./records.ts";
import type { Read, ReadToTell, State } from "./state.ts";

/** Whether a message is addressed to oneself: in a conversation each one is. */
export function mentionsMe(state: State, message: Message): boolean {
  const me = state.me;
  if (me === null || message.authorId === me) return false;
  if (message.guildId === null || message.mentionEveryone || message.mentions.includes(me)) return true;
  const mine = state.members[message.guildId]?.[me]?.roles ?? [];
  return message.mentionRoles.some((role) => mine.includes(role));
}

/** What was said before one came is not new: a channel that is first seen counts as read. */
export function firstSeen(state: State, channelId: Id): State {
  if (state.reads[channelId] !== undefined) return state;
  const upTo = state.channels[channelId]?.lastMessageId ?? null;
  return { ...state, reads: put(state.reads, channelId, { upTo, mentions: 0, divider: null }) };
}

/** A new message counts: one's own is read with everything before it. */
export function counted(state: State, message: Message): State {
  const read = state.reads[message.channelId] ?? { upTo: null, mentions: 0, divider: null };
  if (message.authorId === state.me) return readUpTo(state, message.channelId, message.id, true);
  const isNew = read.upTo === null || compareIds(message.id, read.upTo) > 0;
  if (!isNew || !mentionsMe(state, message)) return state;
  const reads = put(state.reads, message.channelId, { ...read, mentions: read.mentions + 1 });
  return { ...state, reads };
}

/** An unread message is gone. */
export function uncounted(state: State, message: Message): State {
  const read = state.reads[message.channelId];
  if (read === undefined || read.mentions === 0 || !mentionsMe(state, message)) return state;
  if (read.upTo !== null && compareIds(message.id, read.upTo) <= 0) return state;
  return withRead(state, message.channelId, { mentions: read.mentions - 1 });
}

/** Everything up to a message was read; it never goes back. What mentions one after it is counted in the window. */
export function readUpTo(state: State, channelId: Id, id: Id, clearDivider = false): State {
  const read = state.reads[channelId] ?? { upTo: null, mentions: 0, divider: null };
  const divider = clearDivider ? null : read.divider;
  if (read.upTo !== null && compareIds(read.upTo, id) > 0) {
    return divider === read.divider ? state : withRead(state, channelId, { divider });
  }
  const mentions = mentionsAfter(state, channelId, id);
  if (read.upTo === id && read.mentions === mentions && read.divider === divider) return state;
  return { ...state, reads: put(state.reads, channelId, { upTo: id, mentions, divider }) };
}

/** The same, by oneself and here: the program is to be told. */
export function readHere(state: State, channelId: Id, id: Id): State {
  const before = state.reads[channelId]?.upTo ?? null;
  const next = readUpTo(state, channelId, id);
  if ((next.reads[channelId]?.upTo ?? null) === before) return next;
  return toTell(next, channelId, { upTo: id, back: false });
}

/** One has said something here: it is read, and the program is to be told. */
export function readSaid(state: State, channelId: Id, id: Id): State {
  const next = readUpTo(state, channelId, id, true);
  return next.reads[channelId]?.upTo === id ? toTell(next, channelId, { upTo: id, back: false }) : next;
}

/** The message and what follows it are unread again. Of a first message the program cannot be told: nothing is before it. */
export function unreadFrom(state: State, channelId: Id, id: Id): State {
  const upTo = (BigInt(id) - 1n).toString();
  const read: Read = { upTo, mentions: mentionsAfter(state, channelId, upTo), divider: upTo };
  const next = { ...state, reads: put(state.reads, channelId, read) };
  const earlier = Object.keys(state.messages[channelId] ?? {}).filter((each) => compareIds(each, id) < 0);
  const last = earlier.sort(compareIds).at(-1);
  if (last === undefined) return { ...next, readsToTell: drop(next.readsToTell, channelId) };
  return toTell(next, channelId, { upTo: last, back: true });
}

/** The program's word: how far somebody of the account has read. What it is still to be told is the later word. */
export function readElsewhere(state: State, channelId: Id, id: Id): State {
  const due = state.readsToTell[channelId];
  const isLater = due !== undefined && due.upTo !== id && (due.back || compareIds(due.upTo, id) > 0);
  if (isLater) return state;
  const told = { ...state, readsToTell: drop(state.readsToTell, channelId) };
  const read = state.reads[channelId];
  if (read?.upTo === id) return due === undefined ? state : told;
  const mentions = mentionsAfter(state, channelId, id);
  return {
    ...told,
    reads: put(state.reads, channelId, { upTo: id, mentions, divider: read?.divider ?? null }),
  };
}

function toTell(state: State, channelId: Id, due: ReadToTell): State {
  return { ...state, readsToTell: put(state.readsToTell, channelId, due) };
}

/** A channel comes on the screen: the line is drawn where one had stopped reading. */
export function opened(state: State, channelId: Id): State {
  const read = state.reads[channelId];
  const last = state.channels[channelId]?.lastMessageId ?? null;
  if (read === undefined) return state;
  const isUnread = last !== null && (read.upTo === null || compareIds(last, read.upTo) > 0);
  return withRead(state, channelId, { divider: isUnread ? (read.upTo ?? "0") : null });
}

export function withRead(state: State, channelId: Id, change: Partial<Read>): State {
  const reads = update(state.reads, channelId, (read) => ({ ...read, ...change }));
  return reads === state.reads ? state : { ...state, reads };
}

function mentionsAfter(state: State, channelId: Id, id: Id): number {
  const messages = Object.values(state.messages[channelId] ?? {});
  return messages.filter((message) => compareIds(message.id, id) > 0 && mentionsMe(state, message)).length;
}
