import type { NewPoll, NewThread, Pending } from "@nexus/core";
import { memo } from "react";
import { useApp } from "../app/client.tsx";
import { moment } from "../i18n/time.ts";
import { Icon } from "../parts/icon.tsx";
import { Lock, MessagesSquare } from "../parts/icons.ts";
import { RichText } from "../rich/rich_text.tsx";
import { AnsweredLine } from "./answered_line.tsx";
import { AuthorFace, AuthorName } from "./author.tsx";
import { ForwardedBlock } from "./forwarded.tsx";
import { PendingFiles } from "./pending_files.tsx";
import { PendingHow } from "./pending_how.tsx";
import { AnswerEmoji } from "./poll_card.tsx";

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
          answered={{
            messageId: answered.id,
            channelId: answered.channelId,
            authorId: answered.authorId,
            content: answered.content,
          }}
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
        <What pending={pending} guildId={guildId} />
        {pending.files === undefined ? null : <PendingFiles files={pending.files} />}
        <PendingHow pending={pending} />
      </div>
    </article>
  );
});

function What({ pending, guildId }: { pending: Pending; guildId: string | null }) {
  if (pending.poll !== undefined) return <Asked poll={pending.poll} />;
  if (pending.forwards !== undefined) {
    const { shown } = pending.forwards;
    return (
      <ForwardedBlock forwarded={shown} reached={false}>
        {shown.content === "" ? null : <RichText text={shown.content} guildId={shown.guildId} />}
      </ForwardedBlock>
    );
  }
  if (pending.makes?.kind === "thread") return <Begun thread={pending.makes.thread} />;
  return pending.content === "" ? null : <RichText text={pending.content} guildId={guildId} />;
}

/** A thread that is to be: nobody can go into it yet. */
function Begun({ thread }: { thread: NewThread }) {
  return (
    <p className="nx-pending-thread" data-nx="pending_thread">
      <Icon of={thread.private === true ? Lock : MessagesSquare} size={16} />
      <bdi>{thread.name}</bdi>
    </p>
  );
}

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
          <AnswerEmoji emoji={answer.emoji} />
          <bdi className="nx-poll-text">{answer.text}</bdi>
        </p>
      ))}
    </div>
  );
}
