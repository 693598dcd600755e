/** Messages are looked for: a guild's, or a conversation's. */

import type { Id } from "../../model/entities.ts";
import type { Outcome } from "../../model/outcome.ts";
import { guildAt, type SearchPlace } from "../../search/place.ts";
import type { MessageSearch } from "../../search/wanted.ts";
import { withPeopleOf } from "../../state/reduce/messages.ts";
import { withThread } from "../../state/reduce/threads.ts";
import { message as decoded } from "../../wire/decode_message.ts";
import type { WireFoundMessages, WireNotThrough } from "../../wire/rest.ts";
import type { Actions, Searched, Searching } from "../actions.ts";
import type { Engine } from "../engine.ts";
import { failed } from "../failure.ts";

type Search = Pick<Actions, "searchMessages">;

/** Found messages that are asked for at once, and as far as a program pages through them. */
export const SEARCH_PAGE = 25;
const PAGED_MAX = 10_000;
/** A program that says "again, at once" is given a moment; one that says "much later" is not believed. */
const PAUSE_LEAST_MS = 50;
const PAUSE_MOST_MS = 5_000;
/** How often a search that is not through is asked for again. Each time a program reads some ten thousand messages. */
const ROUNDS_MAX = 400;

export function searchWishes(engine: Engine): Search {
  const { rest, options } = engine;

  const rested = (ms: number) => new Promise<void>((resolve) => options.clock.after(ms, resolve));

  function found(from: WireFoundMessages, guildId: Id | null, offset: number): Searched {
    const messages = from.messages.flat();
    engine.change((state) => messages.reduce(withPeopleOf, from.threads.reduce(withThread, state)));
    return {
      messages: messages.map((each) => decoded(each, guildId)),
      total: from.total_results,
      inPart: from.doing_deep_historical_index,
      hasMore: offset + SEARCH_PAGE < Math.min(from.total_results, PAGED_MAX),
    };
  }

  return {
    async searchMessages(place, search, going): Promise<Outcome<Searched | null>> {
      const path = `/${placeOf(place)}/messages/search?${queryOf(search, going)}`;
      for (let round = 0; round < ROUNDS_MAX; round += 1) {
        const outcome = await rest.call<WireFoundMessages | WireNotThrough>({ method: "GET", path });
        if (going.isCalledOff()) return { ok: true, value: null };
        if (!outcome.ok) return outcome;
        if ("messages" in outcome.value)
          return { ok: true, value: found(outcome.value, guildAt(place), going.offset) };
        going.onLooked(outcome.value.documents_indexed);
        const asked = outcome.value.retry_after * 1_000;
        await rested(Math.min(PAUSE_MOST_MS, Math.max(PAUSE_LEAST_MS, asked)));
        if (going.isCalledOff()) return { ok: true, value: null };
      }
      return { ok: false, failure: failed("timeout", "the search is not through") };
    },
  };
}

function placeOf({ kind, id }: SearchPlace): string {
  return kind === "guild" ? `guilds/${id}` : `channels/${id}`;
}

/** Discord's query. */
function queryOf(search: MessageSearch, { offset, oldestFirst }: Searching): string {
  const pairs: [string, string][] = [
    ["limit", String(SEARCH_PAGE)],
    ["offset", String(offset)],
    ["sort_order", oldestFirst ? "asc" : "desc"],
    ...search.authors.map((id): [string, string] => ["author_id", id]),
    ...search.channels.map((id): [string, string] => ["channel_id", id]),
    ...search.mentions.map((id): [string, string] => ["mentions", id]),
    ...search.mentionRoles.map((id): [string, string] => ["mentions_role_id", id]),
    ...search.has.map((what): [string, string] => ["has", what]),
  ];
  if (search.words.length > 0) pairs.push(["content", search.words.join(" ")]);
  if (search.pinned !== null) pairs.push(["pinned", String(search.pinned)]);
  if (search.after !== null) pairs.push(["min_id", search.after]);
  if (search.before !== null) pairs.push(["max_id", search.before]);
  return pairs.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join("&");
}
