import type { Id } from "../model/entities.ts";
import { allows, Permission } from "../permissions/bits.ts";
import { myPermissions } from "../permissions/in_channel.ts";
import type { State } from "../state/state.ts";

/** Whether a message was begun there: words, or files for it. */
export function isBegun(state: State, channelId: Id): boolean {
  return (state.drafts[channelId] ?? "") !== "" || state.trays[channelId] !== undefined;
}

/** Whether one may send files there. */
export function mayAttach(state: State, channelId: Id): boolean {
  const held = myPermissions(state, state.channels[channelId]?.guildId ?? null, channelId);
  return allows(held, Permission.SEND_MESSAGES | Permission.ATTACH_FILES);
}
