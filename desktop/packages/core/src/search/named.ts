/** Who and what is meant by a name that somebody typed. */

import { compareIds, type Id } from "../model/entities.ts";
import { holdsPosts } from "../model/holds_posts.ts";
import { allows, Permission } from "../permissions/bits.ts";
import { myPermissions } from "../permissions/in_channel.ts";
import { nameOf } from "../select/names.ts";
import type { State } from "../state/state.ts";
import { guildAt, peopleIn, type SearchPlace } from "./place.ts";

/** More things of one name are not looked for. */
const NAMED_MAX = 100;

/** Everybody who is called so: by nickname, display name or account name, who is there before who left. `me` is oneself. */
export function peopleNamed(state: State, place: SearchPlace, typed: string): readonly Id[] {
  if (typed.toLowerCase() === "me" && state.me !== null) return [state.me];
  const isMeant = meaning(typed, "@");
  const there = new Set(peopleIn(state, place));
  const isCalled = (id: Id) => namesOf(state, guildAt(place), id).some(isMeant);
  const called = [...there].filter(isCalled);
  if (called.length > 0) return firstOf(called);
  const others = Object.keys(state.users).filter((id) => !there.has(id) && isCalled(id));
  const isId = there.has(typed) || ID.test(typed);
  return others.length === 0 && isId ? [typed] : firstOf(others);
}

export function rolesNamed(state: State, place: SearchPlace, typed: string): readonly Id[] {
  const guildId = guildAt(place);
  if (guildId === null) return [];
  const isMeant = meaning(typed, "@");
  const roles = Object.values(state.roles[guildId] ?? {}).filter((role) => role.id !== guildId);
  return firstOf(roles.filter((role) => isMeant(role.name) || role.id === typed).map((role) => role.id));
}

/** Channels and threads that one sees and that are called so. What holds posts is its posts, as far as they are known here. */
export function channelsNamed(state: State, place: SearchPlace, typed: string): readonly Id[] {
  const isMeant = meaning(typed, "#");
  const seen = talkIn(state, place);
  const called = seen.filter((id) => id === typed || isMeant(state.channels[id]?.name ?? ""));
  const posts = (id: Id) => seen.filter((each) => state.channels[each]?.parentId === id);
  const meant = called.flatMap((id) => (holdsPosts(state.channels[id]) ? posts(id) : [id]));
  return firstOf([...new Set(meant)]);
}

/** Where something can be said in a guild and one sees it: its channels, then its threads. */
export function talkIn(state: State, place: SearchPlace): readonly Id[] {
  const guildId = guildAt(place);
  if (guildId === null) return [];
  const all = [...(state.channelsOf[guildId] ?? []), ...(state.threadsOf[guildId] ?? [])];
  return all.filter((id) => {
    const kind = state.channels[id]?.kind;
    if (kind === undefined || kind === "category") return false;
    return allows(myPermissions(state, guildId, id), Permission.VIEW_CHANNEL);
  });
}

function namesOf(state: State, guildId: Id | null, userId: Id): readonly string[] {
  const user = state.users[userId];
  const names = [nameOf(state, userId, guildId), user?.displayName, user?.username];
  return names.flatMap((each) => each ?? []);
}

/** Whether a name is what was typed, in whatever case; the sign before it may be typed, too. */
function meaning(typed: string, sign: "@" | "#"): (name: string) => boolean {
  const whole = typed.toLowerCase();
  const bare = whole.startsWith(sign) ? whole.slice(1) : whole;
  return (name) => {
    const low = name.toLowerCase();
    return low !== "" && (low === whole || low === bare);
  };
}

const ID = /^\d{17,20}$/;

/** The latest of too many. */
function firstOf(ids: readonly Id[]): readonly Id[] {
  return [...ids].sort((a, b) => compareIds(b, a)).slice(0, NAMED_MAX);
}
