import { type Channel, idTime } from "@nexus/core";

/** When something was last said in a thread, or it began. */
export function lastMoment(thread: Channel): number {
  return idTime(thread.lastMessageId ?? thread.id);
}
