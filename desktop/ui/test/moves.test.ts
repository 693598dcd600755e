import { type Actions, type Client, type Message, messageDeeds, type State } from "@nexus/core";
import { act, createElement, type ReactNode } from "react";
import { createRoot } from "react-dom/client";
import { renderToStaticMarkup } from "react-dom/server";
import { beforeEach, expect, test } from "vitest";
import { createStore } from "zustand/vanilla";
import { heard } from "../src/app/announcer.tsx";
import { ClientProvider } from "../src/app/client.tsx";
import { moveText } from "../src/app/failure_text.ts";
import { followEdited } from "../src/app/moved.ts";
import { edit, keepEditing, screen } from "../src/app/screen.ts";
import { answerThere } from "../src/composer/answer_there.ts";
import { ReplyBar } from "../src/composer/reply_bar.tsx";
import { useSend } from "../src/composer/use_send.ts";
import { meant } from "../src/dialogs/moving.ts";
import { message as sample, thread } from "../src/gallery/sample.ts";
import { t } from "../src/i18n/translate.ts";
import { messageMenu } from "../src/timeline/deeds.ts";
import { EditBox } from "../src/timeline/edit_box.tsx";
import { MessageRow } from "../src/timeline/message_row.tsx";
import { GENERAL, GUILD, ME, world } from "./world.ts";

Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true });

const MAST = "40";
const NOTHING = () => {};

const said = (change: Partial<Message> = {}): Message =>
  sample(1, { channelId: GENERAL, guildId: GUILD, authorId: "2", content: "the pump is dry", ...change });
const movedHere = (change: Partial<Message> = {}) => said({ channelId: MAST, movedFrom: GENERAL, ...change });
const brought = said({ channelId: MAST, kind: "brought", brought: { from: GENERAL, count: 3 } });

/** A guild with a thread below its first channel. */
function withThread(change: Partial<State> = {}): State {
  const state = world();
  const mast = { ...thread(MAST, "The mast", {}), guildId: GUILD, parentId: GENERAL };
  return {
    ...state,
    channels: { ...state.channels, [MAST]: mast },
    threadsOf: { [GUILD]: [MAST] },
    ...change,
  };
}

function page(change: Partial<State> = {}) {
  const nothing = () => Promise.resolve();
  const store = createStore(() => withThread(change));
  const client: Client = { store, actions: {} as Actions, start: nothing, stop: nothing, keep: NOTHING };
  const drawn = (what: ReactNode) =>
    renderToStaticMarkup(createElement(ClientProvider, { value: client }, what));
  return { store, drawn };
}

const row = (message: Message) =>
  createElement(MessageRow, { message, head: true, current: true, flash: false });
const text = (html: string) => {
  const box = document.createElement("div");
  box.innerHTML = html;
  return box.textContent ?? "";
};

beforeEach(() => screen.setState({ editing: null, replies: {}, toasts: [] }));

test("a message that was moved says where it is from, to the eye and to who comes to its row", () => {
  const html = page().drawn(row(movedHere()));
  expect(text(html)).toContain("moved from #general");
  expect(html).toMatch(/aria-label="Ada, [^"]*, moved from #general"/);
  expect(text(page().drawn(row(said())))).not.toContain("moved from");
});

test("the line in the thread says who moved how many, and leads to the channel", () => {
  const html = page().drawn(row(brought));
  expect(text(html)).toContain("Ada moved 3 messages here from general");
  expect(html).toMatch(/aria-label="Ada, [^"]*, Ada moved 3 messages here from #general"/);
  expect(html).toContain(`href="/channels/${GUILD}/${GENERAL}"`);
  const one = { ...brought, brought: { from: "99", count: 1 } };
  expect(text(page().drawn(row(one)))).toContain("Ada moved 1 message here from #unknown channel");
});

test("who keeps order is offered a thread in a channel, and in the thread another one and the way back", () => {
  const labels = (message: Message, me = ME) => {
    const { store } = page({ me });
    const deeds = messageDeeds(store.getState(), message);
    const menu = messageMenu({ store, actions: {} as Actions }, message, deeds, document.body);
    return menu.flatMap((entry) => (entry === "line" ? [] : [entry.label]));
  };
  expect(labels(said())).toContain("Move to thread…");
  expect(labels(said())).not.toContain("Move back to #general");
  expect(labels(movedHere())).toEqual(
    expect.arrayContaining(["Move to another thread…", "Move back to #general"]),
  );
  expect(labels(movedHere())).not.toContain("Move to thread…");
  for (const each of [said(), movedHere()]) expect(labels(each, "4").join()).not.toMatch(/Move /);
  expect(labels(brought).join()).not.toMatch(/Move /);
});

test("what goes along is counted to the one that was chosen, and all of it where that one is gone meanwhile", () => {
  expect(meant(["1", "2", "3"], null)).toEqual(["1"]);
  expect(meant(["1", "2", "3"], "2")).toEqual(["1", "2"]);
  expect(meant(["1", "2", "3"], "9")).toEqual(["1", "2", "3"]);
  expect(meant([], "2")).toEqual([]);
});

test("why it was refused is said in words of its own", () => {
  const failure = { message: "", status: 400, retryAfter: null, fields: {} } as const;
  const words = (kind: "forbidden" | "not_found" | "invalid" | "offline" | "timeout", code = 0) =>
    moveText({ ...failure, kind, code }, "general");
  expect(words("forbidden", 50_013)).toBe(t("move.fail_forbidden"));
  expect(words("not_found", 10_008)).toContain("not written in #general");
  expect(words("not_found", 10_003)).toBe(t("move.fail_channel"));
  expect(words("invalid", 50_024)).toBe("That is no public thread of #general.");
  expect(words("not_found")).toBe(t("fail.unserved"));
  for (const kind of ["offline", "timeout"] as const) expect(words(kind)).toBe(t("move.fail_unanswered"));
});

test("the line is announced in the reader's words; what was moved is no news", () => {
  const timeline = { hasOlder: false, hasNewer: false, loading: "no", error: null, focus: null } as const;
  const before = withThread({ openThread: MAST, timelines: { [MAST]: { ...timeline, ids: [] } } });
  const now = (message: Message, moved: State["moved"] = []): State => ({
    ...before,
    timelines: { [MAST]: { ...timeline, ids: [message.id] } },
    messages: { [MAST]: { [message.id]: message } },
    moved,
  });
  expect(heard(now(brought), before)).toEqual(["Ada moved 3 messages from #general to The mast"]);
  const arrived = movedHere();
  expect(heard(now(arrived, [{ messageId: arrived.id, to: MAST, before: null }]), before)).toEqual([]);
});

test("who changes a message while it is moved goes on where it is, with what was typed", () => {
  const mine = said({ authorId: ME });
  const { store, drawn } = page({ openChannel: GENERAL });
  const end = followEdited({ store });
  edit(GENERAL, mine.id);
  keepEditing({ text: "the pump is wet" });
  store.setState({ moved: [{ messageId: mine.id, to: MAST, before: mine }] });
  expect(screen.getState().editing).toEqual({ channelId: MAST, messageId: mine.id, text: "the pump is wet" });
  expect(screen.getState().toasts.map(({ text }) => text)).toEqual([
    t("move.editing", { place: "The mast" }),
  ]);
  const box = drawn(createElement(EditBox, { message: { ...mine, channelId: MAST, movedFrom: GENERAL } }));
  expect(box).toContain("the pump is wet</textarea>");
  // With the thread beside it, the box is there already.
  store.setState({ openThread: MAST, moved: [{ messageId: mine.id, to: GENERAL, before: null }] });
  store.setState({ openThread: MAST, moved: [{ messageId: mine.id, to: MAST, before: null }] });
  expect(screen.getState().toasts).toHaveLength(1);
  end();
});

test("an answer that goes after its message takes along what was written, where nothing is being written", () => {
  const { store } = page({ drafts: { [GENERAL]: "how deep?" } });
  const drafts: unknown[][] = [];
  const actions = { setDraft: (...what: unknown[]) => void drafts.push(what) } as unknown as Actions;
  screen.setState({ replies: { [GENERAL]: { messageId: "7", mention: true } } });
  answerThere({ store, actions }, "7", GENERAL, MAST);
  expect(screen.getState().replies).toEqual({ [MAST]: { messageId: "7", mention: true } });
  expect(drafts).toEqual([
    [MAST, "how deep?"],
    [GENERAL, ""],
  ]);
  store.setState({ drafts: { [GENERAL]: "how deep?", [MAST]: "12.4 metres" } });
  answerThere({ store, actions }, "7", GENERAL, MAST);
  expect(drafts).toHaveLength(2);
});

test("who answers a message that is moved is told that it is no answer any more, and says it all the same", async () => {
  const message = said();
  const messages = { [GENERAL]: { [message.id]: message } };
  screen.setState({ replies: { [GENERAL]: { messageId: message.id, mention: true } } });
  const store = createStore<State>(() => withThread({ messages, drafts: { [GENERAL]: "how deep?" } }));
  const sent: unknown[][] = [];
  const actions = {
    setDraft: NOTHING,
    send: (...what: unknown[]) => void sent.push(what),
  } as unknown as Actions;
  const nothing = () => Promise.resolve();
  const client: Client = { store, actions, start: nothing, stop: nothing, keep: NOTHING };
  let send = NOTHING;
  function Bar() {
    send = useSend(GENERAL).send;
    return createElement(ReplyBar, { channelId: GENERAL });
  }
  const box = document.createElement("div");
  const root = createRoot(box);
  await act(async () => root.render(createElement(ClientProvider, { value: client }, createElement(Bar))));
  expect(box.textContent).toContain("Answering Ada");
  const move = (to: string) =>
    act(async () => store.setState({ moved: [{ messageId: message.id, to, before: null }] }));
  await move(MAST);
  expect(box.querySelector('[role="status"]')?.textContent).toContain(
    "What you were answering was moved to The mast.",
  );
  // Moved back, it is answered as before; moved away again, what is said goes on without it.
  await move(GENERAL);
  expect(box.textContent).toContain("Answering Ada");
  await move(MAST);
  await act(async () => send());
  expect(sent).toEqual([[GENERAL, "how deep?", undefined]]);
  expect(box.textContent).toBe("");
  act(() => root.unmount());
});
