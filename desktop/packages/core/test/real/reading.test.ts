import { afterAll, beforeAll, expect, test } from "vitest";
import {
  type Client,
  channelName,
  channelTree,
  colorOf,
  conversations,
  memberGroups,
  nameOf,
  timelineItems,
  unread,
} from "../../src/index.ts";
import { botIn } from "./bot.ts";
import { clientAt, signedIn, until } from "./ports.ts";
import { type Program, startProgram } from "./program.ts";

let program: Program;
let token: string;

beforeAll(async () => {
  program = await startProgram();
  const setup = clientAt(program.origin);
  await setup.start();
  await setup.actions.setup(program.setupKey, "Ada");
  await setup.stop();
  token = program.token();
});

afterAll(() => program.stop());

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

test("a long history is paged to its beginning, and jumped into", async () => {
  const client = await signedIn(program.origin, token);
  const channelId = await openGuild(client);
  const guildId = client.store.getState().channels[channelId]?.guildId ?? "";
  const bot = await botIn(program.origin, token, guildId);
  for (let index = 0; index < 130; index += 1) await bot.say(channelId, `message ${index}`);

  const reader = await signedIn(program.origin, token);
  await reader.actions.openChannel(channelId);
  expect(said(reader, channelId).at(-1)).toBe("message 129");
  expect(reader.store.getState().timelines[channelId]).toMatchObject({ hasOlder: true, hasNewer: false });
  while (reader.store.getState().timelines[channelId]?.hasOlder === true) {
    expect(await reader.actions.loadOlder(channelId)).toMatchObject({ ok: true });
  }
  expect(said(reader, channelId)).toEqual(Array.from({ length: 130 }, (_, index) => `message ${index}`));

  const middle = reader.store.getState().timelines[channelId]?.ids[20] ?? "";
  await reader.actions.loadAround(channelId, middle);
  const around = reader.store.getState().timelines[channelId];
  expect(around).toMatchObject({ focus: middle, hasNewer: true });
  expect(said(reader, channelId)).toContain("message 20");
  while (reader.store.getState().timelines[channelId]?.hasNewer === true) {
    expect(await reader.actions.loadNewer(channelId)).toMatchObject({ ok: true });
  }
  expect(said(reader, channelId).at(-1)).toBe("message 129");
  await Promise.all([client.stop(), reader.stop()]);
});

test("what others say is unread until it is read, and says where new begins", async () => {
  const client = await signedIn(program.origin, token);
  const channelId = await openGuild(client);
  const state = client.store.getState();
  const [me, guildId] = [state.me ?? "", state.channels[channelId]?.guildId ?? ""];
  const bot = await botIn(program.origin, token, guildId);
  await bot.say(channelId, "before");
  await until(client, () => said(client, channelId).length === 1);
  client.actions.ack(channelId);
  await client.actions.openChannel(null);
  await bot.say(channelId, "plain");
  await bot.say(channelId, `for <@${me}>`);
  await until(client, (now) => unread(now, guildId).mentions === 1);
  await client.actions.openChannel(channelId);
  const kinds = timelineItems(client.store.getState(), channelId).map((item) => item.kind);
  expect(kinds).toEqual(["beginning", "day", "message", "unread", "message", "message"]);
  client.actions.ack(channelId);
  expect(unread(client.store.getState(), guildId)).toEqual({ unread: false, mentions: 0 });
  await client.stop();
});

test("a conversation is opened, named after the other, and written in", async () => {
  const client = await signedIn(program.origin, token);
  const channelId = await openGuild(client);
  const guildId = client.store.getState().channels[channelId]?.guildId ?? "";
  const bot = await botIn(program.origin, token, guildId);
  const opened = await client.actions.openConversation([bot.id]);
  if (!opened.ok) throw new Error(opened.failure.message);
  const { id } = opened.value;
  await client.actions.openChannel(id);
  client.actions.send(id, "only between us");
  await until(client, () => said(client, id).length === 1);
  const state = client.store.getState();
  expect(conversations(state).map((channel) => channelName(state, channel))).toEqual(["Hal"]);
  await client.stop();
  const again = await signedIn(program.origin, token);
  expect(conversations(again.store.getState())[0]?.lastMessageId).toBe(state.timelines[id]?.ids.at(-1));
  await again.stop();
});

test("guild, channel, role and nickname change on the screen as they are changed", async () => {
  const client = await signedIn(program.origin, token);
  const channelId = await openGuild(client);
  const { actions, store } = client;
  const guildId = store.getState().channels[channelId]?.guildId ?? "";
  const me = store.getState().me ?? "";
  const category = await actions.createChannel(guildId, { name: "Shelf", kind: "category" });
  if (!category.ok) throw new Error(category.failure.message);
  const made = await actions.createChannel(guildId, {
    name: "books",
    kind: "text",
    parentId: category.value.id,
  });
  if (!made.ok) throw new Error(made.failure.message);
  await until(client, ({ channels }) => made.value.id in channels);
  expect(
    channelTree(store.getState(), guildId)
      .at(-1)
      ?.channels.map((each) => each.name),
  ).toContain("books");
  const role = await actions.createRole(guildId, { name: "Reader", color: 0x3366ff, hoist: true });
  if (!role.ok) throw new Error(role.failure.message);
  expect(await actions.addRole(guildId, me, role.value.id)).toMatchObject({ ok: true });
  expect(await actions.setNick(guildId, me, "The Countess")).toMatchObject({ ok: true });
  expect(await actions.editGuild(guildId, { name: "Library" })).toMatchObject({ ok: true });
  expect(await actions.editChannel(made.value.id, { topic: "what we read" })).toMatchObject({ ok: true });
  await until(client, ({ channels }) => channels[made.value.id]?.topic === "what we read");
  const state = store.getState();
  expect(nameOf(state, me, guildId)).toBe("The Countess");
  expect(colorOf(state, me, guildId)).toBe(0x3366ff);
  expect(memberGroups(state, guildId, channelId)[0]?.role?.name).toBe("Reader");
  expect(state.guilds[guildId]?.name).toBe("Library");
  const invite = await actions.createInvite(channelId, 3_600);
  if (!invite.ok) throw new Error(invite.failure.message);
  expect(await actions.lookAtInvite(invite.value.code)).toMatchObject({
    ok: true,
    value: { guildName: "Library" },
  });
  expect(await actions.deleteChannel(made.value.id)).toMatchObject({ ok: true });
  await until(client, ({ channels }) => !(made.value.id in channels));
  await client.stop();
});
