/** Messages and what is done to them. */

import type { Id, User } from "../../model/entities.ts";
import { drafted } from "../../state/drafts.ts";
import { reacted } from "../../state/reduce/messages.ts";
import { patchMessage, removeMessages, setMessage } from "../../state/window.ts";
import * as decode from "../../wire/decode.ts";
import { message as decoded, type WireMessage } from "../../wire/decode_message.ts";
import type * as wire from "../../wire/generated.ts";
import type { Actions } from "../actions.ts";
import { type Engine, guildOf } from "../engine.ts";
import type { Outbox } from "../outbox.ts";
import { mapOutcome } from "../rest.ts";

type Writing = Pick<
  Actions,
  | "send"
  | "forward"
  | "stopSending"
  | "retry"
  | "discard"
  | "dismissVoid"
  | "dismissUnsaid"
  | "edit"
  | "deleteMessage"
  | "react"
  | "unreact"
  | "reactors"
  | "pin"
  | "unpin"
  | "typing"
  | "setDraft"
>;

/** How often the others are told that one is writing. */
const TYPING_EVERY_MS = 8_000;

/** More than a program tells of again. */
const DISMISSED_MAX = 100;

export function writingWishes(engine: Engine, outbox: Outbox): Writing {
  const { rest, store, options } = engine;
  const toldAt = new Map<Id, number>();

  const at = (channelId: Id, messageId: Id) => `/channels/${channelId}/messages/${messageId}`;
  const reactionAt = (channelId: Id, messageId: Id, emoji: string) =>
    `${at(channelId, messageId)}/reactions/${encodeURIComponent(emoji)}`;

  /** On the screen at once, and taken back where it was refused. */
  async function setReaction(channelId: Id, messageId: Id, emoji: string, by: 1 | -1) {
    const me = store.getState().me ?? "";
    engine.change((state) => reacted(state, channelId, messageId, emoji, me, by));
    const method = by > 0 ? "PUT" : "DELETE";
    const path = `${reactionAt(channelId, messageId, emoji)}/@me`;
    const outcome = await rest.call<void>({ method, path });
    if (!outcome.ok)
      engine.change((state) => reacted(state, channelId, messageId, emoji, me, by > 0 ? -1 : 1));
    return outcome;
  }

  async function setPinned(channelId: Id, messageId: Id, pinned: boolean) {
    const path = `/channels/${channelId}/messages/pins/${messageId}`;
    const outcome = await rest.call<void>({ method: pinned ? "PUT" : "DELETE", path });
    if (outcome.ok) {
      engine.change((state) =>
        patchMessage(state, channelId, messageId, (message) => ({ ...message, pinned })),
      );
    }
    return outcome;
  }

  return {
    send(channelId, content, reply) {
      toldAt.delete(channelId);
      outbox.send(channelId, content, reply);
    },
    forward: outbox.forward,
    stopSending: outbox.stopSending,
    retry: outbox.retry,
    discard: outbox.discard,
    dismissVoid(messageId) {
      engine.change((state) => ({
        ...state,
        voids: state.voids.filter((each) => each.messageId !== messageId),
        dismissed: [...state.dismissed, messageId].slice(-DISMISSED_MAX),
      }));
    },
    dismissUnsaid(channelId) {
      engine.change((state) => ({
        ...state,
        unsaid: state.unsaid.filter((each) => each.channelId !== channelId),
      }));
    },
    async edit(channelId, messageId, content) {
      const call = { method: "PATCH", path: at(channelId, messageId), body: { content } } as const;
      const outcome = mapOutcome(await rest.call<WireMessage>(call), (from) =>
        decoded(from, guildOf(engine, channelId)),
      );
      if (outcome.ok) engine.change((state) => setMessage(state, outcome.value));
      return outcome;
    },
    async deleteMessage(channelId, messageId) {
      const outcome = await rest.call<void>({ method: "DELETE", path: at(channelId, messageId) });
      if (outcome.ok) engine.change((state) => removeMessages(state, channelId, [messageId]));
      return outcome;
    },
    react: (channelId, messageId, emoji) => setReaction(channelId, messageId, emoji, 1),
    unreact: (channelId, messageId, emoji) => setReaction(channelId, messageId, emoji, -1),
    async reactors(channelId, messageId, emoji) {
      const path = `${reactionAt(channelId, messageId, emoji)}?limit=100`;
      const outcome = await rest.call<readonly wire.User[]>({ method: "GET", path });
      return mapOutcome(outcome, (users): readonly User[] => users.map(decode.user));
    },
    pin: (channelId, messageId) => setPinned(channelId, messageId, true),
    unpin: (channelId, messageId) => setPinned(channelId, messageId, false),
    typing(channelId) {
      const now = options.now();
      if (now - (toldAt.get(channelId) ?? Number.NEGATIVE_INFINITY) < TYPING_EVERY_MS) return;
      toldAt.set(channelId, now);
      void rest.call<void>({ method: "POST", path: `/channels/${channelId}/typing`, once: true });
    },
    setDraft(channelId, text) {
      engine.change((state) => drafted(state, channelId, text));
    },
  };
}
