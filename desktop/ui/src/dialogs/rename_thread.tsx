import { useState } from "react";
import { useActions, useApp } from "../app/client.tsx";
import { failureText, fieldText } from "../app/failure_text.ts";
import { granted, useWish } from "../app/wish.ts";
import { t } from "../i18n/translate.ts";
import { DialogBox } from "../parts/dialog.tsx";
import { TextField } from "../parts/field.tsx";
import { Acts } from "./acts.tsx";
import type { Shown } from "./dialog_layer.tsx";
import { THREAD_NAME_MAX } from "./new_thread.tsx";

export default function RenameThread({ dialog, onClose }: Shown<"rename_thread">) {
  const actions = useActions();
  const before = useApp((state) => state.channels[dialog.threadId]?.name ?? "");
  const [name, setName] = useState(before);
  const { busy, failure, run } = useWish();
  const ready = name.trim() !== "" && name.trim() !== before;
  const save = async () => {
    const done = await run(() => granted(actions.editThread(dialog.threadId, { name: name.trim() })));
    if (done !== null) onClose();
  };
  return (
    <DialogBox
      size="small"
      title={t("thread.rename_title")}
      onClose={onClose}
      onSubmit={() => void save()}
      acts={<Acts onClose={onClose} busy={busy} ready={ready} words={t("common.save")} />}
    >
      <TextField
        label={t("thread.name")}
        value={name}
        onText={setName}
        maxLength={THREAD_NAME_MAX}
        data-first=""
        error={failure === null ? null : (fieldText(failure, "name") ?? failureText(failure))}
      />
    </DialogBox>
  );
}
