import { useState } from "react";
import { useActions, useApp } from "../app/client.tsx";
import { failureText, fieldText } from "../app/failure_text.ts";
import { granted, useWish } from "../app/wish.ts";
import { t } from "../i18n/translate.ts";
import { DialogBox } from "../parts/dialog.tsx";
import { TextField } from "../parts/field.tsx";
import { Acts } from "./acts.tsx";
import type { Shown } from "./dialog_layer.tsx";

/** Characters; the program refuses more. */
const STATUS_MAX = 500;

/** What a voice channel is about. */
export default function VoiceStatus({ dialog, onClose }: Shown<"voice_status">) {
  const { channelId } = dialog;
  const actions = useActions();
  const channel = useApp((state) => state.channels[channelId]?.name ?? "");
  const before = useApp((state) => state.captions[channelId] ?? "");
  const [text, setText] = useState(before);
  const { busy, failure, run } = useWish();
  const save = async () => {
    const done = await run(() => granted(actions.setCaption(channelId, text.trim())));
    if (done !== null) onClose();
  };
  return (
    <DialogBox
      size="small"
      title={t("dlg.voice_status_title", { name: channel })}
      onClose={onClose}
      onSubmit={() => void save()}
      acts={<Acts onClose={onClose} busy={busy} ready={text.trim() !== before} words={t("common.save")} />}
    >
      <TextField
        label={t("dlg.voice_status")}
        hint={t("dlg.voice_status_hint")}
        value={text}
        onText={setText}
        maxLength={STATUS_MAX}
        data-first=""
        error={failure === null ? null : (fieldText(failure, "status") ?? failureText(failure))}
      />
    </DialogBox>
  );
}
