/** What voice channels are about, while people are in them. */

import type { Dispatches } from "../../wire/generated.ts";
import { drop, put } from "../records.ts";
import type { State } from "../state.ts";

export function captionUpdate(state: State, d: Dispatches["VOICE_CHANNEL_STATUS_UPDATE"]): State {
  const captions = d.status === null ? drop(state.captions, d.id) : put(state.captions, d.id, d.status);
  return captions === state.captions ? state : { ...state, captions };
}

/** All that is known of a guild's channels for the moment: what is not named is about nothing. */
export function channelInfo(state: State, d: Dispatches["CHANNEL_INFO"]): State {
  const cleared = drop(state.captions, ...(state.channelsOf[d.guild_id] ?? []));
  const captions = d.channels.reduce(
    (sum, { id, status }) => (status === undefined ? sum : put(sum, id, status)),
    cleared,
  );
  return captions === state.captions ? state : { ...state, captions };
}
