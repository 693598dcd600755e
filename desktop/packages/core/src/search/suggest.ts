/** What may be meant by what was begun to be typed in a search. */

import { nameOf } from "../select/names.ts";
import { fuzzy } from "../select/quick_switch.ts";
import type { State } from "../state/state.ts";
import { channelsNamed, peopleNamed, talkIn } from "./named.ts";
import { filtersIn, guildAt, peopleIn, type SearchPlace } from "./place.ts";
import { type Filter, searchTokens, typedFilter } from "./tokens.ts";
import { HAS } from "./wanted.ts";

/** The word at the caret. */
export interface SearchBegun {
  /** None: it may become one. */
  readonly filter: Filter | null;
  readonly query: string;
  readonly from: number;
  readonly to: number;
}

export type SearchSuggestion =
  | { readonly kind: "filter"; readonly filter: Filter; readonly typed: string }
  | {
      readonly kind: "person" | "role" | "channel" | "value";
      readonly id: string;
      readonly name: string;
      readonly detail: string;
      readonly typed: string;
    };

/** Suggestions shown at most. */
const SHOWN_MAX = 8;
/** Letters of a filter's name before it is offered. */
const LEAST = 2;
const QUERY_MAX = 64;

export function searchBegunAt(text: string, caret: number): SearchBegun | null {
  const token = searchTokens(text).find(({ from, to }) => from < caret && caret <= to);
  if (token === undefined) return null;
  const { filter, from, to } = token;
  const before = text.slice(from, caret);
  if (filter === null) return { filter, query: before, from, to };
  const behind = before.indexOf(":") + 1;
  return behind === 0 ? null : { filter, query: before.slice(behind).replace(/^"|"$/g, ""), from, to };
}

/** Something that a filter may name. */
interface Candidate {
  readonly kind: "person" | "role" | "channel" | "value";
  readonly id: string;
  readonly name: string;
  readonly detail: string;
}

export function searchSuggestions(
  state: State,
  place: SearchPlace,
  { filter, query }: SearchBegun,
): readonly SearchSuggestion[] {
  const wanted = query.slice(0, QUERY_MAX).toLowerCase();
  if (filter === null) {
    const begun = wanted.length < LEAST ? [] : filtersIn(place).filter((each) => each.startsWith(wanted));
    return begun.map((each) => ({ kind: "filter", filter: each, typed: `${each}:` }));
  }
  return best(candidates(state, place, filter), wanted.replace(/^[@#]/, "")).map((each) => ({
    ...each,
    typed: `${typed(state, place, filter, each)} `,
  }));
}

function candidates(state: State, place: SearchPlace, filter: Filter): Iterable<Candidate> {
  switch (filter) {
    case "from":
      return people(state, place);
    case "mentions":
      return [...people(state, place), ...roles(state, place)];
    case "in":
      return channels(state, place);
    case "has":
      return values(HAS);
    case "pinned":
      return values(["true", "false"]);
    default:
      return values(["today", "yesterday"]);
  }
}

/** Whether what was begun says all there is to say: then nothing has to be chosen. */
export function isWholeName(state: State, place: SearchPlace, { filter, query }: SearchBegun): boolean {
  if (filter === "from" || filter === "mentions") return peopleNamed(state, place, query).length > 0;
  return filter === "in" && channelsNamed(state, place, query).length > 0;
}

function* people(state: State, place: SearchPlace): Generator<Candidate> {
  for (const id of peopleIn(state, place)) {
    const name = nameOf(state, id, guildAt(place));
    if (name !== null) yield { kind: "person", id, name, detail: state.users[id]?.username ?? "" };
  }
}

function* roles(state: State, place: SearchPlace): Generator<Candidate> {
  const guildId = guildAt(place) ?? "";
  for (const { id, name } of Object.values(state.roles[guildId] ?? {})) {
    if (id !== guildId) yield { kind: "role", id, name, detail: "" };
  }
}

function* channels(state: State, place: SearchPlace): Generator<Candidate> {
  for (const id of talkIn(state, place)) {
    const channel = state.channels[id];
    if (channel === undefined || channel.kind === "voice") continue;
    const detail = state.channels[channel.parentId ?? ""]?.name ?? "";
    yield { kind: "channel", id, name: channel.name, detail };
  }
}

function values(all: readonly string[]): readonly Candidate[] {
  return all.map((name) => ({ kind: "value", id: name, name, detail: "" }));
}

/** By name where that means nobody else and quotes can hold it, else by account name, else by number. */
function typed(
  state: State,
  place: SearchPlace,
  filter: Filter,
  { kind, id, name, detail }: Candidate,
): string {
  const isMeant = (words: string) => {
    const people = kind === "person" || kind === "role" ? peopleNamed(state, place, words) : [];
    return kind === "person" ? people.length === 1 && people[0] === id : people.length === 0;
  };
  const names = kind === "person" ? [name, detail] : [name];
  const words = names.filter((each) => each !== "" && isMeant(each));
  return words.flatMap((each) => typedFilter(filter, each) ?? [])[0] ?? `${filter}:${id}`;
}

function best(all: Iterable<Candidate>, query: string): readonly Candidate[] {
  const hits: { readonly candidate: Candidate; readonly score: number }[] = [];
  for (const candidate of all) {
    const match = fuzzy(candidate.name, query);
    const second = candidate.kind === "person" ? fuzzy(candidate.detail, query) : null;
    const score = Math.max(match?.score ?? -1, (second?.score ?? -1) - 1);
    if (match !== null || second !== null || query === "") hits.push({ candidate, score });
  }
  if (query !== "") hits.sort((a, b) => b.score - a.score);
  return hits.slice(0, SHOWN_MAX).map((hit) => hit.candidate);
}
