import { expect, test } from "vitest";
import { initialState } from "../src/index.ts";
import { reduce } from "../src/state/reduce.ts";
import { channel, GUILD, guildCreate, ready } from "./world.ts";

const VOICE = ["301", "302"] as const;

const told = (id: string, status: string | null) => ({ id, guild_id: GUILD, status });

function state() {
  const begun = reduce(initialState(), "READY", ready([GUILD]), 0);
  return reduce(begun, "GUILD_CREATE", guildCreate({ channels: VOICE.map((id) => channel(id)) }), 0);
}

test("what a voice channel is about is what was told last, and nothing once it has ended", () => {
  const about = reduce(state(), "VOICE_CHANNEL_STATUS_UPDATE", told("301", "chess"), 0);
  expect(about.captions).toEqual({ 301: "chess" });
  expect(reduce(about, "VOICE_CHANNEL_STATUS_UPDATE", told("301", "chess"), 0)).toBe(about);
  expect(reduce(about, "VOICE_CHANNEL_STATUS_UPDATE", told("301", null), 0).captions).toEqual({});
});

test("an answer says it of all channels of the guild: what it does not name is about nothing", () => {
  const before = reduce(state(), "VOICE_CHANNEL_STATUS_UPDATE", told("301", "chess"), 0);
  const channels = [{ id: "302", status: "tea" }];
  const after = reduce(before, "CHANNEL_INFO", { guild_id: GUILD, channels }, 0);
  expect(after.captions).toEqual({ 302: "tea" });
});

test("a new session asks again, and a guild that is gone leaves nothing behind", () => {
  const about = reduce(state(), "VOICE_CHANNEL_STATUS_UPDATE", told("301", "chess"), 0);
  expect(reduce(about, "READY", ready([GUILD]), 0).captions).toEqual({});
  expect(reduce(about, "GUILD_DELETE", { id: GUILD }, 0).captions).toEqual({});
});
