import { expect, test } from "vitest";
import {
  type Attachment,
  createClient,
  firstChannel,
  initialState,
  leadFile,
  type State,
} from "../src/index.ts";
import { channelsNamed } from "../src/search/named.ts";
import { reduce } from "../src/state/reduce.ts";
import { channel as decoded } from "../src/wire/decode.ts";
import type * as wire from "../src/wire/generated.ts";
import { Stage } from "./stage.ts";
import { AT, channel, GUILD, guildCreate, ready } from "./world.ts";

const TAG = { id: "7", name: "Wood", moderated: false, emoji_id: null, emoji_name: null };

/** A channel of any number, as a program newer than this client may send it. */
function numbered(id: string, type: number, more: Partial<wire.Channel> = {}): wire.Channel {
  return { ...channel(id, more), type: type as wire.Channel["type"] };
}

function post(id: string, parentId: string): wire.Thread {
  const none = { last_message_id: null, rate_limit_per_user: 0, flags: 0 };
  return {
    ...none,
    id,
    type: 11,
    guild_id: GUILD,
    parent_id: parentId,
    owner_id: "1002",
    name: `post ${id}`,
    message_count: 0,
    total_message_sent: 0,
    member_count: 1,
    thread_metadata: {
      archived: false,
      archive_timestamp: AT,
      auto_archive_duration: 1440,
      locked: false,
      create_timestamp: AT,
    },
  };
}

function begun(channels: readonly wire.Channel[], threads: wire.Thread[] = []): State {
  const state = reduce(initialState(), "READY", ready([GUILD]), 0);
  return reduce(state, "GUILD_CREATE", { ...guildCreate({ channels }), threads }, 0);
}

test("a media channel has all that a forum has, and shows its posts by their pictures", () => {
  const media = decoded(numbered("300", 16, { available_tags: [TAG], flags: 1 << 4 }), GUILD);
  expect(media.kind).toBe("media");
  expect(media.forum).toMatchObject({ tags: [{ id: "7", name: "Wood" }], tagRequired: true, gallery: true });
});

test("a forum shows its posts by their pictures where that was chosen for it", () => {
  const shown = (layout?: number) =>
    decoded(numbered("300", 15, layout === undefined ? {} : { default_forum_layout: layout }), GUILD).forum;
  expect([undefined, 0, 1, 2].map((layout) => shown(layout)?.gallery)).toEqual([false, false, false, true]);
});

test("a channel of a number that nobody here knows is a text channel", () => {
  for (const type of [13, 14, 17, 99]) {
    expect(decoded(numbered("300", type), GUILD)).toMatchObject({ kind: "text", forum: null });
  }
});

test("where a guild has nothing to talk in, one begins where its posts are", () => {
  expect(firstChannel(begun([channel("300", { type: 4 }), numbered("301", 16)]), GUILD)?.id).toBe("301");
  expect(firstChannel(begun([numbered("301", 16), channel("302")]), GUILD)?.id).toBe("302");
});

test("who looks for something in a media channel looks for it in its posts", () => {
  const state = begun([numbered("300", 16, { name: "photos" })], [post("400", "300"), post("401", "300")]);
  const named = channelsNamed(state, { kind: "guild", id: GUILD }, "photos");
  expect([...named].sort()).toEqual(["400", "401"]);
});

test("a media channel is made by its number, and opened without asking for messages that it cannot have", async () => {
  const stage = new Stage();
  stage.kept.set("session", JSON.stringify({ token: "token", refreshToken: "refresh" }));
  stage.respond = ({ url }) =>
    url.endsWith("/channels")
      ? { status: 201, body: numbered("300", 16) }
      : { status: 200, body: ready([]).user };
  const client = createClient(stage.options());
  await client.start();
  stage.wire.say({ op: 10, d: { heartbeat_interval: 45_000 } });
  stage.wire.say({ op: 0, s: 1, t: "READY", d: ready([GUILD]) });
  stage.wire.say({ op: 0, s: 2, t: "GUILD_CREATE", d: guildCreate({ channels: [numbered("300", 16)] }) });
  await client.actions.createChannel(GUILD, { name: "photos", kind: "media" });
  const made = stage.requests.find(({ method, url }) => method === "POST" && url.endsWith("/channels"));
  expect(JSON.parse(String(made?.body))).toMatchObject({ name: "photos", type: 16 });
  const before = stage.requests.length;
  expect(await client.actions.openChannel("300")).toEqual({ ok: true, value: undefined });
  expect(client.store.getState().openChannel).toBe("300");
  expect(stage.requests.length).toBe(before);
  await client.stop();
});

function file(filename: string, contentType: string | null = null): Attachment {
  const facts = { id: filename, size: 1, url: "", about: null, width: null, height: null };
  return { ...facts, filename, contentType };
}

test("of a message's files the first picture stands for it, then a film, then whatever there is", () => {
  const lead = (...attachments: Attachment[]) => leadFile({ attachments });
  expect(lead()).toBeNull();
  expect(lead(file("a.txt"), file("b.mp4"), file("c.PNG"), file("d.jpg"))).toMatchObject({
    kind: "picture",
    attachment: { filename: "c.PNG" },
    covered: false,
    others: 3,
  });
  expect(lead(file("a.txt"), file("b", "video/mp4"))).toMatchObject({
    kind: "film",
    attachment: { filename: "b" },
  });
  expect(lead(file("a.txt"), file("b.zip"))).toMatchObject({
    kind: "file",
    attachment: { filename: "a.txt" },
  });
});

test("a covered picture stays the first, and covered: the next one is not shown in its stead", () => {
  const lead = leadFile({ attachments: [file("SPOILER_a.png"), file("b.png")] });
  expect(lead).toMatchObject({ kind: "picture", covered: true, attachment: { filename: "SPOILER_a.png" } });
});
