import { nameOf } from "@nexus/core";
import { useState } from "react";
import { useActions, useApp } from "../app/client.tsx";
import { failureText, fieldText } from "../app/failure_text.ts";
import { go, pathTo } from "../app/route.ts";
import { useWish } from "../app/wish.ts";
import { t } from "../i18n/translate.ts";
import { GuildIcon } from "../parts/avatar.tsx";
import { DialogBox } from "../parts/dialog.tsx";
import { TextField } from "../parts/field.tsx";
import { Acts } from "./acts.tsx";
import type { Shown } from "./dialog_layer.tsx";

export function CreateGuild({ onClose }: Shown<"create_guild">) {
  const actions = useActions();
  const mine = useApp((state) => nameOf(state, state.me ?? "", null)) ?? "";
  const [name, setName] = useState(t("dlg.guild_name_example", { name: mine }));
  const { busy, failure, run } = useWish();
  const create = async () => {
    const guild = await run(() => actions.createGuild(name.trim()));
    if (guild === null) return;
    onClose();
    go(pathTo(guild.id));
  };
  return (
    <DialogBox
      title={t("dlg.create_guild")}
      text={t("dlg.create_guild_text")}
      onClose={onClose}
      onSubmit={() => void create()}
      acts={<Acts onClose={onClose} busy={busy} ready={name.trim() !== ""} words={t("dlg.create")} />}
    >
      <div className="nx-new-guild">
        <GuildIcon id={name} name={name} size={64} />
        <TextField
          label={t("dlg.guild_name")}
          value={name}
          onText={setName}
          maxLength={100}
          data-first=""
          onFocus={(event) => event.target.select()}
          error={failure === null ? null : (fieldText(failure, "name") ?? failureText(failure))}
        />
      </div>
    </DialogBox>
  );
}

export function JoinGuild({ dialog, onClose }: Shown<"join_guild">) {
  const actions = useActions();
  const [code, setCode] = useState(dialog.code ?? "");
  const { busy, failure, run } = useWish();
  const join = async () => {
    const invite = await run(() => actions.join(code));
    if (invite === null) return;
    onClose();
    go(pathTo(invite.guildId, invite.channelId));
  };
  return (
    <DialogBox
      title={t("dlg.join")}
      text={t("dlg.join_text")}
      onClose={onClose}
      onSubmit={() => void join()}
      acts={<Acts onClose={onClose} busy={busy} ready={code.trim() !== ""} words={t("dlg.join_go")} />}
    >
      <TextField
        label={t("dlg.join_label")}
        value={code}
        onText={setCode}
        placeholder={`${location.origin}/invite/…`}
        autoComplete="off"
        spellCheck={false}
        data-first=""
        error={
          failure === null ? null : failure.kind === "not_found" ? t("invite.bad_text") : failureText(failure)
        }
      />
    </DialogBox>
  );
}
