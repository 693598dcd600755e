import type { Actions, Client } from "@nexus/core";
import { act, createElement } from "react";
import { createRoot } from "react-dom/client";
import { afterEach, expect, test } from "vitest";
import { createStore } from "zustand/vanilla";
import { ClientProvider } from "../src/app/client.tsx";
import { ConfirmErase, ConfirmLeave } from "../src/dialogs/confirm.tsx";
import { GUILD, world } from "./world.ts";

Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true });
const WARNING = "This cannot be undone.";

let closeAll = () => {};
afterEach(() => closeAll());

/** A question about a guild, and what was asked for. */
async function asked(which: "leave_guild" | "erase_said") {
  const wishes: string[] = [];
  const wish = (name: string) => (guildId: string, erase?: boolean) => {
    wishes.push([name, guildId, ...(erase === undefined ? [] : [erase])].join(" "));
    return Promise.resolve({ ok: true, value: undefined } as const);
  };
  const actions = { leaveGuild: wish("leave"), eraseSaid: wish("erase") } as unknown as Actions;
  const nothing = () => Promise.resolve();
  const store = createStore(() => world());
  const client: Client = { store, actions, start: nothing, stop: nothing, keep: () => {} };
  const onClose = () => {};
  const question =
    which === "leave_guild"
      ? createElement(ConfirmLeave, { dialog: { kind: which, guildId: GUILD }, onClose })
      : createElement(ConfirmErase, { dialog: { kind: which, guildId: GUILD }, onClose });
  const root = createRoot(document.body.appendChild(document.createElement("div")));
  await act(async () => root.render(createElement(ClientProvider, { value: client }, question)));
  closeAll = () => act(() => root.unmount());
  return wishes;
}

const find = (selector: string, words = "") => {
  const all = [...document.querySelectorAll<HTMLElement>(selector)];
  const found = all.find((one) => one.textContent?.includes(words));
  if (found === undefined) throw new Error(`no ${selector} ${words}`);
  return found;
};
const press = (selector: string, words = "") => act(async () => find(selector, words).click());

test("who leaves takes nothing along unless they say so by hand, and is warned then", async () => {
  const wishes = await asked("leave_guild");
  expect(find('[role="switch"]').getAttribute("aria-checked")).toBe("false");
  expect(document.body.textContent).not.toContain(WARNING);
  await press("button", "Leave guild");
  expect(wishes).toEqual([`leave ${GUILD} false`]);

  await press('[role="switch"]');
  expect(document.body.textContent).toContain(WARNING);
  await press("button", "Leave and take it away");
  expect(wishes.at(-1)).toBe(`leave ${GUILD} true`);
});

test("who stays and takes all of it away is warned before", async () => {
  const wishes = await asked("erase_said");
  expect(document.body.textContent).toContain(WARNING);
  await press("button", "Take it away");
  expect(wishes).toEqual([`erase ${GUILD}`]);
});
