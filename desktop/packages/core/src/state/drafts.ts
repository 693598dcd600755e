/** What one is about to say, here and on the account's other devices. */

import type { Id } from "../model/entities.ts";
import type { Dispatches } from "../wire/generated.ts";
import { drop, put } from "./records.ts";
import type { State } from "./state.ts";

/** Characters of a draft that others are told of: what is longer cannot be sent either, and stays here until it is shorter. */
const TOLD_MAX = 2_000;

/** Typed here. */
export function drafted(state: State, channelId: Id, text: string): State {
  if ((state.drafts[channelId] ?? "") === text) return state;
  const next = withDraft(state, channelId, text);
  const draftsToTell =
    [...text].length <= TOLD_MAX
      ? put(state.draftsToTell, channelId, text)
      : drop(state.draftsToTell, channelId);
  return { ...next, draftsToTell };
}

/** The program's word: what it was told here, or on another device; what it is still to be told is the later one. */
export function draftElsewhere(state: State, d: Dispatches["NEXUS_DRAFT_UPDATE"]): State {
  const due = state.draftsToTell[d.channel_id];
  if (due !== undefined && due !== d.text) return state;
  const draftsToTell = drop(state.draftsToTell, d.channel_id);
  const next = draftsToTell === state.draftsToTell ? state : { ...state, draftsToTell };
  return withDraft(next, d.channel_id, d.text);
}

/** Every draft that the account has. A program that does not say keeps none. */
export function draftsElsewhere(state: State, told: Dispatches["READY"]["nexus_drafts"]): State {
  if (told === undefined) return state;
  const mine = Object.entries(state.drafts).filter(([channelId]) => channelId in state.draftsToTell);
  return told.reduce(draftElsewhere, { ...state, drafts: Object.fromEntries(mine) });
}

function withDraft(state: State, channelId: Id, text: string): State {
  const drafts = text === "" ? drop(state.drafts, channelId) : put(state.drafts, channelId, text);
  return drafts === state.drafts ? state : { ...state, drafts };
}
