import type { Message } from "@nexus/core";
import { rich } from "../i18n/rich.tsx";
import { exact, moment } from "../i18n/time.ts";
import { t } from "../i18n/translate.ts";
import { ChannelLink } from "../rich/marks.tsx";
import { AuthorName } from "./author.tsx";

/** What a guild says by itself. */
export function EventLine({ message }: { message: Message }) {
  const name = <AuthorName userId={message.authorId} guildId={message.guildId} />;
  const about = message.mentions[0] ?? message.authorId;
  const other = <AuthorName userId={about} guildId={message.guildId} />;
  const went = about === message.authorId;
  return (
    <p className="nx-message-event">
      {message.kind === "joined" ? rich("talk.joined", { name }) : null}
      {message.kind === "pinned" ? rich("talk.pinned_a_message", { name }) : null}
      {message.kind === "added" ? rich("talk.added", { name, other }) : null}
      {message.kind === "removed" && went ? rich("talk.went", { name }) : null}
      {message.kind === "removed" && !went ? rich("talk.removed", { name, other }) : null}
      {message.kind === "named" ? rich("talk.named", { name, title: <bdi>{message.content}</bdi> }) : null}
      {message.brought === null
        ? null
        : rich("move.brought", {
            name,
            n: message.brought.count,
            channel: <ChannelLink id={message.brought.from} />,
          })}
      {message.kind === "other" ? (
        <>
          {name} <bdi>{message.content === "" ? t("talk.unreadable") : message.content}</bdi>
        </>
      ) : null}
      <time
        className="nx-message-time"
        dateTime={new Date(message.at).toISOString()}
        title={exact(message.at)}
      >
        {moment(message.at)}
      </time>
    </p>
  );
}
