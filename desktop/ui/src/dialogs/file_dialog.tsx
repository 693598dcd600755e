import { FILE_ABOUT_MAX } from "@nexus/core";
import { useState } from "react";
import { useActions, useApp } from "../app/client.tsx";
import { t } from "../i18n/translate.ts";
import { DialogBox } from "../parts/dialog.tsx";
import { Switch, TextArea } from "../parts/field.tsx";
import { Acts } from "./acts.tsx";
import type { Shown } from "./dialog_layer.tsx";

/** What a file of the tray shows, and whether it is covered. */
export default function FileDialog({ dialog, onClose }: Shown<"file">) {
  const actions = useActions();
  const file = useApp((state) => state.trays[dialog.channelId]?.find(({ key }) => key === dialog.key));
  const [about, setAbout] = useState(file?.about ?? "");
  const [spoiler, setSpoiler] = useState(file?.spoiler ?? false);
  const save = () => {
    actions.editFile(dialog.key, { about, spoiler });
    onClose();
  };
  return (
    <DialogBox
      size="small"
      title={t("files.about_title", { name: file?.name ?? "" })}
      onClose={onClose}
      onSubmit={save}
      acts={<Acts onClose={onClose} busy={false} ready words={t("common.save")} />}
    >
      <TextArea
        label={t("files.about")}
        hint={t("files.about_hint")}
        value={about}
        onText={setAbout}
        rows={4}
        maxLength={FILE_ABOUT_MAX}
        data-first=""
      />
      <Switch label={t("files.spoiler")} hint={t("files.spoiler_hint")} on={spoiler} onChange={setSpoiler} />
    </DialogBox>
  );
}
