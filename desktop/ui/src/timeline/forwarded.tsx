import { channelName, type Forwarded, type Message, whence } from "@nexus/core";
import { Fragment, type ReactNode } from "react";
import { useApp, useDerived } from "../app/client.tsx";
import { pathTo } from "../app/route.ts";
import { exact, moment } from "../i18n/time.ts";
import { t } from "../i18n/translate.ts";
import { channelIcon } from "../parts/channel_icon.ts";
import { Icon } from "../parts/icon.tsx";
import { Forward, MessageCircle } from "../parts/icons.ts";
import { AttachmentCard } from "./attachment.tsx";
import { EmbedCard } from "./cards.tsx";
import { useVisit } from "./jump.ts";
import { MessageText } from "./message_text.tsx";

interface MessageFacts {
  readonly message: Message;
  readonly forwarded: Forwarded;
  readonly head: boolean;
  readonly reached: boolean;
}

/** What a message passes on. */
export function ForwardedMessage({ message, forwarded, head, reached }: MessageFacts) {
  const { content, editedAt, guildId } = forwarded;
  return (
    <ForwardedBlock forwarded={forwarded} reached={reached}>
      <MessageText message={{ ...message, content, editedAt, guildId }} head={head} />
    </ForwardedBlock>
  );
}

interface BlockFacts {
  readonly forwarded: Forwarded;
  readonly reached: boolean;
  /** Its words. */
  readonly children?: ReactNode;
}

/** Set apart, so that nobody takes it for its sender's own words. */
export function ForwardedBlock({ forwarded, reached, children }: BlockFacts) {
  return (
    <div className="nx-forwarded" data-nx="forwarded">
      <ForwardedMark />
      {children}
      {forwarded.embeds.map((embed, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: cards have no names of their own
        <EmbedCard key={at} embed={embed} guildId={forwarded.guildId} />
      ))}
      {forwarded.attachments.map((attachment, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the same file may be there twice
        <AttachmentCard key={`${attachment.id}-${at}`} attachment={attachment} reached={reached} />
      ))}
      <From forwarded={forwarded} reached={reached} />
    </div>
  );
}

export function ForwardedMark() {
  return (
    <p className="nx-forwarded-mark">
      <Icon of={Forward} size={14} />
      {t("forward.mark")}
    </p>
  );
}

/** Where it is from, and when it was said; it leads there, where one sees that. */
function From({ forwarded, reached }: { forwarded: Forwarded; reached: boolean }) {
  const { channelId, at } = forwarded;
  const { channel, guildName, messageId } = useDerived(
    (state) => [state.me, state.guilds, state.roles, state.members, state.channels],
    (state) => whence(state, forwarded),
    [forwarded],
  );
  const name = useApp((state) => (channel === null ? null : channelName(state, channel)));
  const visit = useVisit();
  const places = [name, guildName].filter((each) => each !== null);
  const words = (
    <>
      {channel === null ? null : (
        <Icon of={channel.guildId === null ? MessageCircle : channelIcon(channel)} size={14} />
      )}
      <span className="nx-forwarded-words">
        {places.length === 0 ? (
          t("forward.elsewhere")
        ) : (
          <span className="nx-hidden">{t("forward.from")} </span>
        )}
        {places.map((place, nth) => (
          <Fragment key={place}>
            {nth === 0 ? null : DOT}
            <bdi>{place}</bdi>
          </Fragment>
        ))}
        {DOT}
        <time dateTime={new Date(at).toISOString()} title={exact(at)}>
          {moment(at)}
        </time>
      </span>
    </>
  );
  if (channel === null || channelId === null || messageId === null)
    return <p className="nx-forwarded-from">{words}</p>;
  const path = pathTo(channel.guildId, channelId, messageId);
  return (
    <a
      className="nx-forwarded-from"
      href={path}
      tabIndex={reached ? 0 : -1}
      onClick={(event) => {
        if (event.metaKey || event.ctrlKey) return;
        event.preventDefault();
        visit(channelId, messageId);
      }}
    >
      {words}
    </a>
  );
}

/** It never begins a line. */
const DOT = "\u00a0· ";
