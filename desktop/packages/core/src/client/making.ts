/** What is made besides messages: how it is asked for, what it becomes, and whether it is there already. */

import { compareIds, type Id } from "../model/entities.ts";
import type { Made, NewEvent, NewThread } from "../model/made.ts";
import type { Failure, Outcome } from "../model/outcome.ts";
import { eventCreate } from "../state/reduce/events.ts";
import { withThread } from "../state/reduce/threads.ts";
import type { Pending, State } from "../state/state.ts";
import * as decode from "../wire/decode.ts";
import type { ScheduledEvent, Thread, Channel as WireChannel } from "../wire/generated.ts";
import type { Engine } from "./engine.ts";
import { type Call, mapOutcome } from "./rest.ts";

/** What the program answers with. */
export type WireMade = Thread | ScheduledEvent;

/** Discord's numbers: of a public thread, of one below an announcement channel, of a private one. */
const PUBLIC = 11;
const OF_NEWS = 10;
const PRIVATE = 12;
/** Discord's code: the message has its thread. */
const HAS_THREAD = 160_004;

/** `placeId`: the channel; of an event the guild. `attachments`: what is said of the files that come with a post. */
export function askedFor(
  state: State,
  placeId: Id,
  made: Made,
  attachments?: readonly object[],
): Call & { readonly body: object } {
  switch (made.kind) {
    case "thread": {
      const { name, messageId } = made.thread;
      if (messageId === undefined) {
        const body = { name, type: typeOf(state, placeId, made.thread) };
        return { method: "POST", path: `/channels/${placeId}/threads`, body };
      }
      const path = `/channels/${placeId}/messages/${messageId}/threads`;
      return { method: "POST", path, body: { name } };
    }
    case "post": {
      const { name, content, tags } = made.post;
      const message = { content, ...(attachments === undefined ? {} : { attachments }) };
      const body = { name, applied_tags: tags, message };
      return { method: "POST", path: `/channels/${placeId}/threads`, body };
    }
    case "event":
      return { method: "POST", path: eventsOf(placeId), body: announced(made.event) };
  }
}

export function isThread(made: WireMade | WireChannel): made is Thread {
  return "thread_metadata" in made;
}

export function withMade(state: State, made: WireMade): State {
  return isThread(made) ? withThread(state, made) : eventCreate(state, made);
}

/** Of what was handed over before, a second asking may be answered so. */
export function saysItIsThere(failure: Failure): boolean {
  return failure.code === HAS_THREAD;
}

/** Whether what was handed over, and not answered, is there: by its maker and its name, and made since. */
export async function isThere({ rest, store }: Engine, row: Pending, made: Made): Promise<Outcome<boolean>> {
  const me = store.getState().me;
  const { channelId: placeId, after } = row;
  if (made.kind === "event") {
    const { name, startsAt } = made.event;
    const outcome = await rest.call<readonly ScheduledEvent[]>({ method: "GET", path: eventsOf(placeId) });
    const same = (each: ScheduledEvent) =>
      each.creator_id === me && each.name === name && decode.time(each.scheduled_start_time) === startsAt;
    return mapOutcome(outcome, (all) => all.some(same));
  }
  if (made.kind === "thread" && made.thread.messageId !== undefined) {
    // A thread that is made from a message has its number.
    const path = `/channels/${made.thread.messageId}`;
    const outcome = await rest.call<Thread | WireChannel>({ method: "GET", path });
    if (!outcome.ok && outcome.failure.kind === "not_found") return { ok: true, value: false };
    return mapOutcome(outcome, isThread);
  }
  const name = made.kind === "thread" ? made.thread.name : made.post.name;
  const guildId = store.getState().channels[placeId]?.guildId;
  const path = `/guilds/${guildId}/threads/active`;
  const outcome = await rest.call<{ readonly threads: readonly Thread[] }>({ method: "GET", path });
  const same = (each: Thread) =>
    each.owner_id === me &&
    each.parent_id === placeId &&
    each.name === name &&
    (after === null || compareIds(each.id, after) > 0);
  return mapOutcome(outcome, (all) => all.threads.some(same));
}

export function announced({ name, description, startsAt, place }: NewEvent): Record<string, unknown> {
  const { endsAt } = place;
  const where =
    "channelId" in place
      ? { entity_type: 2, channel_id: place.channelId, entity_metadata: null }
      : { entity_type: 3, channel_id: null, entity_metadata: { location: place.location } };
  return {
    name,
    description,
    privacy_level: 2,
    scheduled_start_time: new Date(startsAt).toISOString(),
    scheduled_end_time: endsAt === null ? null : new Date(endsAt).toISOString(),
    ...where,
  };
}

export function eventsOf(guildId: Id): string {
  return `/guilds/${guildId}/scheduled-events`;
}

function typeOf(state: State, channelId: Id, thread: NewThread): number {
  if (thread.private === true) return PRIVATE;
  return state.channels[channelId]?.kind === "announcement" ? OF_NEWS : PUBLIC;
}
