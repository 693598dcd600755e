/** What was written here and is in no channel yet. */

import type { Id } from "../model/entities.ts";
import { drop, put } from "./records.ts";
import type { Pending, State } from "./state.ts";

export function withPending(state: State, row: Pending): State {
  const rows = state.pending[row.channelId] ?? [];
  const others = rows.filter((each) => each.nonce !== row.nonce);
  const at = rows.findIndex((each) => each.nonce === row.nonce);
  const next = at < 0 ? [...rows, row] : [...others.slice(0, at), row, ...others.slice(at)];
  return { ...state, pending: put(state.pending, row.channelId, next) };
}

export function withoutPending(state: State, nonce: string): State {
  const row = pendingOf(state, nonce);
  if (row === null) return state;
  const left = (state.pending[row.channelId] ?? []).filter((each) => each.nonce !== nonce);
  const pending =
    left.length === 0 ? drop(state.pending, row.channelId) : put(state.pending, row.channelId, left);
  return { ...state, pending };
}

export function pendingOf(state: State, nonce: string): Pending | null {
  for (const rows of Object.values(state.pending)) {
    const row = rows.find((each) => each.nonce === nonce);
    if (row !== undefined) return row;
  }
  return null;
}

/** The row that is to be sent next in a channel: the oldest that has not failed. */
export function nextPending(state: State, channelId: Id): Pending | null {
  return (state.pending[channelId] ?? []).find((row) => row.state !== "failed") ?? null;
}
