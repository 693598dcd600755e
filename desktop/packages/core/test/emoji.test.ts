import { expect, test } from "vitest";
import { customEmoji, initialState, usableEmoji } from "../src/index.ts";
import { reduce } from "../src/state/reduce.ts";
import { GUILD, guildCreate, ME, member, ready } from "./world.ts";

const emoji = (id: string, name: string, roles: string[] = []) => ({
  id,
  name,
  roles,
  require_colons: true,
  managed: false,
  animated: false,
  available: true,
  nexus: { path: `/files/0/${name}.png` },
});

test("a guild's emoji are those that it told of last, and who lacks their role does not use them", () => {
  let state = reduce(initialState(), "READY", ready([GUILD]), 0);
  const create = guildCreate({ members: [member(ME, ["700"])] });
  state = reduce(state, "GUILD_CREATE", { ...create, emojis: [emoji("50", "anchor")] }, 0);
  expect(usableEmoji(state, GUILD).map(({ name }) => name)).toEqual(["anchor"]);
  const emojis = [emoji("50", "hook"), emoji("51", "mine", ["700"]), emoji("52", "theirs", ["701"])];
  state = reduce(state, "GUILD_EMOJIS_UPDATE", { guild_id: GUILD, emojis }, 0);
  expect(usableEmoji(state, GUILD).map(({ name }) => name)).toEqual(["hook", "mine"]);
  expect(Object.keys(state.emoji)).toEqual(["50", "51", "52"]);
  state = reduce(state, "GUILD_DELETE", { id: GUILD }, 0);
  expect(state.emoji).toEqual({});
});

test("a reaction names a guild's own emoji by name and number", () => {
  expect(customEmoji("anchor:50")).toEqual({ name: "anchor", id: "50" });
  expect(customEmoji("🦀")).toBeNull();
});
