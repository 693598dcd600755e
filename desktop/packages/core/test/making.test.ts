import { beforeEach, expect, test } from "vitest";
import { type Client, createClient, type NewEvent } from "../src/index.ts";
import type * as wire from "../src/wire/generated.ts";
import { Stage } from "./stage.ts";
import { channel, GUILD, guildCreate, ME, message, ready, thread, user } from "./world.ts";

const SUPPER: NewEvent = {
  name: "Supper",
  description: null,
  startsAt: Date.parse("2026-06-01T18:00:00.000Z"),
  place: { location: "On the quay", endsAt: Date.parse("2026-06-01T20:00:00.000Z") },
};

let stage: Stage;
let client: Client;
/** What is there, by the program. */
let threads: wire.Thread[];
let events: wire.ScheduledEvent[];
/** It takes in what it is asked for, and its answer is lost. */
let isSilent: boolean;

const state = () => client.store.getState();
const asked = () =>
  stage.requests
    .filter(({ method, url }) => method === "POST" && !url.endsWith("/ack"))
    .map(({ url, body }) => [url.replace("http://here/api/v10", ""), JSON.parse(body ?? "{}")] as const);

beforeEach(async () => {
  stage = new Stage();
  [threads, events, isSilent] = [[], [], false];
  stage.kept.set("session", JSON.stringify({ token: "token", refreshToken: "refresh" }));
  stage.respond = (request) => {
    const path = request.url.replace("http://here/api/v10", "");
    if (path === "/users/@me") return { status: 200, body: { ...user(ME), flags: 0 } };
    const [first] = request.form ?? [];
    const text = first !== undefined && "text" in first ? first.text : request.body;
    const body = JSON.parse(text ?? "{}") as { name?: string; content?: string; nonce?: string };
    if (request.method === "GET") return isSilent ? null : shown(path);
    const made = taken(path, body);
    return made === null ? { status: 404, body: { code: 0 } } : isSilent ? null : { status: 200, body: made };
  };
  client = createClient(stage.options());
  await client.start();
  welcome();
});

function shown(path: string) {
  if (path === `/guilds/${GUILD}/threads/active`) return { status: 200, body: { threads, members: [] } };
  if (path === `/guilds/${GUILD}/scheduled-events`) return { status: 200, body: events };
  const thread = threads.find(({ id }) => path === `/channels/${id}`);
  return thread === undefined ? { status: 404, body: { code: 0 } } : { status: 200, body: thread };
}

function taken(path: string, { name = "", content, nonce }: Record<string, string | undefined>) {
  const id = `${6_000 + stage.requests.length}`;
  if (path.endsWith("/messages"))
    return message(id, "300", ME, { content: content ?? "", nonce: nonce ?? "" });
  if (path.endsWith("/scheduled-events")) {
    events.push(event(id, name));
    return events.at(-1);
  }
  const [, parent, from] = /^\/channels\/(\d+)(?:\/messages\/(\d+))?\/threads$/.exec(path) ?? [];
  if (parent === undefined) return null;
  threads.push(thread(from ?? id, { parent_id: parent, owner_id: ME, name }));
  return threads.at(-1);
}

function event(id: string, name: string): wire.ScheduledEvent {
  return {
    id,
    guild_id: GUILD,
    channel_id: null,
    creator_id: ME,
    name,
    description: null,
    image: null,
    scheduled_start_time: new Date(SUPPER.startsAt).toISOString(),
    scheduled_end_time: null,
    privacy_level: 2,
    status: 1,
    entity_type: 3,
    entity_id: null,
    entity_metadata: { location: "On the quay" },
    recurrence_rule: null,
  };
}

function welcome(): void {
  stage.wire.say({ op: 10, d: { heartbeat_interval: 40_000 } });
  stage.wire.say({ op: 0, s: 1, t: "READY", d: ready([GUILD]) });
  const channels = [channel("300"), channel("310", { type: 15 })];
  stage.wire.say({ op: 0, s: 2, t: "GUILD_CREATE", d: guildCreate({ channels }) });
}

/** The line breaks, and is there again a little later. */
async function backAgain(): Promise<void> {
  await stage.pass(5_000);
  welcome();
  await stage.pass(30_000);
}

test("a thread, a post and an event that are made without a connection wait, are kept, and are made in their turn", async () => {
  stage.wire.events.close(1006);
  client.actions.send("300", "first this");
  const begun = await client.actions.createThread("300", { name: "The mast", messageId: "500" });
  expect(begun).toEqual({ ok: true, value: { thread: null } });
  await client.actions.createPost("310", { name: "Why?", content: "It leaks", tags: ["7"] });
  expect((await client.actions.createEvent(GUILD, SUPPER)).ok).toBe(true);
  expect(state().pending["300"]).toMatchObject([
    { content: "first this", state: "queued" },
    { makes: { kind: "thread", thread: { name: "The mast" } }, answers: "500", state: "queued" },
  ]);
  expect(state().pending["310"]).toMatchObject([{ makes: { kind: "post" }, state: "queued" }]);
  expect(state().pending[GUILD]).toMatchObject([{ makes: { kind: "event" }, state: "queued" }]);
  expect(asked()).toEqual([]);
  await stage.pass(0);
  for (const name of ["The mast", "Why?", "Supper"]) expect(stage.waiting()).toContain(name);

  await backAgain();
  expect(state().pending).toEqual({});
  expect(asked().filter(([path]) => path.startsWith("/channels/300"))).toMatchObject([
    ["/channels/300/messages", { content: "first this" }],
    ["/channels/300/messages/500/threads", { name: "The mast" }],
  ]);
  const post = { name: "Why?", applied_tags: ["7"], message: { content: "It leaks" } };
  expect(asked()).toContainEqual(["/channels/310/threads", post]);
  expect(state().channels["500"]?.name).toBe("The mast");
  expect(Object.values(state().events[GUILD] ?? {}).map(({ name }) => name)).toEqual(["Supper"]);
});

test("what was taken in without an answer is looked for, and made once", async () => {
  isSilent = true;
  const wishes = [
    client.actions.createThread("300", { name: "The mast", messageId: "500" }),
    client.actions.createThread("300", { name: "The hull" }),
    client.actions.createPost("310", { name: "Why?", content: "It leaks", tags: [] }),
    client.actions.createEvent(GUILD, SUPPER),
  ];
  await stage.pass(5_000);
  for (const outcome of await Promise.all(wishes)) expect(outcome.ok).toBe(true);
  const rows = Object.values(state().pending).flat();
  expect(rows).toHaveLength(4);
  for (const row of rows) expect(row).toMatchObject({ state: "queued", uncertain: true });
  isSilent = false;
  await stage.pass(60_000);
  expect(state().pending).toEqual({});
  expect(asked(), "each was asked for once").toHaveLength(4);
});

test("what a proxy answers for a program that took it in is no reason to make it twice", async () => {
  const others = stage.respond;
  stage.respond = (request) => {
    const answer = others(request);
    return request.method === "POST" ? { status: 502 } : answer;
  };
  expect((await client.actions.createThread("300", { name: "The hull" })).ok).toBe(true);
  expect(state().pending["300"]).toMatchObject([{ state: "queued", reason: { status: 502 } }]);
  stage.respond = others;
  await stage.pass(60_000);
  expect(state().pending).toEqual({});
  expect(threads.map(({ name }) => name)).toEqual(["The hull"]);
});

test("who is refused at once is told; what is refused after it waited, waits for the person", async () => {
  const others = stage.respond;
  stage.respond = (request) =>
    request.method === "POST" ? { status: 403, body: { code: 50_013, message: "no" } } : others(request);
  const refused = await client.actions.createThread("300", { name: "The mast" });
  expect(refused).toMatchObject({ ok: false, failure: { kind: "forbidden" } });
  expect(state().pending).toEqual({});
  stage.wire.events.close(1006);
  await client.actions.createEvent(GUILD, SUPPER);
  await backAgain();
  const row = state().pending[GUILD]?.[0];
  expect(row).toMatchObject({ state: "failed", reason: { kind: "forbidden" } });
  client.actions.discard(row?.nonce ?? "");
  expect(state().pending).toEqual({});
});

test("of what the program fails at whoever asked is told, and nothing of it is made later; a poll waits and says why", async () => {
  const others = stage.respond;
  stage.respond = (request) => (request.method === "POST" ? { status: 500 } : others(request));
  for (const outcome of [
    await client.actions.createThread("300", { name: "The mast", messageId: "500" }),
    await client.actions.createPost("310", { name: "Why?", content: "It leaks", tags: [] }),
    await client.actions.createEvent(GUILD, SUPPER),
  ])
    expect(outcome).toMatchObject({ ok: false, failure: { kind: "server" } });
  expect(state().pending).toEqual({});

  const answers = ["On the quay", "At home"].map((text) => ({ text, emoji: null }));
  client.actions.createPoll("300", { question: "Where?", answers, multiple: false, hours: 24 });
  await stage.pass(0);
  const row = state().pending["300"]?.[0];
  expect(row).toMatchObject({ state: "queued", poll: { question: "Where?" }, reason: { kind: "server" } });
  stage.respond = others;
  await stage.pass(60_000);
  expect(state().pending).toEqual({});
  expect([threads, events]).toEqual([[], []]);
});

test("a post takes the files of its forum's tray along, and is seen where it waits while they are on their way", async () => {
  const file = (name: string) => ({ name, kind: "text/plain", bytes: { size: 3 } });
  client.actions.attach("310", [file("plan.txt"), file("mast.png")]);
  const [, second] = state().trays["310"] ?? [];
  client.actions.editFile(second?.key ?? "", { about: "the mast", spoiler: true });
  const wish = client.actions.createPost("310", { name: "Why?", content: "", tags: ["7"] });
  expect(state().trays["310"]).toBeUndefined();
  expect(state().pending["310"]).toMatchObject([
    { makes: { kind: "post" }, files: [{ name: "plan.txt" }, {}] },
  ]);
  expect(await wish).toEqual({ ok: true, value: { thread: null } });
  await stage.pass(0);
  expect(state().pending).toEqual({});
  expect(threads.map(({ name }) => name)).toEqual(["Why?"]);
  const [said, ...parts] =
    stage.requests.find(({ url }) => url.endsWith("/channels/310/threads"))?.form ?? [];
  expect(JSON.parse(said !== undefined && "text" in said ? said.text : "")).toEqual({
    name: "Why?",
    applied_tags: ["7"],
    message: {
      content: "",
      attachments: [
        { id: 0, filename: "plan.txt" },
        { id: 1, filename: "SPOILER_mast.png", description: "the mast" },
      ],
    },
  });
  expect(parts.map((part) => ("name" in part ? [part.field, part.name] : []))).toEqual([
    ["files[0]", "plan.txt"],
    ["files[1]", "SPOILER_mast.png"],
  ]);
  expect([...stage.files.keys()], "nobody needs their bytes any more").toEqual([]);
});

test("a post with files that is cut off waits with them, and is made once though its answer was lost", async () => {
  client.actions.attach("310", [{ name: "plan.txt", kind: "text/plain", bytes: { size: 3 } }]);
  isSilent = true;
  await client.actions.createPost("310", { name: "Why?", content: "It leaks", tags: [] });
  await stage.pass(0);
  expect(state().pending["310"]).toMatchObject([{ state: "queued", files: [{ name: "plan.txt" }] }]);
  isSilent = false;
  await stage.pass(60_000);
  expect(state().pending).toEqual({});
  expect(asked().filter(([path]) => path === "/channels/310/threads")).toHaveLength(1);
});

test("with its guild goes an event that waits", async () => {
  stage.wire.events.close(1006);
  await client.actions.createEvent(GUILD, SUPPER);
  await stage.pass(5_000);
  stage.wire.say({ op: 10, d: { heartbeat_interval: 40_000 } });
  stage.wire.say({ op: 0, s: 1, t: "READY", d: ready([]) });
  await stage.pass(1_000);
  expect(state().pending).toEqual({});
});
