import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  initialState,
  type Message,
  messageDeeds,
  movedAlong,
  moveTargets,
  Permission,
  type State,
  timelineItems,
  unread,
} from "../src/index.ts";
import { firstSeen, readUpTo } from "../src/state/reads.ts";
import { type EventName, reduce } from "../src/state/reduce.ts";
import { showPage } from "../src/state/window.ts";
import { message as decoded } from "../src/wire/decode_message.ts";
import type * as wire from "../src/wire/generated.ts";
import { channel, GUILD, guildCreate, ME, member, message, ready, role, thread, user } from "./world.ts";

const KEEPER =
  Permission.VIEW_CHANNEL |
  Permission.READ_MESSAGE_HISTORY |
  Permission.SEND_MESSAGES |
  Permission.SEND_MESSAGES_IN_THREADS |
  Permission.MANAGE_MESSAGES;

const hear = (state: State, t: EventName, d: unknown) => reduce(state, t, d as never, 0);
const shown = (state: State, channelId: string) => state.timelines[channelId]?.ids;
const of = (state: State, channelId: string, id: string): Message => {
  const known = state.messages[channelId]?.[id];
  if (known === undefined) throw new Error("it is not there");
  return known;
};

/** A channel with three threads, of which one is put away and one locked, and another channel. */
function begun(held = KEEPER): State {
  const threads = [
    thread("400", { name: "the mast", last_message_id: "410" }),
    thread("401", { name: "varnish" }, { archived: true }),
    thread("402", { name: "locked" }, { locked: true }),
    thread("403", { name: "officers", type: 12 }),
  ];
  const channels = [channel("300", { last_message_id: "505" }), channel("301")];
  const create = guildCreate({ channels, members: [member(ME)], roles: [role(GUILD, held)] });
  let state = hear(initialState(), "READY", ready([GUILD]));
  state = hear(state, "GUILD_CREATE", { ...create, threads });
  return threads.reduce((sum, { id }) => firstSeen(sum, id), state);
}

/** Bo said it in the channel. */
const said = (id: string, more: Partial<wire.Message> = {}) => message(id, "300", "1002", more);

/** Both windows open: the channel with what was said in it, the thread with its own two. */
function open(held = KEEPER, more: Partial<wire.Message> = {}): State {
  const ids = ["501", "502", "503", "504", "505"];
  const page = (messages: wire.Message[]) => ({
    messages: messages.map((each) => decoded(each, GUILD)),
    hasOlder: false,
    hasNewer: false,
  });
  const state = showPage(begun(held), "300", page(ids.map((id) => said(id, more))), null);
  return showPage(state, "400", page(["409", "410"].map((id) => message(id, "400", "1002"))), null);
}

/** The two events that tell of it, as the program sends them. */
function moved(state: State, from: wire.Message, to: string): State {
  const { channel_id: was, id, nexus: _, ...rest } = from;
  const gone = { id, channel_id: was, guild_id: GUILD, nexus: { moved_to: to } };
  const nexus = to === "300" ? {} : { nexus: { moved_from: "300" } };
  const next = hear(state, "MESSAGE_DELETE", gone);
  return hear(next, "MESSAGE_UPDATE", { ...rest, id, channel_id: to, guild_id: GUILD, ...nexus });
}

const line = (id: string, count: number) =>
  message(id, "400", "1003", {
    content: "moved 2 messages here",
    nexus: { brought: { from: "300", count } },
  });

describe("a message that was moved", () => {
  test("is gone from its channel, and stands in the thread by when it was said", () => {
    const state = moved(moved(open(), said("502"), "400"), said("503"), "400");
    expect(shown(state, "300")).toEqual(["501", "504", "505"]);
    expect(shown(state, "400")).toEqual(["409", "410", "502", "503"]);
    expect(of(state, "400", "502")).toMatchObject({ channelId: "400", movedFrom: "300", authorId: "1002" });
    expect(state.moved.map(({ messageId, to }) => [messageId, to])).toEqual([
      ["502", "400"],
      ["503", "400"],
    ]);
  });

  test("comes between what was said before and after it, and back among the rest of its channel", () => {
    let state = moved(open(), message("409", "400", "1002"), "300");
    expect(shown(state, "300")).toEqual(["409", "501", "502", "503", "504", "505"]);
    state = moved(state, said("503"), "400");
    state = moved(state, { ...said("503"), channel_id: "400" }, "300");
    expect(shown(state, "300")).toEqual(["409", "501", "502", "503", "504", "505"]);
    expect(shown(state, "400")).toEqual(["410"]);
    expect(of(state, "300", "503").movedFrom).toBeNull();
  });

  test("outside of what is loaded there is not put in; nor in a window that waits for its first page", () => {
    const within = (ids: readonly string[], ends: { hasOlder: boolean; hasNewer: boolean }) => {
      const messages = ids.map((id) => decoded(message(id, "400", "1002"), GUILD));
      const state = showPage(open(), "400", { messages, ...ends }, null);
      return shown(moved(state, said("503"), "400"), "400")?.includes("503");
    };
    expect(within(["409", "510"], { hasOlder: true, hasNewer: true })).toBe(true);
    expect(within(["504", "510"], { hasOlder: true, hasNewer: false })).toBe(false);
    expect(within(["504", "510"], { hasOlder: false, hasNewer: false })).toBe(true);
    expect(within(["409", "410"], { hasOlder: false, hasNewer: true })).toBe(false);
    expect(within([], { hasOlder: false, hasNewer: false })).toBe(true);
    const loading = open();
    const timelines = {
      ...loading.timelines,
      400: { ...loading.timelines["400"], loading: "first" as const },
    };
    const state = moved({ ...loading, timelines: timelines as State["timelines"] }, said("503"), "400");
    expect(shown(state, "400")).toEqual(["409", "410"]);
  });

  test("is put before nobody who reads no history", () => {
    const state = moved(open(KEEPER & ~Permission.READ_MESSAGE_HISTORY), said("503"), "400");
    expect(shown(state, "400")).toEqual(["409", "410"]);
  });

  test("is no news: it is neither unread in the thread nor a mention there, and counts no more where it was", () => {
    const mention = { mentions: [user(ME)] };
    let state = open(KEEPER, mention);
    for (const each of ["506", "507"])
      state = hear(state, "MESSAGE_CREATE", { ...said(each, mention), guild_id: GUILD });
    expect(unread(state, "300")).toEqual({ unread: true, mentions: 2 });
    const before = unread(state, "400");
    state = moved(state, said("506", mention), "400");
    expect(unread(state, "400")).toEqual(before);
    expect(state.reads["400"]?.mentions).toBe(0);
    expect(state.channels["400"]?.lastMessageId).toBe("410");
    expect(unread(state, "300")).toEqual({ unread: true, mentions: 1 });
  });

  test("moved back is not unread again for who had read it", () => {
    let state = readUpTo(open(), "300", "505");
    state = moved(state, said("505"), "400");
    expect(state.channels["300"]?.lastMessageId).toBe("504");
    state = moved(state, { ...said("505"), channel_id: "400" }, "300");
    expect(shown(state, "300")?.at(-1)).toBe("505");
    expect(unread(state, "300")).toEqual({ unread: false, mentions: 0 });
  });

  test("of one's own was not deleted, and is not told of as taken away", () => {
    const state = moved(open(), { ...said("503"), author: user(ME) }, "400");
    expect(state.lastGone).toBeNull();
    expect(state.voids).toEqual([]);
  });

  test("keeps which of its reactions and answers are one's own", () => {
    const reactions = (me: boolean): wire.Reaction[] => [{ emoji: { id: null, name: "🦀" }, count: 2, me }];
    const one = said("503", { reactions: reactions(false) });
    const state = moved(open(KEEPER, { reactions: reactions(true) }), one, "400");
    expect(of(state, "400", "503").reactions).toEqual([{ emoji: "🦀", count: 2, mine: true }]);
  });

  test("that is changed while it moves is changed where it is now", () => {
    const state = moved(open(), said("503"), "400");
    const late = { ...said("503", { content: "changed" }), channel_id: "400", guild_id: GUILD };
    const next = hear(state, "MESSAGE_UPDATE", { ...late, nexus: { moved_from: "300" } });
    expect(of(next, "400", "503").content).toBe("changed");
    expect(next.messages["300"]?.["503"]).toBeUndefined();
    const reacted = hear(next, "MESSAGE_REACTION_ADD", {
      emoji: { id: null, name: "🦀" },
      user_id: "1003",
      channel_id: "400",
      message_id: "503",
      guild_id: GUILD,
    });
    expect(of(reacted, "400", "503").reactions).toEqual([{ emoji: "🦀", count: 1, mine: false }]);
  });
});

describe("an answer to a message that was moved", () => {
  const answer = (id: string, channelId: string) =>
    message(id, channelId, "1003", {
      type: 19,
      message_reference: { channel_id: "300", message_id: "503" },
      referenced_message: said("503"),
    });
  const answered = () => hear(open(), "MESSAGE_CREATE", { ...answer("506", "300"), guild_id: GUILD });

  test("goes on showing it, and leads to where it is", () => {
    let state = moved(answered(), said("503"), "400");
    const quote = { messageId: "503", authorId: "1002", content: "message 503" };
    expect(of(state, "300", "506").answers).toEqual({ ...quote, channelId: "400" });
    state = moved(state, { ...said("503"), channel_id: "400" }, "300");
    expect(of(state, "300", "506").answers).toEqual({ ...quote, channelId: "300" });
  });

  test("moves along, and leads there too", () => {
    let state = moved(answered(), said("503"), "400");
    state = moved(state, answer("506", "300"), "400");
    expect(of(state, "400", "506").answers).toMatchObject({ messageId: "503", authorId: "1002" });
  });

  test("shows what it says now, and that it is gone once it is deleted there", () => {
    let state = moved(answered(), said("503"), "400");
    const changed = { ...said("503", { content: "changed" }), channel_id: "400", guild_id: GUILD };
    state = hear(state, "MESSAGE_UPDATE", { ...changed, nexus: { moved_from: "300" } });
    expect(of(state, "300", "506").answers?.content).toBe("changed");
    state = hear(state, "MESSAGE_DELETE", { id: "503", channel_id: "400", guild_id: GUILD });
    expect(of(state, "300", "506").answers).toMatchObject({ authorId: null, content: "" });
  });
});

describe("the line in the thread", () => {
  test("tells how many were brought and where from, is nobody's to change, and is news", () => {
    const state = hear(open(), "MESSAGE_CREATE", { ...line("600", 2), guild_id: GUILD });
    expect(of(state, "400", "600")).toMatchObject({ kind: "brought", brought: { from: "300", count: 2 } });
    expect(messageDeeds(state, { ...of(state, "400", "600"), authorId: ME })).toMatchObject({
      edit: false,
      forward: false,
      move: false,
    });
    expect(unread(state, "400").unread).toBe(true);
  });

  test("counts with what was brought; what is moved away is counted no more", () => {
    let state = hear(open(), "MESSAGE_CREATE", { ...line("600", 2), guild_id: GUILD });
    state = moved(moved(state, said("502"), "400"), said("503"), "400");
    expect(state.channels["400"]?.thread?.messageCount).toBe(3);
    state = moved(state, { ...said("503"), channel_id: "400" }, "300");
    expect(state.channels["400"]?.thread?.messageCount).toBe(2);
  });
});

test("however messages are moved about, each is in one place, and every place is in order", () => {
  const ids = ["409", "410", "501", "502", "503", "504", "505"];
  const places = ["300", "400", "401"];
  const steps = fc.array(fc.record({ id: fc.constantFrom(...ids), to: fc.constantFrom(...places) }));
  fc.assert(
    fc.property(steps, (all) => {
      const truth = new Map(ids.map((id) => [id, id < "500" ? "400" : "300"]));
      let state = showPage(open(), "401", { messages: [], hasOlder: false, hasNewer: false }, null);
      for (const { id, to } of all) {
        const from = truth.get(id) ?? "";
        if (from === to) continue;
        state = moved(state, message(id, from, "1002"), to);
        truth.set(id, to);
      }
      for (const place of places)
        expect(shown(state, place)).toEqual(ids.filter((id) => truth.get(id) === place));
    }),
  );
});

test("what was moved here and what was said here have heads of their own", () => {
  const state = moved(open(), said("503"), "400");
  const heads = timelineItems(state, "400", () => "2026-01-01").flatMap((item) =>
    item.kind === "message" ? [[item.message.id, item.head]] : [],
  );
  expect(heads).toEqual([
    ["409", true],
    ["410", false],
    ["503", true],
  ]);
});

describe("who keeps order", () => {
  const deeds = (state: State, channelId: string, id: string) =>
    messageDeeds(state, of(state, channelId, id));

  test("moves what was written in a channel, and what was moved out of it on and back; nobody else does", () => {
    const state = moved(open(), said("503"), "400");
    expect(deeds(state, "300", "502")).toMatchObject({ move: true, moveBack: false });
    expect(deeds(state, "400", "503")).toMatchObject({ move: true, moveBack: true });
    expect(deeds(state, "400", "410")).toMatchObject({ move: false, moveBack: false });
    const member = moved(open(KEEPER & ~Permission.MANAGE_MESSAGES), said("503"), "400");
    expect(deeds(member, "300", "502").move).toBe(false);
    expect(deeds(member, "400", "503")).toMatchObject({ move: false, moveBack: false });
  });

  test("moves no notices, and nothing in a conversation", () => {
    const state = hear(open(), "MESSAGE_CREATE", { ...said("506", { type: 7 }), guild_id: GUILD });
    expect(deeds(state, "300", "506").move).toBe(false);
    const alone = { ...of(state, "300", "502"), guildId: null, channelId: "900" };
    expect(messageDeeds(state, alone).move).toBe(false);
  });

  test("moves what comes after it along, of what is loaded: no notices, in a thread only what was moved there", () => {
    let state = hear(open(), "MESSAGE_CREATE", { ...said("506", { type: 7 }), guild_id: GUILD });
    state = hear(state, "MESSAGE_CREATE", { ...said("507"), guild_id: GUILD });
    expect(movedAlong(state, of(state, "300", "503"))).toEqual(["503", "504", "505", "507"]);
    state = moved(moved(state, said("503"), "400"), said("505"), "400");
    state = hear(state, "MESSAGE_CREATE", { ...line("600", 2), guild_id: GUILD });
    expect(movedAlong(state, of(state, "400", "503"))).toEqual(["503", "505"]);
  });

  test("moves as many at once as they may act on, and no more", () => {
    let state = open();
    for (let id = 1_000; id < 1_200; id += 1)
      state = hear(state, "MESSAGE_CREATE", { ...said(`${id}`), guild_id: GUILD });
    const all = movedAlong(state, of(state, "300", "501"));
    expect([all.length, all[0], all[1]]).toEqual([25, "501", "502"]);
  });

  test("finds the public threads that they may write in, the open ones first, and not the one it is in", () => {
    const state = moved(open(), said("503"), "400");
    const home = state.channels["300"];
    if (home === undefined) throw new Error("there is no channel");
    const names = (message: Pick<Message, "id" | "channelId">, query = "") =>
      moveTargets(state, home, message, query).map(({ thread }) => thread.name);
    expect(names({ id: "502", channelId: "300" })).toEqual(["the mast", "varnish"]);
    expect(names({ id: "502", channelId: "300" }, " VAR ")).toEqual(["varnish"]);
    expect(names({ id: "503", channelId: "400" })).toEqual(["varnish"]);
    expect(names({ id: "400", channelId: "300" }), "made from it").toEqual(["varnish"]);
    expect(names({ id: "502", channelId: "300" }, "officers")).toEqual([]);
  });
});
