import { channelName, nameOf } from "@nexus/core";
import { type CSSProperties, type ReactNode, useState } from "react";
import { useApp } from "../app/client.tsx";
import { go, pathTo } from "../app/route.ts";
import { openCard } from "../app/screen.ts";
import { exact, stamp } from "../i18n/time.ts";
import { t } from "../i18n/translate.ts";
import { cx } from "../parts/classes.ts";
import { Icon } from "../parts/icon.tsx";
import { Hash, MessageCircle } from "../parts/icons.ts";

/** A role's colour as a style; the sheet brings it into a range that can be read on every theme. */
export function colorStyle(color: number | null): CSSProperties | undefined {
  if (color === null || color === 0) return undefined;
  return { "--nx-own": `#${color.toString(16).padStart(6, "0")}` } as CSSProperties;
}

export function UserMention({ id, guildId }: { id: string; guildId: string | null }) {
  const name = useApp((state) => nameOf(state, id, guildId));
  return (
    <button
      type="button"
      className="nx-mention"
      onClick={(event) => openCard(event.currentTarget, id, guildId)}
    >
      @<bdi>{name ?? t("common.unknown_person")}</bdi>
    </button>
  );
}

export function RoleMention({ id, guildId }: { id: string; guildId: string | null }) {
  const role = useApp((state) => (guildId === null ? undefined : state.roles[guildId]?.[id]));
  const style = colorStyle(role?.color ?? null);
  return (
    <span className={cx("nx-mention", style !== undefined && "nx-colored")} style={style}>
      @<bdi>{role?.name ?? t("common.deleted_role")}</bdi>
    </span>
  );
}

export function ChannelLink({ id }: { id: string }) {
  const channel = useApp((state) => state.channels[id]);
  const name = useApp((state) => (channel === undefined ? null : channelName(state, channel)));
  if (channel === undefined) return <span className="nx-mention">#{t("common.unknown_channel")}</span>;
  const path = pathTo(channel.guildId, id);
  return (
    <a
      className="nx-mention"
      href={path}
      onClick={(event) => {
        if (event.metaKey || event.ctrlKey) return;
        event.preventDefault();
        go(path);
      }}
    >
      <Icon of={channel.guildId === null ? MessageCircle : Hash} size={14} />
      <bdi>{name}</bdi>
    </a>
  );
}

export function Timestamp({ at, style }: { at: number; style: string }) {
  const valid = !Number.isNaN(new Date(at).getTime());
  return (
    <time
      className="nx-timestamp"
      {...(valid ? { dateTime: new Date(at).toISOString(), title: exact(at) } : {})}
    >
      {stamp(at, style)}
    </time>
  );
}

/** Hidden until it is wanted: before that, as wide as its words, and nothing of them can be pressed. */
export function Spoiler({ text, children }: { text: string; children: ReactNode }) {
  const [shown, setShown] = useState(false);
  if (shown) return <span className="nx-spoiler nx-spoiler-open">{children}</span>;
  return (
    <button
      type="button"
      className="nx-spoiler"
      aria-label={t("talk.spoiler")}
      onClick={() => setShown(true)}
    >
      <span className="nx-spoiler-words" aria-hidden="true">
        {text}
      </span>
    </button>
  );
}
