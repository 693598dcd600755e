import { colorOf, nameOf } from "@nexus/core";
import { useApp } from "../app/client.tsx";
import { openCard } from "../app/screen.ts";
import { t } from "../i18n/translate.ts";
import { Avatar, type AvatarSize } from "../parts/avatar.tsx";
import { cx } from "../parts/classes.ts";
import { Tag } from "../parts/notice.tsx";
import { colorStyle } from "../rich/marks.tsx";

interface Who {
  readonly userId: string;
  readonly guildId: string | null;
}

export function useName({ userId, guildId }: Who): string {
  return useApp((state) => nameOf(state, userId, guildId)) ?? t("common.unknown_person");
}

/** Somebody's name in their colour; pressing it shows who they are. */
export function AuthorName({ userId, guildId, id }: Who & { id?: string }) {
  const name = useName({ userId, guildId });
  const color = useApp((state) => colorOf(state, userId, guildId));
  const bot = useApp((state) => state.users[userId]?.bot === true);
  const style = colorStyle(color);
  return (
    <span className="nx-author">
      <button
        type="button"
        id={id}
        tabIndex={-1}
        className={cx("nx-author-name nx-clip", style !== undefined && "nx-colored")}
        style={style}
        onClick={(event) => openCard(event.currentTarget, userId, guildId)}
      >
        <bdi>{name}</bdi>
      </button>
      {bot ? <Tag tone="accent">{t("common.bot")}</Tag> : null}
    </span>
  );
}

export function AuthorFace({ userId, guildId, size }: Who & { size: AvatarSize }) {
  const name = useName({ userId, guildId });
  return (
    <button
      type="button"
      className="nx-author-face"
      tabIndex={-1}
      aria-label={t("profile.title", { name })}
      onClick={(event) => openCard(event.currentTarget, userId, guildId)}
    >
      <Avatar id={userId} name={name} size={size} />
    </button>
  );
}
