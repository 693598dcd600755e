import { expect, test } from "vitest";
import {
  allows,
  createClient,
  initialState,
  myPermissions,
  Permission,
  type State,
  threadFrom,
  threadOverview,
  threadsBeside,
  unread,
} from "../src/index.ts";
import { seenAway } from "../src/state/reduce/threads.ts";
import { type EventName, reduce } from "../src/state/reduce.ts";
import type * as wire from "../src/wire/generated.ts";
import { Stage } from "./stage.ts";
import { AT, channel, GUILD, guildCreate, ME, member, message, ready, role, thread } from "./world.ts";

const ORDINARY =
  Permission.VIEW_CHANNEL |
  Permission.READ_MESSAGE_HISTORY |
  Permission.SEND_MESSAGES |
  Permission.SEND_MESSAGES_IN_THREADS |
  Permission.CREATE_PUBLIC_THREADS;

const MINE: wire.ThreadMember = { id: "400", user_id: ME, join_timestamp: AT, flags: 0 };

const create = (threads: wire.Thread[], permissions = ORDINARY) => ({
  ...guildCreate({
    channels: [channel("300")],
    roles: [role(GUILD, permissions)],
    members: [member(ME), member("1002")],
  }),
  threads,
});

function begun(threads: wire.Thread[] = [], permissions = ORDINARY): State {
  const state = reduce(initialState(), "READY", ready([GUILD]), 0);
  return reduce(state, "GUILD_CREATE", create(threads, permissions), 0);
}

const hear = (state: State, t: EventName, d: unknown) => reduce(state, t, d as never, 0);
const say = (state: State, id: string, where: string, more = {}) =>
  hear(state, "MESSAGE_CREATE", { ...message(id, where, "1002", more), guild_id: GUILD });
const follow = (state: State, id: string, joined: boolean) =>
  hear(state, "THREAD_MEMBERS_UPDATE", {
    id,
    guild_id: GUILD,
    member_count: 2,
    ...(joined ? { added_members: [{ ...MINE, id }] } : { removed_member_ids: [ME] }),
  });
const beside = (state: State) => threadsBeside(state, state.channels["300"] as never).map(({ id }) => id);

test("what is new in a thread counts for who follows it, and for whom it mentions", () => {
  let state = begun([thread("400"), thread("401", { member: { ...MINE, id: "401" } })]);
  state = say(say(state, "500", "400"), "501", "401");
  expect(unread(state, "400").unread).toBe(true);
  expect(unread(state, GUILD)).toEqual({ unread: true, mentions: 0 });
  state = follow(state, "401", false);
  expect(unread(state, GUILD).unread).toBe(false);
  state = say(state, "502", "400", { mention_everyone: true });
  expect(unread(state, GUILD)).toEqual({ unread: true, mentions: 1 });
  expect(beside(state)).toEqual(["400"]);
});

test("who comes to see a channel has its threads, and goes on following those that they followed", () => {
  const followed = thread("401", { member: { ...MINE, id: "401" } });
  const threads = [thread("400"), followed];
  const sync = { guild_id: GUILD, channel_ids: ["300"], threads, members: [followed.member] };
  const state = hear(begun(), "THREAD_LIST_SYNC", sync);
  expect(
    threadOverview(state, GUILD, null, "active")
      .map(({ id }) => id)
      .sort(),
  ).toEqual(["400", "401"]);
  expect(state.channels["401"]?.thread?.followed).toBe(true);
  expect(hear(initialState(), "THREAD_LIST_SYNC", sync).channels).toEqual({});
});

test("an event that is for nobody in particular does not end that one follows a thread", () => {
  let state = follow(begun([thread("400")]), "400", true);
  state = hear(state, "THREAD_UPDATE", thread("400", { name: "renamed" }));
  expect(state.channels["400"]?.thread?.followed).toBe(true);
  expect(state.channels["400"]?.name).toBe("renamed");
});

test("a followed thread that is put away stays in sight until that was seen", () => {
  let state = follow(begun([thread("400")]), "400", true);
  state = hear(state, "THREAD_UPDATE", thread("400", {}, { archived: true }));
  expect(beside(state)).toEqual(["400"]);
  expect(threadOverview(state, GUILD, null, "away").map(({ id }) => id)).toEqual(["400"]);
  state = seenAway(state, "400");
  expect(beside(state)).toEqual([]);
  expect(threadOverview(state, GUILD, null, "followed").map(({ id }) => id)).toEqual(["400"]);
  expect(beside(hear(state, "THREAD_UPDATE", thread("400")))).toEqual(["400"]);
});

test("a thread that was put away while one was gone is asked for, and shown as put away", async () => {
  const stage = new Stage();
  stage.kept.set("session", JSON.stringify({ token: "token", refreshToken: "refresh" }));
  stage.kept.set(`account.${ME}.followed`, JSON.stringify({ 400: GUILD, 401: GUILD }));
  stage.respond = ({ url }) => {
    if (url.endsWith("/users/@me")) return { status: 200, body: ready([]).user };
    if (url.endsWith("/channels/400")) {
      return { status: 200, body: thread("400", { member: MINE }, { archived: true }) };
    }
    return { status: 404, body: { code: 10003, message: "Unknown Channel" } };
  };
  const client = createClient(stage.options());
  await client.start();
  stage.wire.say({ op: 10, d: { heartbeat_interval: 45_000 } });
  stage.wire.say({ op: 0, s: 1, t: "READY", d: ready([GUILD]) });
  stage.wire.say({ op: 0, s: 2, t: "GUILD_CREATE", d: create([]) });
  await stage.pass(1_000);
  const state = client.store.getState();
  expect(beside(state)).toEqual(["400"]);
  expect(state.channels["400"]?.thread?.archived).toBe(true);
  // The other one is gone for good.
  expect(state.followed).toEqual({ 400: GUILD });
  await client.stop();
});

test("an address that names another channel than a thread changes nothing of it, whatever is answered", async () => {
  const stage = new Stage();
  stage.kept.set("session", JSON.stringify({ token: "token", refreshToken: "refresh" }));
  stage.respond = ({ url }) => {
    if (url.endsWith("/users/@me")) return { status: 200, body: ready([]).user };
    if (url.endsWith("/channels/301")) return { status: 200, body: channel("301") };
    return { status: 403, body: { code: 50001, message: "Missing Access" } };
  };
  const client = createClient(stage.options());
  await client.start();
  stage.wire.say({ op: 10, d: { heartbeat_interval: 45_000 } });
  stage.wire.say({ op: 0, s: 1, t: "READY", d: ready([GUILD]) });
  stage.wire.say({ op: 0, s: 2, t: "GUILD_CREATE", d: create([thread("400")]) });
  for (const id of ["300", "301", "400"]) await client.actions.loadThread(id);
  // A thread that one may see no longer is gone; the channel, which the gateway tells of, stays.
  expect(Object.keys(client.store.getState().channels)).toEqual(["300"]);
  await client.stop();
});

test("a thread that was made from a message is found at it, and a post is not at the one it begins with", () => {
  const state = begun([thread("100"), thread("101")]);
  expect(threadFrom(state, { id: "100", channelId: "300" })?.id).toBe("100");
  expect(threadFrom(state, { id: "101", channelId: "101" })).toBeNull();
});

test("messages of a thread are counted once, whoever tells of them", () => {
  let state = say(begun([thread("400")]), "500", "400");
  state = say(state, "500", "400");
  expect(state.channels["400"]?.thread?.messageCount).toBe(1);
  state = say(state, "400", "400");
  state = hear(state, "MESSAGE_DELETE", { id: "500", channel_id: "400", guild_id: GUILD });
  expect(state.channels["400"]?.thread?.messageCount).toBe(0);
});

test("one writes in a thread with a right of its own, and not where it is locked", () => {
  const writes = (state: State) => allows(myPermissions(state, GUILD, "400"), Permission.SEND_MESSAGES);
  expect(writes(begun([thread("400")]))).toBe(true);
  expect(writes(begun([thread("400")], ORDINARY & ~Permission.SEND_MESSAGES))).toBe(true);
  expect(writes(begun([thread("400")], ORDINARY & ~Permission.SEND_MESSAGES_IN_THREADS))).toBe(false);
  expect(writes(begun([thread("400", {}, { locked: true })]))).toBe(false);
  const manages = ORDINARY | Permission.MANAGE_THREADS;
  expect(writes(begun([thread("400", {}, { locked: true })], manages))).toBe(true);
});

test("with its channel a thread is gone", () => {
  const state = hear(follow(begun([thread("400")]), "400", true), "CHANNEL_DELETE", {
    ...channel("300"),
    guild_id: GUILD,
  });
  expect(state.channels["400"]).toBeUndefined();
  expect(state.followed).toEqual({});
  expect(state.threadsOf[GUILD]).toEqual([]);
});

test("who is taken out of a private thread sees it no longer, unless they manage threads", () => {
  const secret = thread("400", { type: 12, member: MINE });
  expect(follow(begun([secret]), "400", false).channels["400"]).toBeUndefined();
  const manages = ORDINARY | Permission.MANAGE_THREADS;
  expect(follow(begun([secret], manages), "400", false).channels["400"]?.thread?.followed).toBe(false);
});
