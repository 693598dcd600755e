import { useApp } from "../app/client.tsx";
import { t } from "../i18n/translate.ts";
import { DialogBox } from "../parts/dialog.tsx";
import { RichText } from "../rich/rich_text.tsx";
import type { Shown } from "./dialog_layer.tsx";

export function TopicDialog({ dialog, onClose }: Shown<"topic">) {
  const channel = useApp((state) => state.channels[dialog.channelId]);
  return (
    <DialogBox title={t("header.topic", { name: `#${channel?.name ?? ""}` })} onClose={onClose}>
      <div className="nx-topic">
        <RichText text={channel?.topic ?? ""} guildId={channel?.guildId ?? null} />
      </div>
    </DialogBox>
  );
}
