import { allows, movedAway, myPermissions, Permission, said } from "@nexus/core";
import { useEffect } from "react";
import { useApp, useClient, useDerived } from "../app/client.tsx";
import { placeName } from "../app/moved.ts";
import { dropAnswer, setReplyMention, useScreen } from "../app/screen.ts";
import { rich } from "../i18n/rich.tsx";
import { t } from "../i18n/translate.ts";
import { Button, IconButton } from "../parts/button.tsx";
import { X } from "../parts/icons.ts";
import { useOneLine } from "../rich/one_line.ts";
import { useName } from "../timeline/author.tsx";
import { useVisit } from "../timeline/jump.ts";
import { answerThere } from "./answer_there.ts";
import { focusComposer } from "./focus.ts";

/** Which message the next one answers. */
export function ReplyBar({ channelId }: { channelId: string }) {
  const reply = useScreen((screen) => screen.replies[channelId]);
  const message = useApp((state) =>
    reply === undefined ? undefined : state.messages[channelId]?.[reply.messageId],
  );
  const me = useApp((state) => state.me);
  const name = useName({ userId: message?.authorId ?? "", guildId: message?.guildId ?? null });
  const text = useOneLine(message?.guildId ?? null, message === undefined ? "" : said(message).content);
  const answered = reply?.messageId;
  // Who answers writes next, wherever they asked for it.
  useEffect(() => {
    if (answered !== undefined) focusComposer(channelId);
  }, [answered, channelId]);
  const place = useApp((state) => movedAway(state, channelId, answered ?? ""));
  if (reply !== undefined && place !== null)
    return <MovedBar channelId={channelId} place={place} messageId={reply.messageId} />;
  if (reply === undefined || message === undefined) return null;
  const mine = message.authorId === me;
  return (
    <div className="nx-reply-bar">
      <span className="nx-reply-words nx-clip">
        {rich("compose.replying", {
          name: (
            <strong>
              <bdi>{name}</bdi>
            </strong>
          ),
        })}
        <span className="nx-reply-text" dir="auto">
          {text}
        </span>
      </span>
      {mine || message.guildId === null ? null : (
        <Button
          small
          look="quiet"
          aria-pressed={reply.mention}
          aria-label={t("compose.mention_toggle")}
          className={reply.mention ? "nx-reply-pings" : undefined}
          onClick={() => setReplyMention(channelId, !reply.mention)}
        >
          @ {t(reply.mention ? "compose.mention_on" : "compose.mention_off")}
        </Button>
      )}
      <NoAnswer channelId={channelId} />
    </div>
  );
}

/** What was to be answered is not here any more, and what is being written is: it goes on as it is. */
export function MovedBar({
  channelId,
  place,
  messageId,
}: {
  channelId: string;
  place: string;
  messageId: string;
}) {
  const client = useClient();
  const name = useApp((state) => placeName(state, place));
  const writes = useDerived(
    (state) => [state.channels, state.roles, state.members, state.guilds],
    (state) =>
      allows(myPermissions(state, state.channels[place]?.guildId ?? null, place), Permission.SEND_MESSAGES),
    [place],
  );
  const visit = useVisit();
  const go = () => {
    if (writes) answerThere(client, messageId, channelId, place);
    visit(place, messageId);
  };
  return (
    <div className="nx-reply-bar" data-nx="answer-moved">
      <span className="nx-reply-words" role="status">
        {rich("move.answering", { place: <bdi>{name}</bdi> })}
      </span>
      <Button small look="quiet" onClick={go}>
        {t(writes ? "move.answer_there" : "move.answer_go")}
      </Button>
      <NoAnswer channelId={channelId} />
    </div>
  );
}

function NoAnswer({ channelId }: { channelId: string }) {
  return (
    <IconButton
      size="small"
      icon={X}
      label={t("compose.reply_cancel")}
      keys="Esc"
      onClick={() => {
        dropAnswer(channelId);
        focusComposer(channelId);
      }}
    />
  );
}
