/** Threads: channels that hang on others. */

import type { Channel, Id } from "../../model/entities.ts";
import { allows, Permission } from "../../permissions/bits.ts";
import { myPermissions } from "../../permissions/in_channel.ts";
import * as decode from "../../wire/decode.ts";
import type { Dispatches, Thread } from "../../wire/generated.ts";
import { firstSeen } from "../reads.ts";
import { drop, put, update } from "../records.ts";
import type { State } from "../state.ts";
import { withoutChannels } from "./guilds.ts";

export function threadSet(state: State, d: Dispatches["THREAD_UPDATE"]): State {
  return state.guilds[d.guild_id] === undefined ? state : withThread(state, d);
}

/** One has come to see channels: what was said of their threads meanwhile was not for oneself. */
export function threadListSync(state: State, d: Dispatches["THREAD_LIST_SYNC"]): State {
  return state.guilds[d.guild_id] === undefined ? state : d.threads.reduce(withThread, state);
}

export function threadDelete(state: State, d: Dispatches["THREAD_DELETE"]): State {
  return withoutChannels(state, [d.id], "deleted");
}

export function threadMembers(state: State, d: Dispatches["THREAD_MEMBERS_UPDATE"]): State {
  const { me } = state;
  const joined = d.added_members?.some((each) => each.user_id === me) === true;
  const left = me !== null && d.removed_member_ids?.includes(me) === true;
  // Who is taken out of a private thread sees it no longer, unless they manage threads.
  const held = myPermissions(state, d.guild_id, d.id);
  const isPrivate = state.channels[d.id]?.thread?.private === true;
  if (left && isPrivate && !allows(held, Permission.MANAGE_THREADS))
    return withoutChannels(state, [d.id], "out");
  return withFacts(state, d.id, (facts) => ({
    memberCount: d.member_count,
    followed: joined || (facts.followed && !left),
  }));
}

/** A thread as the program draws it. What one has not read of it begins with what is said from now on. */
export function withThread(state: State, from: Thread): State {
  return placed(state, decode.thread(from, state.channels[from.id]));
}

/** One's own following: on the screen before the event comes. */
export function withFollowing(state: State, threadId: Id, followed: boolean): State {
  return withFacts(state, threadId, () => ({ followed }));
}

/** That a thread was put away has been seen: it may leave the list. */
export function seenAway(state: State, threadId: Id): State {
  if (state.channels[threadId]?.thread?.archived !== true) return state;
  const followed = drop(state.followed, threadId);
  return followed === state.followed ? state : { ...state, followed };
}

/**
 * The threads of a guild that has just been told of anew: all that are not put away. What one knew beside them was put away
 * meanwhile, or is gone: what one follows stays in sight until it is known which.
 */
export function withThreadsOf(state: State, guildId: Id, threads: readonly Thread[]): State {
  const open = new Set(threads.map((each) => each.id));
  let next = state;
  for (const id of state.threadsOf[guildId] ?? []) {
    if (!open.has(id)) next = withFacts(next, id, () => ({ archived: true }));
  }
  return threads.reduce(withThread, next);
}

/** Threads that one follows and of which nothing is known but that. */
export function unknownFollowed(state: State, guildId: Id): readonly Id[] {
  const here = Object.entries(state.followed).filter(([, of]) => of === guildId);
  return here.map(([id]) => id).filter((id) => state.channels[id]?.thread?.archived !== false);
}

function withFacts(
  state: State,
  threadId: Id,
  change: (facts: NonNullable<Channel["thread"]>) => Partial<NonNullable<Channel["thread"]>>,
): State {
  const channel = state.channels[threadId];
  if (channel === undefined || channel.thread === null) return state;
  return placed(state, { ...channel, thread: { ...channel.thread, ...change(channel.thread) } });
}

function placed(state: State, channel: Channel): State {
  const { id, thread } = channel;
  const guildId = channel.guildId ?? "";
  const listed = state.threadsOf[guildId] ?? [];
  const threadsOf = listed.includes(id) ? state.threadsOf : put(state.threadsOf, guildId, [...listed, id]);
  const watched = thread?.followed === true && !thread.archived;
  const followed = watched
    ? put(state.followed, id, guildId)
    : thread?.followed === true
      ? state.followed
      : drop(state.followed, id);
  return firstSeen({ ...state, channels: put(state.channels, id, channel), threadsOf, followed }, id);
}

/** So many messages more, or fewer, are to be seen in a thread. */
export function countedIn(state: State, channelId: Id, by: number): State {
  const channels = update(state.channels, channelId, (channel) => {
    if (channel.thread === null) return channel;
    const messageCount = Math.max(0, channel.thread.messageCount + by);
    return { ...channel, thread: { ...channel.thread, messageCount } };
  });
  return channels === state.channels ? state : { ...state, channels };
}
