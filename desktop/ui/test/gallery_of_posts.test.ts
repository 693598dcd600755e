import type { Actions, Attachment, Channel, Client, Message, State } from "@nexus/core";
import { act, createElement } from "react";
import { createRoot } from "react-dom/client";
import { afterEach, expect, test } from "vitest";
import { createStore, type StoreApi } from "zustand/vanilla";
import { ClientProvider } from "../src/app/client.tsx";
import { choose } from "../src/app/settings.ts";
import { channelIcon } from "../src/parts/channel_icon.ts";
import { Posts } from "../src/shell/forum_view.tsx";
import { gridStep } from "../src/shell/grid_step.ts";
import { channel, GUILD, world } from "./world.ts";

Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true });

const NOTHING = { tags: [], tagRequired: false };
const MEDIA: Channel = { ...channel("300", "photos"), kind: "media", forum: { ...NOTHING, gallery: true } };
const POST: Channel = {
  ...channel("400", "Evening"),
  kind: "thread",
  parentId: "300",
  thread: {
    ownerId: "2",
    private: false,
    archived: false,
    archivedAt: 0,
    locked: false,
    messageCount: 3,
    memberCount: 1,
    followed: false,
    pinned: false,
    tags: [],
  },
};

let close = () => {};
afterEach(async () => {
  close();
  await act(async () => choose({ motion: "system" }));
});

function file(filename: string, more: Partial<Attachment> = {}): Attachment {
  const facts = { id: filename, size: 1, contentType: null, about: null, width: null, height: null };
  return { ...facts, filename, url: `${location.origin}/files/0/${filename}`, ...more };
}

/** What is on the screen of a channel whose one post begins so. */
async function shown(begins: Partial<Message> | null, forum = MEDIA): Promise<StoreApi<State>> {
  close();
  const state = world();
  const store = createStore<State>(() => ({
    ...state,
    channels: { ...state.channels, [forum.id]: forum, [POST.id]: POST },
    threadsOf: { [GUILD]: [POST.id] },
  }));
  const nothing = () => Promise.resolve();
  const client: Client = { store, actions: {} as Actions, start: nothing, stop: nothing, keep: () => {} };
  const never = () => {};
  const first = begins === null ? {} : { [POST.id]: { ...MESSAGE, ...begins } };
  const found = { loading: false, failure: null, hasMore: false, first, more: never, again: never };
  const posts = createElement(Posts, { forum, tag: null, found });
  const root = createRoot(document.body.appendChild(document.createElement("div")));
  await act(async () => root.render(createElement(ClientProvider, { value: client }, posts)));
  close = () => {
    act(() => root.unmount());
    close = () => {};
  };
  return store;
}

const MESSAGE: Message = {
  id: POST.id,
  channelId: POST.id,
  guildId: GUILD,
  authorId: "2",
  kind: "plain",
  content: "",
  at: 0,
  editedAt: null,
  pinned: false,
  forwarded: null,
  movedFrom: null,
  brought: null,
  mentions: [],
  mentionRoles: [],
  mentionEveryone: false,
  reactions: [],
  embeds: [],
  attachments: [],
  answers: null,
  poll: null,
  nonce: null,
  late: false,
  unreadable: false,
};

const card = () => document.querySelector<HTMLElement>("button.nx-post");
const picture = () => document.querySelector("img");

test("a post of a media channel shows its first picture, which comes when it is near and has its size before", async () => {
  const mast = file("mast.png", { about: "The mast, from below", width: 320, height: 240 });
  await shown({ content: "Look.", attachments: [file("notes.txt"), mast] });
  expect(picture()?.getAttribute("alt")).toBe("The mast, from below");
  expect(picture()?.getAttribute("loading")).toBe("lazy");
  expect([picture()?.getAttribute("width"), picture()?.getAttribute("height")]).toEqual(["320", "240"]);
  // By its name first, whatever is seen first.
  expect(card()?.textContent).toMatch(/^Evening/);
  for (const words of ["1 more file", "Ada", "3 answers"]) expect(card()?.textContent).toContain(words);
});

test("what is covered is not fetched, and its name is not said", async () => {
  await shown({ attachments: [file("SPOILER_gift.png")] });
  expect(picture()).toBeNull();
  expect(card()?.textContent).toContain("Spoiler");
  expect(card()?.textContent).not.toContain("gift");
});

test("a post without a file shows how it begins, and keeps what is hidden in that hidden", async () => {
  await shown({ content: "Whose **boat** is ||the blue one||?" });
  expect(document.querySelector("[data-nx=post-words]")?.textContent).toBe("Whose boat is █████?");
});

test("a film, another file and a picture that another program has are called by their names", async () => {
  for (const each of [
    file("launch.mp4"),
    file("plan.pdf"),
    file("a.png", { url: "https://example.org/a.png" }),
  ]) {
    await shown({ attachments: [each] });
    expect(picture()).toBeNull();
    expect(card()?.textContent).toContain(each.filename);
  }
});

test("a post of which nothing is known yet has its place", async () => {
  await shown(null);
  expect(document.querySelector(".nx-post-picture")).not.toBeNull();
  expect(card()?.textContent).toContain("Evening");
});

test("a picture that did not come is asked for again when the line is there again", async () => {
  const store = await shown({ attachments: [file("mast.png")] });
  await act(async () => picture()?.dispatchEvent(new Event("error")));
  expect(picture()).toBeNull();
  expect(card()?.textContent).toContain("mast.png");
  await act(async () => store.setState({ session: { phase: "ready", since: 7 } }));
  expect(picture()).not.toBeNull();
});

test("who wants nothing to move sees a moving picture only where they open it", async () => {
  await shown({ attachments: [file("waves.gif")] });
  expect(picture()).not.toBeNull();
  await act(async () => choose({ motion: "still" }));
  expect(picture()).toBeNull();
  expect(card()?.textContent).toContain("Moving picture: waves.gif");
});

test("a forum is a list, and a gallery where that was chosen for it", async () => {
  const forum: Channel = { ...MEDIA, kind: "forum", forum: { ...NOTHING, gallery: false } };
  await shown({ attachments: [file("mast.png")] }, forum);
  expect(picture()).toBeNull();
  await shown({ attachments: [file("mast.png")] }, { ...forum, forum: { ...NOTHING, gallery: true } });
  expect(picture()).not.toBeNull();
});

test("a media channel is not taken for a forum by what stands before its name", () => {
  expect(channelIcon(MEDIA)).not.toBe(channelIcon({ ...MEDIA, kind: "forum" }));
});

/** Boxes of 100 in rows of three; the last row has two. */
const PLACES = [0, 1, 2, 3, 4, 5, 6, 7].map((at) => ({
  left: (at % 3) * 110,
  top: Math.floor(at / 3) * 90,
  width: 100,
}));

test.each([
  ["to the right, and on in the next row", 2, "ArrowRight", 3],
  ["to the left", 3, "ArrowLeft", 2],
  ["down within its column", 1, "ArrowDown", 4],
  ["down to the nearest where its column ends", 5, "ArrowDown", 7],
  ["up within its column", 7, "ArrowUp", 4],
  ["nowhere from the last row down", 6, "ArrowDown", 6],
  ["nowhere from the first row up", 2, "ArrowUp", 2],
  ["to the first", 5, "Home", 0],
  ["to the last", 0, "End", 7],
] as const)("in boxes in rows an arrow leads %s", (_, from, key, to) => {
  expect(gridStep(PLACES, from, key, false)).toBe(to);
});

test("from right to left the arrows to the sides are turned round, and other keys lead nowhere", () => {
  expect(gridStep(PLACES, 3, "ArrowLeft", true)).toBe(4);
  expect(gridStep(PLACES, 3, "ArrowRight", true)).toBe(2);
  expect(gridStep(PLACES, 3, "a", false)).toBeUndefined();
});

test("what takes a whole row for itself is passed over, not counted", () => {
  const below = PLACES.map((place, at) => (at < 3 ? place : { ...place, top: place.top + 300 }));
  expect(gridStep(below, 1, "ArrowDown", false)).toBe(4);
});
