import { type Channel, compareIds, type Id, type Message } from "../model/entities.ts";
import { allows, Permission } from "../permissions/bits.ts";
import { myPermissions } from "../permissions/in_channel.ts";
import type { State } from "../state/state.ts";

/** The thread that was made from a message: it has the message's number. A post has the one it begins with, and is itself. */
export function threadFrom(state: State, message: Pick<Message, "id" | "channelId">): Channel | null {
  const thread = state.channels[message.id];
  return thread?.kind === "thread" && thread.id !== message.channelId ? thread : null;
}

/**
 * The threads that the list of channels shows below one: those one follows or is mentioned in. One that was put away stays
 * until that has been seen.
 */
export function threadsBeside(state: State, channel: Channel): readonly Channel[] {
  return threadsOf(state, channel.guildId ?? "", channel.id).filter(({ id, thread }) => {
    if (id === state.openThread || state.followed[id] !== undefined) return true;
    return thread?.archived === false && (state.reads[id]?.mentions ?? 0) > 0;
  });
}

/** Which threads an overview shows. */
export type ThreadsOf = "followed" | "active" | "away";

/** The threads of a guild that are known here and that one can see, or of one of its channels; the liveliest first. */
export function threadOverview(
  state: State,
  guildId: Id,
  channelId: Id | null,
  which: ThreadsOf,
): readonly Channel[] {
  return threadsOf(state, guildId, channelId).filter(({ thread }) => {
    if (which === "followed") return thread?.followed === true;
    return thread?.archived === (which === "away");
  });
}

function threadsOf(state: State, guildId: Id, channelId: Id | null): readonly Channel[] {
  const all = (state.threadsOf[guildId] ?? []).flatMap((id) => state.channels[id] ?? []);
  const here = channelId === null ? all : all.filter((thread) => thread.parentId === channelId);
  return here
    .filter((thread) => allows(myPermissions(state, guildId, thread.id), Permission.VIEW_CHANNEL))
    .sort(byLife);
}

/** A forum's posts that are known here: the pinned one, then the liveliest. */
export function forumPosts(state: State, forum: Channel, tag: Id | null): readonly Channel[] {
  const all = threadsOf(state, forum.guildId ?? "", forum.id);
  const tagged = tag === null ? all : all.filter(({ thread }) => thread?.tags.includes(tag) === true);
  const pinned = (post: Channel) => Number(post.thread?.pinned === true);
  return [...tagged].sort((a, b) => pinned(b) - pinned(a) || byLife(a, b));
}

function byLife(a: Channel, b: Channel): number {
  return compareIds(b.lastMessageId ?? b.id, a.lastMessageId ?? a.id);
}

/** What one may do with a thread. */
export interface ThreadDeeds {
  /** Give it another name, put it away, take it out again. */
  readonly edit: boolean;
  /** Lock it, pin it, delete it. */
  readonly manage: boolean;
}

export function threadDeeds(state: State, thread: Channel): ThreadDeeds {
  const manage = allows(myPermissions(state, thread.guildId, thread.id), Permission.MANAGE_THREADS);
  const owns = thread.thread?.ownerId === state.me && thread.thread?.locked === false;
  return { edit: manage || owns, manage };
}

/** Which threads one may begin in a channel. */
export interface MayBegin {
  readonly public: boolean;
  readonly private: boolean;
}

export function mayBegin(state: State, channel: Channel): MayBegin {
  const held = myPermissions(state, channel.guildId, channel.id);
  const reads = allows(held, Permission.VIEW_CHANNEL | Permission.READ_MESSAGE_HISTORY);
  const text = channel.kind === "text";
  return {
    public:
      reads && (text || channel.kind === "announcement") && allows(held, Permission.CREATE_PUBLIC_THREADS),
    private: reads && text && allows(held, Permission.CREATE_PRIVATE_THREADS),
  };
}
