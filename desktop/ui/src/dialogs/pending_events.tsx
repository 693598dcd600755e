import type { NewEvent, Pending } from "@nexus/core";
import { useApp } from "../app/client.tsx";
import { t } from "../i18n/translate.ts";
import { Icon } from "../parts/icon.tsx";
import { CalendarDays, MapPin, Volume2 } from "../parts/icons.ts";
import { RichText } from "../rich/rich_text.tsx";
import { PendingHow } from "../timeline/pending_how.tsx";
import { eventTimes } from "./event_times.ts";

/** Events that were announced here, and of which nobody else knows yet: each looks so. */
export function PendingEvents({ guildId }: { guildId: string }) {
  const rows = useApp((state) => state.pending[guildId]);
  return (rows ?? []).map((row) =>
    row.makes?.kind === "event" ? (
      <PendingEvent key={row.nonce} guildId={guildId} pending={row} event={row.makes.event} />
    ) : null,
  );
}

interface Facts {
  readonly guildId: string;
  readonly pending: Pending;
  readonly event: NewEvent;
}

function PendingEvent({ guildId, pending, event }: Facts) {
  const { name, description, startsAt, place } = event;
  const voiceId = "channelId" in place ? place.channelId : null;
  const voice = useApp((state) => state.channels[voiceId ?? ""]?.name ?? t("common.unknown_channel"));
  return (
    <li className="nx-event nx-event-pending" data-nx="pending_event" data-state={pending.state}>
      <div className="nx-event-when">
        <Icon of={CalendarDays} size={16} />
        <time dateTime={new Date(startsAt).toISOString()}>
          {eventTimes({ startsAt, endsAt: place.endsAt })}
        </time>
      </div>
      <h3 className="nx-event-name">
        <bdi>{name}</bdi>
      </h3>
      <p className="nx-event-where">
        <Icon of={voiceId === null ? MapPin : Volume2} size={16} />
        <bdi>{"location" in place ? place.location : voice}</bdi>
      </p>
      {description === null ? null : <RichText text={description} guildId={guildId} />}
      <PendingHow pending={pending} />
    </li>
  );
}
