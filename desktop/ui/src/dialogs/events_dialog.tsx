import { eventDeeds, type Failure, type GuildEvent, guildEvents, mayAnnounce, nameOf } from "@nexus/core";
import { useCallback, useEffect, useState } from "react";
import { useActions, useApp, useClient, useDerived } from "../app/client.tsx";
import { failureText } from "../app/failure_text.ts";
import { openDialog } from "../app/screen.ts";
import { told } from "../app/wish.ts";
import { relative } from "../i18n/time.ts";
import { t } from "../i18n/translate.ts";
import { Button, IconButton } from "../parts/button.tsx";
import { DialogBox } from "../parts/dialog.tsx";
import { Icon } from "../parts/icon.tsx";
import {
  Bell,
  CalendarDays,
  CalendarX,
  Check,
  CircleAlert,
  Ellipsis,
  MapPin,
  Pencil,
  Plus,
  Volume2,
} from "../parts/icons.ts";
import { type MenuEntry, menuAt } from "../parts/menu.tsx";
import { Banner, Empty, Tag } from "../parts/notice.tsx";
import { RichText } from "../rich/rich_text.tsx";
import type { Shown } from "./dialog_layer.tsx";
import { eventTimes } from "./event_times.ts";
import { PendingEvents } from "./pending_events.tsx";

/** What a guild looks forward to. */
export default function EventsDialog({ dialog, onClose }: Shown<"events">) {
  const { guildId } = dialog;
  const actions = useActions();
  const guild = useApp((state) => state.guilds[guildId]?.name ?? "");
  const may = useApp((state) => mayAnnounce(state, guildId));
  const [failure, setFailure] = useState<Failure | null>(null);
  const load = useCallback(async () => {
    setFailure(null);
    const outcome = await actions.loadEvents(guildId);
    if (!outcome.ok) setFailure(outcome.failure);
  }, [actions, guildId]);
  useEffect(() => void load(), [load]);
  return (
    <DialogBox
      title={t("event.title", { name: guild })}
      onClose={onClose}
      acts={
        may ? (
          <Button look="primary" icon={Plus} onClick={() => openDialog({ kind: "new_event", guildId })}>
            {t("event.new")}
          </Button>
        ) : undefined
      }
    >
      <EventList guildId={guildId} failure={failure} again={() => void load()} />
    </DialogBox>
  );
}

interface ListFacts {
  readonly guildId: string;
  readonly failure: Failure | null;
  readonly again: () => void;
}

/** What the gateway told is shown at once; how many look forward to it follows. */
export function EventList({ guildId, failure, again }: ListFacts) {
  const events = useDerived(
    (state) => [state.events[guildId]],
    (state) => guildEvents(state, guildId),
    [guildId],
  );
  const waits = useApp((state) => state.pending[guildId] !== undefined);
  return (
    <>
      {failure === null ? null : (
        <Banner
          tone="danger"
          icon={CircleAlert}
          acts={
            <Button small onClick={again}>
              {t("common.retry")}
            </Button>
          }
        >
          {t("event.failed")} {failureText(failure)}
        </Banner>
      )}
      {events.length === 0 && !waits && failure === null ? (
        <Empty icon={CalendarDays} title={t("event.none")} text={t("event.none_text")} />
      ) : null}
      <ul className="nx-events">
        <PendingEvents guildId={guildId} />
        {events.map((event) => (
          <EventCard key={event.id} event={event} />
        ))}
      </ul>
    </>
  );
}

function EventCard({ event }: { event: GuildEvent }) {
  const client = useClient();
  const by = useApp((state) => nameOf(state, event.creatorId ?? "", event.guildId));
  const voice = useApp((state) => state.channels[event.channelId ?? ""]?.name ?? t("common.unknown_channel"));
  const done = event.status === "over" || event.status === "called_off";
  const { id, guildId, name, mine } = event;
  const entries = useDerived(
    (state) => [state.channels, state.roles, state.members, state.me],
    () => eventMenu(client, event),
    [event],
  );
  const facts = [
    event.interested === null ? null : t("event.interested_n", { n: event.interested }),
    by === null ? null : t("event.by", { name: by }),
  ];
  return (
    <li className="nx-event" data-nx="event" data-done={done ? "" : undefined}>
      <div className="nx-event-when">
        <Icon of={event.status === "called_off" ? CalendarX : CalendarDays} size={16} />
        <time dateTime={new Date(event.startsAt).toISOString()} title={relative(event.startsAt)}>
          {eventTimes(event)}
        </time>
        <StatusTag event={event} />
      </div>
      <h3 className="nx-event-name">
        <bdi>{name}</bdi>
      </h3>
      <p className="nx-event-where">
        <Icon of={event.channelId === null ? MapPin : Volume2} size={16} />
        <bdi>{event.channelId === null ? event.location : voice}</bdi>
      </p>
      {event.description === null ? null : <RichText text={event.description} guildId={guildId} />}
      <div className="nx-event-foot">
        <span className="nx-event-facts">{facts.filter((part) => part !== null).join(" · ")}</span>
        {done ? null : (
          <Button
            small
            look={mine ? "primary" : "plain"}
            icon={mine ? Check : Bell}
            aria-pressed={mine}
            aria-label={t("event.interested_in", { name })}
            onClick={() => void told(client.actions.setInterested(guildId, id, !mine))}
          >
            {t("event.interested")}
          </Button>
        )}
        {entries.length === 0 ? null : (
          <IconButton
            icon={Ellipsis}
            size="small"
            label={t("event.menu", { name })}
            aria-haspopup="menu"
            onClick={(press) => menuAt(press, t("event.menu", { name }), entries)}
          />
        )}
      </div>
    </li>
  );
}

/** No clock begins an event: where its time has come and nobody has said so, that is said. */
function StatusTag({ event }: { event: GuildEvent }) {
  if (event.status === "active") return <Tag tone="accent">{t("event.active")}</Tag>;
  if (event.status === "over") return <Tag>{t("event.over")}</Tag>;
  if (event.status === "called_off") return <Tag>{t("event.called_off")}</Tag>;
  return event.startsAt < Date.now() ? <Tag>{t("event.late")}</Tag> : null;
}

function eventMenu(
  { store, actions }: ReturnType<typeof useClient>,
  event: GuildEvent,
): readonly MenuEntry[] {
  const { id, guildId } = event;
  const deeds = eventDeeds(store.getState(), event);
  const entries: (MenuEntry | false)[] = [
    deeds.edit && {
      label: t("event.edit"),
      icon: Pencil,
      act: () => openDialog({ kind: "new_event", guildId, eventId: id }),
    },
    deeds.begin && {
      label: t("event.begin"),
      icon: CalendarDays,
      act: () => void told(actions.setEventStatus(guildId, id, "active")),
    },
    deeds.end && {
      label: t("event.end"),
      icon: Check,
      act: () => void told(actions.setEventStatus(guildId, id, "over")),
    },
    deeds.callOff && {
      label: t("event.call_off"),
      icon: CalendarX,
      danger: true,
      act: () => openDialog({ kind: "call_off", guildId, eventId: id }),
    },
  ];
  return entries.filter((entry) => entry !== false);
}
