import { customEmoji, type Message, type Poll, type PollAnswer } from "@nexus/core";
import { useEffect, useState } from "react";
import { useActions, useApp } from "../app/client.tsx";
import { openDialog } from "../app/screen.ts";
import { told } from "../app/wish.ts";
import { CustomEmoji } from "../emoji/custom.tsx";
import { exact, percent, relative } from "../i18n/time.ts";
import { t } from "../i18n/translate.ts";
import { Button } from "../parts/button.tsx";
import { Icon } from "../parts/icon.tsx";
import { Check } from "../parts/icons.ts";

interface Facts {
  readonly message: Message;
  readonly poll: Poll;
  /** Tab goes into it: its message is the one of all that has the keyboard. */
  readonly reached: boolean;
}

/** What a message asks: the answers are voted for where they stand, and show what others chose. */
export function PollCard({ message, poll, reached }: Facts) {
  const actions = useActions();
  const me = useApp((state) => state.me);
  const ended = useEnded(poll);
  const { channelId, id } = message;
  const counts = poll.answers.map((answer) => poll.counts[answer.id] ?? 0);
  const total = counts.reduce((sum, count) => sum + count, 0);
  const most = Math.max(...counts);
  const vote = (answers: readonly number[]) => void told(actions.vote(channelId, id, answers));
  return (
    <fieldset className="nx-poll" data-nx="poll" aria-label={t("poll.card", { question: poll.question })}>
      <legend className="nx-hidden">{poll.question}</legend>
      <p className="nx-poll-question" dir="auto">
        {poll.question}
      </p>
      {ended ? null : (
        <p className="nx-poll-hint">{t(poll.multiple ? "poll.choose_many" : "poll.choose_one")}</p>
      )}
      {poll.answers.map((answer, at) => (
        <Answer
          key={answer.id}
          answer={answer}
          count={counts[at] ?? 0}
          total={total}
          mine={poll.mine.includes(answer.id)}
          won={ended && most > 0 && counts[at] === most}
          ended={ended}
          reached={reached}
          onVote={() => vote(ballotWith(poll, answer.id))}
        />
      ))}
      <div className="nx-poll-foot">
        <span>{t("poll.votes", { n: total })}</span>
        <span title={exact(poll.endsAt)}>
          {ended ? t("poll.ended") : t("poll.ends", { when: relative(poll.endsAt) })}
        </span>
        {ended || poll.mine.length === 0 ? null : (
          <Button small look="quiet" tabIndex={reached ? 0 : -1} onClick={() => vote([])}>
            {t("poll.take_back")}
          </Button>
        )}
        {ended || message.authorId !== me ? null : (
          <Button
            small
            look="quiet"
            tabIndex={reached ? 0 : -1}
            onClick={() => openDialog({ kind: "end_poll", channelId, messageId: id })}
          >
            {t("poll.end")}
          </Button>
        )}
      </div>
    </fieldset>
  );
}

/** The ballot after an answer was chosen, or taken off. */
function ballotWith({ mine, multiple }: Poll, id: number): readonly number[] {
  if (mine.includes(id)) return mine.filter((each) => each !== id);
  return multiple ? [...mine, id] : [id];
}

interface AnswerFacts {
  readonly answer: PollAnswer;
  readonly count: number;
  readonly total: number;
  readonly mine: boolean;
  readonly won: boolean;
  readonly ended: boolean;
  readonly reached: boolean;
  readonly onVote: () => void;
}

function Answer({ answer, count, total, mine, won, ended, reached, onVote }: AnswerFacts) {
  const share = total === 0 ? 0 : count / total;
  return (
    <button
      type="button"
      className="nx-poll-answer"
      data-won={won ? "" : undefined}
      tabIndex={reached ? 0 : -1}
      aria-pressed={mine}
      disabled={ended}
      onClick={onVote}
    >
      <span className="nx-poll-bar" aria-hidden="true" style={{ inlineSize: `${share * 100}%` }} />
      <AnswerEmoji emoji={answer.emoji} />
      <bdi className="nx-poll-text">{answer.text}</bdi>
      {mine ? <Icon of={Check} size={16} /> : null}
      <span className="nx-hidden">, </span>
      <span className="nx-poll-share">
        {t("poll.votes", { n: count })} · {percent(share)}
      </span>
      {won ? <span className="nx-hidden">, {t("poll.won")}</span> : null}
    </button>
  );
}

/** Of an answer; its words say what is meant. */
export function AnswerEmoji({ emoji }: { emoji: string | null }) {
  if (emoji === null) return null;
  const custom = customEmoji(emoji);
  return (
    <span aria-hidden="true">
      {custom === null ? emoji : <CustomEmoji id={custom.id} name={custom.name} />}
    </span>
  );
}

/** Longer than a timer goes. */
const TIMER_MAX_MS = 2 ** 31 - 1;

/** Whether it is over: ended, or by its time. */
function useEnded({ endsAt, final }: Poll): boolean {
  const [over, setOver] = useState(() => endsAt <= Date.now());
  useEffect(() => {
    const left = endsAt - Date.now();
    setOver(left <= 0);
    if (left <= 0 || left > TIMER_MAX_MS) return;
    const timer = setTimeout(() => setOver(true), left);
    return () => clearTimeout(timer);
  }, [endsAt]);
  return final || over;
}
