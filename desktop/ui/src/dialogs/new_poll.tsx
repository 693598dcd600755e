import type { NewAnswer } from "@nexus/core";
import { useState } from "react";
import { useActions, useApp } from "../app/client.tsx";
import { openEmojiPicker } from "../app/screen.ts";
import { t } from "../i18n/translate.ts";
import { Button, IconButton } from "../parts/button.tsx";
import { DialogBox } from "../parts/dialog.tsx";
import { Select, Switch, TextField } from "../parts/field.tsx";
import { Plus, SmilePlus, Trash2 } from "../parts/icons.ts";
import { AnswerEmoji } from "../timeline/poll_card.tsx";
import { Acts } from "./acts.tsx";
import type { Shown } from "./dialog_layer.tsx";

/** Discord's numbers. */
const QUESTION_MAX = 300;
const ANSWER_MAX = 55;
const ANSWERS_MAX = 10;
const ANSWERS_MIN = 2;
const EMPTY: NewAnswer = { text: "", emoji: null };
/** Hours that are offered. */
const HOURS = [1, 4, 8, 24, 72, 168, 336] as const;

export default function NewPoll({ dialog, onClose }: Shown<"new_poll">) {
  const actions = useActions();
  const [question, setQuestion] = useState("");
  const guildId = useApp((state) => state.channels[dialog.channelId]?.guildId ?? null);
  const [answers, setAnswers] = useState<readonly NewAnswer[]>([EMPTY, EMPTY]);
  const [hours, setHours] = useState("24");
  const [multiple, setMultiple] = useState(false);
  const given = answers
    .map(({ text, emoji }) => ({ text: text.trim(), emoji }))
    .filter(({ text }) => text !== "");
  const ready = question.trim() !== "" && given.length >= ANSWERS_MIN;
  const ask = () => {
    const poll = { question: question.trim(), answers: given, multiple, hours: Number(hours) };
    actions.createPoll(dialog.channelId, poll);
    onClose();
  };
  return (
    <DialogBox
      title={t("poll.new_title")}
      onClose={onClose}
      onSubmit={ask}
      acts={<Acts onClose={onClose} busy={false} ready={ready} words={t("poll.go")} />}
    >
      <TextField
        label={t("poll.question")}
        value={question}
        onText={setQuestion}
        maxLength={QUESTION_MAX}
        autoComplete="off"
        data-first=""
      />
      <Answers answers={answers} guildId={guildId} onAnswers={setAnswers} />
      <Select
        label={t("poll.duration")}
        value={hours}
        onValue={setHours}
        options={HOURS.map((each) => [String(each), span(each)] as const)}
      />
      <Switch
        label={t("poll.multiple")}
        hint={t("poll.multiple_hint")}
        on={multiple}
        onChange={setMultiple}
      />
    </DialogBox>
  );
}

function Answers({
  answers,
  guildId,
  onAnswers,
}: {
  answers: readonly NewAnswer[];
  guildId: string | null;
  onAnswers: (answers: readonly NewAnswer[]) => void;
}) {
  const change = (at: number, part: Partial<NewAnswer>) =>
    onAnswers(answers.map((each, place) => (place === at ? { ...each, ...part } : each)));
  return (
    <>
      <div className="nx-tag-rows">
        {answers.map((answer, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: answers have no names of their own yet
          <div key={at} className="nx-tag-row">
            <TextField
              label={t("poll.answer", { n: at + 1 })}
              value={answer.text}
              maxLength={ANSWER_MAX}
              autoComplete="off"
              onText={(text) => change(at, { text })}
            />
            <EmojiChoice
              emoji={answer.emoji}
              guildId={guildId}
              label={t("poll.answer_emoji", { n: at + 1 })}
              onEmoji={(emoji) => change(at, { emoji })}
            />
            {answers.length <= ANSWERS_MIN ? null : (
              <IconButton
                icon={Trash2}
                danger
                label={t("poll.answer_remove", { n: at + 1 })}
                onClick={() => onAnswers(answers.filter((_, place) => place !== at))}
              />
            )}
          </div>
        ))}
      </div>
      <Button
        small
        icon={Plus}
        disabled={answers.length >= ANSWERS_MAX}
        onClick={() => onAnswers([...answers, EMPTY])}
      >
        {t("poll.answer_add")}
      </Button>
    </>
  );
}

interface EmojiFacts {
  readonly emoji: string | null;
  readonly guildId: string | null;
  readonly label: string;
  readonly onEmoji: (emoji: string | null) => void;
}

/** One that is chosen is taken away by a press. */
function EmojiChoice({ emoji, guildId, label, onEmoji }: EmojiFacts) {
  if (emoji === null) {
    return (
      <IconButton
        icon={SmilePlus}
        label={label}
        onClick={(press) => openEmojiPicker(press.currentTarget, guildId, onEmoji)}
      />
    );
  }
  return (
    <button
      type="button"
      className="nx-icon-button"
      aria-label={label}
      aria-pressed={true}
      data-tip={t("poll.answer_emoji_remove")}
      onClick={() => onEmoji(null)}
    >
      <AnswerEmoji emoji={emoji} />
    </button>
  );
}

function span(hours: number): string {
  return hours < 24 ? t("poll.hours", { n: hours }) : t("poll.days", { n: hours / 24 });
}
