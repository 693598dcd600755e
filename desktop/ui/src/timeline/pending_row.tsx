import type { NewPoll, Pending } from "@nexus/core";
import { memo } from "react";
import { useActions, useApp } from "../app/client.tsx";
import { failureText } from "../app/failure_text.ts";
import { moment } from "../i18n/time.ts";
import { t } from "../i18n/translate.ts";
import { Button } from "../parts/button.tsx";
import { Icon } from "../parts/icon.tsx";
import { CircleAlert, Clock } from "../parts/icons.ts";
import { Spinner } from "../parts/progress.tsx";
import { RichText } from "../rich/rich_text.tsx";
import { AnsweredLine } from "./answered_line.tsx";
import { AuthorFace, AuthorName } from "./author.tsx";

interface Facts {
  readonly pending: Pending;
  readonly head: boolean;
}

/** What was written here and is not in the channel yet: it looks so. */
export const PendingRow = memo(function PendingRow({ pending, head }: Facts) {
  const me = useApp((state) => state.me) ?? "";
  const guildId = useApp((state) => state.channels[pending.channelId]?.guildId ?? null);
  const answered = useApp((state) =>
    pending.answers === null ? undefined : state.messages[pending.channelId]?.[pending.answers],
  );
  return (
    <article
      className="nx-message nx-pending"
      data-nx="pending"
      data-state={pending.state}
      data-head={head ? "" : undefined}
    >
      {answered === undefined ? null : (
        <AnsweredLine
          answered={{ messageId: answered.id, authorId: answered.authorId, content: answered.content }}
          channelId={pending.channelId}
          guildId={guildId}
        />
      )}
      <div className="nx-message-gutter">
        {head ? <AuthorFace userId={me} guildId={guildId} size={40} /> : null}
      </div>
      <div className="nx-message-body">
        {head ? (
          <header className="nx-message-head">
            <AuthorName userId={me} guildId={guildId} />
            <time className="nx-message-time">{moment(pending.at)}</time>
          </header>
        ) : null}
        {pending.poll === undefined ? (
          <RichText text={pending.content} guildId={guildId} />
        ) : (
          <Asked poll={pending.poll} />
        )}
        <How pending={pending} />
      </div>
    </article>
  );
});

/** What is to be asked: nothing can be chosen yet. */
function Asked({ poll }: { poll: NewPoll }) {
  return (
    <div className="nx-poll" data-nx="pending_poll">
      <p className="nx-poll-question" dir="auto">
        {poll.question}
      </p>
      {poll.answers.map((answer, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: answers have no names of their own yet
        <p key={at} className="nx-poll-answer">
          <bdi className="nx-poll-text">{answer}</bdi>
        </p>
      ))}
    </div>
  );
}

function How({ pending }: { pending: Pending }) {
  const actions = useActions();
  if (pending.state === "failed") {
    const why = pending.reason === null ? null : failureText(pending.reason);
    return (
      <div className="nx-pending-how nx-pending-failed">
        <Icon of={CircleAlert} size={16} />
        <span>{why === null ? t("talk.failed") : t("talk.failed_why", { why })}</span>
        <Button small onClick={() => actions.retry(pending.nonce)}>
          {t("talk.retry")}
        </Button>
        <Button small look="quiet" onClick={() => actions.discard(pending.nonce)}>
          {t("talk.discard")}
        </Button>
      </div>
    );
  }
  const queued = pending.state === "queued";
  const words = queued
    ? t("talk.queued")
    : pending.uncertain
      ? t("talk.queued_uncertain")
      : t("talk.sending");
  return (
    <div className="nx-pending-how" data-quiet={queued ? undefined : ""}>
      {queued ? <Icon of={Clock} size={14} /> : <Spinner size={14} />}
      <span>{words}</span>
    </div>
  );
}
