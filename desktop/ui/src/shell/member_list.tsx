import { colorOf, type Member, memberGroups, nameOf, type State } from "@nexus/core";
import { useVirtualizer } from "@tanstack/react-virtual";
import { memo, useDeferredValue, useMemo, useRef } from "react";
import { useApp, useDerived } from "../app/client.tsx";
import { openCard } from "../app/screen.ts";
import { pieces, t } from "../i18n/translate.ts";
import { Avatar, statusWord } from "../parts/avatar.tsx";
import { cx } from "../parts/classes.ts";
import { CrownMark } from "../parts/crown_mark.tsx";
import { Tag } from "../parts/notice.tsx";
import { ToastPlace } from "../parts/toast_place.tsx";
import { colorStyle } from "../rich/marks.tsx";
import { useRoving } from "./roving.ts";

interface Facts {
  readonly guildId: string;
  readonly channelId: string;
}

type Row =
  | { readonly kind: "group"; readonly key: string; readonly words: string }
  | { readonly kind: "member"; readonly key: string; readonly member: Member; readonly offline: boolean }
  | { readonly kind: "more"; readonly key: string; readonly n: number };

/** In px at the text's normal size; a person is as high as a fingertip is broad, with a line's gap around. */
const HEIGHTS = { group: 40, member: matchMedia("(pointer: coarse)").matches ? 46 : 44, more: 48 } as const;

/** Who can see the channel: by role, who is there before who is not. */
export const MemberList = memo(function MemberList({ guildId, channelId }: Facts) {
  const now = useDerived(
    (state) => [
      state.members[guildId],
      state.presences,
      state.roles[guildId],
      state.users,
      state.channels[channelId],
      state.guilds[guildId],
    ],
    (state) => rowsOf(state, guildId, channelId),
    [guildId, channelId],
  );
  const rows = useDeferredValue(now);
  const scroller = useRef<HTMLDivElement>(null);
  const roving = useRoving();
  const scale = useMemo(
    () => Number.parseFloat(getComputedStyle(document.documentElement).fontSize) / 16,
    [],
  );
  const virtualizer = useVirtualizer<HTMLDivElement, HTMLDivElement>({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: (index) => HEIGHTS[rows[index]?.kind ?? "member"] * scale,
    getItemKey: (index) => rows[index]?.key ?? index,
    overscan: 6,
    paddingEnd: 12,
    useFlushSync: false,
  });
  return (
    <aside className="nx-members" aria-label={t("members.label")} {...roving}>
      <div ref={scroller} className="nx-members-scroll">
        {/* biome-ignore lint/a11y/useSemanticElements: rows are put in place one by one */}
        <div className="nx-members-rows" role="list" style={{ height: virtualizer.getTotalSize() }}>
          {virtualizer.getVirtualItems().map((place) => {
            const row = rows[place.index];
            return row === undefined ? null : (
              // biome-ignore lint/a11y/useSemanticElements: as above
              <div
                key={place.key}
                className="nx-members-row"
                role="listitem"
                style={{ transform: `translateY(${place.start}px)`, height: place.size }}
              >
                <RowOf row={row} guildId={guildId} />
              </div>
            );
          })}
        </div>
      </div>
      <ToastPlace rank="members" />
    </aside>
  );
});

function rowsOf(state: State, guildId: string, channelId: string): readonly Row[] {
  const rows: Row[] = [];
  const groups = memberGroups(state, guildId, channelId);
  for (const { key, role, kind, members } of groups) {
    const name = role?.name ?? t(kind === "offline" ? "members.offline" : "members.online");
    rows.push({ kind: "group", key: `group-${key}`, words: t("members.group", { name, n: members.length }) });
    for (const member of members) {
      rows.push({ kind: "member", key: member.userId, member, offline: kind === "offline" });
    }
  }
  const guild = state.guilds[guildId];
  const known = Object.keys(state.members[guildId] ?? {}).length;
  const missing = (guild?.memberCount ?? 0) - known;
  if (guild?.large === true && missing > 0) rows.push({ kind: "more", key: "more", n: missing });
  return rows;
}

function RowOf({ row, guildId }: { row: Row; guildId: string }) {
  switch (row.kind) {
    case "group":
      return (
        <h2 className="nx-members-group nx-clip" dir="auto">
          {row.words}
        </h2>
      );
    case "more":
      return <p className="nx-members-more">{t("members.more_exist", { n: row.n })}</p>;
    case "member":
      return <MemberRow userId={row.member.userId} guildId={guildId} offline={row.offline} />;
  }
}

const MemberRow = memo(function MemberRow({
  userId,
  guildId,
  offline,
}: {
  userId: string;
  guildId: string;
  offline: boolean;
}) {
  const name = useApp((state) => nameOf(state, userId, guildId)) ?? t("common.unknown_person");
  const color = useApp((state) => colorOf(state, userId, guildId));
  const status = useApp((state) => state.presences[userId]?.status ?? "offline");
  const activity = useApp((state) => {
    const first = state.presences[userId]?.activities[0];
    return first === undefined ? "" : (first.state ?? first.name);
  });
  const bot = useApp((state) => state.users[userId]?.bot === true);
  const owner = useApp((state) => state.guilds[guildId]?.ownerId === userId);
  const style = colorStyle(color);
  return (
    <button
      type="button"
      className={cx("nx-member", offline && "nx-member-away")}
      onClick={(event) => openCard(event.currentTarget, userId, guildId)}
    >
      <Avatar id={userId} name={name} size={32} status={status} />
      <span className="nx-member-words">
        <span className="nx-member-first">
          {pieces("profile.title").map(({ text, name: part }) =>
            part === null ? (
              <span key={text} className="nx-hidden">
                {text}
              </span>
            ) : (
              <bdi
                key={part}
                className={cx("nx-member-name nx-clip", style !== undefined && "nx-colored")}
                style={style}
              >
                {name}
              </bdi>
            ),
          )}
          {owner ? <CrownMark words={t("common.owner")} /> : null}
          {bot ? <Tag tone="accent">{t("common.bot")}</Tag> : null}
        </span>
        <span className="nx-hidden">{statusWord(status)}</span>
        {activity === "" ? null : (
          <span className="nx-member-does nx-clip" dir="auto">
            {activity}
          </span>
        )}
      </span>
    </button>
  );
});
