import { type NewEvent as Announced, channelTree, type GuildEvent } from "@nexus/core";
import { useState } from "react";
import { useActions, useApp, useDerived } from "../app/client.tsx";
import { failureText } from "../app/failure_text.ts";
import { granted, useWish } from "../app/wish.ts";
import { t } from "../i18n/translate.ts";
import { DialogBox } from "../parts/dialog.tsx";
import { Choice, Select, TextArea, TextField } from "../parts/field.tsx";
import { Banner } from "../parts/notice.tsx";
import { Acts } from "./acts.tsx";
import type { Shown } from "./dialog_layer.tsx";

/** Discord's numbers. */
const NAME_MAX = 100;
const LOCATION_MAX = 100;
const DESCRIPTION_MAX = 1_000;
const HOUR_MS = 3_600_000;

interface Form {
  readonly name: string;
  readonly description: string;
  readonly where: "elsewhere" | "voice";
  readonly location: string;
  readonly channelId: string;
  readonly starts: string;
  readonly ends: string;
}

/** A new one, or, with `eventId`, one that is there. */
export default function NewEvent({ dialog, onClose }: Shown<"new_event">) {
  const { guildId, eventId } = dialog;
  const actions = useActions();
  const voices = useDerived(
    (state) => [state.channels, state.channelsOf[guildId], state.roles[guildId]],
    (state) =>
      channelTree(state, guildId)
        .flatMap((group) => group.channels)
        .filter((channel) => channel.kind === "voice"),
    [guildId],
  );
  const there = useApp((state) => (eventId === undefined ? undefined : state.events[guildId]?.[eventId]));
  const [form, setForm] = useState<Form>(() => {
    const voice = voices[0]?.id ?? "";
    return there === undefined ? blank(voice) : formOf(there, voice);
  });
  const set = (part: Partial<Form>) => setForm({ ...form, ...part });
  const { busy, failure, run } = useWish();
  const event = announced(form);
  const backwards = form.ends !== "" && timeOf(form.ends) <= timeOf(form.starts);
  const create = async () => {
    if (event === null) return;
    const wish = () =>
      eventId === undefined
        ? actions.createEvent(guildId, event)
        : actions.editEvent(guildId, eventId, event);
    if ((await run(() => granted(wish()))) !== null) onClose();
  };
  return (
    <DialogBox
      title={t(eventId === undefined ? "event.new_title" : "event.edit_title")}
      onClose={onClose}
      onSubmit={() => void create()}
      acts={
        <Acts
          onClose={onClose}
          busy={busy}
          ready={event !== null && !backwards}
          words={t(eventId === undefined ? "event.go" : "common.save")}
        />
      }
    >
      <TextField
        label={t("event.name")}
        value={form.name}
        onText={(name) => set({ name })}
        maxLength={NAME_MAX}
        autoComplete="off"
        data-first=""
      />
      <Place form={form} set={set} voices={voices.map(({ id, name }) => [id, name] as const)} />
      <TextField
        label={t("event.starts")}
        type="datetime-local"
        value={form.starts}
        onText={(starts) => set({ starts })}
      />
      <TextField
        label={t("event.ends")}
        type="datetime-local"
        optional={form.where === "voice"}
        value={form.ends}
        onText={(ends) => set({ ends })}
        error={backwards ? t("event.too_early") : null}
      />
      <TextArea
        label={t("event.description")}
        optional
        value={form.description}
        onText={(description) => set({ description })}
        maxLength={DESCRIPTION_MAX}
        rows={3}
      />
      {failure === null ? null : <Banner tone="danger">{failureText(failure)}</Banner>}
    </DialogBox>
  );
}

interface PlaceFacts {
  readonly form: Form;
  readonly set: (part: Partial<Form>) => void;
  readonly voices: readonly (readonly [string, string])[];
}

function Place({ form, set, voices }: PlaceFacts) {
  return (
    <>
      {voices.length === 0 ? null : (
        <Choice
          label={t("event.where")}
          value={form.where}
          onValue={(where) => set({ where })}
          options={[
            { value: "elsewhere", label: t("event.elsewhere"), hint: t("event.elsewhere_hint") },
            { value: "voice", label: t("event.in_voice") },
          ]}
        />
      )}
      {form.where === "elsewhere" ? (
        <TextField
          label={t("event.location")}
          value={form.location}
          onText={(location) => set({ location })}
          maxLength={LOCATION_MAX}
          autoComplete="off"
        />
      ) : (
        <Select
          label={t("event.voice")}
          value={form.channelId}
          onValue={(channelId) => set({ channelId })}
          options={voices}
        />
      )}
    </>
  );
}

/** At the next full hour, for two hours. */
function blank(channelId: string): Form {
  const starts = Math.ceil(Date.now() / HOUR_MS) * HOUR_MS;
  return {
    name: "",
    description: "",
    where: "elsewhere",
    location: "",
    channelId,
    starts: localTime(starts),
    ends: localTime(starts + 2 * HOUR_MS),
  };
}

function formOf(event: GuildEvent, voice: string): Form {
  return {
    name: event.name,
    description: event.description ?? "",
    where: event.channelId === null ? "elsewhere" : "voice",
    location: event.location ?? "",
    channelId: event.channelId ?? voice,
    starts: localTime(event.startsAt),
    ends: event.endsAt === null ? "" : localTime(event.endsAt),
  };
}

/** As the browser's field has it: where the reader is, without a zone. */
function localTime(at: number): string {
  return new Date(at - new Date(at).getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

function timeOf(local: string): number {
  return new Date(local).getTime();
}

/** None: something is missing. */
function announced(form: Form): Announced | null {
  const [name, location, description] = [form.name.trim(), form.location.trim(), form.description.trim()];
  const startsAt = timeOf(form.starts);
  const endsAt = form.ends === "" ? null : timeOf(form.ends);
  if (name === "" || Number.isNaN(startsAt) || Number.isNaN(endsAt ?? 0)) return null;
  const facts = { name, description: description === "" ? null : description, startsAt };
  if (form.where === "voice") return { ...facts, place: { channelId: form.channelId, endsAt } };
  return location === "" || endsAt === null ? null : { ...facts, place: { location, endsAt } };
}
