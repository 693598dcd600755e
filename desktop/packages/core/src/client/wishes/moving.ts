/** Messages are moved into threads, and back. What asks for it sees the answer: nothing of it waits in the outbox. */

import { withThread } from "../../state/reduce/threads.ts";
import * as decode from "../../wire/decode.ts";
import type { Thread, Message as WireMessage } from "../../wire/generated.ts";
import type { Actions } from "../actions.ts";
import type { Engine } from "../engine.ts";
import { askedFor } from "../making.ts";
import { mapOutcome } from "../rest.ts";

type Moving = Pick<Actions, "makeThread" | "moveMessages" | "placeOf">;

export function movingWishes(engine: Engine): Moving {
  const { rest, store } = engine;
  return {
    async makeThread(channelId, name) {
      const call = askedFor(store.getState(), channelId, { kind: "thread", thread: { name } });
      const outcome = await rest.call<Thread>(call);
      if (outcome.ok) engine.change((state) => withThread(state, outcome.value));
      return mapOutcome(outcome, (from) => decode.thread(from, undefined));
    },
    moveMessages(channelId, messageIds, threadId) {
      const body = { message_ids: messageIds, thread_id: threadId };
      return rest.call<void>({ method: "POST", path: `/nexus/channels/${channelId}/moves`, body });
    },
    async placeOf(channelId, messageId) {
      const path = `/channels/${channelId}/messages/${messageId}`;
      const outcome = await rest.call<WireMessage>({ method: "GET", path });
      return mapOutcome(outcome, (message) => message.channel_id);
    },
  };
}
