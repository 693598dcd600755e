import { beforeEach, expect, test } from "vitest";
import { type Client, createClient, FILES_MAX, type NewEvent } from "../src/index.ts";
import { Stage, type Wire } from "./stage.ts";
import { channel, EVERYTHING_ORDINARY, GUILD, guildCreate, ME, message, ready, role, user } from "./world.ts";

const SUPPER: NewEvent = {
  name: "Supper",
  description: null,
  startsAt: Date.parse("2026-06-01T18:00:00.000Z"),
  place: { location: "On the quay", endsAt: Date.parse("2026-06-01T20:00:00.000Z") },
};

interface Window {
  readonly client: Client;
  /** Its newest connection. */
  readonly wire: Wire;
}

let stage: Stage;

beforeEach(() => {
  stage = new Stage();
  stage.kept.set("session", JSON.stringify({ token: "token", refreshToken: "refresh" }));
  let number = 5_000;
  stage.respond = ({ method, url, body }) => {
    const path = url.replace("http://here/api/v10", "");
    if (path === "/users/@me") return { status: 200, body: { ...user(ME), flags: 0 } };
    // It remembers no nonce: what is sent twice is there twice.
    if (method === "POST" && path.endsWith("/messages")) {
      number += 1;
      const { content = "" } = JSON.parse(body ?? "{}") as { content?: string };
      return { status: 200, body: message(`${number}`, "300", ME, { content }) };
    }
    if (path.includes("/messages?")) return { status: 200, body: [] };
    return { status: 404, body: { code: 0, message: "no" } };
  };
});

/** Another window of the same browser; `alone`: one that cannot tell which others are there. */
async function open(alone = false): Promise<Window> {
  let wire: Wire | null = null;
  const { transport } = stage.options();
  const connect: typeof transport.connect = (url, events) => {
    const socket = transport.connect(url, events);
    wire = stage.wire;
    return socket;
  };
  const { exclusive, ...given } = stage.window();
  const more = alone || exclusive === undefined ? given : { ...given, exclusive };
  const client = createClient(stage.options({ ...more, transport: { ...transport, connect } }));
  const window = {
    client,
    get wire() {
      return wire ?? stage.wire;
    },
  };
  await client.start();
  await stage.pass(0);
  await welcome(window);
  return window;
}

async function welcome({ wire }: Window): Promise<void> {
  wire.say({ op: 10, d: { heartbeat_interval: 40_000 } });
  wire.say({ op: 0, s: 1, t: "READY", d: ready([GUILD]) });
  const roles = [role(GUILD, EVERYTHING_ORDINARY)];
  wire.say({ op: 0, s: 2, t: "GUILD_CREATE", d: guildCreate({ channels: [channel("300")], roles }) });
  await stage.pass(0);
}

/** The window's line breaks, and is there again a little later. */
async function backAgain(window: Window): Promise<void> {
  await stage.pass(5_000);
  await welcome(window);
  await stage.pass(1_000);
}

const pending = ({ client }: Window, place = "300") => client.store.getState().pending[place] ?? [];
const tray = ({ client }: Window) => (client.store.getState().trays["300"] ?? []).map(({ name }) => name);
const file = (name: string) => ({ name, kind: "text/plain", bytes: { size: 3 } });
const posted = (end: string) =>
  stage.requests.filter(({ method, url }) => method === "POST" && url.endsWith(end));

test("what waits in one window is sent by that window alone, whichever comes online first", async () => {
  const a = await open();
  a.wire.events.close(1006);
  a.client.actions.send("300", "from the dark");
  await a.client.actions.createEvent(GUILD, SUPPER);
  const b = await open();
  await stage.pass(1_000);
  expect([pending(b), pending(b, GUILD)]).toEqual([[], []]);
  expect(posted("/messages")).toEqual([]);
  await backAgain(a);
  expect(posted("/messages")).toHaveLength(1);
  expect(posted("/scheduled-events")).toHaveLength(1);
  expect(pending(a)).toEqual([]);
  await b.client.stop();
  const c = await open();
  expect(pending(c)).toEqual([]);
  expect(posted("/messages")).toHaveLength(1);
});

test("what a window that is gone left behind is sent by one of the others, once", async () => {
  const a = await open();
  const [b, c] = [await open(), await open()];
  a.wire.events.close(1006);
  a.client.actions.send("300", "left behind");
  await stage.pass(0);
  await a.client.stop();
  await stage.pass(1_000);
  expect(posted("/messages")).toHaveLength(1);
  for (const each of [b, c]) expect(pending(each)).toEqual([]);
  expect(stage.waiting()).toBe("");
});

test("who takes over what waits and is gone, too, leaves it to the next", async () => {
  const a = await open();
  const [b, c] = [await open(), await open()];
  for (const each of [a, b, c]) each.wire.events.close(1006);
  a.client.actions.send("300", "left twice");
  await stage.pass(0);
  await a.client.stop();
  await stage.pass(0);
  expect([pending(b).length, pending(c).length].sort()).toEqual([0, 1]);
  const [holder, other] = pending(b).length === 1 ? [b, c] : [c, b];
  await holder.client.stop();
  await stage.pass(0);
  expect(pending(other).map(({ content }) => content)).toEqual(["left twice"]);
});

test("a tray is one window's: another neither shows nor sends it, and gets it when that one is gone", async () => {
  const a = await open();
  a.client.actions.attach("300", [file("mast.png")]);
  await stage.pass(500);
  const b = await open();
  expect(tray(b)).toEqual([]);
  b.client.actions.send("300", "nothing goes along");
  a.client.actions.send("300", "with the mast");
  await stage.pass(0);
  expect(
    posted("/messages")
      .map(({ form }) => form?.length ?? 0)
      .sort(),
  ).toEqual([0, 2]);

  a.client.actions.attach("300", [file("hull.png")]);
  await stage.pass(500);
  await a.client.stop();
  await stage.pass(0);
  expect(tray(b)).toEqual(["hull.png"]);
  b.client.actions.send("300", "with the hull");
  await stage.pass(0);
  expect(posted("/messages").at(-1)?.form?.[1]).toMatchObject({ name: "hull.png", bytes: { size: 3 } });
  expect([...stage.files.keys()], "nobody needs their bytes any more").toEqual([]);
});

test("what does not fit into a tray that is full waits for another one", async () => {
  const a = await open();
  const b = await open();
  const many = (from: number) => Array.from({ length: FILES_MAX - 1 }, (_, at) => file(`${from + at}.txt`));
  a.client.actions.attach("300", many(0));
  b.client.actions.attach("300", many(100));
  await stage.pass(500);
  await a.client.stop();
  await stage.pass(500);
  expect(tray(b)).toHaveLength(FILES_MAX - 1);
  expect(tray(b)[0]).toBe("100.txt");
  b.client.actions.send("300", "mine");
  await stage.pass(500);
  const c = await open();
  expect(tray(c)).toHaveLength(FILES_MAX - 1);
  expect(tray(c)[0]).toBe("0.txt");
});

test("what a full browser does not let another window keep stays where it was kept", async () => {
  const a = await open();
  const b = await open();
  for (const each of [a, b]) each.wire.events.close(1006);
  a.client.actions.send("300", "hold on to it");
  await stage.pass(0);
  stage.isFull = true;
  await a.client.stop();
  await stage.pass(0);
  expect(pending(b).map(({ content }) => content)).toEqual(["hold on to it"]);
  expect(stage.waiting()).toContain("hold on to it");
});

test("files that wait in another window are not swept away, however old they are", async () => {
  const a = await open();
  a.client.actions.attach("300", [file("old.txt")]);
  await stage.pass(2 * 24 * 60 * 60_000);
  await open();
  await stage.pass(1_000);
  expect(stage.files.size).toBe(1);
});

test("what an earlier version kept is taken by one of two windows that are opened together", async () => {
  const row = { nonce: "n", channelId: "300", content: "kept before", answers: null, mentionAnswered: false };
  const rest = { at: 0, state: "queued", reason: null, uncertain: false, after: null };
  stage.kept.set(`account.${ME}.outbox`, JSON.stringify([{ ...row, ...rest }]));
  const kept = {
    key: `${ME}.1.1-a`,
    name: "before.txt",
    kind: "",
    size: 3,
    about: "",
    spoiler: false,
    kept: true,
  };
  stage.kept.set(`account.${ME}.trays`, JSON.stringify({ 300: [kept] }));
  const [a, b] = [await open(), await open()];
  await stage.pass(1_000);
  expect(posted("/messages")).toHaveLength(1);
  expect([...tray(a), ...tray(b)]).toEqual(["before.txt"]);
  expect(stage.kept.has(`account.${ME}.outbox`)).toBe(false);
});

test("where windows do not know of each other the nonce makes it one message", async () => {
  const a = await open(true);
  a.wire.events.close(1006);
  a.client.actions.send("300", "from the dark");
  await stage.pass(0);
  const b = await open(true);
  await stage.pass(1_000);
  // And nothing goes back and forth between them.
  a.client.actions.attach("300", [file("mast.png")]);
  await stage.pass(1_000);
  expect([tray(a), tray(b)]).toEqual([["mast.png"], []]);
  await backAgain(a);
  const nonces = posted("/messages").map(({ body }) => (JSON.parse(body ?? "{}") as { nonce: string }).nonce);
  expect(nonces).toHaveLength(2);
  expect(new Set(nonces).size).toBe(1);
});
