import { afterAll, beforeAll, expect, test } from "vitest";
import type { Client } from "../../src/index.ts";
import { clientAt, memoryStorage, signedIn, until } from "./ports.ts";
import { type Program, startProgram } from "./program.ts";
import { type Line, lineTo } from "./proxy.ts";

let program: Program;
let line: Line;
let token: string;

beforeAll(async () => {
  program = await startProgram();
  const setup = clientAt(program.origin);
  await setup.start();
  await setup.actions.setup(program.setupKey, "Ada");
  await setup.stop();
  token = program.token();
  line = await lineTo(program.origin);
});

afterAll(async () => {
  await line.close();
  await program.stop();
});

/** A guild of its own for a test, open in a client. */
async function openGuild(client: Client): Promise<string> {
  const made = await client.actions.createGuild("A guild");
  if (!made.ok) throw new Error(made.failure.message);
  const state = await until(client, ({ channelsOf }) => made.value.id in channelsOf);
  const text = state.channelsOf[made.value.id]?.find((id) => state.channels[id]?.kind === "text");
  if (text === undefined) throw new Error("no text channel");
  await client.actions.openChannel(text);
  return text;
}

const said = (client: Client, channelId: string) => {
  const { timelines, messages } = client.store.getState();
  return (timelines[channelId]?.ids ?? []).map((id) => messages[channelId]?.[id]?.content);
};

test("what is said while a line is cut comes by the resume, once and in order", async () => {
  const [far, near] = [await signedIn(line.origin, token), await signedIn(program.origin, token)];
  const channelId = await openGuild(near);
  await until(far, ({ channels }) => channelId in channels);
  await far.actions.openChannel(channelId);
  let anew = 0;
  let ready = far.store.getState().session;
  far.store.subscribe(({ session }) => {
    if (session.phase === "connecting") anew += 1;
    ready = session;
  });
  for (let round = 0; round < 5; round += 1) {
    line.cut();
    near.actions.send(channelId, `round ${round}`);
    await until(far, () => said(far, channelId).length === round + 1 && ready.phase === "ready");
  }
  expect(said(far, channelId)).toEqual(Array.from({ length: 5 }, (_, round) => `round ${round}`));
  expect(anew).toBe(0);
  await Promise.all([far.stop(), near.stop()]);
});

test("what is written without a line waits, survives the client, and is there once", async () => {
  const kept = memoryStorage(new Map([["session", JSON.stringify({ token, refreshToken: null })]]));
  const client = clientAt(line.origin, kept);
  await client.start();
  await until(client, ({ session }) => session.phase === "ready");
  const channelId = await openGuild(client);
  line.down();
  await until(client, ({ session }) => session.phase !== "ready");
  client.actions.send(channelId, "first");
  client.actions.send(channelId, "second");
  expect(client.store.getState().pending[channelId]?.map((row) => row.content)).toEqual(["first", "second"]);
  await client.stop();

  line.up();
  const again = clientAt(line.origin, kept);
  await again.start();
  await until(again, ({ session, channels }) => session.phase === "ready" && channelId in channels);
  await again.actions.openChannel(channelId);
  await until(again, ({ pending }) => pending[channelId] === undefined);
  await until(again, () => said(again, channelId).length === 2);
  expect(said(again, channelId)).toEqual(["first", "second"]);
  await again.stop();
});

test("a message whose answer was lost with the program is not sent twice", async () => {
  const kept = new Map([["session", JSON.stringify({ token, refreshToken: null })]]);
  const client = clientAt(program.origin, memoryStorage(kept));
  await client.start();
  await until(client, ({ session }) => session.phase === "ready");
  const channelId = await openGuild(client);
  client.actions.send(channelId, "only once");
  await until(client, () => said(client, channelId).length === 1);
  const me = client.store.getState().me ?? "";
  await client.stop();

  // As the client would have kept it, had the answer not come.
  const row = {
    nonce: "lost",
    channelId,
    content: "only once",
    answers: null,
    mentionAnswered: false,
    at: Date.now(),
    state: "sending",
    reason: null,
    uncertain: true,
    after: null,
  };
  kept.set(`account.${me}.outbox`, JSON.stringify([row]));
  await program.restart();
  const again = clientAt(program.origin, memoryStorage(kept));
  await again.start();
  await until(again, ({ session, channels }) => session.phase === "ready" && channelId in channels);
  await again.actions.openChannel(channelId);
  await until(again, ({ pending }) => pending[channelId] === undefined);
  again.actions.send(channelId, "the end");
  await until(again, () => said(again, channelId).at(-1) === "the end");
  expect(said(again, channelId)).toEqual(["only once", "the end"]);
  await again.stop();
});

test("after the program was started anew everything that was missed is there", async () => {
  const client = await signedIn(line.origin, token);
  const channelId = await openGuild(client);
  client.actions.send(channelId, "before");
  await until(client, () => said(client, channelId).length === 1);
  const id = client.store.getState().timelines[channelId]?.ids[0] ?? "";
  line.down();
  await program.restart();
  const other = await signedIn(program.origin, token);
  await other.actions.openChannel(channelId);
  other.actions.send(channelId, "meanwhile");
  await until(other, () => said(other, channelId).length === 2);
  expect(await other.actions.edit(channelId, id, "changed")).toMatchObject({ ok: true });
  line.up();
  client.actions.reconnect();
  await until(client, () => said(client, channelId).length === 2);
  expect(said(client, channelId)).toEqual(["changed", "meanwhile"]);
  await Promise.all([client.stop(), other.stop()]);
});
