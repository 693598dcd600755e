/** How a node stands with others. */

import type { Id } from "../../model/entities.ts";
import type { Dispatches } from "../../wire/generated.ts";
import type { State } from "../state.ts";

export function standing(state: State, d: Dispatches["NEXUS_STANDING"]): State {
  const queued: Record<Id, Id[]> = {};
  for (const { channel_id, id } of d.queued) {
    const ids = queued[channel_id] ?? [];
    ids.push(id);
    queued[channel_id] = ids;
  }
  const { relays, direct, syncing, waiting } = d;
  const door = { ...state.door, kind: "node" as const, relays, peers: direct, outbox: waiting, syncing };
  return { ...state, door, queued };
}
