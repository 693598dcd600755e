import { allows, type GuildEmoji, myPermissions, Permission } from "@nexus/core";
import { useId, useState } from "react";
import { useActions, useDerived } from "../app/client.tsx";
import { failureText, fieldText } from "../app/failure_text.ts";
import { granted, told, useWish } from "../app/wish.ts";
import { EmojiPicture } from "../emoji/custom.tsx";
import { byteSize } from "../i18n/time.ts";
import { t } from "../i18n/translate.ts";
import { Button } from "../parts/button.tsx";
import { TextField } from "../parts/field.tsx";
import { Smile } from "../parts/icons.ts";
import { Banner, Empty } from "../parts/notice.tsx";

/** Bytes of a picture. */
const PICTURE_MAX = 256 * 1024;
const NAME = /^\w{2,32}$/;

/** A guild's own emoji: added, renamed, deleted. */
export function EmojiTab({ guildId }: { guildId: string }) {
  const all = useDerived(
    (state) => [state.emoji, state.emojiOf[guildId]],
    (state) => (state.emojiOf[guildId] ?? []).flatMap((id) => state.emoji[id] ?? []),
    [guildId],
  );
  const held = useDerived(
    (state) => [state.guilds[guildId], state.roles[guildId], state.members[guildId]?.[state.me ?? ""]],
    (state) => myPermissions(state, guildId, null),
    [guildId],
  );
  const manages = allows(held, Permission.MANAGE_GUILD_EXPRESSIONS);
  return (
    <>
      {allows(held, Permission.CREATE_GUILD_EXPRESSIONS) ? <NewEmoji guildId={guildId} /> : null}
      {all.length === 0 ? (
        <Empty icon={Smile} title={t("emoji.none_yet")} text={t("emoji.none_yet_text")} />
      ) : (
        <ul className="nx-rows">
          {all.map((emoji) => (
            <EmojiRow key={emoji.id} emoji={emoji} manages={manages} />
          ))}
        </ul>
      )}
    </>
  );
}

function NewEmoji({ guildId }: { guildId: string }) {
  const actions = useActions();
  const id = useId();
  const [picture, setPicture] = useState<string | null>(null);
  const [name, setName] = useState("");
  const [wrong, setWrong] = useState<string | null>(null);
  const { busy, failure, run, forget } = useWish();
  const choose = async (file: File | undefined) => {
    forget();
    setPicture(null);
    if (file === undefined) return;
    if (file.size > PICTURE_MAX) return setWrong(t("emoji.too_large", { most: byteSize(PICTURE_MAX) }));
    setWrong(null);
    setPicture(await dataUrl(file));
    if (name === "") setName(nameFrom(file.name));
  };
  const add = async () => {
    if (picture === null) return;
    if ((await run(() => granted(actions.createEmoji(guildId, name, picture)))) === null) return;
    setPicture(null);
    setName("");
  };
  const refused = failure === null ? null : (fieldText(failure, "name") ?? failureText(failure));
  return (
    <form
      className="nx-emoji-new"
      onSubmit={(event) => {
        event.preventDefault();
        void add();
      }}
    >
      <div className="nx-field">
        <label className="nx-field-label" htmlFor={id}>
          {t("emoji.picture")}
        </label>
        <input
          key={picture === null ? "none" : "chosen"}
          id={id}
          className="nx-input"
          type="file"
          accept="image/png,image/jpeg,image/gif,image/webp"
          hidden={picture !== null}
          onChange={(event) => void choose(event.target.files?.[0])}
        />
        {picture === null ? null : (
          <span className="nx-emoji-sample">
            <img src={picture} alt={t("emoji.sample")} />
          </span>
        )}
      </div>
      <TextField
        label={t("emoji.name")}
        hint={t("emoji.name_hint")}
        value={name}
        maxLength={32}
        autoComplete="off"
        spellCheck={false}
        onText={setName}
        error={wrong ?? refused}
      />
      <Button type="submit" look="primary" busy={busy} disabled={picture === null || !NAME.test(name)}>
        {t("emoji.add")}
      </Button>
    </form>
  );
}

/** What a file is called, as an emoji may be. */
function nameFrom(file: string): string {
  return file
    .replace(/\.[^.]*$/, "")
    .replace(/\W+/g, "_")
    .slice(0, 32);
}

function dataUrl(file: File): Promise<string | null> {
  return new Promise((resolve) => {
    const reader = new FileReader();
    reader.onload = () => resolve(typeof reader.result === "string" ? reader.result : null);
    reader.onerror = () => resolve(null);
    reader.readAsDataURL(file);
  });
}

function EmojiRow({ emoji, manages }: { emoji: GuildEmoji; manages: boolean }) {
  const actions = useActions();
  const [name, setName] = useState(emoji.name);
  const [asked, setAsked] = useState(false);
  const { busy, failure, run } = useWish();
  const { guildId, id } = emoji;
  if (asked) {
    return (
      <li className="nx-row">
        <Banner
          tone="danger"
          acts={
            <>
              <Button small look="quiet" onClick={() => setAsked(false)}>
                {t("common.cancel")}
              </Button>
              <Button small look="danger" onClick={() => void told(actions.deleteEmoji(guildId, id))}>
                {t("common.delete")}
              </Button>
            </>
          }
        >
          {t("emoji.delete_title", { name: emoji.name })} {t("emoji.delete_text")}
        </Banner>
      </li>
    );
  }
  return (
    <li className="nx-row">
      <span className="nx-emoji-sample">
        <EmojiPicture emoji={emoji} />
      </span>
      <TextField
        label={t("emoji.name_of", { name: emoji.name })}
        value={name}
        maxLength={32}
        disabled={!manages}
        spellCheck={false}
        onText={setName}
        error={failure === null ? null : (fieldText(failure, "name") ?? failureText(failure))}
      />
      {name === emoji.name ? null : (
        <Button
          small
          look="primary"
          busy={busy}
          disabled={!NAME.test(name)}
          onClick={() => void run(() => granted(actions.renameEmoji(guildId, id, name)))}
        >
          {t("emoji.rename")}
        </Button>
      )}
      {manages ? (
        <Button small look="danger-quiet" onClick={() => setAsked(true)}>
          {t("common.delete")}
        </Button>
      ) : null}
    </li>
  );
}
