/** Where messages are looked for, and what can be named there. */

import type { Id } from "../model/entities.ts";
import type { State } from "../state/state.ts";
import { FILTERS, type Filter } from "./tokens.ts";

/** A guild with all that one reads in it, or one conversation. */
export interface SearchPlace {
  readonly kind: "guild" | "conversation";
  readonly id: Id;
}

/** Whose nicknames and roles hold there. */
export function guildAt({ kind, id }: SearchPlace): Id | null {
  return kind === "guild" ? id : null;
}

/** Who is there, as far as they are known here. */
export function peopleIn(state: State, { kind, id }: SearchPlace): readonly Id[] {
  if (kind === "guild") return Object.keys(state.members[id] ?? {});
  const others = state.channels[id]?.recipients ?? [];
  return state.me === null ? others : [...others, state.me];
}

/** A conversation is one channel: there is nothing to choose from. */
export function filtersIn({ kind }: SearchPlace): readonly Filter[] {
  return kind === "guild" ? FILTERS : FILTERS.filter((each) => each !== "in");
}
