import { channelName, excerpt, type Message, said } from "@nexus/core";
import type { KeyboardEvent, MouseEvent } from "react";
import { useEffect, useRef } from "react";
import { useApp } from "../app/client.tsx";
import { exact, moment } from "../i18n/time.ts";
import { t } from "../i18n/translate.ts";
import { Button } from "../parts/button.tsx";
import { channelIcon } from "../parts/channel_icon.ts";
import { Icon } from "../parts/icon.tsx";
import { ChartBar } from "../parts/icons.ts";
import { Marked, MarkedWords, RichText } from "../rich/rich_text.tsx";
import { AttachmentCard } from "../timeline/attachment.tsx";
import { AuthorFace, AuthorName, useName } from "../timeline/author.tsx";
import { EventLine } from "../timeline/event_line.tsx";
import { ForwardedMark } from "../timeline/forwarded.tsx";
import { useRoving } from "./roving.ts";

interface Facts {
  readonly messages: readonly Message[];
  readonly words: readonly string[];
  /** Another page is on its way. */
  readonly busy: boolean;
  readonly onVisit: (channelId: string, messageId: string) => void;
  readonly onUp: () => void;
}

/** One page of what was found: one stop of Tab, and arrows go on within it. */
export function SearchResults({ messages, words, busy, onVisit, onUp }: Facts) {
  const list = useRef<HTMLOListElement | null>(null);
  const { ref, onFocus, onKeyDown } = useRoving("[data-nx=result]");
  // Another page begins at its beginning.
  // biome-ignore lint/correctness/useExhaustiveDependencies: each page
  useEffect(() => {
    list.current?.closest(".nx-search-view")?.scrollTo({ top: 0 });
  }, [messages]);
  const upOrOn = (event: KeyboardEvent) => {
    const first = list.current?.querySelector("[data-nx=result]");
    if (event.key !== "ArrowUp" || document.activeElement !== first) return onKeyDown(event);
    event.preventDefault();
    onUp();
  };
  return (
    <MarkedWords value={words}>
      <ol
        ref={(element) => {
          list.current = element;
          ref(element);
        }}
        className="nx-results"
        aria-label={t("search.list")}
        aria-description={t("search.list_help")}
        aria-busy={busy}
        onFocus={onFocus}
        onKeyDown={upOrOn}
      >
        {messages.map((message, at) => (
          <li key={message.id}>
            {message.guildId === null || message.channelId === messages[at - 1]?.channelId ? null : (
              <Place channelId={message.channelId} />
            )}
            <Result message={message} words={words} onVisit={onVisit} />
          </li>
        ))}
      </ol>
    </MarkedWords>
  );
}

/** The channel, above the first of what was found in it. */
function Place({ channelId }: { channelId: string }) {
  const channel = useApp((state) => state.channels[channelId]);
  const parent = useApp((state) => {
    const thread = state.channels[channelId];
    return thread?.kind === "thread" ? state.channels[thread.parentId ?? ""]?.name : undefined;
  });
  const name = useApp((state) => (channel === undefined ? null : channelName(state, channel)));
  return (
    <h3 className="nx-results-place">
      {channel === undefined ? null : <Icon of={channelIcon(channel)} size={16} />}
      <bdi className="nx-clip">{name ?? t("common.unknown_channel")}</bdi>
      {parent === undefined ? null : (
        <bdi className="nx-results-parent nx-clip">{t("thread.in", { channel: parent })}</bdi>
      )}
    </h3>
  );
}

interface ResultFacts {
  readonly message: Message;
  readonly words: readonly string[];
  readonly onVisit: (channelId: string, messageId: string) => void;
}

function Result({ message, words, onVisit }: ResultFacts) {
  const { authorId: userId, guildId, channelId } = message;
  const name = useName({ userId, guildId });
  const channel =
    useApp((state) => {
      const known = state.channels[channelId];
      return known === undefined ? undefined : channelName(state, known);
    }) ?? t("common.unknown_channel");
  const visit = () => onVisit(channelId, message.id);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || event.target !== event.currentTarget) return;
    event.preventDefault();
    visit();
  };
  const onClick = (event: MouseEvent) => {
    const inner = event.target instanceof Element && event.target.closest("a, button") !== null;
    if (!inner && getSelection()?.isCollapsed !== false) visit();
  };
  return (
    <article
      className="nx-result"
      data-nx="result"
      tabIndex={-1}
      aria-label={t("search.result", { name, channel, when: moment(message.at) })}
      onKeyDown={onKeyDown}
      onClick={onClick}
    >
      <AuthorFace userId={userId} guildId={guildId} size={32} />
      <div className="nx-result-body">
        <header className="nx-message-head">
          <AuthorName userId={userId} guildId={guildId} />
          <time
            className="nx-message-time"
            dateTime={new Date(message.at).toISOString()}
            title={exact(message.at)}
          >
            {moment(message.at)}
          </time>
        </header>
        <Said message={message} words={words} />
      </div>
      <Button small tabIndex={-1} className="nx-result-jump" onClick={visit}>
        {t("search.jump")}
      </Button>
    </article>
  );
}

function Said({ message, words }: { message: Message; words: readonly string[] }) {
  const plain = message.kind === "plain" || message.kind === "reply";
  if (!plain) return <EventLine message={message} />;
  const { content, embeds, attachments } = said(message);
  return (
    <div className="nx-result-said">
      {message.forwarded === null ? null : <ForwardedMark />}
      {content === "" ? null : <RichText text={excerpt(content, words)} guildId={message.guildId} />}
      {message.poll === null ? null : (
        <p className="nx-result-poll">
          <Icon of={ChartBar} size={16} />
          <bdi>
            <Marked text={message.poll.question} />
          </bdi>
        </p>
      )}
      {embeds.map((embed, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: cards have no names of their own
        <p key={at} className="nx-result-card" dir="auto">
          <Marked text={excerpt([embed.title, embed.description].filter(Boolean).join(" · "), words)} />
        </p>
      ))}
      {attachments.map((attachment, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the same file may be there twice
        <AttachmentCard key={`${attachment.id}-${at}`} attachment={attachment} reached={false} />
      ))}
    </div>
  );
}
