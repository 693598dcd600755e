import { useState } from "react";
import { useActions } from "../app/client.tsx";
import { t } from "../i18n/translate.ts";
import { Button, IconButton } from "../parts/button.tsx";
import { DialogBox } from "../parts/dialog.tsx";
import { Select, Switch, TextField } from "../parts/field.tsx";
import { Plus, Trash2 } from "../parts/icons.ts";
import { Acts } from "./acts.tsx";
import type { Shown } from "./dialog_layer.tsx";

/** Discord's numbers. */
const QUESTION_MAX = 300;
const ANSWER_MAX = 55;
const ANSWERS_MAX = 10;
const ANSWERS_MIN = 2;
/** Hours that are offered. */
const HOURS = [1, 4, 8, 24, 72, 168, 336] as const;

export default function NewPoll({ dialog, onClose }: Shown<"new_poll">) {
  const actions = useActions();
  const [question, setQuestion] = useState("");
  const [answers, setAnswers] = useState<readonly string[]>(["", ""]);
  const [hours, setHours] = useState("24");
  const [multiple, setMultiple] = useState(false);
  const given = answers.map((each) => each.trim()).filter((each) => each !== "");
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
      <Answers answers={answers} onAnswers={setAnswers} />
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
  onAnswers,
}: {
  answers: readonly string[];
  onAnswers: (answers: readonly string[]) => void;
}) {
  return (
    <>
      <div className="nx-tag-rows">
        {answers.map((answer, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: answers have no names of their own yet
          <div key={at} className="nx-tag-row">
            <TextField
              label={t("poll.answer", { n: at + 1 })}
              value={answer}
              maxLength={ANSWER_MAX}
              autoComplete="off"
              onText={(text) => onAnswers(answers.map((each, place) => (place === at ? text : each)))}
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
        onClick={() => onAnswers([...answers, ""])}
      >
        {t("poll.answer_add")}
      </Button>
    </>
  );
}

function span(hours: number): string {
  return hours < 24 ? t("poll.hours", { n: hours }) : t("poll.days", { n: hours / 24 });
}
