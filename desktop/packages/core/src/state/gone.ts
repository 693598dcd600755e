/** Places that one is in no more: what is told of them, and what was about to be said there. */

import type { Channel, Id } from "../model/entities.ts";
import { channelName } from "../select/names.ts";
import type { Gone, State, Unsaid } from "./state.ts";

/** Places, and texts, that are remembered. */
const GONE_MAX = 20;

/** To be called while the channel, or the guild, is still known. What one has left oneself is no news. */
export function withGone(state: State, id: Id, how: Gone["how"]): State {
  if (state.leaving.includes(id)) return { ...state, leaving: state.leaving.filter((each) => each !== id) };
  const gone = inWords(state, id, how);
  if (gone === null) return state;
  return { ...state, gone: [...state.gone.filter((each) => each.id !== id), gone].slice(-GONE_MAX) };
}

function inWords(state: State, id: Id, how: Gone["how"]): Gone | null {
  const guild = state.guilds[id];
  if (guild !== undefined) return { id, kind: "guild", name: guild.name, guildId: id, parentId: null, how };
  const channel = state.channels[id];
  return channel === undefined ? null : goneChannel(state, channel, how);
}

export function goneChannel(state: State, channel: Channel, how: Gone["how"]): Gone {
  const { id, guildId, parentId } = channel;
  const kind = guildId === null ? "conversation" : channel.thread !== null ? "thread" : "channel";
  return { id, kind, name: called(state, channel), guildId, parentId, how };
}

/** To be called before the channels are forgotten: what was being written there, and what waited, is kept; where one is last, as the latest. */
export function withUnsaid(state: State, channels: readonly Id[]): State {
  const open = [state.openThread, state.openChannel].filter((id) => id !== null);
  const ordered = [...channels].sort((a, b) => Number(open.includes(a)) - Number(open.includes(b)));
  const left = ordered.map((id) => unsaidIn(state, id)).filter((each) => each !== null);
  if (left.length === 0) return state;
  const others = state.unsaid.filter((each) => left.every(({ channelId }) => channelId !== each.channelId));
  return { ...state, unsaid: [...others, ...left].slice(-GONE_MAX) };
}

function unsaidIn(state: State, channelId: Id): Unsaid | null {
  const rows = state.pending[channelId] ?? [];
  const before = state.unsaid.find((each) => each.channelId === channelId);
  const texts = [
    before?.text,
    ...rows.map((row) => row.content || row.poll?.question),
    state.drafts[channelId],
  ].filter((text) => text !== undefined && text.trim() !== "");
  const files = rows.reduce((sum, row) => sum + (row.files?.length ?? 0), before?.files ?? 0);
  if (texts.length === 0 && files === 0) return null;
  const channel = state.channels[channelId];
  const place = channel === undefined ? (before?.place ?? null) : called(state, channel);
  return { channelId, place, text: texts.join("\n\n"), files };
}

function called(state: State, channel: Channel): string {
  const name = channelName(state, channel);
  return channel.guildId === null || channel.thread !== null ? name : `#${name}`;
}
