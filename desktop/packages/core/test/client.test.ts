import { beforeEach, expect, test } from "vitest";
import { type Client, createClient } from "../src/index.ts";
import { type Respond, Stage } from "./stage.ts";
import { channel, GUILD, guildCreate, ME, message, ready, user } from "./world.ts";

const CHANNELS = Array.from({ length: 12 }, (_, index) => `${300 + index}`);

let stage: Stage;
let client: Client;
/** What the program answers to a message; the last word for every other one. */
let onSend: Respond;

const state = () => client.store.getState();

beforeEach(async () => {
  stage = new Stage();
  stage.kept.set("session", JSON.stringify({ token: "token", refreshToken: "refresh" }));
  onSend = (request) => {
    const { content, nonce } = JSON.parse(request.body ?? "{}") as { content: string; nonce: string };
    return { status: 200, body: message(`${5_000 + stage.requests.length}`, "300", ME, { content, nonce }) };
  };
  stage.respond = (request) => {
    const path = request.url.replace("http://here/api/v10", "");
    if (path === "/users/@me") return { status: 200, body: { ...user(ME), flags: 0 } };
    if (path === "/nexus/relay") return { status: 501 };
    if (request.method === "POST" && path.endsWith("/messages")) return onSend(request);
    if (request.method === "GET" && path.includes("/messages?")) return { status: 200, body: [] };
    return { status: 404, body: { code: 0, message: "no" } };
  };
  client = createClient(stage.options());
  await client.start();
  welcome();
});

function welcome(): void {
  stage.wire.say({ op: 10, d: { heartbeat_interval: 40_000 } });
  stage.wire.say({ op: 0, s: 1, t: "READY", d: ready([GUILD]) });
  const channels = CHANNELS.map((id) => channel(id));
  stage.wire.say({ op: 0, s: 2, t: "GUILD_CREATE", d: guildCreate({ channels }) });
}

const sent = () =>
  stage.requests.filter((request) => request.method === "POST" && request.url.endsWith("/messages"));
const contents = () =>
  sent().map((request) => (JSON.parse(request.body ?? "{}") as { content: string }).content);

test("a message is on its way at once and gone from the outbox when it is accepted", async () => {
  client.actions.send("300", "hello");
  expect(state().pending["300"]).toMatchObject([{ content: "hello", state: "sending" }]);
  await stage.pass(0);
  expect(state().pending["300"]).toBeUndefined();
  const body = JSON.parse(sent()[0]?.body ?? "{}") as Record<string, unknown>;
  expect(body).toMatchObject({ content: "hello", enforce_nonce: true });
  expect(String(body.nonce).length).toBeLessThanOrEqual(25);
});

test("what was refused waits for the person, and what follows it goes on", async () => {
  const accepts = onSend;
  onSend = (request) =>
    contents().length === 1 ? { status: 403, body: { code: 50_013, message: "no" } } : accepts(request);
  client.actions.send("300", "not allowed");
  client.actions.send("300", "allowed");
  await stage.pass(0);
  expect(state().pending["300"]).toMatchObject([
    { content: "not allowed", state: "failed", reason: { code: 50_013 } },
  ]);
  const nonce = state().pending["300"]?.[0]?.nonce ?? "";
  client.actions.retry(nonce);
  await stage.pass(0);
  expect(state().pending["300"]).toBeUndefined();
  expect(contents()).toEqual(["not allowed", "allowed", "not allowed"]);
});

test("where the program cannot just now, it is tried again, in the order it was written", async () => {
  const accepts = onSend;
  let failures = 3;
  onSend = (request) => {
    failures -= 1;
    return failures >= 0 ? { status: 503, body: { retry_after: 1 } } : accepts(request);
  };
  client.actions.send("300", "one");
  client.actions.send("300", "two");
  await stage.pass(500);
  expect(state().pending["300"]?.map((row) => row.state)).toEqual(["queued", "queued"]);
  await stage.pass(10_000);
  expect(contents()).toEqual(["one", "one", "one", "one", "two"]);
  expect(state().pending["300"]).toBeUndefined();
});

test("what may have arrived is looked for before it is sent again", async () => {
  let arrived: object[] = [];
  const others = stage.respond;
  stage.respond = (request) =>
    request.method === "GET" && request.url.includes("/messages?")
      ? { status: 200, body: arrived }
      : others(request);
  onSend = (request) => {
    const { content } = JSON.parse(request.body ?? "{}") as { content: string };
    arrived = [message("5001", "300", ME, { content })];
    return null;
  };
  client.actions.send("300", "heard, and not answered");
  await stage.pass(10_000);
  expect(sent()).toHaveLength(1);
  expect(state().pending["300"]).toBeUndefined();
});

test("a poll waits like a message, and what may have arrived is not asked twice", async () => {
  const answers = [
    { text: "here", emoji: "⚓" },
    { text: "there", emoji: "quay:77" },
  ];
  const poll = { question: "Where?", answers, multiple: false, hours: 24 };
  let failures = 1;
  let arrived: object[] = [];
  const others = stage.respond;
  stage.respond = (request) =>
    request.method === "GET" && request.url.includes("/messages?")
      ? { status: 200, body: arrived }
      : others(request);
  onSend = () => {
    failures -= 1;
    if (failures >= 0) return { status: 503, body: { retry_after: 1 } };
    const answers = poll.answers.map(({ text }, at) => ({ answer_id: at + 1, poll_media: { text } }));
    const asked = {
      question: { text: poll.question },
      answers,
      expiry: null,
      allow_multiselect: false,
      layout_type: 1,
      results: { answer_counts: [], is_finalized: false },
    };
    arrived = [message("5001", "300", ME, { content: "", poll: asked as never })];
    return null;
  };
  client.actions.createPoll("300", poll);
  await stage.pass(500);
  expect(state().pending["300"]).toMatchObject([{ state: "queued", content: "", poll }]);
  await stage.pass(20_000);
  expect(sent()).toHaveLength(2);
  expect(JSON.parse(sent()[0]?.body ?? "{}")).toMatchObject({
    content: "",
    poll: {
      question: { text: "Where?" },
      answers: [
        { poll_media: { text: "here", emoji: { id: null, name: "⚓" } } },
        { poll_media: { text: "there", emoji: { id: "77", name: "quay" } } },
      ],
      duration: 24,
    },
  });
  expect(state().pending["300"]).toBeUndefined();
});

test("a message that waits is kept, discarded it is not", async () => {
  onSend = () => ({ status: 403, body: {} });
  client.actions.send("300", "kept");
  await stage.pass(0);
  expect(stage.waiting()).toContain("kept");
  client.actions.discard(state().pending["300"]?.[0]?.nonce ?? "");
  await stage.pass(0);
  expect(stage.waiting()).toBe("");
});

test("a page that goes at once after a word was typed has it when it is back", async () => {
  client.actions.setDraft("300", "half a sent");
  client.keep();
  await stage.pass(0);
  expect(stage.kept.get(`account.${ME}.drafts`)).toContain("half a sent");
});

test("only the last eight channels are kept warm", async () => {
  for (const id of CHANNELS) await client.actions.openChannel(id);
  expect(Object.keys(state().timelines).sort()).toEqual(CHANNELS.slice(-8));
  expect(Object.keys(state().messages).sort()).toEqual(CHANNELS.slice(-8));
});

test("a message that is deleted while its page is on its way does not come back", async () => {
  const page = [message("5002", "300", "1002"), message("5001", "300", "1002")];
  const others = stage.respond;
  stage.respond = (request) => {
    if (!(request.method === "GET" && request.url.includes("/messages?"))) return others(request);
    // The page was read; then this happened; then the page arrived.
    stage.wire.say({ op: 0, s: 3, t: "MESSAGE_DELETE", d: { id: "5001", channel_id: "300" } });
    stage.wire.say({
      op: 0,
      s: 4,
      t: "MESSAGE_UPDATE",
      d: message("5002", "300", "1002", { content: "edited" }),
    });
    stage.wire.say({ op: 0, s: 5, t: "MESSAGE_CREATE", d: message("5003", "300", "1002") });
    return { status: 200, body: page };
  };
  await client.actions.openChannel("300");
  expect(state().timelines["300"]?.ids).toEqual(["5002", "5003"]);
  expect(state().messages["300"]?.["5002"]?.content).toBe("edited");
});

test("typing is told once in a while, and forgotten when it ends", async () => {
  client.actions.typing("300");
  client.actions.typing("300");
  await stage.pass(0);
  expect(stage.requests.filter((request) => request.url.endsWith("/typing"))).toHaveLength(1);
  stage.wire.say({ op: 0, s: 3, t: "TYPING_START", d: { channel_id: "300", user_id: "1002", timestamp: 1 } });
  expect(Object.keys(state().typing["300"] ?? {})).toEqual(["1002"]);
  await stage.pass(11_000);
  expect(state().typing).toEqual({});
});

test("a token that ran out is renewed and the session goes on; one that was ended signs out", async () => {
  const others = stage.respond;
  let renews = true;
  stage.respond = (request) => {
    if (!request.url.endsWith("/auth/refresh")) return others(request);
    return renews
      ? { status: 200, body: { token: "new", refresh_token: "next", user_id: ME } }
      : { status: 401 };
  };
  stage.wire.events.close(4004);
  await stage.pass(2_000);
  stage.wire.say({ op: 10, d: { heartbeat_interval: 40_000 } });
  expect(stage.wire.sent[0]).toMatchObject({ op: 2, d: { token: "new" } });
  expect(stage.kept.get("session")).toContain("next");
  renews = false;
  stage.wire.events.close(4004);
  await stage.pass(2_000);
  expect(state().session).toEqual({ phase: "signed_out", why: "ended" });
  expect(state().guilds).toEqual({});
});

test("whose session cannot be renewed just now is not signed out: it is tried again", async () => {
  const others = stage.respond;
  let answer: ReturnType<Respond> = null;
  stage.respond = (request) => (request.url.endsWith("/auth/refresh") ? answer : others(request));
  stage.wire.events.close(4004);
  await stage.pass(100);
  expect(state().session).toMatchObject({ phase: "offline", attempt: 1 });
  for (const status of [429, 503]) {
    answer = { status };
    client.actions.reconnect();
    await stage.pass(0);
    expect(state().session.phase).toBe("offline");
    expect(state().guilds).not.toEqual({});
  }
  answer = { status: 200, body: { token: "new", refresh_token: "next", user_id: ME } };
  await stage.pass(60_000);
  expect(stage.wire.sent[0]).toBeUndefined();
  stage.wire.say({ op: 10, d: { heartbeat_interval: 40_000 } });
  expect(stage.wire.sent[0]).toMatchObject({ op: 2, d: { token: "new" } });
  expect(stage.kept.get("session")).toContain("next");
});

test("who starts with a token that ran out, while nobody renews it, is not signed out", async () => {
  await client.stop();
  const others = stage.respond;
  let renewed = false;
  stage.respond = (request) => {
    if (request.url.endsWith("/auth/refresh"))
      return renewed ? { status: 200, body: { token: "new", refresh_token: "next", user_id: ME } } : null;
    if (request.url.endsWith("/users/@me") && request.headers.authorization !== "new") return { status: 401 };
    return others(request);
  };
  client = createClient(stage.options());
  await client.start();
  expect(state().session).toMatchObject({ phase: "offline", attempt: 1 });
  expect(stage.kept.get("session")).toContain("refresh");
  renewed = true;
  await stage.pass(2_000);
  expect(state().me).toBe(ME);
});

test("signed out, nothing of the account is left, in the state or kept", async () => {
  client.actions.setDraft("300", "secret thoughts");
  await stage.pass(1_000);
  expect(stage.kept.get(`account.${ME}.drafts`)).toContain("secret");
  await client.actions.logout();
  await stage.pass(1_000);
  expect(state().session).toEqual({ phase: "signed_out", why: "by_choice" });
  expect(state().drafts).toEqual({});
  expect([...stage.kept.keys()]).toEqual([]);
});

test("without a program it says so, when it tries again, and gets in when there is one", async () => {
  await client.stop();
  const others = stage.respond;
  stage.respond = () => null;
  client = createClient(stage.options());
  await client.start();
  expect(state().session).toMatchObject({ phase: "offline", attempt: 1 });
  await stage.pass(10_000);
  stage.respond = others;
  client.actions.reconnect();
  await stage.pass(0);
  welcome();
  expect(state().session.phase).toBe("ready");
});

test("an event of another shape than its schema harms nothing", () => {
  const before = state();
  for (const t of ["MESSAGE_CREATE", "GUILD_CREATE", "CHANNEL_UPDATE", "PRESENCE_UPDATE", "NOT_AN_EVENT"]) {
    for (const d of [null, {}, [], "text", { channel_id: 1 }]) stage.wire.say({ op: 0, s: 9, t, d });
  }
  expect(Object.keys(state().guilds)).toEqual(Object.keys(before.guilds));
  expect(state().session.phase).toBe("ready");
});

test("a channel that was made is there when it is gone to, whether its answer or the gateway comes first", async () => {
  const others = stage.respond;
  stage.respond = (request) =>
    request.method === "POST" && request.url.endsWith(`/guilds/${GUILD}/channels`)
      ? { status: 201, body: channel("999") }
      : others(request);
  let made: unknown = null;
  void client.actions.createChannel(GUILD, { name: "officers", kind: "text" }).then((outcome) => {
    made = outcome;
  });
  await stage.pass(1_000);
  expect(made).toBeNull();
  stage.wire.say({ op: 0, s: 3, t: "CHANNEL_CREATE", d: { ...channel("999"), guild_id: GUILD } });
  await stage.pass(100);
  expect(made).toMatchObject({ ok: true, value: { id: "999" } });
  expect(state().channels["999"]).toBeDefined();
});

test("whoever makes a channel while the gateway is away is not left waiting", async () => {
  const others = stage.respond;
  stage.respond = (request) =>
    request.method === "POST" && request.url.endsWith(`/guilds/${GUILD}/channels`)
      ? { status: 201, body: channel("999") }
      : others(request);
  const made = client.actions.createChannel(GUILD, { name: "officers", kind: "text" });
  await stage.pass(10_000);
  expect(await made).toMatchObject({ ok: true, value: { id: "999" } });
});
