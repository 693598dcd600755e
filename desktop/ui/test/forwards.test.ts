import {
  type Actions,
  type Client,
  type Forwarded,
  type Message,
  messageDeeds,
  type State,
} from "@nexus/core";
import { createElement, type ReactNode } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { expect, test, vi } from "vitest";
import { createStore } from "zustand/vanilla";
import { heard } from "../src/app/announcer.tsx";
import { ClientProvider } from "../src/app/client.tsx";
import { forwardText } from "../src/app/failure_text.ts";
import ForwardDialog from "../src/dialogs/forward.tsx";
import { message as sample } from "../src/gallery/sample.ts";
import { t } from "../src/i18n/translate.ts";
import { messageMenu } from "../src/timeline/deeds.ts";
import { MessageRow } from "../src/timeline/message_row.tsx";
import { PendingRow } from "../src/timeline/pending_row.tsx";
import { GENERAL, GUILD, ME, world } from "./world.ts";

const NOTHING = () => {};

const FORWARDED: Forwarded = {
  channelId: "21",
  guildId: GUILD,
  messageId: "500",
  at: Date.UTC(2026, 10, 23, 11),
  editedAt: null,
  content: "The pump is **dry**, ask <@2>.",
  embeds: [],
  attachments: [],
};

const said = (change: Partial<Message> = {}): Message =>
  sample(1, { channelId: GENERAL, guildId: GUILD, authorId: ME, content: "", ...change });

function page(change: Partial<State> = {}) {
  const nothing = () => Promise.resolve();
  const store = createStore(() => ({ ...world(), ...change }));
  const client: Client = { store, actions: {} as Actions, start: nothing, stop: nothing, keep: NOTHING };
  const drawn = (what: ReactNode) =>
    renderToStaticMarkup(createElement(ClientProvider, { value: client }, what));
  return { store, drawn };
}

const row = (message: Message) =>
  createElement(MessageRow, { message, head: true, current: true, flash: false });

test("what is passed on is drawn apart, with its marks and mentions, and leads to where it is from", () => {
  const html = page().drawn(row(said({ forwarded: FORWARDED })));
  expect(html).toContain(t("forward.mark"));
  expect(html).toContain("<strong>dry</strong>");
  expect(html).toContain("@<bdi>Ada</bdi>");
  expect(html).toMatch(/<a class="nx-forwarded-from" href="\/channels\/10\/21\/500".*rust.*Engines.*<time/);
});

test("without a link where one does not see that, or where the program does not hold it", () => {
  const hidden = page().drawn(row(said({ forwarded: { ...FORWARDED, channelId: "99" } })));
  expect(hidden).toMatch(/<p class="nx-forwarded-from">.*Engines/);
  const nowhere = { channelId: null, guildId: null, messageId: null };
  const unknown = page().drawn(row(said({ forwarded: { ...FORWARDED, ...nowhere } })));
  expect(unknown).toMatch(/<p class="nx-forwarded-from">.*From a place that is not known here/);
  const notHeld = page().drawn(row(said({ forwarded: { ...FORWARDED, messageId: null } })));
  expect(notHeld).toMatch(/<p class="nx-forwarded-from">.*rust.*Engines/);
});

test("its menu copies what is passed on, and offers no editing", async () => {
  const writeText = vi.fn(() => Promise.resolve());
  Object.assign(navigator, { clipboard: { writeText } });
  const message = said({ forwarded: FORWARDED });
  const { store } = page();
  const client = { store, actions: {} as Actions };
  const menu = messageMenu(client, message, messageDeeds(store.getState(), message), document.body);
  const entries = menu.filter((entry) => entry !== "line");
  expect(entries.map(({ label }) => label)).toContain(t("forward.go"));
  expect(entries.map(({ label }) => label)).not.toContain(t("talk.edit"));
  entries.find(({ label }) => label === t("talk.copy_text"))?.act();
  expect(writeText).toHaveBeenCalledWith(FORWARDED.content);
});

test("it is announced with its words, and whose channel it is in", () => {
  const known = said({ authorId: "2", forwarded: { ...FORWARDED, content: "the pump is dry" } });
  const timeline = { hasOlder: false, hasNewer: false, loading: "no", error: null, focus: null } as const;
  const before = { ...world(), openChannel: GENERAL, timelines: { [GENERAL]: { ...timeline, ids: [] } } };
  const now = {
    ...before,
    timelines: { [GENERAL]: { ...timeline, ids: [known.id] } },
    messages: { [GENERAL]: { [known.id]: known } },
  };
  expect(heard(now, before)).toEqual(["Ada in general: forwarded: the pump is dry"]);
});

test("waiting it shows what it passes on; refused, why, in words of its own", () => {
  const pending = {
    nonce: "n",
    channelId: GENERAL,
    content: "",
    answers: null,
    mentionAnswered: false,
    at: 0,
    uncertain: false,
    after: null,
    forwards: { channelId: "21", messageId: "500", shown: FORWARDED },
  };
  const failure = {
    kind: "forbidden",
    message: "",
    status: 403,
    code: 50_013,
    retryAfter: null,
    fields: {},
  } as const;
  const queued = createElement(PendingRow, {
    pending: { ...pending, state: "queued", reason: null },
    head: true,
  });
  expect(page().drawn(queued)).toMatch(/<strong>dry<\/strong>.*Waiting to be sent/);
  const refused = createElement(PendingRow, {
    pending: { ...pending, state: "failed", reason: failure },
    head: true,
  });
  expect(page().drawn(refused)).toContain(t("talk.failed_why", { why: t("forward.refused") }));
  const words = (code: number) => forwardText({ ...failure, kind: "invalid", status: 400, code });
  expect([words(50_068), words(200_000)]).toEqual([t("forward.not_that"), t("forward.filtered")]);
});

test("the dialog offers where one may write, shows what goes, and says so where it has to wait", () => {
  const message = said({ content: "the **pump**" });
  const offline = { phase: "offline", since: 0, attempt: 1, retryAt: 0 } as const;
  const dialog = createElement(ForwardDialog, {
    dialog: { kind: "forward", channelId: GENERAL, messageId: message.id },
    onClose: NOTHING,
  });
  const messages = { [GENERAL]: { [message.id]: message } };
  const html = page({ messages }).drawn(dialog);
  expect(html.match(/role="option"/g)).toHaveLength(2);
  expect(html).toContain("<strong>pump</strong>");
  expect(html).not.toContain(t("forward.offline"));
  expect(page({ messages, session: offline }).drawn(dialog)).toContain(t("forward.offline"));
  expect(page({ messages, channelsOf: {} }).drawn(dialog)).toContain(t("forward.nowhere"));
});
