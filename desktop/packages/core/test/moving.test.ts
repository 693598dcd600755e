import { beforeEach, expect, test } from "vitest";
import { type Client, createClient } from "../src/index.ts";
import type * as wire from "../src/wire/generated.ts";
import { type Respond, Stage } from "./stage.ts";
import { channel, GUILD, guildCreate, ME, message, ready, role, thread, user } from "./world.ts";

let stage: Stage;
let client: Client;
/** What the program answers besides who one is. */
let answer: Respond;
let seq: number;

const state = () => client.store.getState();
const asked = (method: string, end: string) =>
  stage.requests.filter((each) => each.method === method && each.url.endsWith(end));

function say(t: string, d: unknown): void {
  seq += 1;
  stage.wire.say({ op: 0, s: seq, t, d });
}

/** The two events that tell of it. */
function move(from: wire.Message, to: string): void {
  const { channel_id: was, id } = from;
  say("MESSAGE_DELETE", { id, channel_id: was, guild_id: GUILD, nexus: { moved_to: to } });
  say("MESSAGE_UPDATE", { ...from, channel_id: to, guild_id: GUILD, nexus: { moved_from: was } });
}

beforeEach(async () => {
  seq = 0;
  stage = new Stage();
  stage.kept.set("session", JSON.stringify({ token: "token", refreshToken: "refresh" }));
  answer = () => ({ status: 404, body: { code: 0, message: "no" } });
  stage.respond = (request) => {
    const path = request.url.replace("http://here/api/v10", "");
    if (path === "/users/@me") return { status: 200, body: { ...user(ME), flags: 0 } };
    if (path === "/nexus/relay") return { status: 501 };
    return answer(request);
  };
  client = createClient(stage.options());
  await client.start();
  stage.wire.say({ op: 10, d: { heartbeat_interval: 40_000 } });
  say("READY", ready([GUILD]));
  const create = guildCreate({ channels: [channel("300")], roles: [role(GUILD, ~0n)] });
  say("GUILD_CREATE", { ...create, threads: [thread("400")] });
  await stage.pass(0);
});

test("says which messages, and where they go; back they go nowhere", async () => {
  answer = () => ({ status: 204 });
  expect(await client.actions.moveMessages("300", ["501", "502"], "400")).toMatchObject({ ok: true });
  expect(await client.actions.moveMessages("400", ["501"], null)).toMatchObject({ ok: true });
  const bodies = ["/nexus/channels/300/moves", "/nexus/channels/400/moves"].flatMap((path) =>
    asked("POST", path).map(({ body }) => JSON.parse(body ?? "") as unknown),
  );
  expect(bodies).toEqual([
    { message_ids: ["501", "502"], thread_id: "400" },
    { message_ids: ["501"], thread_id: null },
  ]);
});

test("what nobody answers is said at once, and waits nowhere", async () => {
  answer = () => null;
  expect(await client.actions.moveMessages("300", ["501"], "400")).toMatchObject({
    ok: false,
    failure: { kind: "offline" },
  });
  expect(await client.actions.makeThread("300", "the mast")).toMatchObject({
    ok: false,
    failure: { kind: "offline" },
  });
  expect(state().pending).toEqual({});
});

test("a thread to move into is a public one, and is there as soon as it is made", async () => {
  answer = ({ method }) =>
    method === "POST" ? { status: 201, body: thread("401", { name: "sails" }) } : null;
  const made = await client.actions.makeThread("300", "sails");
  expect(made).toMatchObject({ ok: true, value: { id: "401", name: "sails" } });
  expect(JSON.parse(asked("POST", "/channels/300/threads")[0]?.body ?? "")).toEqual({
    name: "sails",
    type: 11,
  });
  expect(state().channels["401"]?.name).toBe("sails");
});

test("a thread that is loaded while messages are moved into it has them, and none that left it meanwhile", async () => {
  // The page was read before they were moved, and comes after.
  answer = ({ url }) => {
    if (!url.includes("/messages?")) return null;
    move(message("501", "300", "1002"), "400");
    move(message("399", "400", "1002"), "300");
    return { status: 200, body: [message("399", "400", "1002"), message("410", "400", "1002")] };
  };
  await client.actions.openThread("400");
  await stage.pass(100);
  expect(state().timelines["400"]?.ids).toEqual(["410", "501"]);
});

test("whether one has reacted to what was not loaded where it was is asked for", async () => {
  const reactions = (me: boolean): wire.Reaction[] => [{ emoji: { id: null, name: "🦀" }, count: 2, me }];
  answer = ({ url }) => {
    if (url.includes("/messages?")) return { status: 200, body: [] };
    const one = message("501", "400", "1002", { reactions: reactions(true) });
    return url.endsWith("/channels/400/messages/501") ? { status: 200, body: one } : null;
  };
  await client.actions.openThread("400");
  await stage.pass(100);
  move(message("501", "300", "1002", { reactions: reactions(false) }), "400");
  move(message("502", "300", "1002"), "400");
  await stage.pass(100);
  expect(state().messages["400"]?.["501"]?.reactions).toEqual([{ emoji: "🦀", count: 2, mine: true }]);
  expect(asked("GET", "/channels/400/messages/502")).toEqual([]);
});

test("where a message is that was noted in its channel says the program", async () => {
  answer = ({ url }) =>
    url.endsWith("/channels/300/messages/501") ? { status: 200, body: message("501", "400", "1002") } : null;
  expect(await client.actions.placeOf("300", "501")).toEqual({ ok: true, value: "400" });
});
