import type { Channel, Guild, Id, Overwrite, ThreadFacts } from "../model/entities.ts";
import type { State } from "../state/state.ts";
import { ALL_PERMISSIONS, allows, IN_CONVERSATION, Permission } from "./bits.ts";

/**
 * What somebody may do in a guild, or in one of its channels where one is named: Discord's algorithm. The program asks the
 * same before it does anything; this is for what the screen offers.
 */
export function permissionsIn(state: State, guildId: Id | null, channelId: Id | null, userId: Id): bigint {
  const channel = channelId === null ? undefined : state.channels[channelId];
  if (guildId === null) return channel !== undefined && channel.guildId === null ? IN_CONVERSATION : 0n;
  const guild = state.guilds[guildId];
  const member = state.members[guildId]?.[userId];
  if (guild === undefined || (member === undefined && guild.ownerId !== userId)) return 0n;
  const roles = member?.roles ?? [];
  const base = basePermissions(state, guild, userId, roles);
  if (channelId === null) return base;
  if (channel === undefined || channel.guildId !== guildId) return 0n;
  if (channel.thread !== null)
    return inThread(permissionsIn(state, guildId, channel.parentId, userId), channel.thread);
  return base === ALL_PERMISSIONS ? base : inChannel(base, channel, guildId, userId, roles);
}

/** A thread has the rights of the channel it hangs on, where one may write if one may write in threads, and it is not locked. */
function inThread(held: bigint, { locked }: ThreadFacts): bigint {
  const manages = allows(held, Permission.MANAGE_THREADS);
  const writes = allows(held, Permission.SEND_MESSAGES_IN_THREADS) && (manages || !locked);
  return writes ? held | Permission.SEND_MESSAGES : held & ~Permission.SEND_MESSAGES;
}

/** The same for oneself. */
export function myPermissions(state: State, guildId: Id | null, channelId: Id | null): bigint {
  return state.me === null ? 0n : permissionsIn(state, guildId, channelId, state.me);
}

function basePermissions(state: State, guild: Guild, userId: Id, roles: readonly Id[]): bigint {
  if (guild.ownerId === userId) return ALL_PERMISSIONS;
  const known = state.roles[guild.id] ?? {};
  const held = roles.reduce(
    (sum, role) => sum | (known[role]?.permissions ?? 0n),
    known[guild.id]?.permissions ?? 0n,
  );
  return (held & Permission.ADMINISTRATOR) !== 0n ? ALL_PERMISSIONS : held;
}

/** First everybody's overwrite, then those of the roles together, then the member's own; nothing where one cannot see it. */
function inChannel(base: bigint, channel: Channel, guildId: Id, userId: Id, roles: readonly Id[]): bigint {
  const of = (kind: Overwrite["of"], id: Id) =>
    channel.overwrites.find((line) => line.of === kind && line.id === id);
  const everyone = of("role", guildId);
  let allow = 0n;
  let deny = 0n;
  for (const role of roles) {
    const line = role === guildId ? undefined : of("role", role);
    allow |= line?.allow ?? 0n;
    deny |= line?.deny ?? 0n;
  }
  const own = of("member", userId);
  let held = applied(base, everyone);
  held = (held & ~deny) | allow;
  held = applied(held, own);
  return (held & Permission.VIEW_CHANNEL) !== 0n ? held : 0n;
}

function applied(held: bigint, line: Overwrite | undefined): bigint {
  return line === undefined ? held : (held & ~line.deny) | line.allow;
}

/** The place of somebody's highest role; the owner's is above all. Who may act on whom depends on it. */
export function rankOf(state: State, guildId: Id, userId: Id): number {
  if (state.guilds[guildId]?.ownerId === userId) return Number.POSITIVE_INFINITY;
  const roles = state.members[guildId]?.[userId]?.roles ?? [];
  return roles.reduce((highest, role) => Math.max(highest, state.roles[guildId]?.[role]?.position ?? 0), 0);
}

/** What one may give a role that is made below all others, as a bot's is: what one has, where one manages roles and has one. */
export function mayGive(state: State, guildId: Id): bigint {
  const held = myPermissions(state, guildId, null);
  const gives = allows(held, Permission.MANAGE_ROLES) && rankOf(state, guildId, state.me ?? "") > 0;
  return gives ? held : 0n;
}
