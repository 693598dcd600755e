import type { Actions, Client, Failure, Message, Outcome, State } from "@nexus/core";
import { act, createElement } from "react";
import { createRoot } from "react-dom/client";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createStore, type StoreApi } from "zustand/vanilla";
import { ClientProvider } from "../src/app/client.tsx";
import { screen } from "../src/app/screen.ts";
import MoveDialog from "../src/dialogs/move.tsx";
import MoveBackDialog from "../src/dialogs/move_back.tsx";
import { message as sample, thread } from "../src/gallery/sample.ts";
import { t } from "../src/i18n/translate.ts";
import { channel, GENERAL, GUILD, world } from "./world.ts";

Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true });
Element.prototype.scrollIntoView ??= () => {};

const MAST = "40";
const FORBIDDEN: Failure = {
  kind: "forbidden",
  message: "",
  status: 403,
  code: 50_013,
  retryAfter: null,
  fields: {},
};

const mast = { ...thread(MAST, "The mast", {}), guildId: GUILD, parentId: GENERAL };
const varnish = { ...thread("41", "Varnish", { archived: true }), guildId: GUILD, parentId: GENERAL };
const TALK = [2, 3, 4].map((each) => sample(each, { channelId: GENERAL, content: `said ${each}` }));
const MOVED = TALK.map((each) => ({ ...each, channelId: MAST, movedFrom: GENERAL }));
const first = TALK[0]?.id ?? "";

interface Facts {
  readonly threads?: readonly (typeof mast)[];
  readonly back?: boolean;
  readonly change?: Partial<State>;
}

let closed: number;
let asked: (readonly unknown[])[];
/** What the program answers to the next wishes to move. */
let answers: Outcome<void>[];
let store: StoreApi<State>;
let end = () => {};
afterEach(() => end());
beforeEach(() => {
  closed = 0;
  asked = [];
  answers = [];
  screen.setState({ toasts: [] });
});

async function open({ threads = [mast, varnish], back = false, change = {} }: Facts = {}): Promise<void> {
  const state = world();
  const place = back ? MAST : GENERAL;
  const all: readonly Message[] = back ? MOVED : TALK;
  const ids = all.map(({ id }) => id);
  store = createStore<State>(() => ({
    ...state,
    channels: { ...state.channels, ...Object.fromEntries(threads.map((each) => [each.id, each])) },
    threadsOf: { [GUILD]: threads.map(({ id }) => id) },
    timelines: {
      [place]: { ids, hasOlder: false, hasNewer: false, loading: "no", error: null, focus: null },
    },
    messages: { [place]: Object.fromEntries(all.map((each) => [each.id, each])) },
    ...change,
  }));
  const actions = {
    awayThreads: () => Promise.resolve({ ok: true, value: { threads: [], hasMore: false } }),
    makeThread: (channelId: string, name: string) => {
      asked.push(["make", channelId, name]);
      const made = {
        ...channel("42", name),
        kind: "thread" as const,
        parentId: channelId,
        thread: mast.thread,
      };
      store.setState((now) => ({ channels: { ...now.channels, 42: made }, threadsOf: { [GUILD]: ["42"] } }));
      return Promise.resolve({ ok: true, value: made });
    },
    moveMessages: (...wish: readonly unknown[]) => {
      asked.push(["move", ...wish]);
      return Promise.resolve(answers.shift() ?? { ok: true, value: undefined });
    },
  } as unknown as Actions;
  const nothing = () => Promise.resolve();
  const client: Client = { store, actions, start: nothing, stop: nothing, keep: () => {} };
  const onClose = () => {
    closed += 1;
  };
  const dialog = back
    ? createElement(MoveBackDialog, {
        dialog: { kind: "move_back", channelId: MAST, messageId: first },
        onClose,
      })
    : createElement(MoveDialog, { dialog: { kind: "move", channelId: GENERAL, messageId: first }, onClose });
  const root = createRoot(document.body.appendChild(document.createElement("div")));
  await act(async () => root.render(createElement(ClientProvider, { value: client }, dialog)));
  end = () => {
    act(() => root.unmount());
    document.body.replaceChildren();
    end = () => {};
  };
}

const shown = () => document.body.textContent ?? "";
function find<E extends HTMLElement>(selector: string, words = ""): E {
  const found = [...document.querySelectorAll<E>(selector)].find((one) => one.textContent?.includes(words));
  if (found === undefined) throw new Error(`no ${selector} ${words}`);
  return found;
}
const press = (selector: string, words = "") => act(async () => find(selector, words).click());
const submit = () => press('button[type="submit"]');
async function key(on: HTMLElement, name: string): Promise<void> {
  await act(async () => {
    on.dispatchEvent(new KeyboardEvent("keydown", { key: name, bubbles: true, cancelable: true }));
  });
}
async function type(on: HTMLInputElement | HTMLSelectElement, value: string): Promise<void> {
  const kind = on instanceof HTMLInputElement ? HTMLInputElement : HTMLSelectElement;
  await act(async () => {
    Object.getOwnPropertyDescriptor(kind.prototype, "value")?.set?.call(on, value);
    on.dispatchEvent(new Event(on instanceof HTMLInputElement ? "input" : "change", { bubbles: true }));
  });
}
const box = () => find<HTMLInputElement>("[role=combobox]");
const toasts = () => screen.getState().toasts.map(({ text }) => text);

test("a thread is found by keys and chosen, and the message goes there alone", async () => {
  await open();
  expect(find<HTMLButtonElement>('button[type="submit"]').disabled).toBe(true);
  await type(box(), "var");
  await key(box(), "Enter");
  expect(find('[role="option"]', "Varnish").getAttribute("aria-selected")).toBe("true");
  await submit();
  expect(asked).toEqual([["move", GENERAL, [first], "41"]]);
  expect(toasts()).toEqual(["1 message moved to Varnish"]);
  expect(closed).toBe(1);
});

test("open threads stand before those that were put away; none by a name is said", async () => {
  await open({ threads: [varnish, mast] });
  const names = [...document.querySelectorAll('[role="option"]')].map((each) => each.textContent);
  expect(names).toEqual(["The mast12 messages", "Varnishput away"]);
  await type(box(), "zzz");
  expect(shown()).toContain(t("thread.none_found"));
});

test("with it goes what comes after it, up to the one that is chosen", async () => {
  await open();
  await press('[role="option"]', "The mast");
  await press(".nx-choice-option", "This and the 2 after it");
  const upTo = find<HTMLSelectElement>("select");
  expect([...upTo.options].map(({ text }) => text)).toEqual(["1. Ada: said 3", "2. Ada: said 4"]);
  await type(upTo, TALK[1]?.id ?? "");
  expect(find('button[type="submit"]').textContent).toBe("Move 2 messages");
  await submit();
  expect(asked).toEqual([["move", GENERAL, TALK.slice(0, 2).map(({ id }) => id), MAST]]);
});

test("where there is no thread a new one is offered; refused it is kept, and the next try makes no other", async () => {
  await open({ threads: [] });
  answers = [{ ok: false, failure: FORBIDDEN }];
  await type(find<HTMLInputElement>(".nx-field input"), " Sails ");
  await submit();
  expect(shown()).toContain(t("move.fail_forbidden"));
  expect([closed, toasts()]).toEqual([0, []]);
  await submit();
  expect(asked).toEqual([
    ["make", GENERAL, "Sails"],
    ["move", GENERAL, [first], "42"],
    ["move", GENERAL, [first], "42"],
  ]);
  expect(toasts()).toEqual(["1 message moved to Sails"]);
});

test("without the program it is said before, and said again when it was tried", async () => {
  const session = { phase: "offline", since: 0, attempt: 1, retryAt: 0 } as const;
  await open({ change: { session } });
  expect(shown()).toContain(t("move.offline"));
  answers = [{ ok: false, failure: { ...FORBIDDEN, kind: "offline", status: 0, code: 0 } }];
  await press('[role="option"]', "The mast");
  await submit();
  expect(shown()).toContain(t("move.fail_unanswered"));
  expect(closed).toBe(0);
});

test("a message that goes while one chooses is said to be gone, and cannot be moved", async () => {
  await open();
  await press('[role="option"]', "The mast");
  const left = Object.fromEntries(TALK.slice(1).map((each) => [each.id, each]));
  await act(async () => store.setState({ messages: { [GENERAL]: left } }));
  expect(shown()).toContain(t("move.gone"));
  expect(find<HTMLButtonElement>('button[type="submit"]').disabled).toBe(true);
});

test("what was moved goes back alone, or with what was moved after it", async () => {
  await open({ back: true });
  await press(".nx-choice-option", "This and the 2 after it");
  await submit();
  expect(asked).toEqual([["move", MAST, MOVED.map(({ id }) => id), null]]);
  expect(toasts()).toEqual(["3 messages moved back to #general"]);
  expect(closed).toBe(1);
});
