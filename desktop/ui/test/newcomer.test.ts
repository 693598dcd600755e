import { type Actions, type Client, Permission, type State } from "@nexus/core";
import { createElement, type ReactNode } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { expect, test } from "vitest";
import { createStore } from "zustand/vanilla";
import { ClientProvider } from "../src/app/client.tsx";
import { GuildSide } from "../src/shell/guild_side.tsx";
import { Beginning } from "../src/timeline/beginning.tsx";
import { GENERAL, GUILD, ME, world } from "./world.ts";

function drawn(state: State, what: ReactNode): string {
  const nothing = () => Promise.resolve();
  const store = createStore(() => state);
  const client: Client = { store, actions: {} as Actions, start: nothing, stop: nothing, keep: () => {} };
  return renderToStaticMarkup(createElement(ClientProvider, { value: client }, what));
}

/** A guild of `ownerId`, in which everybody may invite. */
function guildOf(ownerId: string, memberCount: number): State {
  const state = world();
  const guild = state.guilds[GUILD];
  const everyone = state.roles[GUILD]?.[GUILD];
  if (guild === undefined || everyone === undefined) throw new Error("no such guild");
  const permissions = everyone.permissions | Permission.CREATE_INSTANT_INVITE;
  return {
    ...state,
    guilds: { [GUILD]: { ...guild, ownerId, memberCount } },
    roles: { [GUILD]: { [GUILD]: { ...everyone, permissions } } },
  };
}

test("a channel's settings are offered to who may change them, and to nobody who only may invite", () => {
  const side = createElement(GuildSide, { guildId: GUILD, channelId: GENERAL });
  expect(drawn(guildOf(ME, 4), side)).toContain("Settings of general");
  expect(drawn(guildOf("2", 4), side)).not.toContain("Settings of general");
});

test("who is alone in a guild is shown how others come, until somebody has", () => {
  const beginning = createElement(Beginning, { channelId: GENERAL });
  expect(drawn(guildOf(ME, 1), beginning)).toContain("Invite people");
  expect(drawn(guildOf(ME, 2), beginning)).not.toContain("Invite people");
});
