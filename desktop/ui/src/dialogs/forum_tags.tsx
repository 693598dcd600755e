import type { Channel, TagChange } from "@nexus/core";
import { useState } from "react";
import { useActions } from "../app/client.tsx";
import { granted, useWish } from "../app/wish.ts";
import { t } from "../i18n/translate.ts";
import { Button, IconButton } from "../parts/button.tsx";
import { Switch, TextField } from "../parts/field.tsx";
import { Plus, Trash2 } from "../parts/icons.ts";
import { SaveBar } from "./save_bar.tsx";

/** Discord's number. */
const TAGS_MAX = 20;
const NAME_MAX = 20;

interface Change {
  readonly tags: readonly TagChange[];
  readonly tagRequired: boolean;
}

/** The tags of a forum: added, renamed, taken away. */
export function ForumTags({ forum }: { forum: Channel }) {
  const actions = useActions();
  const before: Change = { tags: forum.forum?.tags ?? [], tagRequired: forum.forum?.tagRequired ?? false };
  const [change, setChange] = useState<Change | null>(null);
  const { busy, failure, run } = useWish();
  const now = change ?? before;
  const set = (part: Partial<Change>) => setChange({ ...now, ...part });
  const rename = (at: number, name: string) =>
    set({ tags: now.tags.map((tag, each) => (each === at ? { ...tag, name } : tag)) });
  const save = async () => {
    const tags = now.tags.map((tag) => ({ ...tag, name: tag.name.trim() }));
    const done = await run(() => granted(actions.editChannel(forum.id, { ...now, tags })));
    if (done !== null) setChange(null);
  };
  return (
    <>
      <p className="nx-field-hint">{t("forum.tags_hint")}</p>
      <div className="nx-tag-rows">
        {now.tags.map((tag, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a new tag has no name of its own yet
          <div key={at} className="nx-tag-row">
            <TextField
              label={t("forum.tag_name", { n: at + 1 })}
              value={tag.name}
              maxLength={NAME_MAX}
              onText={(name) => rename(at, name)}
            />
            <IconButton
              icon={Trash2}
              danger
              label={t("forum.tag_remove", { name: tag.name })}
              onClick={() => set({ tags: now.tags.filter((_, each) => each !== at) })}
            />
          </div>
        ))}
      </div>
      <Button
        small
        icon={Plus}
        disabled={now.tags.length >= TAGS_MAX}
        onClick={() => set({ tags: [...now.tags, { id: null, name: "", moderated: false, emoji: null }] })}
      >
        {t("forum.tag_add")}
      </Button>
      <Switch
        label={t("forum.tag_required")}
        on={now.tagRequired}
        disabled={now.tags.length === 0}
        onChange={(tagRequired) => set({ tagRequired })}
      />
      <SaveBar
        changed={change !== null}
        busy={busy}
        failure={failure}
        ready={now.tags.every((tag) => tag.name.trim() !== "")}
        onSave={() => void save()}
        onReset={() => setChange(null)}
      />
    </>
  );
}
