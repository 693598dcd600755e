import { nameOf } from "@nexus/core";
import { useState } from "react";
import { useActions, useApp } from "../app/client.tsx";
import { failureText, fieldText } from "../app/failure_text.ts";
import { useWish } from "../app/wish.ts";
import { t } from "../i18n/translate.ts";
import { DialogBox } from "../parts/dialog.tsx";
import { TextField } from "../parts/field.tsx";
import { Acts } from "./acts.tsx";
import type { Shown } from "./dialog_layer.tsx";

export function NicknameDialog({ dialog, onClose }: Shown<"nickname">) {
  const { guildId, userId } = dialog;
  const actions = useActions();
  const guild = useApp((state) => state.guilds[guildId]?.name ?? "");
  const plain = useApp((state) => nameOf(state, userId, null)) ?? "";
  const before = useApp((state) => state.members[guildId]?.[userId]?.nick ?? "");
  const [nick, setNick] = useState(before);
  const { busy, failure, run } = useWish();
  const save = async () => {
    const granted = await run(async () => {
      const outcome = await actions.setNick(guildId, userId, nick.trim() === "" ? null : nick.trim());
      return outcome.ok ? { ok: true, value: true } : outcome;
    });
    if (granted !== null) onClose();
  };
  return (
    <DialogBox
      size="small"
      title={t("profile.nick_title", { name: plain })}
      onClose={onClose}
      onSubmit={() => void save()}
      acts={<Acts onClose={onClose} busy={busy} ready={nick.trim() !== before} words={t("common.save")} />}
    >
      <TextField
        label={t("profile.nick_label", { guild })}
        hint={t("profile.nick_hint")}
        placeholder={plain}
        value={nick}
        onText={setNick}
        maxLength={32}
        data-first=""
        error={failure === null ? null : (fieldText(failure, "nick") ?? failureText(failure))}
      />
    </DialogBox>
  );
}
