import type { Message } from "@nexus/core";
import { exact, moment } from "../i18n/time.ts";
import { t } from "../i18n/translate.ts";
import { Icon } from "../parts/icon.tsx";
import { Clock, MoveRight, Pin } from "../parts/icons.ts";
import { AuthorName } from "./author.tsx";
import { useChannelName } from "./row_label.ts";

/** Who said it and when, and what more there is to say of that. */
export function MessageHead({ message }: { message: Message }) {
  return (
    <header className="nx-message-head">
      <AuthorName userId={message.authorId} guildId={message.guildId} />
      <time
        className="nx-message-time"
        dateTime={new Date(message.at).toISOString()}
        title={exact(message.at)}
      >
        {moment(message.at)}
      </time>
      {message.late ? (
        <span className="nx-message-late" data-tip={t("talk.late_why", { when: moment(message.at) })}>
          <Icon of={Clock} size={12} />
          {t("talk.late")}
        </span>
      ) : null}
      {message.movedFrom === null ? null : <MovedMark from={message.movedFrom} />}
      {message.pinned ? (
        <span
          className="nx-message-pinned"
          role="img"
          aria-label={t("talk.pinned_mark")}
          data-tip={t("talk.pinned_mark")}
        >
          <Icon of={Pin} size={12} />
        </span>
      ) : null}
    </header>
  );
}

/** That it was written in the channel, and stands in the thread because somebody moved it. */
function MovedMark({ from }: { from: string }) {
  const channel = useChannelName(from);
  return (
    <span className="nx-message-moved" data-tip={t("move.mark_why", { channel })}>
      <Icon of={MoveRight} size={12} />
      <bdi>{t("move.mark", { channel })}</bdi>
    </span>
  );
}
