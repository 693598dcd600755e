/** What is open on the screen, beside where one is: nothing of it outlives the page. */

import type { FileRefusal, Id, SearchPlace } from "@nexus/core";
import { useStore } from "zustand";
import { createStore } from "zustand/vanilla";
import type { MenuEntry } from "../parts/menu.tsx";

export type Dialog =
  | { readonly kind: "create_guild" }
  | { readonly kind: "join_guild"; readonly code?: string }
  | { readonly kind: "new_conversation" }
  | { readonly kind: "group"; readonly channelId: Id }
  | { readonly kind: "leave_group"; readonly channelId: Id }
  | { readonly kind: "guild_settings"; readonly guildId: Id; readonly tab?: GuildTab }
  | { readonly kind: "leave_guild"; readonly guildId: Id }
  | { readonly kind: "erase_said"; readonly guildId: Id }
  | {
      readonly kind: "create_channel";
      readonly guildId: Id;
      readonly parentId: Id | null;
      readonly category?: boolean;
    }
  | { readonly kind: "channel_settings"; readonly channelId: Id }
  | { readonly kind: "delete_channel"; readonly channelId: Id }
  | { readonly kind: "topic"; readonly channelId: Id }
  | { readonly kind: "invite"; readonly channelId: Id }
  | { readonly kind: "delete_message"; readonly channelId: Id; readonly messageId: Id }
  | { readonly kind: "forward"; readonly channelId: Id; readonly messageId: Id }
  | { readonly kind: "move"; readonly channelId: Id; readonly messageId: Id }
  | { readonly kind: "move_back"; readonly channelId: Id; readonly messageId: Id }
  | { readonly kind: "remove_member"; readonly guildId: Id; readonly userId: Id; readonly ban: boolean }
  | { readonly kind: "nickname"; readonly guildId: Id; readonly userId: Id }
  /** `channelId` none: of the whole guild. */
  | { readonly kind: "threads"; readonly guildId: Id; readonly channelId: Id | null }
  /** `messageId` none: it hangs on no message. */
  | { readonly kind: "new_thread"; readonly channelId: Id; readonly messageId: Id | null }
  | { readonly kind: "voice_status"; readonly channelId: Id }
  | { readonly kind: "rename_thread"; readonly threadId: Id }
  | { readonly kind: "thread_people"; readonly threadId: Id }
  | { readonly kind: "delete_thread"; readonly threadId: Id }
  | { readonly kind: "events"; readonly guildId: Id }
  | { readonly kind: "new_event"; readonly guildId: Id; readonly eventId?: Id }
  | { readonly kind: "call_off"; readonly guildId: Id; readonly eventId: Id }
  | { readonly kind: "new_poll"; readonly channelId: Id }
  /** A file of the channel's tray. */
  | { readonly kind: "file"; readonly channelId: Id; readonly key: string }
  | { readonly kind: "end_poll"; readonly channelId: Id; readonly messageId: Id }
  | { readonly kind: "new_post"; readonly forumId: Id }
  | { readonly kind: "settings"; readonly tab?: SettingsTab }
  | { readonly kind: "switcher" };

export type GuildTab = "overview" | "roles" | "emoji" | "members" | "invites" | "bans" | "relays";
export type SettingsTab = "account" | "sign_in" | "bots" | "look" | "access" | "keys" | "about";

/** Where something that floats is to be: at an element, or at a point. */
export type Anchor = Element | { readonly x: number; readonly y: number };

export interface Toast {
  readonly id: number;
  readonly tone: "plain" | "ok" | "danger";
  readonly text: string;
}

export interface Screen {
  /** The last is on top. */
  readonly dialogs: readonly Dialog[];
  readonly menu: {
    readonly entries: readonly MenuEntry[];
    readonly anchor: Anchor;
    readonly label: string;
  } | null;
  readonly card: { readonly userId: Id; readonly guildId: Id | null; readonly anchor: Anchor } | null;
  /** `guildId`: whose own emoji are offered, too. */
  readonly emoji: {
    readonly anchor: Anchor;
    readonly guildId: Id | null;
    readonly pick: (emoji: string) => void;
  } | null;
  /** On a narrow screen: which side lies over the messages. */
  readonly pane: "none" | "channels" | "members";
  /**
   * Where messages are looked for. Closed, it keeps what was found; `turn` tells two wishes to look for something apart.
   */
  readonly search: { readonly place: SearchPlace; readonly open: boolean; readonly turn: number } | null;
  readonly toasts: readonly Toast[];
  /** By channel: the message that the next one answers. */
  readonly replies: Readonly<Record<Id, { readonly messageId: Id; readonly mention: boolean }>>;
  /** By channel: files that were chosen last and cannot go along. */
  readonly refused: Readonly<Record<Id, readonly FileRefusal[]>>;
  /** `text`: what was typed so far; it outlives the box, which goes where its message goes. */
  readonly editing: { readonly channelId: Id; readonly messageId: Id; readonly text: string | null } | null;
}

export const screen = createStore<Screen>(() => ({
  dialogs: [],
  menu: null,
  card: null,
  emoji: null,
  pane: "none",
  search: null,
  toasts: [],
  replies: {},
  refused: {},
  editing: null,
}));

export function useScreen<T>(pick: (screen: Screen) => T): T {
  return useStore(screen, pick);
}

export function openDialog(dialog: Dialog): void {
  screen.setState((now) => ({ dialogs: [...now.dialogs, dialog], menu: null, card: null, emoji: null }));
}

export function closeDialog(): void {
  screen.setState((now) => ({ dialogs: now.dialogs.slice(0, -1) }));
}

export function closeAllDialogs(): void {
  screen.setState({ dialogs: [], menu: null, card: null });
}

export function openMenu(anchor: Anchor, label: string, entries: readonly MenuEntry[]): void {
  screen.setState({ menu: { entries, anchor, label } });
}

export function closeMenu(): void {
  screen.setState({ menu: null });
}

export function openCard(anchor: Anchor, userId: Id, guildId: Id | null): void {
  screen.setState({ card: { userId, guildId, anchor } });
}

export function closeCard(): void {
  screen.setState({ card: null });
}

/** Calls back with the emoji that was picked, if one was: of a guild's own its `name:id`. */
export function openEmojiPicker(anchor: Anchor, guildId: Id | null, pick: (emoji: string) => void): void {
  screen.setState({ emoji: { anchor, guildId, pick }, menu: null });
}

export function closeEmojiPicker(): void {
  screen.setState({ emoji: null });
}

export function showPane(pane: Screen["pane"]): void {
  screen.setState({ pane });
}

export function openSearch(place: SearchPlace): void {
  screen.setState(({ search }) => ({
    // The same place stays the same thing: what was found there is not looked for anew.
    search: {
      place: search !== null && isPlace(search.place, place) ? search.place : place,
      open: true,
      turn: (search?.turn ?? 0) + 1,
    },
    pane: "none",
  }));
}

export function isPlace(a: SearchPlace, b: SearchPlace): boolean {
  return a.kind === b.kind && a.id === b.id;
}

export function closeSearch(): void {
  screen.setState(({ search }) => ({ search: search === null ? null : { ...search, open: false } }));
}

/** What was found is forgotten. */
export function endSearch(): void {
  screen.setState({ search: null });
}

const TOAST_MS = 5_000;
let toastCount = 0;

export function toast(text: string, tone: Toast["tone"] = "plain"): void {
  toastCount += 1;
  const id = toastCount;
  screen.setState((now) => ({ toasts: [...now.toasts.slice(-2), { id, tone, text }] }));
  setTimeout(() => dropToast(id), TOAST_MS);
}

export function dropToast(id: number): void {
  screen.setState((now) => ({ toasts: now.toasts.filter((each) => each.id !== id) }));
}

export function answer(channelId: Id, messageId: Id): void {
  screen.setState((now) => ({ replies: { ...now.replies, [channelId]: { messageId, mention: true } } }));
}

export function setReplyMention(channelId: Id, mention: boolean): void {
  screen.setState((now) => {
    const reply = now.replies[channelId];
    return reply === undefined ? now : { replies: { ...now.replies, [channelId]: { ...reply, mention } } };
  });
}

export function dropAnswer(channelId: Id): void {
  screen.setState((now) => {
    const { [channelId]: _, ...replies } = now.replies;
    return { replies };
  });
}

export function edit(channelId: Id, messageId: Id): void {
  screen.setState({ editing: { channelId, messageId, text: null } });
}

/** What was typed, and where its message is now. */
export function keepEditing(change: { readonly text?: string; readonly channelId?: Id }): void {
  screen.setState(({ editing }) => (editing === null ? {} : { editing: { ...editing, ...change } }));
}

export function stopEditing(): void {
  screen.setState({ editing: null });
}
