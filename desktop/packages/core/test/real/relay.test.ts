import { afterAll, beforeAll, expect, test } from "vitest";
import { type Client, conversations, unreadConversations } from "../../src/index.ts";
import { clientAt, cookieClientAt, until } from "./ports.ts";
import { startRelay } from "./program.ts";

let relay: Awaited<ReturnType<typeof startRelay>>;

beforeAll(async () => {
  relay = await startRelay();
});

afterAll(() => relay.stop());

async function newcomer(username: string): Promise<Client> {
  const client = clientAt(relay.origin);
  await client.start();
  expect(await client.actions.register({ username, password: "long enough a secret" })).toMatchObject({
    ok: true,
  });
  await until(client, ({ session }) => session.phase === "ready");
  return client;
}

test("two people of a relay: an invite, a talk, a conversation, a removal", async () => {
  const [ada, grace] = [await newcomer("ada"), await newcomer("grace")];
  expect(ada.store.getState().door).toMatchObject({ kind: "relay", registers: true });
  const made = await ada.actions.createGuild("Engines");
  if (!made.ok) throw new Error(made.failure.message);
  const guildId = made.value.id;
  const state = await until(ada, ({ channelsOf }) => guildId in channelsOf);
  const channelId = state.channelsOf[guildId]?.find((id) => state.channels[id]?.kind === "text") ?? "";
  const invite = await ada.actions.createInvite(channelId, 0);
  if (!invite.ok) throw new Error(invite.failure.message);

  expect(await grace.actions.lookAtInvite(invite.value.code)).toMatchObject({
    ok: true,
    value: { guildName: "Engines" },
  });
  expect(await grace.actions.join(`${relay.origin}/invite/${invite.value.code}`)).toMatchObject({ ok: true });
  await until(grace, ({ guilds }) => guildId in guilds);
  const graceId = grace.store.getState().me ?? "";
  await until(ada, ({ members }) => members[guildId]?.[graceId] !== undefined);
  await until(ada, ({ presences }) => presences[graceId]?.status === "online");

  await ada.actions.openChannel(channelId);
  await grace.actions.openChannel(channelId);
  grace.actions.typing(channelId);
  await until(ada, ({ typing }) => typing[channelId]?.[graceId] !== undefined);
  grace.actions.send(channelId, "Hello, Ada.");
  await until(ada, ({ timelines }) => timelines[channelId]?.ids.length === 1);
  expect(ada.store.getState().typing[channelId]?.[graceId]).toBeUndefined();

  const opened = await grace.actions.openConversation([ada.store.getState().me ?? ""]);
  if (!opened.ok) throw new Error(opened.failure.message);
  grace.actions.send(opened.value.id, "only between us");
  await until(ada, (now) => unreadConversations(now).mentions === 1);
  expect(conversations(ada.store.getState())[0]?.recipients).toEqual([graceId]);

  expect(await grace.actions.kick(guildId, ada.store.getState().me ?? "")).toMatchObject({
    failure: { kind: "forbidden" },
  });
  expect(await ada.actions.kick(guildId, graceId, "done")).toMatchObject({ ok: true });
  await until(grace, ({ guilds }) => !(guildId in guilds));
  expect(grace.store.getState().openChannel).toBeNull();
  await Promise.all([ada.stop(), grace.stop()]);
});

test("a page's session is two cookies: the one that ran out is renewed by the other, and logout ends both", async () => {
  const { client, jar, options } = cookieClientAt(relay.origin);
  await client.start();
  expect(client.store.getState().session).toEqual({ phase: "signed_out", why: "new" });
  expect(await client.actions.register({ username: "page", password: "long enough a secret" })).toMatchObject(
    { ok: true },
  );
  await until(client, ({ session }) => session.phase === "ready");
  expect([...jar.keys()].map((name) => name.replace(/_\d+$/, "")).sort()).toEqual([
    "nexus_refresh",
    "nexus_token",
  ]);
  await client.stop();

  const port = new URL(relay.origin).port;
  jar.delete(`nexus_token_${port}`);
  const again = cookieClientAt(relay.origin, jar, options.storage).client;
  await again.start();
  await until(again, ({ session }) => session.phase === "ready");
  expect(jar.has(`nexus_token_${port}`)).toBe(true);
  expect(await again.actions.logout()).toMatchObject({ ok: true });
  expect([...jar.keys()]).toEqual([]);
  await again.stop();
});

test("a wrong password and a name that is taken are told as what they are", async () => {
  const client = clientAt(relay.origin);
  await client.start();
  expect(await client.actions.login("ada", "not the password")).toMatchObject({ ok: false });
  expect(client.store.getState().session.phase).toBe("signed_out");
  const taken = await client.actions.register({ username: "ada", password: "long enough a secret" });
  expect(taken).toMatchObject({ failure: { kind: "invalid", fields: { username: expect.any(String) } } });
  expect(await client.actions.login("ada", "long enough a secret")).toMatchObject({ ok: true });
  await until(client, ({ session }) => session.phase === "ready");
  await client.stop();
});
