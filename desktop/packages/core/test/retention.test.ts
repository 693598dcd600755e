import { expect, test } from "vitest";
import { initialState, keptDays, type State } from "../src/index.ts";
import { reduce } from "../src/state/reduce.ts";
import { channel, GUILD, guildCreate, ME, member, ready, role } from "./world.ts";

function begun(guild: number | null): State {
  const kept = (days: number) => ({ nexus: { retention_days: days } });
  const channels = [channel("300"), channel("301", kept(7)), channel("302", kept(0))];
  const create = guildCreate({ channels, roles: [role(GUILD, 1024n)], members: [member(ME, [])] });
  const whole = guild === null ? create : { ...create, ...kept(guild) };
  return reduce(reduce(initialState(), "READY", ready([GUILD], []), 0), "GUILD_CREATE", whole, 0);
}

test("messages are kept as a channel says, else as its guild does, else for ever", () => {
  const days = (state: State) =>
    ["300", "301", "302"].map((id) => {
      const shown = state.channels[id];
      return shown === undefined ? "lost" : keptDays(state, shown);
    });
  expect(days(begun(null))).toEqual([null, 7, null]);
  expect(days(begun(90))).toEqual([90, 7, null]);
  expect(days(begun(0))).toEqual([null, 7, null]);
});

test("a thread's are kept as those of the channel it hangs on", () => {
  const state = begun(90);
  const parent = state.channels["301"];
  if (parent === undefined) throw new Error("no channel");
  const facts = { ownerId: ME, private: false, archived: false, archivedAt: 0, locked: false } as const;
  const counts = { messageCount: 0, memberCount: 1, followed: true, pinned: false, tags: [] };
  const thread = { ...parent, id: "400", parentId: "301", retention: null, thread: { ...facts, ...counts } };
  expect(keptDays(state, thread)).toBe(7);
});
