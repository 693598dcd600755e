import type { Actions, Bot, Client, State } from "@nexus/core";
import { createElement, type ReactNode } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { expect, test } from "vitest";
import { createStore } from "zustand/vanilla";
import { ClientProvider } from "../src/app/client.tsx";
import { BotPage } from "../src/dialogs/bot_page.tsx";
import { BotsList } from "../src/dialogs/bots_list.tsx";
import { world } from "./world.ts";

const CLERK: Bot = {
  id: "70",
  name: "Clerk",
  description: "",
  publicKey: "d75a",
  endpoint: "",
  flags: 0n,
  guilds: 0,
  site: null,
};
const NOTHING = () => {};
const OFFLINE: Partial<State> = { session: { phase: "offline", since: 0, attempt: 1, retryAt: 0 } };

function drawn(what: ReactNode, change: Partial<State> = {}): string {
  const nothing = () => Promise.resolve();
  const store = createStore(() => ({ ...world(), ...change }));
  const client: Client = { store, actions: {} as Actions, start: nothing, stop: nothing, keep: NOTHING };
  return renderToStaticMarkup(createElement(ClientProvider, { value: client }, what));
}

function list(bots: readonly Bot[] | null, wrong: string | null = null): ReactNode {
  const doing = { onOpen: NOTHING, onMade: NOTHING, onAgain: NOTHING };
  return createElement(BotsList, { bots, wrong, last: null, deleted: null, ...doing });
}

function page(bot: Bot, isNew = false): ReactNode {
  return createElement(BotPage, { bot, isNew, onBack: NOTHING, onChanged: NOTHING, onDeleted: NOTHING });
}

/** The button with these words. */
function button(html: string, words: string): string | undefined {
  return html.split("<button").find((part) => part.split("</button>")[0]?.includes(words));
}

test("a list of bots says whether it is on its way, empty, refused, or needs the connection", () => {
  expect(drawn(list(null))).toContain('role="status"');
  expect(drawn(list([]))).toContain("No bots yet");
  expect(drawn(list(null, "No."))).toContain("Try again");
  expect(drawn(list(null), OFFLINE)).toContain("you need the connection");
  const kept = drawn(list([CLERK]), OFFLINE);
  for (const words of ["you need the connection", "Clerk", "In no guild"]) expect(kept).toContain(words);
  expect(drawn(list([CLERK]))).not.toContain("you need the connection");
});

test("redirects and a secret are shown of a bot whose program signs people in, and of no other", () => {
  const site = { redirects: ["https://site.example/callback"], isPublic: false };
  const shown = drawn(page({ ...CLERK, site }));
  for (const words of ["https://site.example/callback", "Client secret", "Public client"])
    expect(shown).toContain(words);
  const plain = drawn(page(CLERK));
  for (const words of ["Redirect", "Client secret", "Public client"]) expect(plain).not.toContain(words);
});

test("a bot that is new has no token that could end, and offline none is made, nor is it let in anywhere", () => {
  expect(drawn(page(CLERK, true))).toContain("Make its token");
  expect(drawn(page(CLERK))).toContain("New token");
  for (const words of ["New token", "Add to a guild"]) {
    expect(button(drawn(page(CLERK), OFFLINE), words), words).toContain("disabled");
    expect(button(drawn(page(CLERK)), words), words).not.toContain("disabled");
  }
});
