import { beforeEach, expect, test } from "vitest";
import type { FormPart, Request } from "../src/client/ports.ts";
import {
  type Client,
  createClient,
  FILE_MAX,
  FILES_MAX,
  isBegun,
  isSpoiler,
  mayAttach,
  Permission,
  shownName,
} from "../src/index.ts";
import { plainName } from "../src/model/files.ts";
import { type Respond, Stage } from "./stage.ts";
import { channel, EVERYTHING_ORDINARY, GUILD, guildCreate, ME, message, ready, role, user } from "./world.ts";

let stage: Stage;
let client: Client;
/** What the program answers to a message. */
let onSend: Respond;
/** What the channel holds, newest first. */
let held: object[];

const state = () => client.store.getState();
const tray = () => state().trays["300"] ?? [];
const rows = () => state().pending["300"] ?? [];
const bytes = (size: number) => ({ size });
const file = (name: string, size = 3) => ({ name, kind: "text/plain", bytes: bytes(size) });
const sent = () =>
  stage.requests.filter((request) => request.method === "POST" && request.url.endsWith("/messages"));

beforeEach(async () => {
  stage = new Stage();
  stage.kept.set("session", JSON.stringify({ token: "token", refreshToken: "refresh" }));
  held = [];
  onSend = () => ({ status: 200, body: message("5001", "300", ME) });
  stage.respond = (request) => {
    const path = request.url.replace("http://here/api/v10", "");
    if (path === "/users/@me") return { status: 200, body: { ...user(ME), flags: 0 } };
    if (request.method === "POST" && path.endsWith("/messages")) return onSend(request);
    if (request.method === "GET" && path.includes("/messages?")) return { status: 200, body: held };
    return { status: 404, body: { code: 0, message: "no" } };
  };
  await begin();
});

async function begin(): Promise<void> {
  client = createClient(stage.options());
  await client.start();
  stage.wire.say({ op: 10, d: { heartbeat_interval: 40_000 } });
  stage.wire.say({ op: 0, s: 1, t: "READY", d: ready([GUILD]) });
  const roles = [role(GUILD, EVERYTHING_ORDINARY)];
  stage.wire.say({ op: 0, s: 2, t: "GUILD_CREATE", d: guildCreate({ channels: [channel("300")], roles }) });
  await stage.pass(0);
}

function partsOf(request: Request | undefined): readonly FormPart[] {
  return request?.form ?? [];
}

function payload(request: Request | undefined): Record<string, unknown> {
  const [first] = partsOf(request);
  return JSON.parse(first !== undefined && "text" in first ? first.text : "{}") as Record<string, unknown>;
}

test("a message goes with the files of its tray, what they show, and their covers", async () => {
  client.actions.attach("300", [file("a.txt", 3), file("b.png", 4)]);
  const [, second] = tray();
  client.actions.editFile(second?.key ?? "", { about: " the mast ", spoiler: true });
  client.actions.send("300", "look", { messageId: "4000", mention: true });
  expect(tray()).toEqual([]);
  await stage.pass(0);
  expect(rows()).toEqual([]);
  expect(payload(sent()[0])).toMatchObject({
    content: "look",
    enforce_nonce: true,
    message_reference: { message_id: "4000" },
    attachments: [
      { id: 0, filename: "a.txt" },
      { id: 1, filename: "SPOILER_b.png", description: "the mast" },
    ],
  });
  expect(partsOf(sent()[0]).slice(1)).toEqual([
    { field: "files[0]", name: "a.txt", kind: "text/plain", bytes: bytes(3) },
    { field: "files[1]", name: "SPOILER_b.png", kind: "text/plain", bytes: bytes(4) },
  ]);
  expect(sent()[0]?.body).toBeUndefined();
  expect([...stage.files.keys()], "nobody needs their bytes any more").toEqual([]);
  expect(state().uploads).toEqual({});
});

test("what cannot go along is said before anything is sent, and what can is taken", () => {
  const large = { name: "film.mp4", kind: "video/mp4", bytes: bytes(FILE_MAX + 1) };
  const folder = { name: "photos", kind: "", bytes: null };
  expect(client.actions.attach("300", [large, folder, file("a.txt")])).toEqual([
    { name: "film.mp4", why: "too_large" },
    { name: "photos", why: "folder" },
  ]);
  expect(tray().map(({ name }) => name)).toEqual(["a.txt"]);
  expect([isBegun(state(), "300"), isBegun(state(), "301")]).toEqual([true, false]);
  const nine = Array.from({ length: FILES_MAX - 1 }, (_, at) => file(`${at}.txt`));
  expect(client.actions.attach("300", nine)).toEqual([]);
  expect(client.actions.attach("300", [file("eleventh.txt")])).toEqual([
    { name: "eleventh.txt", why: "too_many" },
  ]);
  const half = Math.floor(FILE_MAX * 0.9);
  const heavy = [file("1", half), file("2", half), file("3", half)];
  expect(client.actions.attach("301", heavy)).toEqual([{ name: "3", why: "too_large_together" }]);
});

test("files and their message outlive a start, in the tray and in the outbox", async () => {
  onSend = () => null;
  client.actions.attach("300", [file("sent.txt")]);
  client.actions.send("300", "");
  client.actions.attach("300", [file("begun.txt")]);
  await stage.pass(500);
  await client.stop();
  onSend = () => ({ status: 200, body: message("5001", "300", ME) });
  stage.wires.length = 0;
  await begin();
  expect(tray()).toMatchObject([{ name: "begun.txt", kept: true }]);
  await stage.pass(5_000);
  expect(rows()).toEqual([]);
  expect(partsOf(sent().at(-1))[1]).toMatchObject({ name: "sent.txt", bytes: bytes(3) });
  expect(await client.actions.fileBytes(tray()[0]?.key ?? "")).toEqual(bytes(3));
});

test("a file that the browser does not keep says so, wherever it is by then", async () => {
  stage.keepsFiles = false;
  onSend = () => ({ status: 403, body: { code: 50_013, message: "no" } });
  client.actions.attach("300", [file("a.txt")]);
  await stage.pass(0);
  expect(tray()).toMatchObject([{ kept: false }]);
  client.actions.send("300", "");
  await stage.pass(0);
  expect(rows()).toMatchObject([{ state: "failed", files: [{ kept: false }] }]);
});

test("a file whose bytes are gone fails its message, which stays", async () => {
  client.actions.attach("300", [file("a.txt")]);
  await stage.pass(0);
  stage.files.clear();
  client.actions.send("300", "with it");
  await stage.pass(0);
  expect(sent()).toEqual([]);
  expect(rows()).toMatchObject([{ state: "failed", content: "with it", reason: { kind: "lost" } }]);
});

test("what was refused keeps its text and files, and goes when it is tried again", async () => {
  const accepts = onSend;
  onSend = () => ({ status: 403, body: { code: 50_013, message: "no" } });
  client.actions.attach("300", [file("a.txt")]);
  client.actions.send("300", "text");
  await stage.pass(0);
  const [row] = rows();
  expect(row).toMatchObject({ state: "failed", content: "text", files: [{ name: "a.txt" }] });
  expect(stage.files.size).toBe(1);
  onSend = accepts;
  client.actions.retry(row?.nonce ?? "");
  await stage.pass(0);
  expect(rows()).toEqual([]);
  expect(partsOf(sent()[1])[1]).toMatchObject({ name: "a.txt" });
  expect(stage.files.size).toBe(0);
});

test("a message that is discarded takes its files along", async () => {
  onSend = () => ({ status: 403, body: {} });
  client.actions.attach("300", [file("a.txt"), file("b.txt")]);
  client.actions.detach("300", tray()[0]?.key ?? "");
  await stage.pass(0);
  expect(stage.files.size).toBe(1);
  client.actions.send("300", "");
  await stage.pass(0);
  client.actions.discard(rows()[0]?.nonce ?? "");
  await stage.pass(0);
  expect(stage.files.size).toBe(0);
});

test("how much is out is told, and who stops it keeps text and files", async () => {
  await client.stop();
  let upload: Request["upload"];
  let broken = false;
  let fail: (why: Error) => void = () => {};
  const options = stage.options();
  const { transport } = options;
  const held = (request: Request) => {
    if (request.form === undefined) return transport.request(request);
    upload = request.upload;
    upload?.begun(() => {
      broken = true;
      fail(new Error("broken off"));
    });
    return new Promise<never>((_, reject) => {
      fail = reject;
    });
  };
  client = createClient({ ...options, transport: { ...transport, request: held } });
  await client.start();
  stage.wire.say({ op: 10, d: { heartbeat_interval: 40_000 } });
  stage.wire.say({ op: 0, s: 1, t: "READY", d: ready([]) });
  client.actions.attach("300", [file("a.txt")]);
  client.actions.send("300", "text");
  await stage.pass(0);
  const nonce = rows()[0]?.nonce ?? "";
  upload?.sent(0.25);
  expect(state().uploads[nonce]).toBe(0.25);
  client.actions.stopSending(nonce);
  await stage.pass(0);
  expect(broken).toBe(true);
  // The whole of it may have arrived just before: trying again looks first.
  expect(rows()).toMatchObject([
    { state: "failed", content: "text", uncertain: true, reason: { kind: "stopped" } },
  ]);
  expect(rows()[0]?.files).toHaveLength(1);
  expect(state().uploads).toEqual({});
});

test("files that may have arrived are looked for by what they are called and how large they are", async () => {
  onSend = () => null;
  client.actions.attach("300", [file("a.txt")]);
  client.actions.send("300", "");
  await stage.pass(0);
  const one = { id: "1", filename: "a.txt", url: "", proxy_url: "" };
  held = [message("5001", "300", ME, { content: "", attachments: [{ ...one, size: 4 }] })];
  await stage.pass(300);
  expect(sent().length, "another file of that name is not it").toBeGreaterThan(1);
  const before = sent().length;
  held = [message("5002", "300", ME, { content: "", attachments: [{ ...one, size: 3 }] })];
  await stage.pass(10_000);
  expect(rows()).toEqual([]);
  expect(sent().length).toBeLessThanOrEqual(before + 1);
});

test("files that the line does not carry are not sent for ever, and what the program gives up on not again by itself", async () => {
  onSend = () => ({ status: 500, body: {} });
  client.actions.attach("300", [file("a.txt")]);
  client.actions.send("300", "");
  await stage.pass(10_000);
  expect(sent()).toHaveLength(4);
  expect(rows()).toMatchObject([{ state: "failed", uncertain: true, reason: { kind: "server" } }]);
  onSend = () => ({ status: 408, body: {} });
  client.actions.retry(rows()[0]?.nonce ?? "");
  await stage.pass(5_000);
  expect(sent()).toHaveLength(5);
  expect(rows()).toMatchObject([{ state: "failed", reason: { kind: "timeout" } }]);
});

test("who signs out leaves no file behind; whose session ended finds theirs again", async () => {
  client.actions.attach("300", [file("a.txt")]);
  await stage.pass(500);
  const others = stage.respond;
  stage.respond = (request) => (request.url.endsWith("/auth/refresh") ? { status: 401 } : others(request));
  stage.wire.events.close(4004);
  await stage.pass(100);
  expect(state().session).toEqual({ phase: "signed_out", why: "ended" });
  expect(stage.files.size).toBe(1);
  stage.kept.set("session", JSON.stringify({ token: "token", refreshToken: "refresh" }));
  stage.respond = others;
  await client.stop();
  await begin();
  expect(tray()).toHaveLength(1);
  await client.actions.logout();
  await stage.pass(0);
  expect(stage.files.size).toBe(0);
});

test("what was left behind a day ago is removed at a start, and nothing that is needed or another's", async () => {
  client.actions.attach("300", [file("needed.txt")]);
  await stage.pass(500);
  const [needed] = stage.files.keys();
  stage.now += 25 * 60 * 60_000;
  stage.files.set(`${ME}.1000.1-x`, bytes(1));
  stage.files.set(`${ME}.${stage.now - 1_000}.1-x`, bytes(1));
  stage.files.set("1002.1000.1-x", bytes(1));
  await client.stop();
  await begin();
  expect([...stage.files.keys()].sort()).toEqual(
    [needed, `${ME}.${stage.now - 1_000}.1-x`, "1002.1000.1-x"].sort(),
  );
});

test("who may write and not send files is offered none", () => {
  expect(mayAttach(state(), "300")).toBe(true);
  const without = role(GUILD, EVERYTHING_ORDINARY & ~Permission.ATTACH_FILES);
  stage.wire.say({ op: 0, s: 3, t: "GUILD_ROLE_UPDATE", d: { guild_id: GUILD, role: without } });
  expect(mayAttach(state(), "300")).toBe(false);
});

test("a name is what the program makes of it, and its end stays", () => {
  expect(plainName("../../etc/passwd")).toBe("passwd");
  expect(plainName("C:\\x\\y.png")).toBe("y.png");
  expect(plainName("..")).toBe("file");
  expect(plainName("a\u0000\nb")).toBe("ab");
  const long = plainName(`${"n".repeat(200)}.tar`);
  expect([long.length, long.endsWith(".tar")]).toEqual([92, true]);
  expect([isSpoiler("SPOILER_a.png"), isSpoiler("a.png")]).toEqual([true, false]);
  expect(shownName("SPOILER_a.png")).toBe("a.png");
});
