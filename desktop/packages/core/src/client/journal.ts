/** What happened in a channel between asking for a part of its history and getting it: it is told again afterwards. */

import type { Id } from "../model/entities.ts";
import { messageUpdate } from "../state/reduce/messages.ts";
import type { State } from "../state/state.ts";
import { append, removeMessages } from "../state/window.ts";
import { message as decoded } from "../wire/decode_message.ts";
import type { Dispatches } from "../wire/generated.ts";

export interface Ticket {
  readonly channelId: Id;
  readonly number: number;
}

export interface Missed {
  /** Applies it to a window that now shows what was asked for. Telling twice is the same as telling once. */
  replay(state: State): State;
  /** Messages whose reactions or votes changed: an event more or less cannot be told twice. */
  reactedTo(): readonly Id[];
}

export interface Journal {
  begin(channelId: Id): Ticket;
  /** None where another load began in the channel meanwhile. */
  end(ticket: Ticket): Missed | null;
  heard(t: string, d: unknown): void;
}

interface Entry {
  readonly t: string;
  readonly d: unknown;
}

export function createJournal(): Journal {
  const open = new Map<Id, { number: number; entries: Entry[] }>();
  let count = 0;
  return {
    begin(channelId) {
      count += 1;
      open.set(channelId, { number: count, entries: [] });
      return { channelId, number: count };
    },
    end({ channelId, number }) {
      const page = open.get(channelId);
      if (page === undefined || page.number !== number) return null;
      open.delete(channelId);
      const { entries } = page;
      return {
        replay: (state) => entries.reduce(replayed, state),
        reactedTo: () => [...new Set(entries.filter(isReaction).map((entry) => messageIdOf(entry.d)))],
      };
    },
    heard(t, d) {
      if (!t.startsWith("MESSAGE_")) return;
      open.get((d as { readonly channel_id: Id }).channel_id)?.entries.push({ t, d });
    },
  };
}

function isReaction(entry: Entry): boolean {
  return entry.t.startsWith("MESSAGE_REACTION_") || entry.t.startsWith("MESSAGE_POLL_VOTE_");
}

function messageIdOf(d: unknown): Id {
  return (d as { readonly message_id: Id }).message_id;
}

function removed(state: State, ids: readonly Id[], d: unknown): State {
  const { channel_id: channelId, nexus } = d as Pick<Dispatches["MESSAGE_DELETE"], "channel_id" | "nexus">;
  return removeMessages(state, channelId, ids, nexus?.moved_to);
}

function replayed(state: State, { t, d }: Entry): State {
  switch (t) {
    case "MESSAGE_CREATE": {
      const message = d as Dispatches["MESSAGE_CREATE"];
      return append(state, decoded(message, state.channels[message.channel_id]?.guildId ?? null));
    }
    case "MESSAGE_UPDATE":
      return messageUpdate(state, d as Dispatches["MESSAGE_UPDATE"]);
    // What was counted when it happened is not counted again: only the window is changed.
    case "MESSAGE_DELETE":
      return removed(state, [(d as Dispatches["MESSAGE_DELETE"]).id], d);
    case "MESSAGE_DELETE_BULK":
      return removed(state, (d as Dispatches["MESSAGE_DELETE_BULK"]).ids, d);
    default:
      return state;
  }
}
