import type { Id, Member, Role } from "../model/entities.ts";
import { Permission } from "../permissions/bits.ts";
import { permissionsIn } from "../permissions/in_channel.ts";
import type { State } from "../state/state.ts";
import { nameOf } from "./names.ts";

export interface MemberGroup {
  readonly key: string;
  /** The role that lists its members apart; none for the two groups at the end. */
  readonly role: Role | null;
  readonly kind: "role" | "online" | "offline";
  readonly members: readonly Member[];
}

/** The members who can see a channel, as the list beside it shows them: who is there by highest hoisted role, then the rest. */
export function memberGroups(state: State, guildId: Id, channelId: Id | null): readonly MemberGroup[] {
  const hoisted = Object.values(state.roles[guildId] ?? {})
    .filter((role) => role.hoist && role.id !== guildId)
    .sort((a, b) => b.position - a.position);
  const groups = new Map<string, Member[]>();
  for (const member of Object.values(state.members[guildId] ?? {})) {
    if (!canSee(state, guildId, channelId, member.userId)) continue;
    const key = groupOf(state, member, hoisted);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [member]);
    else group.push(member);
  }
  const named = (members: Member[]) => sortedByName(state, guildId, members);
  const list: MemberGroup[] = [];
  for (const role of hoisted) {
    const members = groups.get(role.id);
    if (members !== undefined) list.push({ key: role.id, role, kind: "role", members: named(members) });
  }
  for (const kind of ["online", "offline"] as const) {
    const members = groups.get(kind);
    if (members !== undefined) list.push({ key: kind, role: null, kind, members: named(members) });
  }
  return list;
}

/** Members whom somebody else signs for, too; of more than eight the first. */
export function contestedMembers(state: State, guildId: Id): readonly Id[] {
  const members = Object.keys(state.members[guildId] ?? {});
  return members.filter((userId) => state.users[userId]?.contested === true).slice(0, CONTESTED_MAX);
}

const CONTESTED_MAX = 8;

function canSee(state: State, guildId: Id, channelId: Id | null, userId: Id): boolean {
  if (channelId === null) return true;
  return (permissionsIn(state, guildId, channelId, userId) & Permission.VIEW_CHANNEL) !== 0n;
}

function groupOf(state: State, member: Member, hoisted: readonly Role[]): string {
  const status = state.presences[member.userId]?.status ?? "offline";
  if (status === "offline") return "offline";
  return hoisted.find((role) => member.roles.includes(role.id))?.id ?? "online";
}

function sortedByName(state: State, guildId: Id, members: readonly Member[]): readonly Member[] {
  const keyed = members.map((member) => {
    const name = (nameOf(state, member.userId, guildId) ?? "").toLowerCase();
    return { member, name };
  });
  keyed.sort((a, b) =>
    a.name < b.name ? -1 : a.name > b.name ? 1 : a.member.userId < b.member.userId ? -1 : 1,
  );
  return keyed.map((each) => each.member);
}
