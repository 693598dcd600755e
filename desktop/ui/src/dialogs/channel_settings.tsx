import { allows, Permission, permissionsIn } from "@nexus/core";
import { useState } from "react";
import { useActions, useApp } from "../app/client.tsx";
import { fieldText } from "../app/failure_text.ts";
import { openDialog } from "../app/screen.ts";
import { useWish } from "../app/wish.ts";
import { language, t } from "../i18n/translate.ts";
import { Button } from "../parts/button.tsx";
import { DialogBox } from "../parts/dialog.tsx";
import { Select, TextArea, TextField } from "../parts/field.tsx";
import { Info, Shield, Tags, Trash2 } from "../parts/icons.ts";
import { Tabs } from "../parts/tabs.tsx";
import { ChannelPermissions } from "./channel_permissions.tsx";
import type { Shown } from "./dialog_layer.tsx";
import { ForumTags } from "./forum_tags.tsx";
import { KeepSelect } from "./keep_select.tsx";
import { CategorySelect, channelSlug } from "./new_channel.tsx";
import { SaveBar } from "./save_bar.tsx";

export default function ChannelSettings({ dialog, onClose }: Shown<"channel_settings">) {
  const channel = useApp((state) => state.channels[dialog.channelId]);
  const [tab, setTab] = useState<"overview" | "tags" | "permissions">("overview");
  if (channel === undefined) return null;
  const category = channel.kind === "category";
  const title = t(category ? "dlg.category_settings" : "dlg.channel_settings");
  return (
    <DialogBox size="large" title={`${title}: ${category ? "" : "#"}${channel.name}`} onClose={onClose}>
      <Tabs
        label={title}
        value={tab}
        onValue={setTab}
        tabs={[
          { value: "overview", label: t("dlg.tab_overview"), icon: Info },
          ...(channel.forum === null ? [] : [{ value: "tags" as const, label: t("forum.tags"), icon: Tags }]),
          { value: "permissions", label: t("dlg.tab_permissions"), icon: Shield },
        ]}
        foot={
          <Button
            small
            look="danger-quiet"
            icon={Trash2}
            onClick={() => {
              onClose();
              openDialog({ kind: "delete_channel", channelId: channel.id });
            }}
          >
            {t("dlg.delete_channel")}
          </Button>
        }
      >
        {tab === "overview" ? <Overview channelId={channel.id} /> : null}
        {tab === "tags" ? <ForumTags key={channel.id} forum={channel} /> : null}
        {tab === "permissions" && channel.guildId !== null ? (
          <ChannelPermissions channel={channel} guildId={channel.guildId} />
        ) : null}
      </Tabs>
    </DialogBox>
  );
}

/** Seconds that are offered. */
const SLOW = [0, 5, 10, 30, 60, 300, 900, 3600, 21600] as const;

function Overview({ channelId }: { channelId: string }) {
  const actions = useActions();
  const channel = useApp((state) => state.channels[channelId]);
  const before = {
    name: channel?.name ?? "",
    topic: channel?.topic ?? "",
    parentId: channel?.parentId ?? "",
    slowmode: String(channel?.slowmode ?? 0),
    keep: channel?.retention === null || channel === undefined ? "" : String(channel.retention),
  };
  const guild = useApp((state) => state.guilds[channel?.guildId ?? ""]);
  // Who takes away what others said.
  const keeps = useApp((state) => {
    const held = permissionsIn(state, channel?.guildId ?? null, channelId, state.me ?? "");
    return allows(held, Permission.MANAGE_MESSAGES);
  });
  const [now, setNow] = useState(before);
  const { busy, failure, run } = useWish();
  if (channel === undefined) return null;
  const category = channel.kind === "category";
  const changed = (Object.keys(before) as (keyof typeof before)[]).filter((key) => now[key] !== before[key]);
  const edited = changed.some((key) => key !== "keep");
  const save = () =>
    run(async () => {
      if (changed.includes("keep")) {
        const kept = await actions.keepChannel(channelId, now.keep === "" ? null : Number(now.keep));
        if (!kept.ok || !edited) return kept;
      }
      return actions.editChannel(channelId, {
        ...(changed.includes("name") ? { name: now.name.trim() } : {}),
        ...(changed.includes("topic") ? { topic: now.topic.trim() === "" ? null : now.topic.trim() } : {}),
        ...(changed.includes("parentId") ? { parentId: now.parentId === "" ? null : now.parentId } : {}),
        ...(changed.includes("slowmode") ? { slowmode: Number(now.slowmode) } : {}),
      });
    });
  const offered = [...new Set([...SLOW, Number(before.slowmode)])].sort((a, b) => a - b);
  return (
    <>
      <TextField
        label={t("dlg.channel_name")}
        value={now.name}
        onText={(name) => setNow({ ...now, name: category ? name : channelSlug(name) })}
        maxLength={100}
        error={fieldText(failure, "name")}
      />
      {category || channel.guildId === null ? null : (
        <>
          <TextArea
            label={t("dlg.channel_topic")}
            hint={t("dlg.channel_topic_hint")}
            optional
            value={now.topic}
            onText={(topic) => setNow({ ...now, topic })}
            maxLength={1024}
            rows={3}
          />
          <CategorySelect
            guildId={channel.guildId}
            value={now.parentId}
            onValue={(parentId) => setNow({ ...now, parentId })}
          />
          <Select
            label={t("dlg.slowmode")}
            hint={t("dlg.slowmode_hint")}
            value={now.slowmode}
            onValue={(slowmode) => setNow({ ...now, slowmode })}
            options={offered.map((seconds) => [String(seconds), span(seconds)] as const)}
          />
          {keeps ? (
            <KeepSelect
              value={now.keep}
              before={before.keep}
              guild={guild?.retention ?? 0}
              onValue={(keep) => setNow({ ...now, keep })}
            />
          ) : null}
        </>
      )}
      <SaveBar
        changed={changed.length > 0}
        busy={busy}
        failure={failure}
        ready={now.name.trim() !== ""}
        onSave={() => void save()}
        onReset={() => setNow(before)}
      />
    </>
  );
}

function span(seconds: number): string {
  if (seconds === 0) return t("dlg.slowmode_off");
  const [amount, unit] =
    seconds < 60 ? [seconds, "second"] : seconds < 3600 ? [seconds / 60, "minute"] : [seconds / 3600, "hour"];
  return new Intl.NumberFormat(language().tag, {
    style: "unit",
    unit: unit as string,
    unitDisplay: "long",
  }).format(Number(amount));
}
