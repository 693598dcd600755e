/** Guilds, their channels and roles, and the people in them. What changed comes back by the gateway. */

import type { Channel, Guild, Overwrite, Role } from "../../model/entities.ts";
import type { Outcome } from "../../model/outcome.ts";
import * as decode from "../../wire/decode.ts";
import type * as wire from "../../wire/generated.ts";
import type { WireBan } from "../../wire/rest.ts";
import type { Actions, ChannelChange, NewChannel, RoleChange, TagChange } from "../actions.ts";
import { brought } from "../brought.ts";
import type { Engine } from "../engine.ts";
import type { Gateway } from "../gateway.ts";
import { ofOneself } from "../of_oneself.ts";
import { type Call, type Method, mapOutcome } from "../rest.ts";

type Guilds = Pick<
  Actions,
  | "createGuild"
  | "editGuild"
  | "keepGuild"
  | "keepChannel"
  | "leaveGuild"
  | "eraseSaid"
  | "createChannel"
  | "editChannel"
  | "deleteChannel"
  | "setOverwrite"
  | "clearOverwrite"
  | "createRole"
  | "editRole"
  | "deleteRole"
  | "addRole"
  | "removeRole"
  | "setNick"
  | "kick"
  | "ban"
  | "unban"
  | "bans"
  | "loadMembers"
  | "loadCaptions"
  | "setCaption"
>;

export function guildWishes(engine: Engine, gateway: Gateway): Guilds {
  const { rest, store } = engine;

  function ask<T>(method: Method, path: string, body?: unknown, reason?: string): Promise<Outcome<T>> {
    const call: Call = {
      method,
      path,
      ...(body === undefined ? {} : { body }),
      ...(reason === undefined ? {} : { reason }),
    };
    return rest.call<T>(call);
  }

  async function done(method: Method, path: string, body?: unknown, reason?: string): Promise<Outcome<void>> {
    return mapOutcome(await ask<unknown>(method, path, body, reason), () => undefined);
  }

  return {
    async createGuild(name) {
      const facts = { joinedAt: engine.options.now(), memberCount: 1, large: false };
      const outcome = await ask<wire.Guild>("POST", "/guilds", { name });
      return mapOutcome(outcome, (from): Guild => decode.guild(from, facts));
    },
    editGuild: (guildId, change) => done("PATCH", `/guilds/${guildId}`, change),
    keepGuild: (guildId, days) => done("PUT", `/nexus/guilds/${guildId}/retention`, { days }),
    keepChannel: (channelId, days) => done("PUT", `/nexus/channels/${channelId}/retention`, { days }),
    leaveGuild: (guildId, erase) =>
      ofOneself(engine, guildId, () =>
        done("DELETE", `/users/@me/guilds/${guildId}${erase ? "?erase=true" : ""}`),
      ),
    eraseSaid: (guildId) => done("POST", `/nexus/guilds/${guildId}/members/@me/erase`),
    async createChannel(guildId, channel) {
      const outcome = await ask<wire.Channel>("POST", `/guilds/${guildId}/channels`, newChannel(channel));
      // Whoever made it goes there: before the gateway has brought it, it would be taken for one that is gone.
      if (outcome.ok) await brought(engine, (state) => state.channels[outcome.value.id] !== undefined);
      return mapOutcome(outcome, (from): Channel => decode.channel(from, guildId));
    },
    editChannel: (channelId, change) => done("PATCH", `/channels/${channelId}`, channelChange(change)),
    deleteChannel: (channelId) =>
      ofOneself(engine, channelId, () => done("DELETE", `/channels/${channelId}`)),
    setOverwrite: (channelId, overwrite) =>
      done("PUT", `/channels/${channelId}/permissions/${overwrite.id}`, overwriteBody(overwrite)),
    clearOverwrite: (channelId, id) => done("DELETE", `/channels/${channelId}/permissions/${id}`),
    async createRole(guildId, role) {
      const outcome = await ask<wire.Role>("POST", `/guilds/${guildId}/roles`, roleChange(role));
      return mapOutcome(outcome, (from): Role => decode.role(from, guildId));
    },
    editRole: (guildId, roleId, change) =>
      done("PATCH", `/guilds/${guildId}/roles/${roleId}`, roleChange(change)),
    deleteRole: (guildId, roleId) => done("DELETE", `/guilds/${guildId}/roles/${roleId}`),
    addRole: (guildId, userId, roleId) => done("PUT", `/guilds/${guildId}/members/${userId}/roles/${roleId}`),
    removeRole: (guildId, userId, roleId) =>
      done("DELETE", `/guilds/${guildId}/members/${userId}/roles/${roleId}`),
    setNick(guildId, userId, nick) {
      const who = userId === store.getState().me ? "@me" : userId;
      return done("PATCH", `/guilds/${guildId}/members/${who}`, { nick });
    },
    kick: (guildId, userId, reason) =>
      done("DELETE", `/guilds/${guildId}/members/${userId}`, undefined, reason),
    ban: (guildId, userId, reason) => done("PUT", `/guilds/${guildId}/bans/${userId}`, {}, reason),
    unban: (guildId, userId) => done("DELETE", `/guilds/${guildId}/bans/${userId}`),
    async bans(guildId) {
      const outcome = await ask<readonly WireBan[]>("GET", `/guilds/${guildId}/bans?limit=1000`);
      return mapOutcome(outcome, (all) => all.map(decode.ban));
    },
    loadMembers(guildId, wish) {
      const known = store.getState().members[guildId] ?? {};
      const missing = wish.userIds?.filter((id) => known[id] === undefined).slice(0, 100);
      if (missing?.length === 0) return;
      const asked = missing === undefined ? { query: wish.query ?? "", limit: 100 } : { user_ids: missing };
      gateway.requestMembers({ guild_id: guildId, ...asked, presences: true });
    },
    loadCaptions: (guildId) => gateway.requestChannelInfo(guildId),
    setCaption: (channelId, text) =>
      done("PUT", `/channels/${channelId}/voice-status`, { status: text === "" ? null : text }),
  };
}

const KINDS: Readonly<Record<NewChannel["kind"], number>> = {
  text: 0,
  voice: 2,
  category: 4,
  announcement: 5,
  forum: 15,
  media: 16,
};

function newChannel(channel: NewChannel): Record<string, unknown> {
  const { name, kind, parentId, topic } = channel;
  return {
    name,
    type: KINDS[kind],
    ...(parentId == null ? {} : { parent_id: parentId }),
    ...(topic ? { topic } : {}),
  };
}

/** What is not named stays as it is: absent fields are left out by JSON. */
function channelChange(change: ChannelChange): Record<string, unknown> {
  const { name, topic, position, nsfw, parentId, slowmode, tags, tagRequired } = change;
  const flags = tagRequired === undefined ? undefined : tagRequired ? TAG_REQUIRED : 0;
  const forum = { available_tags: tags?.map(tagBody), flags };
  return { name, topic, position, nsfw, parent_id: parentId, rate_limit_per_user: slowmode, ...forum };
}

/** Discord's flag of a forum whose posts must have a tag. */
const TAG_REQUIRED = 1 << 4;

function tagBody({ id, name, moderated, emoji }: TagChange): Record<string, unknown> {
  return { ...(id === null ? {} : { id }), name, moderated, emoji_id: null, emoji_name: emoji };
}

function roleChange(change: RoleChange): Record<string, unknown> {
  const { name, color, hoist, mentionable, permissions } = change;
  return { name, color, hoist, mentionable, permissions: permissions?.toString() };
}

function overwriteBody(overwrite: Overwrite): Record<string, unknown> {
  const { allow, deny } = overwrite;
  return { type: overwrite.of === "role" ? 0 : 1, allow: allow.toString(), deny: deny.toString() };
}
