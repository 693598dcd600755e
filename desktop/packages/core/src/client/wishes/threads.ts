/** Threads: made, followed, put away, and looked for. */

import type { Id, Message, Millis } from "../../model/entities.ts";
import type { Made } from "../../model/made.ts";
import type { Outcome } from "../../model/outcome.ts";
import { withoutChannels } from "../../state/reduce/guilds.ts";
import { withPeopleOf } from "../../state/reduce/messages.ts";
import { withFollowing, withThread } from "../../state/reduce/threads.ts";
import * as decode from "../../wire/decode.ts";
import { message as decoded } from "../../wire/decode_message.ts";
import type { Thread, ThreadMember, Channel as WireChannel } from "../../wire/generated.ts";
import type { WireFoundThreads, WireThreads } from "../../wire/rest.ts";
import type { Actions, Begun, ThreadChange } from "../actions.ts";
import { type Engine, guildOf } from "../engine.ts";
import { isThread } from "../making.ts";
import type { Outbox } from "../outbox.ts";
import { type Call, DONE, mapOutcome } from "../rest.ts";

type Threads = Pick<
  Actions,
  | "createThread"
  | "createPost"
  | "loadThread"
  | "editThread"
  | "followThread"
  | "threadFollowers"
  | "setFollower"
  | "awayThreads"
  | "posts"
>;

/** Threads asked for at once. */
const PAGE = 25;
/** Discord's flag of a post that is shown before the others. */
const PINNED = 1 << 1;

export function threadWishes(engine: Engine, outbox: Outbox): Threads {
  const { rest, store } = engine;

  function known(threads: readonly Thread[]): void {
    engine.change((state) => threads.reduce(withThread, state));
  }

  async function begun(placeId: Id, made: Made): Promise<Outcome<Begun>> {
    const outcome = await outbox.make(placeId, made);
    return mapOutcome(outcome, (from) => ({
      thread: from === null || !isThread(from) ? null : decode.thread(from, undefined),
    }));
  }

  async function load(threadId: Id): Promise<Outcome<void>> {
    const outcome = await rest.call<Thread | WireChannel>({ method: "GET", path: `/channels/${threadId}` });
    // An address may name any channel; those that are no threads come by the gateway.
    const kind = store.getState().channels[threadId]?.kind ?? "thread";
    if (kind !== "thread") return mapOutcome(outcome, () => undefined);
    if (outcome.ok) {
      if (isThread(outcome.value)) known([outcome.value]);
    } else if (outcome.failure.kind === "not_found" || outcome.failure.kind === "forbidden") {
      engine.change((state) => withoutChannels(state, [threadId], "unknown"));
    }
    return mapOutcome(outcome, () => undefined);
  }

  async function away(
    channelId: Id,
    which: string,
    before: Millis | undefined,
  ): Promise<Outcome<WireThreads>> {
    const since = before === undefined ? "" : `&before=${encodeURIComponent(new Date(before).toISOString())}`;
    const path = `/channels/${channelId}/${which}?limit=${PAGE}${since}`;
    const outcome = await rest.call<WireThreads>({ method: "GET", path });
    if (outcome.ok) known(outcome.value.threads);
    return outcome;
  }

  function firstOf(from: WireFoundThreads, forumId: Id): Readonly<Record<Id, Message>> {
    const guildId = guildOf(engine, forumId);
    engine.change((state) => from.first_messages.reduce(withPeopleOf, state));
    return Object.fromEntries(from.first_messages.map((each) => [each.channel_id, decoded(each, guildId)]));
  }

  return {
    createThread: (channelId, thread) => begun(channelId, { kind: "thread", thread }),
    createPost: (forumId, post) => begun(forumId, { kind: "post", post }),
    loadThread: load,
    async editThread(threadId, change) {
      const call: Call = { method: "PATCH", path: `/channels/${threadId}`, body: threadChange(change) };
      const outcome = await rest.call<Thread>(call);
      if (outcome.ok) known([outcome.value]);
      return mapOutcome(outcome, () => undefined);
    },
    async followThread(threadId, followed) {
      const before = store.getState().channels[threadId]?.thread?.followed ?? false;
      engine.change((state) => withFollowing(state, threadId, followed));
      const path = `/channels/${threadId}/thread-members/@me`;
      const outcome = await rest.call<void>({ method: followed ? "PUT" : "DELETE", path });
      if (outcome.ok) return DONE;
      engine.change((state) => withFollowing(state, threadId, before));
      return outcome;
    },
    async threadFollowers(threadId) {
      const path = `/channels/${threadId}/thread-members?limit=100`;
      const outcome = await rest.call<readonly ThreadMember[]>({ method: "GET", path });
      return mapOutcome(outcome, (all) => all.map((each) => each.user_id));
    },
    setFollower(threadId, userId, follows) {
      const path = `/channels/${threadId}/thread-members/${userId}`;
      return rest.call<void>({ method: follows ? "PUT" : "DELETE", path });
    },
    async awayThreads(channelId, before) {
      const open = await away(channelId, "threads/archived/public", before);
      if (!open.ok) return open;
      const { threads, has_more: hasMore } = open.value;
      const ids = threads.map((each) => each.id);
      // Private ones hang only on text channels, and few have any: all of one's own come with the first page.
      if (before !== undefined || store.getState().channels[channelId]?.kind !== "text") {
        return { ok: true, value: { threads: ids, hasMore } };
      }
      const closed = await away(channelId, "users/@me/threads/archived/private", undefined);
      const mine = closed.ok ? closed.value.threads.map((each) => each.id) : [];
      return { ok: true, value: { threads: [...ids, ...mine], hasMore } };
    },
    async posts(forumId, { tag, offset }) {
      const tagged = tag === null ? "" : `&tag=${tag}`;
      const order = "sort_by=last_message_time&sort_order=desc";
      const path = `/channels/${forumId}/threads/search?${order}&limit=${PAGE}&offset=${offset}${tagged}`;
      const outcome = await rest.call<WireFoundThreads>({ method: "GET", path });
      if (outcome.ok) known(outcome.value.threads);
      return mapOutcome(outcome, (from) => ({
        posts: from.threads.map((each) => each.id),
        first: firstOf(from, forumId),
        hasMore: from.has_more,
      }));
    },
  };
}

/** What is not named stays as it is: absent fields are left out by JSON. */
function threadChange(change: ThreadChange): Record<string, unknown> {
  const { name, archived, locked, tags, pinned } = change;
  const flags = pinned === undefined ? undefined : pinned ? PINNED : 0;
  return { name, archived, locked, applied_tags: tags, flags };
}
