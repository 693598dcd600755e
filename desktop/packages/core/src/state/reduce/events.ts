/** What a guild looks forward to. */

import type { GuildEvent, Id } from "../../model/entities.ts";
import * as decode from "../../wire/decode.ts";
import type { Dispatches, ScheduledEvent } from "../../wire/generated.ts";
import { byKey, drop, put, update } from "../records.ts";
import type { State } from "../state.ts";
import { withUsers } from "./guilds.ts";

type Interest = Dispatches["GUILD_SCHEDULED_EVENT_USER_ADD"];

/** One that was just announced: nobody has had the time to look forward to it who is not told of next. */
export function eventCreate(state: State, d: ScheduledEvent): State {
  const known = state.events[d.guild_id]?.[d.id]?.interested ?? 0;
  return eventSet(state, { ...d, user_count: d.user_count ?? known });
}

export function eventSet(state: State, d: ScheduledEvent): State {
  const known = state.events[d.guild_id];
  if (known === undefined) return state;
  const event = decode.event(d, known[d.id]);
  const peopled = d.creator === undefined ? state : withUsers(state, [d.creator]);
  return { ...peopled, events: put(state.events, d.guild_id, put(known, d.id, event)) };
}

export function eventDelete(state: State, d: ScheduledEvent): State {
  return { ...state, events: update(state.events, d.guild_id, (known) => drop(known, d.id)) };
}

export function interestAdd(state: State, d: Interest): State {
  return counted(state, d, 1);
}

export function interestRemove(state: State, d: Interest): State {
  return counted(state, d, -1);
}

/** All that a guild looks forward to now. */
export function withEventsOf(state: State, guildId: Id, all: readonly ScheduledEvent[]): State {
  const known = state.events[guildId] ?? {};
  const drawn = all.map((each) => decode.event(each, known[each.id]));
  const creators = all.flatMap((each) => each.creator ?? []);
  const events = put(
    state.events,
    guildId,
    byKey(drawn, (each) => each.id),
  );
  return { ...withUsers(state, creators), events };
}

/** Whether oneself looks forward to it, as it was told or is wished. */
export function withInterest(state: State, guildId: Id, eventId: Id, mine: boolean, counts: boolean): State {
  return patchEvent(state, guildId, eventId, (event) => {
    if (event.mine === mine) return event;
    return { ...event, mine, interested: counts ? more(event, mine ? 1 : -1) : event.interested };
  });
}

function counted(state: State, d: Interest, by: 1 | -1): State {
  const { guild_id: guildId, guild_scheduled_event_id: eventId, user_id: userId } = d;
  if (userId === state.me) return withInterest(state, guildId, eventId, by > 0, true);
  return patchEvent(state, guildId, eventId, (event) => ({ ...event, interested: more(event, by) }));
}

function more({ interested }: GuildEvent, by: 1 | -1): number | null {
  return interested === null ? null : Math.max(0, interested + by);
}

function patchEvent(
  state: State,
  guildId: Id,
  eventId: Id,
  change: (event: GuildEvent) => GuildEvent,
): State {
  const events = update(state.events, guildId, (known) => update(known, eventId, change));
  return events === state.events ? state : { ...state, events };
}
