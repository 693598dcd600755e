/** Where messages may be passed on to, and where those that were passed on are from. */

import { type Channel, compareIds, type Forwarded, type Id } from "../model/entities.ts";
import { allows, Permission } from "../permissions/bits.ts";
import { myPermissions } from "../permissions/in_channel.ts";
import type { State } from "../state/state.ts";
import { fuzzy, HITS_MAX, readQuery, type SwitchHit, type SwitchTarget, targets } from "./quick_switch.ts";

/** Channels and conversations that one may write in, looked for as in the quick switcher; without a query the liveliest first. */
export function forwardTargets(state: State, query: string): readonly SwitchHit[] {
  const { prefix, text } = readQuery(query);
  const hits: SwitchHit[] = [];
  for (const target of targets(state, prefix)) {
    const match = mayWriteIn(state, target) ? fuzzy(target.label, text) : null;
    if (match !== null) hits.push({ target, score: text === "" ? 0 : match.score, at: match.at });
  }
  const newest = ({ target }: SwitchHit) => state.channels[target.id]?.lastMessageId ?? target.id;
  hits.sort((a, b) => b.score - a.score || compareIds(newest(b), newest(a)));
  return hits.slice(0, HITS_MAX);
}

const WRITTEN_IN: readonly Channel["kind"][] = ["text", "announcement", "thread", "conversation", "group"];

function mayWriteIn(state: State, { kind, id }: SwitchTarget): boolean {
  const channel = kind === "channel" || kind === "conversation" ? state.channels[id] : undefined;
  if (channel === undefined || !WRITTEN_IN.includes(channel.kind)) return false;
  return allows(myPermissions(state, channel.guildId, id), Permission.SEND_MESSAGES);
}

export interface Whence {
  /** None where one does not see it. */
  readonly channel: Channel | null;
  readonly guildName: string | null;
  /** None where one cannot go to it. */
  readonly messageId: Id | null;
}

/** Where something that was passed on is from, as far as one may know. */
export function whence(state: State, { channelId, guildId, messageId }: Forwarded): Whence {
  const channel = channelId === null ? undefined : state.channels[channelId];
  const held = channel === undefined ? 0n : myPermissions(state, channel.guildId, channel.id);
  const sees = allows(held, Permission.VIEW_CHANNEL);
  return {
    channel: sees ? (channel ?? null) : null,
    guildName: state.guilds[guildId ?? ""]?.name ?? null,
    messageId: sees && allows(held, Permission.READ_MESSAGE_HISTORY) ? messageId : null,
  };
}
