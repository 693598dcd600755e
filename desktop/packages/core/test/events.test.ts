import { expect, test } from "vitest";
import { eventDeeds, guildEvents, initialState, Permission, type State } from "../src/index.ts";
import { withInterest } from "../src/state/reduce/events.ts";
import { type EventName, reduce } from "../src/state/reduce.ts";
import type * as wire from "../src/wire/generated.ts";
import { GUILD, guildCreate, ME, ready, role } from "./world.ts";

function event(id: string, more: Partial<wire.ScheduledEvent> = {}): wire.ScheduledEvent {
  return {
    id,
    guild_id: GUILD,
    channel_id: null,
    creator_id: "1002",
    name: `event ${id}`,
    description: null,
    image: null,
    scheduled_start_time: "2026-06-01T10:00:00.000000+00:00",
    scheduled_end_time: null,
    privacy_level: 2,
    status: 1,
    entity_type: 3,
    entity_id: null,
    entity_metadata: { location: "On the quay" },
    recurrence_rule: null,
    ...more,
  };
}

const hear = (state: State, t: EventName, d: unknown) => reduce(state, t, d as never, 0);
const interest = (user: string) => ({ guild_scheduled_event_id: "60", guild_id: GUILD, user_id: user });
const of = (state: State, id = "60") => state.events[GUILD]?.[id];

function begun(permissions: bigint = Permission.VIEW_CHANNEL): State {
  const state = hear(initialState(), "READY", ready([GUILD]));
  const create = guildCreate({ roles: [role(GUILD, permissions)] });
  return hear(state, "GUILD_CREATE", { ...create, guild_scheduled_events: [event("60", { user_count: 3 })] });
}

test("events come in the order of their beginning, and what was called off is seen to be", () => {
  let state = hear(begun(), "GUILD_SCHEDULED_EVENT_CREATE", {
    ...event("61", { scheduled_start_time: "2026-05-01T10:00:00.000000+00:00" }),
  });
  expect(guildEvents(state, GUILD).map(({ id }) => id)).toEqual(["61", "60"]);
  state = hear(state, "GUILD_SCHEDULED_EVENT_UPDATE", event("61", { status: 4 }));
  expect(guildEvents(state, GUILD).map(({ id, status }) => [id, status])).toEqual([
    ["60", "scheduled"],
    ["61", "called_off"],
  ]);
  state = hear(state, "GUILD_SCHEDULED_EVENT_DELETE", event("60"));
  expect(of(state)).toBeUndefined();
});

test("of an event that was just announced nobody is interested yet, and whoever is then counts", () => {
  let state = hear(begun(), "GUILD_SCHEDULED_EVENT_CREATE", event("61"));
  expect(of(state, "61")?.interested).toBe(0);
  const told = { ...interest("1002"), guild_scheduled_event_id: "61" };
  state = hear(state, "GUILD_SCHEDULED_EVENT_USER_ADD", told);
  expect(of(state, "61")?.interested).toBe(1);
});

test("who looks forward is counted once, also oneself, and an update does not forget it", () => {
  let state = hear(begun(), "GUILD_SCHEDULED_EVENT_USER_ADD", interest("1002"));
  state = withInterest(state, GUILD, "60", true, true);
  state = hear(state, "GUILD_SCHEDULED_EVENT_USER_ADD", interest(ME));
  state = hear(state, "GUILD_SCHEDULED_EVENT_UPDATE", event("60", { name: "renamed" }));
  expect(of(state)).toMatchObject({ interested: 5, mine: true, name: "renamed" });
  state = hear(state, "GUILD_SCHEDULED_EVENT_USER_REMOVE", interest(ME));
  expect(of(state)).toMatchObject({ interested: 4, mine: false });
});

test("one's own event is called off by who may announce, another's by who manages events", () => {
  const deeds = (state: State) => {
    const known = of(state);
    return known === undefined ? null : eventDeeds(state, known).callOff;
  };
  const announces = Permission.VIEW_CHANNEL | Permission.CREATE_EVENTS;
  expect(deeds(begun(announces))).toBe(false);
  expect(deeds(hear(begun(announces), "GUILD_SCHEDULED_EVENT_UPDATE", event("60", { creator_id: ME })))).toBe(
    true,
  );
  expect(deeds(begun(Permission.VIEW_CHANNEL | Permission.MANAGE_EVENTS))).toBe(true);
});
