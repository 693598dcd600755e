import type { Actions, Client, State } from "@nexus/core";
import { createElement, type ReactNode } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { expect, test } from "vitest";
import { createStore } from "zustand/vanilla";
import { ClientProvider } from "../src/app/client.tsx";
import { ContestedBanner } from "../src/shell/contested_banner.tsx";
import { ProfileCard } from "../src/shell/profile_card.tsx";
import { GUILD, ME, world } from "./world.ts";

function drawn(state: State, what: ReactNode): string {
  const nothing = () => Promise.resolve();
  const store = createStore(() => state);
  const client: Client = { store, actions: {} as Actions, start: nothing, stop: nothing, keep: () => {} };
  return renderToStaticMarkup(createElement(ClientProvider, { value: client }, what));
}

function contested(...ids: string[]): State {
  const state = world();
  const users = Object.entries(state.users).map(([id, user]) => [
    id,
    { ...user, contested: ids.includes(id) },
  ]);
  return { ...state, users: Object.fromEntries(users) };
}

test("a guild says which of its members somebody else writes as, and a profile says it too", () => {
  const banner = createElement(ContestedBanner, { guildId: GUILD });
  const card = (userId: string) => createElement(ProfileCard, { userId, guildId: GUILD });
  expect(drawn(contested(), banner)).toBe("");
  const said = drawn(contested("2", "4"), banner);
  expect(said).toContain("Somebody else, too, writes as Ada, Bo:");
  expect(said).not.toContain("Lovelace");
  expect(drawn(contested("2"), card("2"))).toContain("writes as Ada:");
  expect(drawn(contested("2"), card("4"))).not.toContain("Somebody else");
});

test("who is contested themselves is told that it is them", () => {
  const said = drawn(contested(ME), createElement(ContestedBanner, { guildId: GUILD }));
  expect(said).toContain("writes as you");
  expect(said).toContain('role="alert"');
});
