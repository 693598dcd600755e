import { beforeEach, describe, expect, test } from "vitest";
import {
  type Client,
  createClient,
  forwardTargets,
  initialState,
  type Message,
  messageDeeds,
  type State,
  said,
  whence,
} from "../src/index.ts";
import { type EventName, reduce } from "../src/state/reduce.ts";
import { showPage } from "../src/state/window.ts";
import type * as wire from "../src/wire/generated.ts";
import { type Respond, Stage } from "./stage.ts";
import { AT, channel, GUILD, guildCreate, ME, message, ready, role, user } from "./world.ts";

const EARLIER = "2025-12-31T12:00:00.000000+00:00";

const SNAPSHOT: wire.MessageSnapshot = {
  type: 0,
  content: "ask <@1007> at **dawn**",
  timestamp: EARLIER,
  edited_timestamp: null,
  flags: 0,
  mentions: [user("1007", "Bo")],
  mention_roles: [],
  attachments: [{ id: "1", filename: "mast.png", size: 9, url: "/files/1/mast.png", proxy_url: "" }],
  embeds: [],
  components: [],
};

/** A message that passes one on. */
function passedOn(id: string, channelId: string, author: string, more: Partial<wire.Message> = {}) {
  return message(id, channelId, author, {
    content: "",
    flags: 1 << 14,
    message_reference: { type: 1, channel_id: "300", guild_id: GUILD, message_id: "500" },
    message_snapshots: [{ message: SNAPSHOT }],
    ...more,
  });
}

const hear = (state: State, t: EventName, d: unknown) => reduce(state, t, d as never, 0);

/** A guild with two channels, the second of which one sees and does not write in, and a third that one does not see. */
function begun(): State {
  const denied = (deny: bigint) => ({
    permission_overwrites: [{ id: GUILD, type: 0 as const, allow: "0", deny: String(deny) }],
  });
  const channels = [
    channel("300"),
    channel("301", { ...denied(1n << 11n), name: "read only" }),
    channel("302", { ...denied(1n << 10n), name: "cabin" }),
    channel("303", { type: 15, name: "forum" }),
    channel("304", { name: "harbour" }),
  ];
  const direct = { id: "400", type: 1 as const, recipients: [user("1007", "Bo")], last_message_id: "900" };
  let state = hear(initialState(), "READY", ready([GUILD], [direct as never]));
  state = hear(state, "GUILD_CREATE", guildCreate({ channels }));
  return showPage(state, "304", { messages: [], hasOlder: false, hasNewer: false }, null);
}

function heard(from: wire.Message, state = begun()): { state: State; message: Message } {
  const next = hear(state, "MESSAGE_CREATE", { ...from, guild_id: GUILD });
  const known = next.messages["304"]?.[from.id];
  if (known === undefined) throw new Error("it is not there");
  return { state: next, message: known };
}

describe("what is passed on", () => {
  test("is read in the message that passes it on, with where it is from, and answers nothing", () => {
    const { state, message: one } = heard(passedOn("600", "304", "1002"));
    expect(one).toMatchObject({ content: "", answers: null, kind: "plain" });
    expect(one.forwarded).toMatchObject({ channelId: "300", guildId: GUILD, messageId: "500" });
    expect(one.forwarded?.at).toBe(Date.parse(EARLIER));
    expect(said(one)).toMatchObject({ content: SNAPSHOT.content, attachments: [{ filename: "mast.png" }] });
    // Whom it names is known by name.
    expect(state.users["1007"]?.displayName).toBe("Bo");
  });

  test("is what an answer quotes, before and after it is read", () => {
    const first = passedOn("600", "304", "1002");
    const answer = message("601", "304", "1003", {
      type: 19,
      message_reference: { channel_id: "304", message_id: "600" },
      referenced_message: first,
    });
    const { state, message: one } = heard(answer, heard(first).state);
    expect(one.answers?.content).toBe(SNAPSHOT.content);
    const again = hear(state, "MESSAGE_UPDATE", { ...first, guild_id: GUILD, pinned: true });
    expect(again.messages["304"]?.["601"]?.answers?.content).toBe(SNAPSHOT.content);
  });

  test("of a place that the program does not know is shown without it", () => {
    const reference = { type: 1, channel_id: "0" };
    const { state, message: one } = heard(passedOn("600", "304", "1002", { message_reference: reference }));
    expect(one.forwarded).toMatchObject({ channelId: null, guildId: null, messageId: null });
    if (one.forwarded === null) throw new Error("it passes on something");
    expect(whence(state, one.forwarded)).toEqual({ channel: null, guildName: null, messageId: null });
  });

  test("leads to where it is from for who sees that, and names no channel to who does not", () => {
    const from = (id: string) => {
      const reference = { type: 1, channel_id: id, guild_id: GUILD, message_id: "500" };
      const { state, message: one } = heard(passedOn("600", "304", "1002", { message_reference: reference }));
      return one.forwarded === null ? null : whence(state, one.forwarded);
    };
    expect(from("300")).toMatchObject({ channel: { id: "300" }, guildName: "Guild", messageId: "500" });
    expect(from("302")).toEqual({ channel: null, guildName: "Guild", messageId: null });
  });

  test("is not edited by who passed it on, and may be passed on again; what asks or tells of deeds may not", () => {
    const { state, message: one } = heard(passedOn("600", "304", ME));
    expect(messageDeeds(state, one)).toMatchObject({ edit: false, forward: true, delete: true });
    const { message: plain } = heard(message("601", "304", ME));
    expect(messageDeeds(state, plain)).toMatchObject({ edit: true, forward: true });
    const { message: joined } = heard(message("602", "304", ME, { type: 7 }));
    expect(messageDeeds(state, joined).forward).toBe(false);
    const { message: alert } = heard(message("603", "304", ME, { type: 24 }));
    expect(messageDeeds(state, alert).forward).toBe(false);
    const poll = {
      question: { text: "Where?" },
      answers: [],
      expiry: AT,
      allow_multiselect: false,
      layout_type: 1,
      results: { answer_counts: [], is_finalized: false },
    };
    const { message: asked } = heard(message("604", "304", ME, { poll: poll as never }));
    expect(messageDeeds(state, asked).forward).toBe(false);
  });

  test("that is taken away is given back to its author by its words", () => {
    let { state } = heard(passedOn("600", "304", ME));
    state = hear(state, "MESSAGE_DELETE", { id: "600", channel_id: "304", guild_id: GUILD });
    state = hear(state, "NEXUS_MESSAGE_VOID", { id: "600", channel_id: "304", reason: "filtered" });
    expect(state.voids).toMatchObject([{ messageId: "600", content: SNAPSHOT.content }]);
  });
});

test("it goes where one may write: the liveliest first, and by a few letters of the name", () => {
  const state = begun();
  const ids = (query: string) => forwardTargets(state, query).map(({ target }) => target.id);
  expect(ids("")).toEqual(["400", "304", "300"]);
  expect(ids("harb")).toEqual(["304"]);
  expect(ids("@")).toEqual(["400"]);
  expect(ids("cabin")).toEqual([]);
  expect(ids("read only")).toEqual([]);
  expect(ids("forum")).toEqual([]);
});

describe("passing on", () => {
  let stage: Stage;
  let client: Client;
  let onSend: Respond;
  let there: object[];

  const state = () => client.store.getState();
  const bodies = () =>
    stage.requests
      .filter((request) => request.method === "POST" && request.url.endsWith("/channels/304/messages"))
      .map((request) => JSON.parse(request.body ?? "{}") as Record<string, unknown>);
  const source = () => heard(message("500", "304", "1002"), begun()).message;

  async function start(): Promise<void> {
    client = createClient(stage.options());
    await client.start();
  }

  async function connect(): Promise<void> {
    stage.wire.say({ op: 10, d: { heartbeat_interval: 40_000 } });
    stage.wire.say({ op: 0, s: 1, t: "READY", d: ready([GUILD]) });
    const channels = [channel("300"), channel("304")];
    stage.wire.say({
      op: 0,
      s: 2,
      t: "GUILD_CREATE",
      d: guildCreate({ channels, roles: [role(GUILD, ~0n)] }),
    });
    await stage.pass(0);
  }

  beforeEach(async () => {
    stage = new Stage();
    stage.kept.set("session", JSON.stringify({ token: "token", refreshToken: "refresh" }));
    there = [];
    onSend = (request) => {
      const { nonce } = JSON.parse(request.body ?? "{}") as { nonce: string };
      return { status: 200, body: passedOn(`${5_000 + stage.requests.length}`, "304", ME, { nonce }) };
    };
    stage.respond = (request) => {
      const path = request.url.replace("http://here/api/v10", "");
      if (path === "/users/@me") return { status: 200, body: { ...user(ME), flags: 0 } };
      if (path === "/nexus/relay") return { status: 501 };
      if (request.method === "POST" && path.endsWith("/messages")) return onSend(request);
      if (request.method === "GET" && path.includes("/messages?")) return { status: 200, body: there };
      return { status: 404, body: { code: 0, message: "no" } };
    };
    await start();
  });

  test("says which message and nothing beside it; a note goes before it, and the tray stays", async () => {
    await connect();
    client.actions.attach("304", [{ name: "plan.txt", kind: "text/plain", bytes: { size: 4 } }]);
    client.actions.forward("304", source(), "look at this");
    await stage.pass(0);
    const [note, forward] = bodies();
    expect(note).toMatchObject({ content: "look at this" });
    const { nonce, ...rest } = forward ?? {};
    expect(rest).toEqual({
      message_reference: { type: 1, channel_id: "304", message_id: "500" },
      enforce_nonce: true,
    });
    expect(String(nonce)).toMatch(/.{6,25}/);
    expect(state().pending["304"]).toBeUndefined();
    expect(state().trays["304"]).toHaveLength(1);
  });

  test("without a connection it waits, is seen as what it passes on, outlives a start, and goes once", async () => {
    client.actions.forward("304", source(), "");
    expect(state().pending["304"]).toMatchObject([
      { state: "queued", content: "", forwards: { messageId: "500", shown: { content: "message 500" } } },
    ]);
    await stage.pass(1_000);
    await client.stop();
    await start();
    await connect();
    await stage.pass(1_000);
    expect(bodies()).toHaveLength(1);
    expect(bodies()[0]).toMatchObject({ message_reference: { type: 1, message_id: "500" } });
    expect(state().pending["304"]).toBeUndefined();
  });

  test("refused it waits for the person, with the reason", async () => {
    await connect();
    onSend = () => ({ status: 403, body: { code: 50_013, message: "no" } });
    client.actions.forward("304", source(), "");
    await stage.pass(0);
    expect(state().pending["304"]).toMatchObject([{ state: "failed", reason: { code: 50_013 } }]);
    client.actions.discard(state().pending["304"]?.[0]?.nonce ?? "");
    expect(state().pending["304"]).toBeUndefined();
  });

  test("what may have arrived is looked for first: that very message, and no other that is passed on", async () => {
    await connect();
    const shown = (id: string, timestamp: string) => ({
      message_reference: { type: 1, channel_id: "304", message_id: id },
      message_snapshots: [{ message: { ...SNAPSHOT, timestamp } }],
    });
    onSend = () => {
      there = [passedOn("5001", "304", ME, shown("499", EARLIER))];
      return null;
    };
    client.actions.forward("304", source(), "");
    await stage.pass(2_000);
    expect(bodies().length, "another one is there: it is sent again").toBeGreaterThan(1);
    there = [passedOn("5002", "304", ME, shown("500", AT))];
    const before = bodies().length;
    onSend = () => null;
    await stage.pass(120_000);
    expect(bodies().length).toBe(before);
    expect(state().pending["304"]).toBeUndefined();
  });
});
