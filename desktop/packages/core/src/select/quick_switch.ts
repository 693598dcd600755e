import type { Channel, Id } from "../model/entities.ts";
import type { State } from "../state/state.ts";
import { channelTree, conversations } from "./channels.ts";
import { channelName, nameOf } from "./names.ts";
import { threadsBeside } from "./threads.ts";
import { unread } from "./unread.ts";

export type SwitchTarget =
  | {
      readonly kind: "channel";
      readonly id: Id;
      readonly label: string;
      readonly context: string;
    }
  | { readonly kind: "conversation"; readonly id: Id; readonly label: string; readonly context: string }
  | { readonly kind: "guild"; readonly id: Id; readonly label: string; readonly context: string }
  /** Somebody one shares a guild with: choosing them opens a conversation. */
  | { readonly kind: "user"; readonly id: Id; readonly label: string; readonly context: string };

export interface SwitchHit {
  readonly target: SwitchTarget;
  /** Higher is better. */
  readonly score: number;
  /** Places in `label` of the characters that matched. */
  readonly at: readonly number[];
}

/** Hits shown at most. */
export const HITS_MAX = 20;
/** Characters of a query that are looked at. */
const QUERY_MAX = 64;

/**
 * Where one may want to go. Prefixes narrow as on Discord: `@` people, `#` channels, `*` guilds.
 * Without a query: what is unread, mentions first.
 */
export function quickSwitch(state: State, query: string): readonly SwitchHit[] {
  const { prefix, text } = readQuery(query);
  const hits: SwitchHit[] = [];
  for (const target of targets(state, prefix)) {
    const bonus = liveliness(state, target);
    if (text === "" && prefix === "" && bonus === 0) continue;
    const match = fuzzy(target.label, text);
    if (match !== null) hits.push({ target, score: match.score + bonus, at: match.at });
  }
  hits.sort((a, b) => b.score - a.score || (a.target.label < b.target.label ? -1 : 1));
  return hits.slice(0, HITS_MAX);
}

export function readQuery(query: string): { readonly prefix: string; readonly text: string } {
  const prefix = /^[@#!*]/.exec(query)?.[0] ?? "";
  return { prefix, text: query.slice(prefix.length, QUERY_MAX).trim().toLowerCase() };
}

export function* targets(state: State, prefix: string): Generator<SwitchTarget> {
  const any = prefix === "";
  if (any || prefix === "#") yield* channels(state);
  if (any || prefix === "*") {
    for (const id of state.guildOrder)
      yield { kind: "guild", id, label: state.guilds[id]?.name ?? "", context: "" };
  }
  if (any || prefix === "@") yield* people(state);
}

function* channels(state: State): Generator<SwitchTarget> {
  for (const guildId of state.guildOrder) {
    const context = state.guilds[guildId]?.name ?? "";
    for (const group of channelTree(state, guildId)) {
      for (const channel of group.channels) {
        // There is nothing to go to in a voice channel yet.
        if (channel.kind === "voice") continue;
        yield { kind: "channel", id: channel.id, label: channel.name, context };
        for (const thread of threadsBeside(state, channel)) {
          yield { kind: "channel", id: thread.id, label: thread.name, context: `#${channel.name}` };
        }
      }
    }
  }
}

function* people(state: State): Generator<SwitchTarget> {
  const spokenTo = new Set<Id>();
  for (const channel of conversations(state)) {
    const single = onlyRecipient(channel);
    if (single !== null) spokenTo.add(single);
    yield { kind: "conversation", id: channel.id, label: channelName(state, channel), context: "" };
  }
  for (const user of Object.values(state.users)) {
    if (user.id === state.me || spokenTo.has(user.id)) continue;
    yield { kind: "user", id: user.id, label: nameOf(state, user.id, null) ?? "", context: user.username };
  }
}

function onlyRecipient(channel: Channel): Id | null {
  return channel.recipients.length === 1 ? (channel.recipients[0] ?? null) : null;
}

function liveliness(state: State, target: SwitchTarget): number {
  if (target.kind === "user") return 0;
  const here = unread(state, target.id);
  return here.mentions > 0 ? 3 : here.unread ? 1 : 0;
}

/** Characters of the query in their order; better at the start, at word beginnings and next to each other. */
export function fuzzy(
  label: string,
  query: string,
): { readonly score: number; readonly at: readonly number[] } | null {
  const low = label.toLowerCase();
  const at: number[] = [];
  let score = 0;
  let from = 0;
  for (const char of query) {
    if (char === " ") continue;
    const found = low.indexOf(char, from);
    if (found < 0) return null;
    const before = found === 0 ? "" : low.charAt(found - 1);
    if (found === 0) score += 8;
    else if (/[\s\-_.#]/.test(before)) score += 5;
    if (at.length > 0 && found === from) score += 4;
    score += 1;
    at.push(found);
    from = found + char.length;
  }
  if (query !== "" && low === query) score += 20;
  return { score: score - label.length / 100, at };
}
