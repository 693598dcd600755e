import type { Message } from "@nexus/core";
import { type KeyboardEvent, memo, useState } from "react";
import { useClient } from "../app/client.tsx";
import { answer, edit, openDialog, openMenu, useScreen } from "../app/screen.ts";
import { clock, exact } from "../i18n/time.ts";
import { t } from "../i18n/translate.ts";
import { Icon } from "../parts/icon.tsx";
import { MoveRight, Pin, UserPlus } from "../parts/icons.ts";
import { menuAt } from "../parts/menu.tsx";
import { AnsweredLine } from "./answered_line.tsx";
import { AttachmentCard } from "./attachment.tsx";
import { AuthorFace } from "./author.tsx";
import { EmbedCard } from "./cards.tsx";
import { askReaction, messageMenu, useDeeds, useIsForMe } from "./deeds.ts";
import { EditBox } from "./edit_box.tsx";
import { EventLine } from "./event_line.tsx";
import { ForwardedMessage } from "./forwarded.tsx";
import { MessageHead } from "./message_head.tsx";
import { MessageText } from "./message_text.tsx";
import { PollCard } from "./poll_card.tsx";
import { Reactions } from "./reactions.tsx";
import { useRowLabel } from "./row_label.ts";
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

/** What stands before what a guild says by itself. */
const SIGNS: Partial<Record<Message["kind"], typeof Pin>> = { pinned: Pin, brought: MoveRight };

export const MessageRow = memo(function MessageRow({ message, head, current, flash }: Facts) {
  const client = useClient();
  const { actions } = client;
  const deeds = useDeeds(message);
  const forMe = useIsForMe(message);
  const editing = useScreen((screen) => screen.editing?.messageId === message.id);
  const [near, setNear] = useState(false);
  const plain = message.kind === "plain" || message.kind === "reply";
  const label = useRowLabel(message, forMe);

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
      Enter: () => openMenu(row, t("talk.actions"), messageMenu(client, message, deeds, row)),
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
      aria-label={label}
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
        menuAt(event, t("talk.actions"), messageMenu(client, message, deeds, event.currentTarget));
      }}
    >
      {message.answers === null ? null : (
        <AnsweredLine answered={message.answers} channelId={message.channelId} guildId={message.guildId} />
      )}
      <div className="nx-message-gutter">
        {!plain ? (
          <span className="nx-message-sign">
            <Icon of={SIGNS[message.kind] ?? UserPlus} size={18} />
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
        {plain && head ? <MessageHead message={message} /> : null}
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
