import { type Channel, isBegun, threadsBeside, unread } from "@nexus/core";
import { memo } from "react";
import { useApp, useClient, useDerived } from "../app/client.tsx";
import { go, pathTo } from "../app/route.ts";
import { t } from "../i18n/translate.ts";
import { cx } from "../parts/classes.ts";
import { Icon } from "../parts/icon.tsx";
import { Archive, MessagesSquare } from "../parts/icons.ts";
import { menuAt } from "../parts/menu.tsx";
import { RowMarks } from "./row_marks.tsx";
import { threadMenu } from "./thread_menu.ts";

/** Below a channel in the list: its threads that one follows. One that was put away stays until that was seen. */
export const ThreadRows = memo(function ThreadRows({
  channel,
  here,
}: {
  channel: Channel;
  here: string | null;
}) {
  const threads = useDerived(
    (state) => [state.channels, state.threadsOf, state.followed, state.openThread, state.reads, state.roles],
    (state) => threadsBeside(state, channel),
    [channel],
  );
  if (threads.length === 0) return null;
  return (
    <ul className="nx-thread-rows" aria-label={t("thread.overview", { name: channel.name })}>
      {threads.map((thread) => (
        <ThreadRow key={thread.id} thread={thread} here={thread.id === here} />
      ))}
    </ul>
  );
});

function ThreadRow({ thread, here }: { thread: Channel; here: boolean }) {
  const client = useClient();
  const news = useDerived(
    (state) => [state.reads[thread.id], state.channels[thread.id]],
    (state) => unread(state, thread.id),
    [thread.id],
  );
  const draft = useApp((state) => isBegun(state, thread.id));
  const { name } = thread;
  const away = thread.thread?.archived === true;
  const path = pathTo(thread.guildId, thread.id);
  return (
    <li className={cx("nx-channel", here && "nx-channel-here", news.unread && !here && "nx-channel-new")}>
      <a
        className={cx("nx-channel-link nx-thread-link", away && "nx-thread-away")}
        href={path}
        aria-current={here ? "page" : undefined}
        data-tip={away ? t("thread.away") : undefined}
        data-tip-side="end"
        onClick={(event) => {
          if (event.metaKey || event.ctrlKey) return;
          event.preventDefault();
          go(path);
        }}
        onContextMenu={(event) => menuAt(event, name, threadMenu(client, thread))}
      >
        <Icon of={away ? Archive : MessagesSquare} size={16} />
        <bdi className="nx-clip">{name}</bdi>
        {away ? <span className="nx-hidden">{t("thread.away_row")}</span> : null}
        <RowMarks draft={draft && !here} news={news} />
      </a>
    </li>
  );
}
