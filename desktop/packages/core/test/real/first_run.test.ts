import { afterAll, beforeAll, expect, test } from "vitest";
import { timelineItems } from "../../src/index.ts";
import { clientAt, memoryStorage, signedIn, until } from "./ports.ts";
import { type Program, startProgram } from "./program.ts";

let program: Program;

beforeAll(async () => {
  program = await startProgram();
});

afterAll(() => program.stop());

test("from the one-time key to the first message, and back after a start", async () => {
  const kept = memoryStorage();
  const client = clientAt(program.origin, kept);
  await client.start();
  expect(client.store.getState().session).toEqual({ phase: "signed_out", why: "new" });

  expect((await client.actions.setup("not the key", "Ada")).ok).toBe(false);
  expect(await client.actions.setup(program.setupKey, "Ada")).toMatchObject({ ok: true });
  await until(client, (state) => state.session.phase === "ready");
  expect(client.store.getState().door.kind).toBe("node");

  const made = await client.actions.createGuild("Engines");
  if (!made.ok) throw new Error(made.failure.message);
  const state = await until(client, ({ guilds }) => guilds[made.value.id] !== undefined);
  const general = Object.values(state.channels).find((channel) => channel.kind === "text");
  if (general === undefined) throw new Error("no text channel");
  await client.actions.openChannel(general.id);
  client.actions.send(general.id, "Hello, engine.");
  expect(client.store.getState().pending[general.id]).toHaveLength(1);
  const sent = await until(client, ({ pending, timelines }) => {
    return pending[general.id] === undefined && timelines[general.id]?.ids.length === 1;
  });
  const kinds = timelineItems(sent, general.id).map((item) => item.kind);
  expect(kinds).toEqual(["beginning", "day", "message"]);
  client.actions.setDraft(general.id, "half a thought");
  await client.stop();

  const again = clientAt(program.origin, kept);
  await again.start();
  const back = await until(
    again,
    ({ session, guilds }) => session.phase === "ready" && made.value.id in guilds,
  );
  expect(back.drafts[general.id]).toBe("half a thought");
  expect(back.users[back.me ?? ""]?.displayName).toBe("Ada");
  await again.stop();
});

test("two windows of one person see the same, whoever writes", async () => {
  const one = await signedIn(program.origin, program.token());
  const other = await signedIn(program.origin, program.token());
  const made = await one.actions.createGuild("Two windows");
  if (!made.ok) throw new Error(made.failure.message);
  const state = await until(other, ({ guilds }) => made.value.id in guilds);
  await until(one, ({ guilds }) => made.value.id in guilds);
  const channelId =
    (state.channelsOf[made.value.id] ?? []).find((id) => state.channels[id]?.kind === "text") ?? "";
  await one.actions.openChannel(channelId);
  await other.actions.openChannel(channelId);
  for (let index = 0; index < 10; index += 1) {
    one.actions.send(channelId, `one ${index}`);
    other.actions.send(channelId, `other ${index}`);
  }
  const all = (seen: typeof state) =>
    seen.timelines[channelId]?.ids.length === 20 && !(channelId in seen.pending);
  const [first, second] = [await until(one, all), await until(other, all)];
  expect(first.timelines[channelId]?.ids).toEqual(second.timelines[channelId]?.ids);
  const mine = Object.values(first.messages[channelId] ?? {}).filter((message) =>
    message.content.startsWith("one"),
  );
  expect(mine.sort((a, b) => (a.id < b.id ? -1 : 1)).map((message) => message.content)).toEqual(
    Array.from({ length: 10 }, (_, index) => `one ${index}`),
  );

  const target = first.timelines[channelId]?.ids[0] ?? "";
  await one.actions.react(channelId, target, "🦀");
  await other.actions.edit(channelId, target, "changed").catch(() => {});
  await until(other, ({ messages }) => messages[channelId]?.[target]?.reactions[0]?.emoji === "🦀");
  await until(one, ({ messages }) => messages[channelId]?.[target]?.editedAt !== null);
  const seen = one.store.getState().messages[channelId]?.[target];
  expect(seen?.reactions).toEqual([{ emoji: "🦀", count: 1, mine: true }]);
  await one.actions.deleteMessage(channelId, target);
  await until(other, ({ timelines }) => timelines[channelId]?.ids.length === 19);
  await Promise.all([one.stop(), other.stop()]);
});
