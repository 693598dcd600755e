/** What may be meant by what was begun to be typed. */

import {
  allows,
  colorOf,
  fuzzy,
  myPermissions,
  nameOf,
  Permission,
  type State,
  usableEmoji,
} from "@nexus/core";

export type Suggestion =
  | {
      readonly kind: "person";
      readonly id: string;
      readonly name: string;
      readonly detail: string;
      readonly color: number | null;
    }
  | { readonly kind: "role"; readonly id: string; readonly name: string; readonly color: number | null }
  | { readonly kind: "everyone"; readonly name: "everyone" | "here" }
  | { readonly kind: "channel"; readonly id: string; readonly name: string; readonly detail: string }
  | { readonly kind: "emoji"; readonly emoji: string; readonly name: string }
  /** A guild's own. */
  | { readonly kind: "custom_emoji"; readonly id: string; readonly name: string };

/** The word at the caret that asks for suggestions. */
export interface Begun {
  readonly sign: "@" | "#" | ":";
  readonly query: string;
  /** Where it begins and ends in the text. */
  readonly from: number;
  readonly to: number;
}

/** Suggestions shown at most. */
const SHOWN_MAX = 8;
const QUERY_MAX = 32;

export function begunAt(text: string, caret: number): Begun | null {
  const before = text.slice(Math.max(0, caret - QUERY_MAX - 1), caret);
  const found = /(?:^|[\s([{"'>])([@#:])([^\s@#:]*)$/u.exec(before);
  if (found === null) return null;
  const sign = found[1] as Begun["sign"];
  const query = found[2] ?? "";
  // Two letters, or every colon in a text would open a list.
  if (sign === ":" && query.length < 2) return null;
  return { sign, query, from: caret - query.length - 1, to: caret };
}

export type EmojiNames = readonly (readonly [emoji: string, ...names: string[]])[];

export function suggestions(
  state: State,
  channelId: string,
  begun: Begun,
  emoji: EmojiNames,
): readonly Suggestion[] {
  const query = begun.query.toLowerCase();
  switch (begun.sign) {
    case "@":
      return best(mentionable(state, channelId), query);
    case "#":
      return best(channels(state, channelId), query);
    case ":":
      return [...ownEmoji(state, channelId, query), ...emojiFor(emoji, query)].slice(0, SHOWN_MAX);
  }
}

function best(all: Iterable<Suggestion>, query: string): readonly Suggestion[] {
  const hits: { readonly suggestion: Suggestion; readonly score: number }[] = [];
  for (const suggestion of all) {
    const match = fuzzy(suggestion.name, query);
    const second = "detail" in suggestion ? fuzzy(suggestion.detail, query) : null;
    const score = Math.max(match?.score ?? -1, (second?.score ?? -1) - 1);
    if (score >= 0 || query === "") hits.push({ suggestion, score });
  }
  if (query !== "") hits.sort((a, b) => b.score - a.score);
  return hits.slice(0, SHOWN_MAX).map((hit) => hit.suggestion);
}

function* mentionable(state: State, channelId: string): Generator<Suggestion> {
  const channel = state.channels[channelId];
  const guildId = channel?.guildId ?? null;
  const people = guildId === null ? (channel?.recipients ?? []) : Object.keys(state.members[guildId] ?? {});
  for (const id of people) {
    const name = nameOf(state, id, guildId);
    const detail = state.users[id]?.username ?? "";
    if (name !== null) yield { kind: "person", id, name, detail, color: colorOf(state, id, guildId) };
  }
  if (guildId === null) return;
  const pingsAll = allows(myPermissions(state, guildId, channelId), Permission.MENTION_EVERYONE);
  for (const role of Object.values(state.roles[guildId] ?? {})) {
    if (role.id !== guildId && (role.mentionable || pingsAll)) {
      yield { kind: "role", id: role.id, name: role.name, color: role.color === 0 ? null : role.color };
    }
  }
  if (pingsAll) {
    yield { kind: "everyone", name: "everyone" };
    yield { kind: "everyone", name: "here" };
  }
}

function* channels(state: State, channelId: string): Generator<Suggestion> {
  const guildId = state.channels[channelId]?.guildId ?? null;
  if (guildId === null) return;
  for (const id of state.channelsOf[guildId] ?? []) {
    const channel = state.channels[id];
    if (channel === undefined || channel.kind === "category") continue;
    if (!allows(myPermissions(state, guildId, id), Permission.VIEW_CHANNEL)) continue;
    const category = channel.parentId === null ? "" : (state.channels[channel.parentId]?.name ?? "");
    yield { kind: "channel", id, name: channel.name, detail: category };
  }
}

function ownEmoji(state: State, channelId: string, query: string): readonly Suggestion[] {
  return usableEmoji(state, state.channels[channelId]?.guildId ?? null)
    .filter(({ name }) => name.toLowerCase().includes(query))
    .sort(
      (a, b) =>
        Number(b.name.toLowerCase().startsWith(query)) - Number(a.name.toLowerCase().startsWith(query)),
    )
    .map(({ id, name }) => ({ kind: "custom_emoji", id, name }));
}

function emojiFor(all: EmojiNames, query: string): readonly Suggestion[] {
  const hits: { readonly suggestion: Suggestion; readonly rank: number }[] = [];
  for (const [emoji, ...names] of all) {
    const name = names.find((each) => each.startsWith(query)) ?? names.find((each) => each.includes(query));
    if (name === undefined) continue;
    const rank = name === query ? 0 : name.startsWith(query) ? 1 : 2;
    hits.push({ suggestion: { kind: "emoji", emoji, name }, rank });
  }
  hits.sort((a, b) => a.rank - b.rank || a.suggestion.name.length - b.suggestion.name.length);
  return hits.slice(0, SHOWN_MAX).map((hit) => hit.suggestion);
}

/** What is put in place of what was begun. */
export function completion(suggestion: Suggestion): string {
  switch (suggestion.kind) {
    case "emoji":
      return suggestion.emoji;
    case "custom_emoji":
      return `:${suggestion.name}:`;
    case "channel":
      return `#${suggestion.name}`;
    default:
      return `@${suggestion.name}`;
  }
}
