import { nameOf } from "@nexus/core";
import { useState } from "react";
import { useActions, useApp } from "../app/client.tsx";
import { failureText } from "../app/failure_text.ts";
import { useWish } from "../app/wish.ts";
import { t } from "../i18n/translate.ts";
import { Avatar } from "../parts/avatar.tsx";
import { Button } from "../parts/button.tsx";
import { DialogBox } from "../parts/dialog.tsx";
import { TextField } from "../parts/field.tsx";
import { Banner } from "../parts/notice.tsx";
import type { Shown } from "./dialog_layer.tsx";

/** Kick or ban, with what it will do and what it will not. */
export function RemoveMember({ dialog, onClose }: Shown<"remove_member">) {
  const { guildId, userId, ban } = dialog;
  const actions = useActions();
  const guild = useApp((state) => state.guilds[guildId]?.name ?? "");
  const name = useApp((state) => nameOf(state, userId, guildId)) ?? t("common.unknown_person");
  const username = useApp((state) => state.users[userId]?.username ?? "");
  const [reason, setReason] = useState("");
  const { busy, failure, run } = useWish();
  const act = async () => {
    const why = reason.trim() === "" ? [] : [reason.trim()];
    const granted = await run(async () => {
      const outcome = await (ban
        ? actions.ban(guildId, userId, ...why)
        : actions.kick(guildId, userId, ...why));
      return outcome.ok ? { ok: true, value: true } : outcome;
    });
    if (granted !== null) onClose();
  };
  return (
    <DialogBox
      title={t(ban ? "dlg.ban_title" : "dlg.kick_title", { name })}
      onClose={onClose}
      onSubmit={() => void act()}
      acts={
        <>
          <Button look="quiet" onClick={onClose}>
            {t("common.cancel")}
          </Button>
          <Button type="submit" look="danger" busy={busy}>
            {t(ban ? "dlg.ban_go" : "dlg.kick_go")}
          </Button>
        </>
      }
    >
      <div className="nx-quoted">
        <Avatar id={userId} name={name} size={40} />
        <div className="nx-quoted-body">
          <strong>
            <bdi>{name}</bdi>
          </strong>
          <bdi className="nx-field-hint">{username}</bdi>
        </div>
      </div>
      <section className="nx-does" aria-label={t("dlg.what_it_does")}>
        <h3 className="nx-field-label">{t("dlg.what_it_does")}</h3>
        <ul>
          <li>{t(ban ? "dlg.ban_does" : "dlg.kick_does", { guild })}</li>
          <li>{t(ban ? "dlg.ban_keeps" : "dlg.kick_keeps")}</li>
          <li>{t(ban ? "dlg.ban_back" : "dlg.kick_back")}</li>
          <li>{t("dlg.act_queued")}</li>
        </ul>
      </section>
      <TextField
        label={t("dlg.reason")}
        optional
        hint={t("dlg.reason_hint")}
        value={reason}
        onText={setReason}
        maxLength={512}
        data-first=""
      />
      {failure === null ? null : <Banner tone="danger">{failureText(failure)}</Banner>}
    </DialogBox>
  );
}
