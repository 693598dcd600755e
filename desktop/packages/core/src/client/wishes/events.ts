/** What a guild looks forward to: announced, begun, over, called off. What changed comes back by the gateway. */

import type { EventStatus, GuildEvent } from "../../model/entities.ts";
import type { Outcome } from "../../model/outcome.ts";
import { guildEvents } from "../../select/events.ts";
import { eventSet, withEventsOf, withInterest } from "../../state/reduce/events.ts";
import type { ScheduledEvent } from "../../wire/generated.ts";
import type { WireInterested } from "../../wire/rest.ts";
import type { Actions } from "../actions.ts";
import type { Engine } from "../engine.ts";
import { announced, eventsOf } from "../making.ts";
import type { Outbox } from "../outbox.ts";
import { type Call, DONE, mapOutcome } from "../rest.ts";

type Events = Pick<Actions, "loadEvents" | "createEvent" | "editEvent" | "setEventStatus" | "setInterested">;

/** Events of which is asked whether one looks forward to them. */
const ASKED_MAX = 50;
const STATUSES: Readonly<Record<EventStatus, number>> = { scheduled: 1, active: 2, over: 3, called_off: 4 };

export function eventWishes(engine: Engine, outbox: Outbox): Events {
  const { rest, store } = engine;

  async function changed(call: Call): Promise<Outcome<void>> {
    const outcome = await rest.call<ScheduledEvent>(call);
    if (outcome.ok) engine.change((state) => eventSet(state, outcome.value));
    return mapOutcome(outcome, () => undefined);
  }

  /** The list does not say it: of those who do, the first from oneself on is oneself, or one does not. */
  async function askMine({ guildId, id }: GuildEvent): Promise<void> {
    const me = store.getState().me ?? "0";
    const before = (BigInt(me) - 1n).toString();
    const path = `${eventsOf(guildId)}/${id}/users?limit=1&after=${before}`;
    const outcome = await rest.call<readonly WireInterested[]>({ method: "GET", path });
    if (!outcome.ok) return;
    const mine = outcome.value[0]?.user.id === me;
    engine.change((state) => withInterest(state, guildId, id, mine, false));
  }

  return {
    async loadEvents(guildId) {
      const path = `${eventsOf(guildId)}?with_user_count=true`;
      const outcome = await rest.call<readonly ScheduledEvent[]>({ method: "GET", path });
      if (!outcome.ok) return outcome;
      const done = guildEvents(store.getState(), guildId).filter(
        ({ status }) => status === "over" || status === "called_off",
      );
      engine.change((state) => {
        const open = withEventsOf(state, guildId, outcome.value);
        const kept = Object.fromEntries(done.map((event) => [event.id, event]));
        return { ...open, events: { ...open.events, [guildId]: { ...kept, ...open.events[guildId] } } };
      });
      for (const event of guildEvents(store.getState(), guildId).slice(0, ASKED_MAX)) await askMine(event);
      return DONE;
    },
    async createEvent(guildId, event) {
      const outcome = await outbox.make(guildId, { kind: "event", event });
      return mapOutcome(outcome, () => undefined);
    },
    editEvent: (guildId, eventId, event) =>
      changed({ method: "PATCH", path: `${eventsOf(guildId)}/${eventId}`, body: announced(event) }),
    setEventStatus: (guildId, eventId, status) =>
      changed({
        method: "PATCH",
        path: `${eventsOf(guildId)}/${eventId}`,
        body: { status: STATUSES[status] },
      }),
    async setInterested(guildId, eventId, interested) {
      engine.change((state) => withInterest(state, guildId, eventId, interested, true));
      const path = `${eventsOf(guildId)}/${eventId}/users/@me`;
      const outcome = await rest.call<unknown>({ method: interested ? "PUT" : "DELETE", path });
      if (outcome.ok) return DONE;
      engine.change((state) => withInterest(state, guildId, eventId, !interested, true));
      return outcome;
    },
  };
}
