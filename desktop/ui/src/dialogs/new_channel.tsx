import { useState } from "react";
import { useActions, useApp, useDerived } from "../app/client.tsx";
import { failureText, fieldText } from "../app/failure_text.ts";
import { go, pathTo } from "../app/route.ts";
import { useWish } from "../app/wish.ts";
import { t } from "../i18n/translate.ts";
import { DialogBox } from "../parts/dialog.tsx";
import { Choice, Select, TextField } from "../parts/field.tsx";
import { Acts } from "./acts.tsx";
import type { Shown } from "./dialog_layer.tsx";

export function NewChannel({ dialog, onClose }: Shown<"create_channel">) {
  const { guildId, category = false } = dialog;
  const actions = useActions();
  const [name, setName] = useState("");
  const [kind, setKind] = useState<"text" | "announcement" | "forum" | "media">("text");
  const [parentId, setParentId] = useState(dialog.parentId ?? "");
  const [topic, setTopic] = useState("");
  const { busy, failure, run } = useWish();
  const create = async () => {
    const wish = category
      ? { name: name.trim(), kind: "category" as const }
      : { name: channelSlug(name), kind, parentId: parentId === "" ? null : parentId, topic: topic.trim() };
    const channel = await run(() => actions.createChannel(guildId, wish));
    if (channel === null) return;
    onClose();
    if (!category) go(pathTo(guildId, channel.id));
  };
  return (
    <DialogBox
      title={t(category ? "dlg.create_category" : "dlg.create_channel")}
      onClose={onClose}
      onSubmit={() => void create()}
      acts={<Acts onClose={onClose} busy={busy} ready={name.trim() !== ""} words={t("dlg.create")} />}
    >
      <TextField
        label={t("dlg.channel_name")}
        value={name}
        onText={(text) => setName(category ? text : channelSlug(text))}
        maxLength={100}
        autoComplete="off"
        data-first=""
        error={failure === null ? null : (fieldText(failure, "name") ?? failureText(failure))}
      />
      {category ? null : (
        <>
          <Choice
            label={t("dlg.channel_kind")}
            value={kind}
            onValue={setKind}
            options={[
              { value: "text", label: t("dlg.kind_text"), hint: t("dlg.kind_text_hint") },
              {
                value: "announcement",
                label: t("dlg.kind_announcement"),
                hint: t("dlg.kind_announcement_hint"),
              },
              { value: "forum", label: t("dlg.kind_forum"), hint: t("dlg.kind_forum_hint") },
              { value: "media", label: t("dlg.kind_media"), hint: t("dlg.kind_media_hint") },
            ]}
          />
          <CategorySelect guildId={guildId} value={parentId} onValue={setParentId} />
          <TextField
            label={t("dlg.channel_topic")}
            hint={t("dlg.channel_topic_hint")}
            optional
            value={topic}
            onText={setTopic}
            maxLength={1024}
          />
        </>
      )}
    </DialogBox>
  );
}

/** A channel's name as Discord has them: no spaces, lower case. */
export function channelSlug(text: string): string {
  return text.toLocaleLowerCase().replace(/\s+/g, "-");
}

interface SelectFacts {
  readonly guildId: string;
  readonly value: string;
  readonly onValue: (id: string) => void;
}

export function CategorySelect({ guildId, value, onValue }: SelectFacts) {
  const ids = useApp((state) => state.channelsOf[guildId]);
  const options = useDerived(
    (state) => [state.channels, ids],
    (state) =>
      (ids ?? [])
        .flatMap((id) => state.channels[id] ?? [])
        .filter((channel) => channel.kind === "category")
        .sort((a, b) => a.position - b.position)
        .map((channel) => [channel.id, channel.name] as const),
  );
  if (options.length === 0) return null;
  return (
    <Select
      label={t("dlg.channel_category")}
      value={value}
      onValue={onValue}
      options={[["", t("dlg.no_category")], ...options]}
    />
  );
}
