import fc from "fast-check";
import { expect, test } from "vitest";
import { initialState, type State, unread, unreadConversations } from "../src/index.ts";
import { readUpTo, unreadFrom } from "../src/state/reads.ts";
import { reduce } from "../src/state/reduce.ts";
import { showPage } from "../src/state/window.ts";
import { channel, GUILD, guildCreate, ME, member, message, ready, role, user } from "./world.ts";

const ROLE = "888";

function begun(): State {
  const roles = [role(GUILD, 1024n), role(ROLE, 0n, 1)];
  const channels = [channel("300", { last_message_id: "100" }), channel("301")];
  const create = guildCreate({ channels, roles, members: [member(ME, [ROLE])] });
  const conversation = { id: "400", type: 1, recipients: [user("1002")] } as const;
  const state = reduce(initialState(), "READY", ready([GUILD], [conversation as never]), 0);
  return reduce(state, "GUILD_CREATE", create, 0);
}

const say = (state: State, id: string, author = "1002", more = {}, where = "300") =>
  reduce(state, "MESSAGE_CREATE", message(id, where, author, more) as never, 0);

test("what was said before one came is read", () => {
  expect(unread(begun(), "300")).toEqual({ unread: false, mentions: 0 });
  expect(unread(begun(), GUILD)).toEqual({ unread: false, mentions: 0 });
});

test("what others say is unread until it is read, in the channel and in its guild", () => {
  let state = say(say(begun(), "101"), "102", "1002", { mentions: [user(ME)] });
  expect(unread(state, "300")).toEqual({ unread: true, mentions: 1 });
  expect(unread(state, GUILD)).toEqual({ unread: true, mentions: 1 });
  state = readUpTo(state, "300", "102");
  expect(unread(state, GUILD)).toEqual({ unread: false, mentions: 0 });
});

test("a role one has, everyone, and every message of a conversation mention one", () => {
  let state = say(begun(), "101", "1002", { mention_roles: [ROLE] });
  state = say(state, "102", "1002", { mention_roles: ["777"] });
  state = say(state, "103", "1002", { mention_everyone: true });
  expect(unread(state, "300").mentions).toBe(2);
  state = say(state, "104", "1002", {}, "400");
  expect(unreadConversations(state)).toEqual({ unread: true, mentions: 1 });
});

test("what one says oneself is read, with all before it", () => {
  const state = say(say(begun(), "101"), "102", ME);
  expect(unread(state, "300")).toEqual({ unread: false, mentions: 0 });
});

test("marked as unread, it counts from there", () => {
  let state = showPage(begun(), "300", { messages: [], hasOlder: false, hasNewer: false }, null);
  state = say(say(state, "101", "1002", { mentions: [user(ME)] }), "102");
  state = unreadFrom(readUpTo(state, "300", "102"), "300", "101");
  expect(unread(state, "300")).toEqual({ unread: true, mentions: 1 });
});

interface Step {
  readonly what: "say" | "mention" | "mine" | "read" | "delete";
  readonly pick: number;
}

test("with the whole history in sight the count is what counting would give", () => {
  const step: fc.Arbitrary<Step> = fc.record({
    what: fc.constantFrom("say", "mention", "mine", "read", "delete"),
    pick: fc.nat(30),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      let state = showPage(begun(), "300", { messages: [], hasOlder: false, hasNewer: false }, null);
      let said: { readonly id: number; readonly mention: boolean }[] = [];
      let upTo = 100;
      let id = 100;
      for (const { what, pick } of steps) {
        if (what === "read") {
          const target = said[pick % Math.max(1, said.length)]?.id ?? upTo;
          upTo = Math.max(upTo, target);
          state = readUpTo(state, "300", `${target}`);
        } else if (what === "delete") {
          const gone = said[pick % Math.max(1, said.length)]?.id;
          if (gone === undefined) continue;
          said = said.filter((each) => each.id !== gone);
          state = reduce(state, "MESSAGE_DELETE", { id: `${gone}`, channel_id: "300" }, 0);
        } else {
          id += 1;
          const mention = what === "mention";
          state = say(state, `${id}`, what === "mine" ? ME : "1002", mention ? { mentions: [user(ME)] } : {});
          said.push({ id, mention });
          if (what === "mine") upTo = id;
        }
      }
      const open = said.filter((each) => each.id > upTo);
      expect(unread(state, "300").mentions).toBe(open.filter((each) => each.mention).length);
      if (open.length > 0) expect(unread(state, "300").unread).toBe(true);
    }),
    { numRuns: 300 },
  );
});
