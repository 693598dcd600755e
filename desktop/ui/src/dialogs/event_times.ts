import type { GuildEvent } from "@nexus/core";
import { appointment, clock } from "../i18n/time.ts";
import { t } from "../i18n/translate.ts";

/** From when until when. */
export function eventTimes({ startsAt, endsAt }: Pick<GuildEvent, "startsAt" | "endsAt">): string {
  const from = appointment(startsAt);
  if (endsAt === null) return from;
  const sameDay = new Date(startsAt).toDateString() === new Date(endsAt).toDateString();
  return t("event.until", { from, to: sameDay ? clock(endsAt) : appointment(endsAt) });
}
