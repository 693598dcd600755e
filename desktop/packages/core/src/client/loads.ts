/** Loading parts of histories while things go on happening in them. */

import { compareIds, type Id, type Message } from "../model/entities.ts";
import type { Outcome } from "../model/outcome.ts";
import { withPeopleOf } from "../state/reduce/messages.ts";
import type { State } from "../state/state.ts";
import {
  joinNewer,
  joinOlder,
  type Page,
  setMessage,
  showPage,
  WINDOW_MAX,
  withTimeline,
} from "../state/window.ts";
import { message as decoded, type WireMessage } from "../wire/decode_message.ts";
import { type Engine, guildOf } from "./engine.ts";
import { createJournal } from "./journal.ts";
import { DONE } from "./rest.ts";

export interface Loads {
  first(channelId: Id): Promise<Outcome<void>>;
  older(channelId: Id): Promise<Outcome<void>>;
  newer(channelId: Id): Promise<Outcome<void>>;
  around(channelId: Id, messageId: Id): Promise<Outcome<void>>;
  /** Everything in the window anew: events were missed. */
  refresh(channelId: Id): Promise<Outcome<void>>;
  /** To be told of every event, after the state was, and how that was before. */
  heard(t: string, d: unknown, before: State): void;
}

/** Messages asked for at once. The most that the program gives is a hundred. */
const PAGE = 50;
const REFRESH_PAGE = 100;

export function createLoads(engine: Engine): Loads {
  const journal = createJournal();

  /** One load at a time in a channel; of two that were asked for, the second is of no use. */
  async function load(
    channelId: Id,
    loading: "first" | "older" | "newer" | "around",
    fetch: () => Promise<Outcome<Page>>,
    place: (state: State, page: Page) => State,
  ): Promise<Outcome<void>> {
    const ticket = journal.begin(channelId);
    engine.change((state) => withTimeline(state, channelId, { loading, error: null }));
    const outcome = await fetch();
    const missed = journal.end(ticket);
    // A newer load has taken its place, or the channel was left and forgotten.
    if (missed === null || engine.store.getState().timelines[channelId] === undefined) return DONE;
    if (!outcome.ok) {
      engine.change((state) => withTimeline(state, channelId, { loading: "no", error: outcome.failure }));
      return outcome;
    }
    engine.change((state) => missed.replay(place(state, outcome.value)));
    for (const id of missed.reactedTo()) void again(channelId, id);
    return DONE;
  }

  /** Whether the page was read before or after somebody reacted cannot be told: the message is asked for again. */
  async function again(channelId: Id, id: Id): Promise<void> {
    if (engine.store.getState().messages[channelId]?.[id] === undefined) return;
    const path = `/channels/${channelId}/messages/${id}`;
    const outcome = await engine.rest.call<WireMessage>({ method: "GET", path });
    if (outcome.ok) {
      const message = decoded(outcome.value, guildOf(engine, channelId));
      engine.change((state) => setMessage(state, message));
    }
  }

  /** What of a message that was moved here is one's own, its event does not say, and where it was it was not loaded. */
  function lookAtArrived({ id, channel_id: channelId }: WireMessage, before: State): void {
    const message = engine.store.getState().messages[channelId]?.[id];
    if (message === undefined || before.messages[channelId]?.[id] !== undefined) return;
    const known = before.moved.some((each) => each.messageId === id && each.before !== null);
    if (!known && (message.reactions.length > 0 || message.poll !== null)) void again(channelId, id);
  }

  async function page(channelId: Id, query: string, limit: number): Promise<Outcome<readonly Message[]>> {
    const path = `/channels/${channelId}/messages?limit=${limit}${query}`;
    const outcome = await engine.rest.call<readonly WireMessage[]>({ method: "GET", path });
    if (!outcome.ok) return outcome;
    const guildId = guildOf(engine, channelId);
    engine.change((state) => outcome.value.reduce(withPeopleOf, state));
    const messages = outcome.value.map((each) => decoded(each, guildId));
    return { ok: true, value: messages.sort((a, b) => compareIds(a.id, b.id)) };
  }

  async function newest(channelId: Id): Promise<Outcome<Page>> {
    const got = await page(channelId, "", PAGE);
    return paged(got, (messages) => ({ messages, hasOlder: messages.length >= PAGE, hasNewer: false }));
  }

  /** From the present down to where the window began, or as far as a window goes. */
  async function whole(channelId: Id): Promise<Outcome<Page>> {
    const oldest = engine.store.getState().timelines[channelId]?.ids[0] ?? null;
    let messages: readonly Message[] = [];
    let hasOlder = true;
    while (messages.length < WINDOW_MAX) {
      const before: Id | undefined = messages[0]?.id;
      const got = await page(channelId, before === undefined ? "" : `&before=${before}`, REFRESH_PAGE);
      if (!got.ok) return got;
      messages = [...got.value, ...messages];
      hasOlder = got.value.length >= REFRESH_PAGE;
      const reached = messages[0]?.id;
      if (!hasOlder || reached === undefined || oldest === null || compareIds(reached, oldest) <= 0) break;
    }
    return { ok: true, value: { messages, hasOlder, hasNewer: false } };
  }

  async function about(channelId: Id, messageId: Id): Promise<Outcome<Page>> {
    const got = await page(channelId, `&around=${messageId}`, PAGE);
    return paged(got, (messages) => {
      const last = engine.store.getState().channels[channelId]?.lastMessageId ?? null;
      const end = messages.at(-1)?.id ?? null;
      const hasNewer = last !== null && end !== null && compareIds(end, last) < 0;
      return { messages, hasOlder: true, hasNewer };
    });
  }

  const show = (channelId: Id, focus: Id | null) => (state: State, part: Page) =>
    showPage(state, channelId, part, focus);

  return {
    first: (channelId) => load(channelId, "first", () => newest(channelId), show(channelId, null)),
    refresh: (channelId) => {
      const timeline = engine.store.getState().timelines[channelId];
      const middle = timeline?.ids[Math.floor(timeline.ids.length / 2)];
      if (timeline?.hasNewer === true && middle !== undefined) {
        const focus = timeline.focus ?? middle;
        return load(channelId, "around", () => about(channelId, focus), show(channelId, timeline.focus));
      }
      const loading = timeline === undefined || timeline.ids.length === 0 ? "first" : "newer";
      return load(channelId, loading, () => whole(channelId), show(channelId, null));
    },
    around: (channelId, messageId) =>
      load(channelId, "around", () => about(channelId, messageId), show(channelId, messageId)),
    older: async (channelId) => {
      const timeline = engine.store.getState().timelines[channelId];
      const oldest = timeline?.ids[0];
      if (timeline === undefined || oldest === undefined || !timeline.hasOlder || timeline.loading !== "no")
        return DONE;
      const fetch = async () =>
        paged(await page(channelId, `&before=${oldest}`, PAGE), (messages) => ({
          messages,
          hasOlder: messages.length >= PAGE,
          hasNewer: true,
        }));
      return load(channelId, "older", fetch, (state, part) => joinOlder(state, channelId, part));
    },
    newer: async (channelId) => {
      const timeline = engine.store.getState().timelines[channelId];
      const latest = timeline?.ids.at(-1);
      if (timeline === undefined || latest === undefined || !timeline.hasNewer || timeline.loading !== "no")
        return DONE;
      const fetch = async () =>
        paged(await page(channelId, `&after=${latest}`, PAGE), (messages) => ({
          messages,
          hasOlder: true,
          hasNewer: messages.length >= PAGE,
        }));
      return load(channelId, "newer", fetch, (state, part) => joinNewer(state, channelId, part));
    },
    heard: (t, d, before) => {
      journal.heard(t, d);
      if (t === "MESSAGE_UPDATE") lookAtArrived(d as WireMessage, before);
    },
  };
}

function paged(
  got: Outcome<readonly Message[]>,
  make: (messages: readonly Message[]) => Page,
): Outcome<Page> {
  return got.ok ? { ok: true, value: make(got.value) } : got;
}
