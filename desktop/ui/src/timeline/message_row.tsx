import type { Message } from "@nexus/core";
import { type KeyboardEvent, memo, useState } from "react";
import { useActions } from "../app/client.tsx";
import { answer, edit, openDialog, openMenu, useScreen } from "../app/screen.ts";
import { clock, exact, moment } from "../i18n/time.ts";
import { t } from "../i18n/translate.ts";
import { Icon } from "../parts/icon.tsx";
import { Clock, Pin, UserPlus } from "../parts/icons.ts";
import { menuAt } from "../parts/menu.tsx";
import { AnsweredLine } from "./answered_line.tsx";
import { AttachmentCard } from "./attachment.tsx";
import { AuthorFace, AuthorName, useName } from "./author.tsx";
import { EmbedCard } from "./cards.tsx";
import { askReaction, messageMenu, useDeeds, useIsForMe } from "./deeds.ts";
import { EditBox } from "./edit_box.tsx";
import { EventLine } from "./event_line.tsx";
import { ForwardedMessage } from "./forwarded.tsx";
import { MessageText } from "./message_text.tsx";
import { PollCard } from "./poll_card.tsx";
import { Reactions } from "./reactions.tsx";
import { ThreadChip } from "./thread_chip.tsx";
import { Toolbar } from "./toolbar.tsx";

interface Facts {
  readonly message: Message;
  /** Drawn with picture and name. */
  readonly head: boolean;
  /** The one of all messages that Tab reaches. */
  readonly current: boolean;
  /** It was jumped to. */
  readonly flash: boolean;
}

export const MessageRow = memo(function MessageRow({ message, head, current, flash }: Facts) {
  const actions = useActions();
  const deeds = useDeeds(message);
  const forMe = useIsForMe(message);
  const name = useName({ userId: message.authorId, guildId: message.guildId });
  const editing = useScreen((screen) => screen.editing?.messageId === message.id);
  const [near, setNear] = useState(false);
  const plain = message.kind === "plain" || message.kind === "reply";

  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    if (event.target !== event.currentTarget || event.ctrlKey || event.metaKey || event.altKey) return;
    const row = event.currentTarget;
    const acts: Readonly<Record<string, (() => void) | false>> = {
      e: deeds.edit && (() => edit(message.channelId, message.id)),
      r: deeds.reply && (() => answer(message.channelId, message.id)),
      "+": deeds.react && (() => askReaction(actions, message, row)),
      Delete:
        deeds.delete &&
        (() => openDialog({ kind: "delete_message", channelId: message.channelId, messageId: message.id })),
      Enter: () => openMenu(row, t("talk.actions"), messageMenu(actions, message, deeds, row)),
    };
    const act = acts[event.key];
    if (act === undefined || act === false) return;
    event.preventDefault();
    act();
  };

  return (
    <article
      className="nx-message"
      data-nx="message"
      data-head={head ? "" : undefined}
      data-for-me={forMe ? "" : undefined}
      data-flash={flash ? "" : undefined}
      data-editing={editing ? "" : undefined}
      aria-label={`${t("talk.message_label", { name, when: moment(message.at) })}${forMe ? `, ${t("talk.mentions_you")}` : ""}`}
      tabIndex={current ? 0 : -1}
      onKeyDown={onKeyDown}
      onPointerEnter={() => setNear(true)}
      onPointerLeave={() => setNear(false)}
      onFocus={() => setNear(true)}
      onBlur={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget)) setNear(false);
      }}
      onContextMenu={(event) => {
        if (event.target instanceof Element && event.target.closest("a, textarea") !== null) return;
        if (getSelection()?.isCollapsed === false) return;
        menuAt(event, t("talk.actions"), messageMenu(actions, message, deeds, event.currentTarget));
      }}
    >
      {message.answers === null ? null : (
        <AnsweredLine answered={message.answers} channelId={message.channelId} guildId={message.guildId} />
      )}
      <div className="nx-message-gutter">
        {!plain ? (
          <span className="nx-message-sign">
            <Icon of={message.kind === "pinned" ? Pin : UserPlus} size={18} />
          </span>
        ) : head ? (
          <AuthorFace userId={message.authorId} guildId={message.guildId} size={40} />
        ) : (
          <time
            className="nx-message-clock"
            dateTime={new Date(message.at).toISOString()}
            title={exact(message.at)}
          >
            {clock(message.at)}
          </time>
        )}
      </div>
      <div className="nx-message-body">
        {plain && head ? <Head message={message} /> : null}
        {editing ? (
          <EditBox message={message} />
        ) : message.forwarded !== null ? (
          <ForwardedMessage message={message} forwarded={message.forwarded} head={head} reached={current} />
        ) : plain ? (
          <MessageText message={message} head={head} />
        ) : (
          <EventLine message={message} />
        )}
        {message.poll === null ? null : <PollCard message={message} poll={message.poll} reached={current} />}
        {message.embeds.map((embed, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: cards have no names of their own
          <EmbedCard key={at} embed={embed} guildId={message.guildId} />
        ))}
        {message.attachments.map((attachment, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the same file may be there twice
          <AttachmentCard key={`${attachment.id}-${at}`} attachment={attachment} reached={current} />
        ))}
        <Reactions message={message} mayReact={deeds.react} />
        <ThreadChip message={message} reached={current} />
      </div>
      {near && !editing ? <Toolbar message={message} deeds={deeds} /> : null}
    </article>
  );
});

function Head({ message }: { message: Message }) {
  return (
    <header className="nx-message-head">
      <AuthorName userId={message.authorId} guildId={message.guildId} />
      <time
        className="nx-message-time"
        dateTime={new Date(message.at).toISOString()}
        title={exact(message.at)}
      >
        {moment(message.at)}
      </time>
      {message.late ? (
        <span className="nx-message-late" data-tip={t("talk.late_why", { when: moment(message.at) })}>
          <Icon of={Clock} size={12} />
          {t("talk.late")}
        </span>
      ) : null}
      {message.pinned ? (
        <span
          className="nx-message-pinned"
          role="img"
          aria-label={t("talk.pinned_mark")}
          data-tip={t("talk.pinned_mark")}
        >
          <Icon of={Pin} size={12} />
        </span>
      ) : null}
    </header>
  );
}
