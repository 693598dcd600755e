import { useState } from "react";
import { useActions, useApp } from "../app/client.tsx";
import { fieldText } from "../app/failure_text.ts";
import { useWish } from "../app/wish.ts";
import { t } from "../i18n/translate.ts";
import { GuildIcon } from "../parts/avatar.tsx";
import { TextArea, TextField } from "../parts/field.tsx";
import { KeepSelect } from "./keep_select.tsx";
import { SaveBar } from "./save_bar.tsx";

export function GuildOverview({ guildId }: { guildId: string }) {
  const actions = useActions();
  const guild = useApp((state) => state.guilds[guildId]);
  const [name, setName] = useState(guild?.name ?? "");
  const [description, setDescription] = useState(guild?.description ?? "");
  const kept = String(guild?.retention ?? 0);
  const [keep, setKeep] = useState(kept);
  const owns = useApp((state) => guild !== undefined && guild.ownerId === state.me);
  const { busy, failure, run } = useWish();
  const edited = name !== (guild?.name ?? "") || description !== (guild?.description ?? "");
  const changed = edited || keep !== kept;
  const save = () =>
    run(async () => {
      if (keep !== kept) {
        const done = await actions.keepGuild(guildId, Number(keep));
        if (!done.ok || !edited) return done;
      }
      return actions.editGuild(guildId, {
        name: name.trim(),
        description: description.trim() === "" ? null : description.trim(),
      });
    });
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
      {owns ? <KeepSelect value={keep} before={kept} onValue={setKeep} /> : null}
      <SaveBar
        changed={changed}
        busy={busy}
        failure={failure}
        ready={name.trim() !== ""}
        onSave={() => void save()}
        onReset={() => {
          setName(guild?.name ?? "");
          setDescription(guild?.description ?? "");
          setKeep(kept);
        }}
      />
    </>
  );
}
