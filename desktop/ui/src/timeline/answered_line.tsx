import type { Answered } from "@nexus/core";
import { t } from "../i18n/translate.ts";
import { Avatar } from "../parts/avatar.tsx";
import { useOneLine } from "../rich/one_line.ts";
import { useName } from "./author.tsx";
import { useJump, useVisit } from "./jump.ts";

interface Facts {
  readonly answered: Answered;
  readonly channelId: string;
  readonly guildId: string | null;
}

/** The message that is answered, in one line above the answer. */
export function AnsweredLine({ answered, channelId, guildId }: Facts) {
  if (answered.authorId === null) {
    return (
      <div className="nx-answered">
        <span className="nx-answered-gone">{t("talk.answered_gone")}</span>
      </div>
    );
  }
  return <Quoted answered={answered} authorId={answered.authorId} channelId={channelId} guildId={guildId} />;
}

function Quoted({ answered, authorId, channelId, guildId }: Facts & { authorId: string }) {
  const [jump, visit] = [useJump(), useVisit()];
  const name = useName({ userId: authorId, guildId });
  const text = useOneLine(guildId, answered.content);
  const words = text === "" ? t("talk.answered_empty") : text;
  return (
    <button
      type="button"
      className="nx-answered"
      tabIndex={-1}
      onClick={() => {
        // It may have been moved away.
        const go = answered.channelId === channelId ? jump : visit;
        go(answered.channelId, answered.messageId);
      }}
    >
      <span className="nx-hidden">{t("talk.answers_to")}</span>
      <Avatar id={authorId} name={name} size={16} />
      <bdi className="nx-answered-name nx-clip">{name}</bdi>
      <span className="nx-answered-text nx-clip" dir="auto">
        {words}
      </span>
    </button>
  );
}
