/** Oneself, invites and conversations. */

import type { Channel, Invite, User } from "../../model/entities.ts";
import { drop, put } from "../../state/records.ts";
import { withConversation, withUsers } from "../../state/reduce/guilds.ts";
import * as decode from "../../wire/decode.ts";
import type * as wire from "../../wire/generated.ts";
import type { WireGuildRelays, WireInvite, WireReaders } from "../../wire/rest.ts";
import type { Actions, GuildRelay, Readers } from "../actions.ts";
import type { Engine } from "../engine.ts";
import type { Gateway } from "../gateway.ts";
import { ofOneself } from "../of_oneself.ts";
import { type Call, mapOutcome } from "../rest.ts";

type People = Pick<
  Actions,
  | "editProfile"
  | "setStatus"
  | "createInvite"
  | "invites"
  | "revokeInvite"
  | "lookAtInvite"
  | "join"
  | "readers"
  | "guildRelays"
  | "setGuildRelays"
  | "openConversation"
  | "bringIn"
  | "putOut"
  | "nameConversation"
>;

export function peopleWishes(engine: Engine, gateway: Gateway): People {
  const { rest, store } = engine;

  function seen(invite: Invite): Invite {
    engine.change((state) => ({ ...state, invites: put(state.invites, invite.code, invite) }));
    return invite;
  }

  return {
    async editProfile(change) {
      const body = { username: change.displayName, bio: change.about };
      const outcome = await rest.call<wire.User>({ method: "PATCH", path: "/users/@me", body });
      if (outcome.ok) engine.change((state) => withUsers(state, [outcome.value]));
      return mapOutcome(outcome, (from): User => decode.user(from));
    },
    setStatus: (status) => gateway.setStatus(status),
    async createInvite(channelId, maxAge) {
      const path = `/channels/${channelId}/invites`;
      const outcome = await rest.call<WireInvite>({ method: "POST", path, body: { max_age: maxAge } });
      return mapOutcome(outcome, (from) => seen(decode.invite(from)));
    },
    async invites(guildId) {
      const outcome = await rest.call<readonly WireInvite[]>({
        method: "GET",
        path: `/guilds/${guildId}/invites`,
      });
      return mapOutcome(outcome, (all) => all.map(decode.invite));
    },
    async revokeInvite(code) {
      const outcome = await rest.call<unknown>({
        method: "DELETE",
        path: `/invites/${encodeURIComponent(code)}`,
      });
      if (outcome.ok) engine.change((state) => ({ ...state, invites: drop(state.invites, code) }));
      return mapOutcome(outcome, () => undefined);
    },
    async lookAtInvite(code) {
      const path = `/invites/${encodeURIComponent(code)}?with_counts=true`;
      const outcome = await rest.call<WireInvite>({ method: "GET", path });
      return mapOutcome(outcome, (from) => seen(decode.invite(from)));
    },
    async join(codeOrUrl) {
      const { origin } = engine.options;
      const code = codeOf(codeOrUrl, origin);
      const call: Call =
        code === null
          ? { method: "POST", path: "/nexus/join", body: { url: codeOrUrl.trim() } }
          : { method: "POST", path: `/invites/${encodeURIComponent(code)}`, body: {} };
      return mapOutcome(await rest.call<WireInvite>(call), (from) => seen(decode.invite(from)));
    },
    async readers(channelId) {
      const path = `/nexus/channels/${channelId}/readers`;
      const outcome = await rest.call<WireReaders>({ method: "GET", path });
      return mapOutcome(outcome, (from): Readers => {
        const { sealed, relays, people, hosted } = from;
        const [hostedUsers, bots] = [from.hosted_users.map(decode.user), from.bots.map(decode.user)];
        const contestedUsers = from.contested_users.map(decode.user);
        return { sealed, relays, people, hosted, hostedUsers, contestedUsers, bots };
      });
    },
    async guildRelays(guildId) {
      const outcome = await rest.call<WireGuildRelays>({ method: "GET", path: relaysOf(guildId) });
      return mapOutcome(outcome, shown);
    },
    async setGuildRelays(guildId, urls) {
      const call: Call = { method: "PUT", path: relaysOf(guildId), body: { relays: urls } };
      return mapOutcome(await rest.call<WireGuildRelays>(call), shown);
    },
    async openConversation(userIds) {
      const body = userIds.length === 1 ? { recipient_id: userIds[0] } : { recipients: userIds };
      const outcome = await rest.call<wire.PrivateChannel>({
        method: "POST",
        path: "/users/@me/channels",
        body,
      });
      if (outcome.ok) engine.change((state) => withConversation(state, outcome.value));
      return mapOutcome(outcome, (from): Channel => decode.conversation(from));
    },
    async bringIn(channelId, userId) {
      const path = `/channels/${channelId}/recipients/${userId}`;
      return mapOutcome(await rest.call<unknown>({ method: "PUT", path }), () => undefined);
    },
    async putOut(channelId, userId) {
      const path = `/channels/${channelId}/recipients/${userId}`;
      const wish = () => rest.call<unknown>({ method: "DELETE", path });
      const outcome = userId === store.getState().me ? ofOneself(engine, channelId, wish) : wish();
      return mapOutcome(await outcome, () => undefined);
    },
    async nameConversation(channelId, name) {
      const call: Call = { method: "PATCH", path: `/channels/${channelId}`, body: { name } };
      return mapOutcome(await rest.call<unknown>(call), () => undefined);
    },
  };
}

/** The code, where it is this program's; none for the address of an invite elsewhere. */
function codeOf(codeOrUrl: string, origin: string): string | null {
  const text = codeOrUrl.trim();
  if (text.startsWith("nexus:")) return null;
  if (!/^https?:\/\//i.test(text)) return text.replace(/^.*\//, "");
  const here = `${origin}/invite/`;
  return text.startsWith(here) ? text.slice(here.length).replace(/[/?#].*$/, "") : null;
}

const relaysOf = (guildId: string) => `/nexus/guilds/${guildId}/relays`;

function shown(from: WireGuildRelays): readonly GuildRelay[] {
  return from.relays.map(({ url, state, shortfall }) => {
    if (shortfall === undefined) return { url, state, shortfall: null };
    const { what, ops, channels, since_ms: since, whole } = shortfall;
    return { url, state, shortfall: { what, ops, channels, since, whole } };
  });
}
