/** Polls: asked, answered, ended. */

import type { Id, Message } from "../../model/entities.ts";
import { messageCreate } from "../../state/reduce/messages.ts";
import { voted } from "../../state/reduce/polls.ts";
import { setMessage } from "../../state/window.ts";
import { message as decoded, type WireMessage } from "../../wire/decode_message.ts";
import type { Actions } from "../actions.ts";
import { type Engine, guildOf } from "../engine.ts";
import { mapOutcome } from "../rest.ts";

type Polls = Pick<Actions, "createPoll" | "vote" | "endPoll">;

export function pollWishes(engine: Engine): Polls {
  const { rest, store } = engine;

  const pollOf = (channelId: Id, messageId: Id): Message["poll"] =>
    store.getState().messages[channelId]?.[messageId]?.poll ?? null;

  return {
    async createPoll(channelId, { question, answers, multiple, hours }) {
      const poll = {
        question: { text: question },
        answers: answers.map((text) => ({ poll_media: { text } })),
        allow_multiselect: multiple,
        duration: hours,
      };
      const path = `/channels/${channelId}/messages`;
      const outcome = await rest.call<WireMessage>({ method: "POST", path, body: { poll }, once: true });
      if (outcome.ok) engine.change((state) => messageCreate(state, outcome.value));
      return mapOutcome(outcome, () => undefined);
    },
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
