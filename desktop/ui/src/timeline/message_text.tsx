import type { Message } from "@nexus/core";
import { useState } from "react";
import { useApp } from "../app/client.tsx";
import { exact, moment } from "../i18n/time.ts";
import { t } from "../i18n/translate.ts";
import { Button } from "../parts/button.tsx";
import { Icon } from "../parts/icon.tsx";
import { Clock, Lock } from "../parts/icons.ts";
import { RichText } from "../rich/rich_text.tsx";

/** More than this is folded: nobody's message fills everybody's screen. */
const LINES_MAX = 30;
const LENGTH_MAX = 2_400;
/** No language has such words: it is drawn as a wall. */
const UNBROKEN = /\S{400}/;

export function MessageText({ message, head }: { message: Message; head: boolean }) {
  const [whole, setWhole] = useState(false);
  if (message.unreadable) {
    return (
      <p className="nx-message-unreadable">
        <Icon of={Lock} size={16} />
        {t("talk.unreadable")}
      </p>
    );
  }
  const long = isLong(message.content);
  const tail = <Tail message={message} head={head} />;
  if (!long)
    return message.content === "" ? (
      tail
    ) : (
      <RichText text={message.content} guildId={message.guildId} tail={tail} />
    );
  return (
    <>
      <div className="nx-folded" data-open={whole ? "" : undefined}>
        <RichText text={message.content} guildId={message.guildId} tail={tail} />
      </div>
      <Button small look="quiet" aria-expanded={whole} onClick={() => setWhole(!whole)}>
        {whole ? t("talk.less_text") : t("talk.large_text")}
      </Button>
    </>
  );
}

export function isLong(content: string): boolean {
  if (content.length > LENGTH_MAX || UNBROKEN.test(content)) return true;
  let lines = 0;
  for (let at = content.indexOf("\n"); at >= 0 && lines <= LINES_MAX; at = content.indexOf("\n", at + 1))
    lines += 1;
  return lines > LINES_MAX;
}

/** What there is to say about a message, after its last word. */
function Tail({ message, head }: { message: Message; head: boolean }) {
  const onlyHere = useApp((state) => state.queued[message.channelId]?.includes(message.id) === true);
  return (
    <>
      {onlyHere ? (
        <span className="nx-message-late" data-nx="only-here" data-tip={t("talk.only_here_why")}>
          <Icon of={Clock} size={12} />
          {t("talk.only_here")}
        </span>
      ) : null}
      {message.editedAt === null ? null : (
        <span className="nx-message-edited" title={t("talk.edited_at", { when: exact(message.editedAt) })}>
          {" "}
          ({t("talk.edited")})
        </span>
      )}
      {message.late && !head ? (
        <span className="nx-message-late" data-tip={t("talk.late_why", { when: moment(message.at) })}>
          <Icon of={Clock} size={12} />
          {t("talk.late")}
        </span>
      ) : null}
    </>
  );
}
