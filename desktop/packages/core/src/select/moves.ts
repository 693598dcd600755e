/** Moving messages of a channel into its threads, from one into another, and back. */

import type { Channel, Id, Message } from "../model/entities.ts";
import { allows, Permission } from "../permissions/bits.ts";
import { myPermissions } from "../permissions/in_channel.ts";
import type { State } from "../state/state.ts";
import { fuzzy } from "./quick_switch.ts";
import { threadOverview } from "./threads.ts";

/** Messages that are moved at once, at most: each is an act of one's own, and a person has thirty in ten seconds. */
const MOVED_MAX = 25;

/** The channel that a message was written in, and whose threads it may be moved into by oneself; else none. */
export function movableIn(state: State, message: Message): Channel | null {
  const channel = state.channels[message.movedFrom ?? message.channelId];
  if (channel === undefined || !isSpoken(message)) return null;
  if (channel.kind !== "text" && channel.kind !== "announcement") return null;
  const needed = Permission.VIEW_CHANNEL | Permission.READ_MESSAGE_HISTORY | Permission.MANAGE_MESSAGES;
  return allows(myPermissions(state, channel.guildId, channel.id), needed) ? channel : null;
}

/** Not what tells of somebody's deeds. */
function isSpoken({ kind }: Message): boolean {
  return kind === "plain" || kind === "reply";
}

/** The message, and those after it that are loaded and may be moved along; the oldest first. */
export function movedAlong(state: State, message: Message): readonly Id[] {
  const { id: first, channelId, movedFrom } = message;
  const known = state.messages[channelId] ?? {};
  const ids = state.timelines[channelId]?.ids ?? [];
  const after = ids.slice(ids.indexOf(first) + 1).filter((id) => {
    const each = known[id];
    return each !== undefined && isSpoken(each) && each.movedFrom === movedFrom;
  });
  return [first, ...(ids.includes(first) ? after : [])].slice(0, MOVED_MAX);
}

export interface MoveTarget {
  readonly thread: Channel;
  /** Where the letters that were looked for are in its name. */
  readonly at: readonly number[];
}

/**
 * The public threads of a channel that are known here and that one may write in, the open ones first. Not the one that the
 * message is in, and not the one that was made from it: nothing goes into what hangs on it.
 */
export function moveTargets(
  state: State,
  channel: Channel,
  message: Pick<Message, "id" | "channelId">,
  query: string,
): readonly MoveTarget[] {
  const text = query.trim().toLowerCase();
  const of = (which: "active" | "away") =>
    threadOverview(state, channel.guildId ?? "", channel.id, which)
      .filter(({ id, thread }) => {
        const isItsOwn = id === message.channelId || id === message.id;
        return !isItsOwn && thread?.private === false && mayWriteIn(state, channel.guildId, id);
      })
      .flatMap((thread) => {
        const match = fuzzy(thread.name, text);
        return match === null ? [] : [{ thread, ...match }];
      })
      .sort((a, b) => (text === "" ? 0 : b.score - a.score))
      .map(({ thread, at }) => ({ thread, at }));
  return [...of("active"), ...of("away")];
}

function mayWriteIn(state: State, guildId: Id | null, threadId: Id): boolean {
  return allows(myPermissions(state, guildId, threadId), Permission.SEND_MESSAGES);
}

/** Where a message of that channel is now, if it was moved away from there while one was here. */
export function movedAway(state: State, channelId: Id, messageId: Id): Id | null {
  const to = state.moved.find((each) => each.messageId === messageId)?.to ?? null;
  return to === channelId ? null : to;
}
