import type { Message } from "../../model/entities.ts";
import { withMine } from "./polls.ts";

/** As an event brings it, which is drawn for nobody in particular: which reactions and answers are one's own it cannot say. */
export function asMine(message: Message, before: Message): Message {
  const reactions = message.reactions.map((each) => ({ ...each, mine: isMine(before, each.emoji) }));
  return { ...message, nonce: before.nonce, poll: withMine(message.poll, before), reactions };
}

export function isMine(message: Message, emoji: string): boolean {
  return message.reactions.some((each) => each.emoji === emoji && each.mine);
}
