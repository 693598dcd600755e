/** Polls: asked, answered, ended. */

import type { Id, Message } from "../../model/entities.ts";
import { voted } from "../../state/reduce/polls.ts";
import { setMessage } from "../../state/window.ts";
import { message as decoded, type WireMessage } from "../../wire/decode_message.ts";
import type { Actions } from "../actions.ts";
import { type Engine, guildOf } from "../engine.ts";
import type { Outbox } from "../outbox.ts";
import { mapOutcome } from "../rest.ts";

type Polls = Pick<Actions, "createPoll" | "vote" | "endPoll">;

export function pollWishes(engine: Engine, outbox: Outbox): Polls {
  const { rest, store } = engine;

  const pollOf = (channelId: Id, messageId: Id): Message["poll"] =>
    store.getState().messages[channelId]?.[messageId]?.poll ?? null;

  return {
    createPoll: outbox.ask,
    async vote(channelId, messageId, answers) {
      const before = pollOf(channelId, messageId)?.mine ?? [];
      engine.change((state) => voted(state, channelId, messageId, answers));
      const path = `/channels/${channelId}/polls/${messageId}/answers/@me`;
      const outcome = await rest.call<void>({ method: "PUT", path, body: { answer_ids: answers } });
      if (!outcome.ok) engine.change((state) => voted(state, channelId, messageId, before));
      return outcome;
    },
    async endPoll(channelId, messageId) {
      const path = `/channels/${channelId}/polls/${messageId}/expire`;
      const outcome = await rest.call<WireMessage>({ method: "POST", path });
      if (outcome.ok) {
        const message = decoded(outcome.value, guildOf(engine, channelId));
        engine.change((state) => setMessage(state, message));
      }
      return mapOutcome(outcome, () => undefined);
    },
  };
}
