import { beforeEach, expect, test } from "vitest";
import { type Client, createClient, unread } from "../src/index.ts";
import { Stage } from "./stage.ts";
import { channel, GUILD, guildCreate, ME, message, ready, user } from "./world.ts";

let stage: Stage;
let client: Client;
/** What the program answers to who tells how far they have read. */
let onTold: () => { status: number; body?: unknown } | null;

beforeEach(() => {
  stage = new Stage();
  stage.kept.set("session", JSON.stringify({ token: "token", refreshToken: "refresh" }));
  onTold = () => ({ status: 200, body: { token: null } });
  stage.respond = (request) => {
    const path = request.url.replace("http://here/api/v10", "");
    if (path === "/users/@me") return { status: 200, body: { ...user(ME), flags: 0 } };
    if (path.endsWith("/ack") || path.endsWith("/ack-bulk") || path.startsWith("/nexus/drafts/"))
      return onTold();
    if (request.method === "POST" && path.endsWith("/messages")) {
      const { content, nonce } = JSON.parse(request.body ?? "{}") as { content: string; nonce: string };
      return { status: 200, body: message("900", "300", ME, { content, nonce }) };
    }
    if (path.includes("/messages?")) return { status: 200, body: [] };
    return { status: 404, body: { code: 0, message: "no" } };
  };
});

type Entry = { id: string; last_message_id: string };

/** A client to which the program has said how far the account has read. */
async function begun(entries: Entry[] = [], nexus_drafts?: Drafts): Promise<void> {
  client = createClient(stage.options());
  await client.start();
  welcome(entries, nexus_drafts);
}

type Drafts = { channel_id: string; text: string }[];

function welcome(entries: Entry[], nexus_drafts?: Drafts): void {
  const drafts = nexus_drafts === undefined ? {} : { nexus_drafts };
  const read_state = { version: 0, partial: false, entries } as const;
  stage.wire.say({ op: 10, d: { heartbeat_interval: 40_000 } });
  stage.wire.say({ op: 0, s: 1, t: "READY", d: { ...ready([GUILD]), read_state, ...drafts } });
  const channels = ["300", "301", "302"].map((id) => channel(id, { last_message_id: "500" }));
  stage.wire.say({ op: 0, s: 2, t: "GUILD_CREATE", d: guildCreate({ channels }) });
}

let number = 2;
function event(t: string, d: unknown): void {
  number += 1;
  stage.wire.say({ op: 0, s: number, t, d });
}

const say = (id: string, channelId = "300") => event("MESSAGE_CREATE", message(id, channelId, "1002"));
const ackElsewhere = (id: string, channelId = "300") =>
  event("MESSAGE_ACK", { channel_id: channelId, message_id: id, version: 0 });
const told = () =>
  stage.requests
    .filter(({ url }) => url.endsWith("/ack") || url.endsWith("/ack-bulk"))
    .map(({ url, body }) => (url.endsWith("bulk") ? JSON.parse(body ?? "") : url.replace(/.*channels/, "")));
const isUnread = (id = "300") => unread(client.store.getState(), id).unread;

test("what the account has read is read in a browser that is new to it, and what it has not is new there", async () => {
  await begun([
    { id: "300", last_message_id: "500" },
    { id: "301", last_message_id: "400" },
  ]);
  expect([isUnread("300"), isUnread("301"), isUnread("302")]).toEqual([false, true, false]);
  await stage.pass(60_000);
  expect(told(), "what the program said is not said back to it").toEqual([]);
});

test("who reads on tells of the last message, once", async () => {
  await begun();
  for (const id of ["501", "502", "503"]) {
    say(id);
    client.actions.ack("300");
    await stage.pass(200);
  }
  await stage.pass(1_000);
  expect(told()).toEqual(["/300/messages/503/ack"]);
  say("504");
  client.actions.ack("300");
  await stage.pass(1_500);
  expect(told(), "not often").toHaveLength(1);
  await stage.pass(4_000);
  expect(told().at(-1)).toBe("/300/messages/504/ack");
});

test("what was read elsewhere is read, and what was marked as unread there is unread", async () => {
  await begun();
  say("501");
  say("502");
  expect(isUnread()).toBe(true);
  ackElsewhere("502");
  await stage.pass(100);
  expect(isUnread()).toBe(false);
  ackElsewhere("501");
  await stage.pass(100);
  expect(isUnread()).toBe(true);
});

test("a guild that is marked as read is told in one call", async () => {
  await begun();
  for (const id of ["300", "301"]) say(`60${id.at(-1)}`, id);
  client.actions.ackGuild(GUILD);
  await stage.pass(2_000);
  const read_states = [
    { channel_id: "300", message_id: "600" },
    { channel_id: "301", message_id: "601" },
  ];
  expect(told()).toEqual([{ read_states }]);
});

test("where one of many is refused the others are told all the same", async () => {
  await begun();
  onTold = () => {
    const last = stage.requests.at(-1)?.url ?? "";
    return last.endsWith("bulk") || last.includes("/301/") ? { status: 404 } : { status: 200, body: {} };
  };
  for (const id of ["300", "301", "302"]) say(`60${id.at(-1)}`, id);
  client.actions.ackGuild(GUILD);
  await stage.pass(30_000);
  expect(told().slice(1).sort()).toEqual(
    ["300", "301", "302"].map((id) => `/${id}/messages/60${id.at(-1)}/ack`),
  );
  await stage.pass(60_000);
  expect(told(), "and what was refused is not asked again").toHaveLength(4);
});

test("what was read while nobody answers is told later, by the next start too", async () => {
  await begun();
  onTold = () => null;
  say("501");
  client.actions.ack("300");
  await stage.pass(5_000);
  expect(told().length).toBeGreaterThan(0);
  await client.stop();
  onTold = () => ({ status: 200, body: {} });
  stage.requests.length = 0;
  await begun([{ id: "300", last_message_id: "450" }]);
  expect(isUnread(), "what the program does not know yet is not undone by it").toBe(false);
  await stage.pass(2_000);
  expect(told()).toEqual(["/300/messages/501/ack"]);
});

test("who comes back and has read less than another device says nothing of it", async () => {
  await begun();
  onTold = () => null;
  say("501");
  client.actions.ack("300");
  await stage.pass(500);
  ackElsewhere("502");
  onTold = () => ({ status: 200, body: {} });
  await stage.pass(30_000);
  expect(told()).toEqual([]);
  expect(client.store.getState().reads["300"]?.upTo).toBe("502");
});

test("what is marked as unread is told by the message before it, and what others read meanwhile does not undo it", async () => {
  await begun([{ id: "300", last_message_id: "502" }]);
  stage.respond = ((before) => (request) => {
    const page = ["502", "501"].map((id) => message(id, "300", "1002"));
    return request.url.includes("/300/messages?") ? { status: 200, body: page } : before(request);
  })(stage.respond);
  await client.actions.openChannel("300");
  client.actions.markUnread("300", "502");
  ackElsewhere("502");
  expect(client.store.getState().readsToTell["300"]).toEqual({ upTo: "501", back: true });
  await stage.pass(2_000);
  expect(told()).toEqual(["/300/messages/501/ack"]);
});

test("what one has said oneself is read on the account's other devices too", async () => {
  await begun();
  client.actions.send("300", "hello");
  await stage.pass(2_000);
  expect(told()).toEqual(["/300/messages/900/ack"]);
});

const drafts = () => client.store.getState().drafts;
const toldDrafts = () =>
  stage.requests
    .filter(({ url }) => url.includes("/nexus/drafts/"))
    .map(({ url, body }) => [
      url.replace(/.*drafts./, ""),
      (JSON.parse(body ?? "") as { text: string }).text,
    ]);
const draftElsewhere = (text: string, channelId = "300") =>
  event("NEXUS_DRAFT_UPDATE", { channel_id: channelId, text });

test("what is being typed is told while it is typed, not with each letter, and at last as it is", async () => {
  await begun([], []);
  for (let length = 1; length <= 40; length += 1) {
    client.actions.setDraft("300", "x".repeat(length));
    await stage.pass(250);
  }
  await stage.pass(6_000);
  expect(toldDrafts().length).toBeLessThanOrEqual(4);
  expect(toldDrafts().at(-1)).toEqual(["300", "x".repeat(40)]);
  expect(client.store.getState().draftsToTell).toEqual({});
});

test("what was typed elsewhere is here, unless one is typing here", async () => {
  await begun([], [{ channel_id: "301", text: "begun on the other one" }]);
  expect(drafts()).toEqual({ 301: "begun on the other one" });
  draftElsewhere("and gone on", "301");
  await stage.pass(100);
  expect(drafts()).toEqual({ 301: "and gone on" });
  client.actions.setDraft("301", "no, here");
  draftElsewhere("and gone on with", "301");
  await stage.pass(100);
  expect(drafts()).toEqual({ 301: "no, here" });
  await stage.pass(6_000);
  expect(toldDrafts()).toEqual([["301", "no, here"]]);
  draftElsewhere("", "301");
  await stage.pass(100);
  expect(drafts()).toEqual({});
});

test("what another device says after it was told is the later word, also where the answer is late", async () => {
  await begun([], []);
  client.actions.setDraft("300", "mine");
  await stage.pass(500);
  draftElsewhere("mine");
  draftElsewhere("mine, and theirs");
  await stage.pass(10_000);
  expect(drafts()).toEqual({ 300: "mine, and theirs" });
});

test("a draft that was sent is gone everywhere", async () => {
  await begun([], [{ channel_id: "300", text: "hello" }]);
  client.actions.setDraft("300", "");
  client.actions.send("300", "hello");
  await stage.pass(6_000);
  expect(toldDrafts()).toEqual([["300", ""]]);
});

test("what was typed while nobody answers is told later, and what was sent elsewhere meanwhile is gone", async () => {
  await begun([], []);
  onTold = () => null;
  client.actions.setDraft("300", "half a thought");
  await stage.pass(3_000);
  await client.stop();
  stage.kept.set(
    `account.${ME}.drafts`,
    JSON.stringify({ 300: "half a thought", 301: "told, and sent elsewhere" }),
  );
  onTold = () => ({ status: 204 });
  stage.requests.length = 0;
  await begun([], []);
  expect(drafts()).toEqual({ 300: "half a thought" });
  await stage.pass(3_000);
  expect(toldDrafts()).toEqual([["300", "half a thought"]]);
});

test("what an earlier version kept in this browser alone is told", async () => {
  stage.kept.set(`account.${ME}.drafts`, JSON.stringify({ 300: "from before" }));
  await begun([], []);
  await stage.pass(3_000);
  expect(drafts()).toEqual({ 300: "from before" });
  expect(toldDrafts()).toEqual([["300", "from before"]]);
});

test("what is too long to be sent stays here until it is shorter", async () => {
  await begun([], []);
  client.actions.setDraft("300", "x".repeat(2_001));
  await stage.pass(10_000);
  expect(toldDrafts()).toEqual([]);
  client.actions.setDraft("300", "😀".repeat(2_000));
  await stage.pass(10_000);
  expect(toldDrafts()).toEqual([["300", "😀".repeat(2_000)]]);
});
