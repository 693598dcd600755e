/** Messages that are moved: gone from where they were, and put in where they are. Nobody takes them for news. */

import type { Message } from "../../model/entities.ts";
import { allows, Permission } from "../../permissions/bits.ts";
import { myPermissions } from "../../permissions/in_channel.ts";
import type { Moved, State } from "../state.ts";
import { place } from "../window.ts";
import { asMine } from "./as_mine.ts";

/** So many are moved at once. */
const MOVED_MAX = 100;

export function withMoved(state: State, moved: Moved): State {
  const others = state.moved.filter((each) => each.messageId !== moved.messageId);
  return { ...state, moved: [...others, moved].slice(-MOVED_MAX) };
}

/** A message that was said before is here now. Who reads no history is shown none of it. */
export function arrived(state: State, message: Message): State {
  const held = myPermissions(state, message.guildId, message.channelId);
  if (!allows(held, Permission.READ_MESSAGE_HISTORY)) return state;
  const before = state.moved.find((each) => each.messageId === message.id)?.before ?? null;
  return place(state, before === null ? message : asMine(message, before));
}
