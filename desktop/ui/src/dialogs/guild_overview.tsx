import { useState } from "react";
import { useActions, useApp } from "../app/client.tsx";
import { fieldText } from "../app/failure_text.ts";
import { useWish } from "../app/wish.ts";
import { t } from "../i18n/translate.ts";
import { GuildIcon } from "../parts/avatar.tsx";
import { TextArea, TextField } from "../parts/field.tsx";
import { SaveBar } from "./save_bar.tsx";

export function GuildOverview({ guildId }: { guildId: string }) {
  const actions = useActions();
  const guild = useApp((state) => state.guilds[guildId]);
  const [name, setName] = useState(guild?.name ?? "");
  const [description, setDescription] = useState(guild?.description ?? "");
  const { busy, failure, run } = useWish();
  const changed = name !== (guild?.name ?? "") || description !== (guild?.description ?? "");
  const save = () =>
    run(() =>
      actions.editGuild(guildId, {
        name: name.trim(),
        description: description.trim() === "" ? null : description.trim(),
      }),
    );
  return (
    <>
      <div className="nx-new-guild">
        <GuildIcon id={guildId} name={name} size={64} />
        <TextField
          label={t("dlg.guild_name")}
          value={name}
          onText={setName}
          maxLength={100}
          error={fieldText(failure, "name")}
        />
      </div>
      <TextArea
        label={t("dlg.guild_description")}
        hint={t("dlg.guild_description_hint")}
        optional
        value={description}
        onText={setDescription}
        maxLength={300}
        rows={3}
      />
      <SaveBar
        changed={changed}
        busy={busy}
        failure={failure}
        ready={name.trim() !== ""}
        onSave={() => void save()}
        onReset={() => {
          setName(guild?.name ?? "");
          setDescription(guild?.description ?? "");
        }}
      />
    </>
  );
}
