import { compareIds, type GuildEvent, type Id } from "../model/entities.ts";
import { allows, Permission } from "../permissions/bits.ts";
import { myPermissions } from "../permissions/in_channel.ts";
import type { State } from "../state/state.ts";

/** What a guild looks forward to, in the order of its beginning; what is over or called off comes last. */
export function guildEvents(state: State, guildId: Id): readonly GuildEvent[] {
  const done = (event: GuildEvent) => Number(event.status === "over" || event.status === "called_off");
  return Object.values(state.events[guildId] ?? {}).sort(
    (a, b) => done(a) - done(b) || a.startsAt - b.startsAt || compareIds(a.id, b.id),
  );
}

/** What one may do with an event, as it stands now. */
export interface EventDeeds {
  readonly edit: boolean;
  readonly begin: boolean;
  readonly end: boolean;
  readonly callOff: boolean;
}

export function eventDeeds(state: State, event: GuildEvent): EventDeeds {
  const held = myPermissions(state, event.guildId, event.channelId);
  const own = event.creatorId === state.me && allows(held, Permission.CREATE_EVENTS);
  const manages = own || allows(held, Permission.MANAGE_EVENTS);
  return {
    edit: manages && event.status === "scheduled",
    begin: manages && event.status === "scheduled",
    end: manages && event.status === "active",
    callOff: manages && event.status === "scheduled",
  };
}

export function mayAnnounce(state: State, guildId: Id): boolean {
  return allows(myPermissions(state, guildId, null), Permission.CREATE_EVENTS);
}
