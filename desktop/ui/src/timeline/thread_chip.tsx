import { type Message, threadFrom } from "@nexus/core";
import { useApp } from "../app/client.tsx";
import { go, pathTo } from "../app/route.ts";
import { relative } from "../i18n/time.ts";
import { t } from "../i18n/translate.ts";
import { Icon } from "../parts/icon.tsx";
import { Archive, MessagesSquare } from "../parts/icons.ts";

/** Below a message: the thread that was made from it. */
export function ThreadChip({ message, reached }: { message: Message; reached: boolean }) {
  const thread = useApp((state) => threadFrom(state, message));
  if (thread === null || thread.thread === null) return null;
  const { archived, archivedAt, messageCount } = thread.thread;
  const messages = t("thread.messages", { n: messageCount });
  return (
    <button
      type="button"
      className="nx-thread-chip"
      tabIndex={reached ? 0 : -1}
      data-nx="thread-chip"
      onClick={() => go(pathTo(thread.guildId, thread.id))}
    >
      <Icon of={archived ? Archive : MessagesSquare} size={16} />
      <span className="nx-hidden">{t("thread.thread")} </span>
      <bdi className="nx-thread-chip-name nx-clip">{thread.name}</bdi>
      <span className="nx-hidden">, </span>
      <span className="nx-thread-chip-facts">
        {archived ? `${t("thread.away")} ${relative(archivedAt)}` : messages}
      </span>
    </button>
  );
}
