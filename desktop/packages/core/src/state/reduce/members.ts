/** Who is in a guild, who is there, who is writing. */

import type { Member, Millis } from "../../model/entities.ts";
import * as decode from "../../wire/decode.ts";
import type { Dispatches, MemberFields, User } from "../../wire/generated.ts";
import { drop, put, putAll, update } from "../records.ts";
import type { State } from "../state.ts";
import { withPresences, withUsers } from "./guilds.ts";

/** How long somebody counts as writing after they said so; Discord's number. */
const TYPING_MS = 10_000;

export function memberAdd(state: State, d: Dispatches["GUILD_MEMBER_ADD"]): State {
  const known = state.members[d.guild_id]?.[d.user.id] !== undefined;
  const grown = known ? state : withCount(state, d.guild_id, 1);
  return memberUpdate(grown, d);
}

export function memberUpdate(state: State, d: Dispatches["GUILD_MEMBER_UPDATE"]): State {
  return withMember(withUsers(state, [d.user]), d.guild_id, d.user, d);
}

export function memberRemove(state: State, d: Dispatches["GUILD_MEMBER_REMOVE"]): State {
  const members = update(state.members, d.guild_id, (known) => drop(known, d.user.id));
  return withCount({ ...state, members }, d.guild_id, -1);
}

export function membersChunk(state: State, d: Dispatches["GUILD_MEMBERS_CHUNK"]): State {
  const users = withUsers(
    state,
    d.members.map((each) => each.user),
  );
  const members = d.members.map((each) => decode.member(each, each.user.id, d.guild_id));
  const all = update(users.members, d.guild_id, (known) => putAll(known, members, (member) => member.userId));
  return withPresences({ ...users, members: all }, d.presences ?? []);
}

export function presenceUpdate(state: State, d: Dispatches["PRESENCE_UPDATE"]): State {
  return withPresences(state, [d]);
}

export function userUpdate(state: State, d: Dispatches["USER_UPDATE"]): State {
  return withUsers(state, [d]);
}

export function typingStart(state: State, d: Dispatches["TYPING_START"], now: Millis): State {
  if (d.user_id === state.me) return state;
  const here = put(state.typing[d.channel_id] ?? {}, d.user_id, now + TYPING_MS);
  const next = { ...state, typing: put(state.typing, d.channel_id, here) };
  const member = d.member;
  if (member === undefined || d.guild_id === undefined) return next;
  return withMember(withUsers(next, [member.user]), d.guild_id, member.user, member);
}

/** Forgets who counted as writing until now. */
export function typingEnds(state: State, now: Millis): State {
  let typing = state.typing;
  for (const [channelId, writers] of Object.entries(typing)) {
    const over = Object.entries(writers).filter(([, until]) => until <= now);
    const left = drop(writers, ...over.map(([userId]) => userId));
    typing = Object.keys(left).length === 0 ? drop(typing, channelId) : put(typing, channelId, left);
  }
  return typing === state.typing ? state : { ...state, typing };
}

/** A member as a message or an event shows them; of a guild that is known only. */
export function withMember(
  state: State,
  guildId: string,
  user: Pick<User, "id">,
  fields: MemberFields,
): State {
  const member = decode.member(fields, user.id, guildId);
  // Every message brings its author's: mostly it is as it was, and a guild's thousands need not be copied.
  const before = state.members[guildId]?.[user.id];
  if (before !== undefined && isSame(before, member)) return state;
  const members = update(state.members, guildId, (known) => put(known, user.id, member));
  return members === state.members ? state : { ...state, members };
}

function isSame(a: Member, b: Member): boolean {
  const roles = a.roles.length === b.roles.length && a.roles.every((id, at) => id === b.roles[at]);
  return roles && a.nick === b.nick && a.joinedAt === b.joinedAt;
}

function withCount(state: State, guildId: string, by: number): State {
  const guilds = update(state.guilds, guildId, (guild) => ({
    ...guild,
    memberCount: guild.memberCount + by,
  }));
  return { ...state, guilds };
}
