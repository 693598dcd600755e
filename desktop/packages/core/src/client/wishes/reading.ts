/** Opening channels, moving in their history, and how far one has read. */

import type { Id, Message } from "../../model/entities.ts";
import { holdsPosts } from "../../model/holds_posts.ts";
import type { Outcome } from "../../model/outcome.ts";
import { threadsThatCount, visibleChannels } from "../../select/unread.ts";
import { opened, readHere, unreadFrom, withRead } from "../../state/reads.ts";
import { put } from "../../state/records.ts";
import { withPeopleOf } from "../../state/reduce/messages.ts";
import { seenAway } from "../../state/reduce/threads.ts";
import { closeWindow } from "../../state/window.ts";
import { message as decoded } from "../../wire/decode_message.ts";
import type { WirePins } from "../../wire/rest.ts";
import type { Actions } from "../actions.ts";
import { type Engine, guildOf } from "../engine.ts";
import type { Loads } from "../loads.ts";
import { DONE } from "../rest.ts";

type Reading = Pick<
  Actions,
  | "openChannel"
  | "openThread"
  | "loadOlder"
  | "loadNewer"
  | "loadAround"
  | "loadPresent"
  | "loadPins"
  | "ack"
  | "ackGuild"
  | "markUnread"
  | "clearDivider"
>;

/** Channels whose history is kept, the open one included. */
const WARM_MAX = 8;

export function readingWishes(engine: Engine, loads: Loads): Reading {
  const { store, rest } = engine;
  /** The channel that was left longest ago is the first. */
  let warm: readonly Id[] = [];

  function warmUp(channelId: Id): void {
    warm = [...warm.filter((id) => id !== channelId), channelId];
    const cold = warm.slice(0, Math.max(0, warm.length - WARM_MAX));
    warm = warm.slice(cold.length);
    if (cold.length > 0) engine.change((state) => closeWindow(state, ...cold));
  }

  function ack(channelId: Id, messageId?: Id): void {
    engine.change((state) => {
      const id = messageId ?? state.channels[channelId]?.lastMessageId ?? null;
      return id === null ? state : readHere(state, channelId, id);
    });
  }

  async function show(place: "openChannel" | "openThread", channelId: Id | null): Promise<Outcome<void>> {
    const before = store.getState()[place];
    if (before === channelId) return DONE;
    engine.change((state) => {
      const left = before === null ? state : seenAway(withRead(state, before, { divider: null }), before);
      const here = { ...left, [place]: channelId };
      return channelId === null ? here : opened(here, channelId);
    });
    if (channelId === null) return DONE;
    warmUp(channelId);
    const timeline = store.getState().timelines[channelId];
    const whole = timeline !== undefined && !timeline.hasNewer && timeline.error === null;
    return whole ? DONE : loads.first(channelId);
  }

  return {
    async openChannel(channelId) {
      // What holds posts has no messages of its own.
      const posts = channelId !== null && holdsPosts(store.getState().channels[channelId]);
      if (!posts) return show("openChannel", channelId);
      engine.change((state) => ({ ...state, openChannel: channelId }));
      return DONE;
    },
    openThread: (threadId) => show("openThread", threadId),
    loadOlder: loads.older,
    loadNewer: loads.newer,
    loadAround: loads.around,
    loadPresent: loads.first,
    ack,
    ackGuild(guildId) {
      const state = store.getState();
      for (const id of [...visibleChannels(state, guildId), ...threadsThatCount(state, guildId)]) ack(id);
    },
    markUnread(channelId, messageId) {
      engine.change((state) => unreadFrom(state, channelId, messageId));
    },
    clearDivider(channelId) {
      engine.change((state) => withRead(state, channelId, { divider: null }));
    },
    async loadPins(channelId) {
      const path = `/channels/${channelId}/messages/pins?limit=50`;
      const outcome = await rest.call<WirePins>({ method: "GET", path });
      if (!outcome.ok) return outcome;
      const guildId = guildOf(engine, channelId);
      const pinned: readonly Message[] = outcome.value.items.map((item) => decoded(item.message, guildId));
      engine.change((state) => {
        const peopled = outcome.value.items.reduce((sum, item) => withPeopleOf(sum, item.message), state);
        return { ...peopled, pins: put(state.pins, channelId, pinned) };
      });
      return DONE;
    },
  };
}
