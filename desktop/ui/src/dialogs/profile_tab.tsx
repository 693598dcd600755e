import { useState } from "react";
import { useActions, useApp } from "../app/client.tsx";
import { fieldText } from "../app/failure_text.ts";
import { useWish } from "../app/wish.ts";
import { t } from "../i18n/translate.ts";
import { Avatar } from "../parts/avatar.tsx";
import { TextField } from "../parts/field.tsx";
import { SaveBar } from "./save_bar.tsx";

export function ProfileTab() {
  const actions = useActions();
  const me = useApp((state) => state.users[state.me ?? ""]);
  const before = me?.displayName ?? "";
  const [name, setName] = useState(before);
  const { busy, failure, run } = useWish();
  return (
    <>
      <div className="nx-profile-head">
        <Avatar id={me?.id ?? ""} name={name} size={80} />
        <div className="nx-row-words">
          <bdi className="nx-card-name nx-clip">{name}</bdi>
          <bdi className="nx-row-text nx-clip">{me?.username}</bdi>
        </div>
      </div>
      <TextField
        label={t("settings.display_name")}
        value={name}
        onText={setName}
        maxLength={32}
        autoComplete="nickname"
        error={fieldText(failure, "username", "global_name")}
      />
      <SaveBar
        changed={name !== before}
        busy={busy}
        failure={failure}
        ready={name.trim() !== ""}
        onSave={() => void run(() => actions.editProfile({ displayName: name.trim() }))}
        onReset={() => setName(before)}
      />
    </>
  );
}
