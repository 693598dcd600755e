import { type Id, nameOf, type State, said } from "@nexus/core";
import { useDerived } from "../app/client.tsx";
import { t } from "../i18n/translate.ts";
import { Choice, Select } from "../parts/field.tsx";
import { oneLine } from "../rich/one_line.ts";
import { meant } from "./moving.ts";

/** Characters of a message by which it is known again. */
const SHOWN_MAX = 60;

interface Facts {
  readonly channelId: Id;
  /** Those that may go: the first goes in any case. */
  readonly along: readonly Id[];
  /** None: the message alone. */
  readonly upTo: Id | null;
  readonly onUpTo: (upTo: Id | null) => void;
}

/** The message alone, or with those after it, up to one of them. */
export function MoveAlong({ channelId, along, upTo, onUpTo }: Facts) {
  const after = along.slice(1);
  const options = useDerived(
    (state) => [state.messages[channelId], state.users, state.members],
    (state) => after.map((id, at) => [id, wordsOf(state, channelId, id, at + 1)] as const),
    [along],
  );
  const last = after.at(-1);
  if (last === undefined) return null;
  const chosen = meant(along, upTo ?? last);
  return (
    <>
      <Choice
        label={t("move.what")}
        value={upTo === null ? "this" : "more"}
        onValue={(value) => onUpTo(value === "this" ? null : last)}
        options={[
          { value: "this", label: t("move.this") },
          { value: "more", label: t("move.more", { n: chosen.length - 1 }) },
        ]}
      />
      {upTo === null || after.length === 1 ? null : (
        <Select label={t("move.up_to")} value={chosen.at(-1) ?? last} options={options} onValue={onUpTo} />
      )}
    </>
  );
}

function wordsOf(state: State, channelId: Id, id: Id, nth: number): string {
  const message = state.messages[channelId]?.[id];
  if (message === undefined) return "";
  const name = nameOf(state, message.authorId, message.guildId) ?? t("common.unknown_person");
  const text = oneLine(state, message.guildId, said(message).content).slice(0, SHOWN_MAX);
  return t("move.up_to_one", { nth, name, text: text === "" ? t("talk.answered_empty") : text });
}
