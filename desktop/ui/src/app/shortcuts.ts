/** Keys that work everywhere: Discord's, for people have them in their fingers. */

import { type Client, channelTree, conversations, type SearchPlace, type State, unread } from "@nexus/core";
import { focusComposer } from "../composer/focus.ts";
import type { Key } from "../i18n/translate.ts";
import { toggleMembers } from "../shell/header.tsx";
import { isNowhere, lastChannelOf } from "../shell/last_place.ts";
import { isIdle } from "./landing.ts";
import { go, pathTo, route } from "./route.ts";
import { dropAnswer, openDialog, openSearch, screen, showPane } from "./screen.ts";

type ShortcutKey = Extract<Key, `keys.${string}`>;

interface Shortcut {
  readonly keys: string;
  readonly words: Exclude<ShortcutKey, "keys.title">;
  readonly act?: (client: Client) => void;
  /** Where it says no, the keys are the browser's own. */
  readonly isOurs?: () => boolean;
}

export const SHORTCUTS: readonly Shortcut[] = [
  { keys: "Ctrl+K", words: "keys.switcher", act: () => toggleSwitcher() },
  { keys: "Alt+ArrowUp", words: "keys.previous", act: (client) => step(client, -1, false) },
  { keys: "Alt+ArrowDown", words: "keys.next", act: (client) => step(client, 1, false) },
  { keys: "Alt+Shift+ArrowUp", words: "keys.previous_unread", act: (client) => step(client, -1, true) },
  { keys: "Alt+Shift+ArrowDown", words: "keys.next_unread", act: (client) => step(client, 1, true) },
  { keys: "Ctrl+Alt+ArrowUp", words: "keys.previous_guild", act: (client) => stepGuild(client, -1) },
  { keys: "Ctrl+Alt+ArrowDown", words: "keys.next_guild", act: (client) => stepGuild(client, 1) },
  { keys: "Escape", words: "keys.read", act: (client) => leaveOrRead(client) },
  { keys: "Shift+Escape", words: "keys.read_guild", act: (client) => readGuild(client) },
  { keys: "ArrowUp", words: "keys.edit_last" },
  { keys: "Ctrl+E", words: "keys.emoji", act: () => press("[data-nx=emoji-button]") },
  { keys: "Ctrl+P", words: "keys.pins", act: () => press("[data-nx=pins-button]") },
  { keys: "Ctrl+F", words: "keys.search", act: () => search(), isOurs: () => searchesHere() },
  { keys: "Ctrl+U", words: "keys.members", act: () => toggleMembers() },
  { keys: "Ctrl+I", words: "keys.compose", act: () => focusComposer() },
  { keys: "Ctrl+,", words: "keys.settings", act: () => openDialog({ kind: "settings" }) },
  { keys: "Ctrl+/", words: "keys.shortcuts", act: () => openDialog({ kind: "settings", tab: "keys" }) },
  { keys: "F6", words: "keys.landmarks", act: () => nextLandmark() },
];

const BY_KEYS: ReadonlyMap<string, Shortcut> = new Map(
  SHORTCUTS.map((each) => [each.keys.toLowerCase(), each]),
);

/** Listens until the page is gone. */
export function listenForShortcuts(client: Client): () => void {
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.defaultPrevented || event.isComposing) return;
    const { dialogs, menu, emoji } = screen.getState();
    const pressed = nameOf(event);
    const shortcut = BY_KEYS.get(pressed);
    if (shortcut?.act !== undefined) {
      const busy = dialogs.length > 0 || menu !== null || emoji !== null;
      if (busy && shortcut.words !== "keys.switcher") return;
      if (shortcut.isOurs?.() === false) return;
      event.preventDefault();
      shortcut.act(client);
    } else if (isWriting(event) && dialogs.length === 0) focusComposer();
  };
  document.addEventListener("keydown", onKeyDown);
  return () => document.removeEventListener("keydown", onKeyDown);
}

function nameOf(event: KeyboardEvent): string {
  const parts = [
    (event.ctrlKey || event.metaKey) && "ctrl",
    event.altKey && "alt",
    event.shiftKey && event.key.length > 1 && "shift",
    event.key.toLowerCase(),
  ];
  return parts.filter((part) => part !== false).join("+");
}

/** Letters that nothing else takes begin a message, as on Discord. */
function isWriting(event: KeyboardEvent): boolean {
  if (event.key.length !== 1 || event.key === " " || event.ctrlKey || event.metaKey || event.altKey)
    return false;
  return isIdle();
}

function toggleSwitcher(): void {
  const open = screen.getState().dialogs.some((dialog) => dialog.kind === "switcher");
  if (open)
    screen.setState((now) => ({ dialogs: now.dialogs.filter((dialog) => dialog.kind !== "switcher") }));
  else openDialog({ kind: "switcher" });
}

/** The channels of where one is, in the order of the list. */
function listed(state: State): readonly string[] {
  const here = route();
  if (here.at !== "channel" || here.guildId === null)
    return conversations(state).map((channel) => channel.id);
  return channelTree(state, here.guildId)
    .flatMap((group) => group.channels)
    .filter((channel) => channel.kind !== "voice")
    .map((channel) => channel.id);
}

function step({ store }: Client, by: 1 | -1, onlyUnread: boolean): void {
  const state = store.getState();
  const here = route();
  const all = listed(state);
  const at = here.at === "channel" && here.channelId !== null ? all.indexOf(here.channelId) : -1;
  for (let distance = 1; distance <= all.length; distance += 1) {
    const id = all[(at + by * distance + all.length * 2) % all.length];
    if (id === undefined || (onlyUnread && !unread(state, id).unread)) continue;
    return go(pathTo(state.channels[id]?.guildId ?? null, id));
  }
}

function stepGuild({ store }: Client, by: 1 | -1): void {
  const state = store.getState();
  const here = route();
  const all = [null, ...state.guildOrder];
  const at = all.indexOf(here.at === "channel" ? here.guildId : null);
  const next = all[(at + by + all.length) % all.length] ?? null;
  go(pathTo(next, next === null ? null : lastChannelOf(state, next)));
}

function leaveOrRead({ store, actions }: Client): void {
  const state = store.getState();
  const { openChannel } = state;
  const { pane, replies } = screen.getState();
  if (pane !== "none" && (openChannel !== null || isNowhere(state))) return showPane("none");
  if (openChannel === null) return;
  if (replies[openChannel] !== undefined) return dropAnswer(openChannel);
  actions.ack(openChannel);
  actions.clearDivider(openChannel);
  focusComposer();
}

function readGuild({ actions }: Client): void {
  const here = route();
  if (here.at === "channel" && here.guildId !== null) actions.ackGuild(here.guildId);
}

/** Pressed once more, or where nothing is said, it is the browser that searches its page. */
function searchesHere(): boolean {
  return searchPlace() !== null && document.activeElement?.matches("[data-nx=search]") !== true;
}

/** The guild, or the conversation, that one is in. */
function searchPlace(): SearchPlace | null {
  const here = route();
  if (here.at !== "channel" || here.channelId === null) return null;
  const { guildId, channelId } = here;
  return guildId === null ? { kind: "conversation", id: channelId } : { kind: "guild", id: guildId };
}

function search(): void {
  const place = searchPlace();
  if (place !== null) openSearch(place);
}

function press(selector: string): void {
  document.querySelector<HTMLElement>(selector)?.click();
}

const LANDMARKS = [
  ".nx-rail",
  ".nx-channels",
  ".nx-main .nx-timeline-rows, .nx-posts",
  ".nx-main [data-nx=composer]",
  ".nx-thread .nx-timeline-rows",
  ".nx-thread [data-nx=composer]",
  ".nx-search",
  ".nx-members",
];

function nextLandmark(): void {
  const all = LANDMARKS.flatMap((selector) => document.querySelector<HTMLElement>(selector) ?? []).filter(
    (each) => each.offsetParent !== null,
  );
  const at = all.findIndex((each) => each.contains(document.activeElement));
  const next = all[(at + 1) % all.length];
  const stop = next?.matches("textarea") ? next : next?.querySelector<HTMLElement>("[tabindex='0']");
  (stop ?? next)?.focus();
}
