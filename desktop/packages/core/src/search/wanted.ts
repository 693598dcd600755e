/** From what somebody typed to what a program is asked for. */

import { type Id, idAt, type Millis } from "../model/entities.ts";
import type { State } from "../state/state.ts";
import { dateSpan } from "./dates.ts";
import { channelsNamed, peopleNamed, rolesNamed } from "./named.ts";
import { guildAt, type SearchPlace } from "./place.ts";
import { type Filter, type SearchToken, searchTokens } from "./tokens.ts";

export const HAS = ["link", "file", "image", "video", "sound", "embed", "poll"] as const;
export type Has = (typeof HAS)[number];

/** What a message has to be. Of several authors, channels or people mentioned one suffices; all else must fit. */
export interface MessageSearch {
  /** All of them stand in it, wherever. */
  readonly words: readonly string[];
  readonly authors: readonly Id[];
  readonly channels: readonly Id[];
  readonly mentions: readonly Id[];
  readonly mentionRoles: readonly Id[];
  readonly has: readonly Has[];
  readonly pinned: boolean | null;
  /** Ids between which it lies; none where that is open. */
  readonly after: Id | null;
  readonly before: Id | null;
}

/** Something typed that means nothing here. `value` is empty where nothing was typed behind the filter. */
export interface SearchProblem {
  readonly filter: Filter;
  readonly value: string;
}

export type Wanted =
  | { readonly kind: "nothing" }
  | { readonly kind: "unclear"; readonly problems: readonly SearchProblem[] }
  | { readonly kind: "search"; readonly search: MessageSearch };

/** Values of one kind that a program takes. */
const VALUES_MAX = 100;

export function wantedMessages(state: State, place: SearchPlace, text: string, now: Millis): Wanted {
  const tokens = searchTokens(text);
  if (tokens.length === 0) return { kind: "nothing" };
  let search: MessageSearch = NOTHING;
  const problems: SearchProblem[] = [];
  for (const token of tokens) {
    const next = withToken(state, place, now, search, token);
    if (next !== null) search = next;
    else if (token.filter !== null) problems.push({ filter: token.filter, value: token.value });
  }
  return problems.length > 0 ? { kind: "unclear", problems } : { kind: "search", search };
}

const PINNED: ReadonlyMap<string, boolean> = new Map([
  ["true", true],
  ["yes", true],
  ["false", false],
  ["no", false],
]);

const NOTHING: MessageSearch = {
  words: [],
  authors: [],
  channels: [],
  mentions: [],
  mentionRoles: [],
  has: [],
  pinned: null,
  after: null,
  before: null,
};

/** Null: it means nothing. */
function withToken(
  state: State,
  place: SearchPlace,
  now: Millis,
  search: MessageSearch,
  { filter, value }: SearchToken,
): MessageSearch | null {
  switch (filter) {
    case null:
      return { ...search, words: [...search.words, ...value.split(/\s+/).filter((word) => word !== "")] };
    case "from": {
      const authors = peopleNamed(state, place, value);
      return authors.length === 0 ? null : { ...search, authors: together(search.authors, authors) };
    }
    case "in": {
      const channels = channelsNamed(state, place, value);
      return channels.length === 0 ? null : { ...search, channels: together(search.channels, channels) };
    }
    case "mentions": {
      const people = peopleNamed(state, place, value);
      const isRole = Object.hasOwn(state.roles[guildAt(place) ?? ""] ?? {}, value);
      if (people.length > 0 && !isRole) return { ...search, mentions: together(search.mentions, people) };
      const roles = rolesNamed(state, place, value);
      return roles.length === 0 ? null : { ...search, mentionRoles: together(search.mentionRoles, roles) };
    }
    case "has": {
      const what = HAS.find((each) => each === value.toLowerCase());
      return what === undefined ? null : { ...search, has: together(search.has, [what]) };
    }
    case "pinned": {
      const pinned = PINNED.get(value.toLowerCase());
      return pinned === undefined ? null : { ...search, pinned };
    }
    default:
      return withDate(search, filter, value, now);
  }
}

function withDate(
  search: MessageSearch,
  filter: "before" | "after" | "during",
  value: string,
  now: Millis,
): MessageSearch | null {
  const span = dateSpan(value, now);
  if (span === null) return null;
  const since = filter === "before" ? null : justBefore(filter === "after" ? span.to : span.from);
  const until = filter === "after" ? null : idAt(filter === "before" ? span.from : span.to);
  return {
    ...search,
    after: pick(search.after, since, (a, b) => BigInt(a) > BigInt(b)),
    before: pick(search.before, until, (a, b) => BigInt(a) < BigInt(b)),
  };
}

/** What a program looks for lies above this id, not at it. */
function justBefore(at: Millis): Id {
  const first = BigInt(idAt(at));
  return (first === 0n ? first : first - 1n).toString();
}

/** Of two bounds the narrower one. */
function pick(a: Id | null, b: Id | null, narrower: (a: Id, b: Id) => boolean): Id | null {
  if (a === null || b === null) return a ?? b;
  return narrower(a, b) ? a : b;
}

function together<T>(a: readonly T[], b: readonly T[]): readonly T[] {
  return [...new Set([...a, ...b])].slice(0, VALUES_MAX);
}
