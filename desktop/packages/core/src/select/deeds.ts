import type { Message } from "../model/entities.ts";
import { allows, Permission } from "../permissions/bits.ts";
import { myPermissions } from "../permissions/in_channel.ts";
import type { State } from "../state/state.ts";
import { movableIn } from "./moves.ts";
import { mayBegin, threadFrom } from "./threads.ts";

/** What one may do with a message, for what its menu offers. */
export interface MessageDeeds {
  readonly reply: boolean;
  readonly react: boolean;
  readonly edit: boolean;
  /** Pass it on. */
  readonly forward: boolean;
  readonly delete: boolean;
  readonly pin: boolean;
  /** Begin a thread from it. */
  readonly thread: boolean;
  /** Move it into a thread; from one into another where it was moved before. */
  readonly move: boolean;
  /** .. and back to where it was written. */
  readonly moveBack: boolean;
}

export function messageDeeds(state: State, message: Message): MessageDeeds {
  const held = myPermissions(state, message.guildId, message.channelId);
  const mine = message.authorId === state.me;
  const manages = allows(held, Permission.MANAGE_MESSAGES);
  const move = movableIn(state, message) !== null;
  return {
    reply: allows(held, Permission.SEND_MESSAGES),
    react: allows(held, Permission.ADD_REACTIONS | Permission.READ_MESSAGE_HISTORY),
    edit: mine && !message.unreadable && message.forwarded === null && message.kind !== "brought",
    forward: mayBeForwarded(message) && allows(held, Permission.READ_MESSAGE_HISTORY),
    delete: mine || manages,
    pin: manages || message.guildId === null,
    thread: !message.unreadable && threadFrom(state, message) === null && mayBeginAt(state, message),
    move,
    moveBack: move && message.movedFrom !== null,
  };
}

/** What asks, and what tells of somebody's deeds, is not passed on. */
function mayBeForwarded({ kind, poll, unreadable }: Message): boolean {
  return (kind === "plain" || kind === "reply") && poll === null && !unreadable;
}

function mayBeginAt(state: State, message: Message): boolean {
  const channel = state.channels[message.channelId];
  return channel !== undefined && mayBegin(state, channel).public;
}
