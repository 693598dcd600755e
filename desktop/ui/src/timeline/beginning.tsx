import {
  allows,
  type Channel,
  channelName,
  faceOf,
  keptDays,
  myPermissions,
  Permission,
  said,
} from "@nexus/core";
import { useApp } from "../app/client.tsx";
import { openDialog } from "../app/screen.ts";
import { daysText } from "../i18n/time.ts";
import { t } from "../i18n/translate.ts";
import { Avatar } from "../parts/avatar.tsx";
import { Button } from "../parts/button.tsx";
import { Icon } from "../parts/icon.tsx";
import { Clock, Hash, Megaphone, MessagesSquare, UserPlus } from "../parts/icons.ts";
import { RichText } from "../rich/rich_text.tsx";
import { AuthorFace, AuthorName, useName } from "./author.tsx";

/** Above the first message of a channel. */
export function Beginning({ channelId }: { channelId: string }) {
  const channel = useApp((state) => state.channels[channelId]);
  const name = useApp((state) => (channel === undefined ? "" : channelName(state, channel)));
  if (channel === undefined) return null;
  if (channel.thread !== null) return <ThreadBeginning thread={channel} />;
  const conversation = channel.guildId === null;
  return (
    <div className="nx-beginning">
      {conversation ? (
        <Avatar id={faceOf(channel)} name={name} size={80} />
      ) : (
        <span className="nx-beginning-icon">
          <Icon of={channel.kind === "announcement" ? Megaphone : Hash} size={32} />
        </span>
      )}
      <h2 className="nx-beginning-title" dir="auto">
        {t(
          channel.guildId !== null
            ? "talk.beginning"
            : channel.name === ""
              ? "talk.beginning_dm"
              : "talk.beginning_named",
          { name },
        )}
      </h2>
      <p className="nx-beginning-text" dir="auto">
        {channel.topic ?? (conversation ? t("talk.beginning_dm_text") : t("talk.beginning_text"))}
      </p>
      <Kept channel={channel} />
      <Alone channel={channel} />
    </div>
  );
}

/** Who has a guild to themselves is shown how others come. */
function Alone({ channel }: { channel: Channel }) {
  const { id, guildId } = channel;
  const alone = useApp((state) => guildId !== null && state.guilds[guildId]?.memberCount === 1);
  const invites = useApp((state) =>
    allows(myPermissions(state, guildId, id), Permission.CREATE_INSTANT_INVITE),
  );
  if (!alone || !invites) return null;
  return (
    <Button
      className="nx-beginning-invite"
      icon={UserPlus}
      onClick={() => openDialog({ kind: "invite", channelId: id })}
    >
      {t("guild.invite")}
    </Button>
  );
}

/** How long messages are kept here, where that is not for ever. */
function Kept({ channel }: { channel: Channel }) {
  const days = useApp((state) => keptDays(state, channel));
  if (days === null) return null;
  return (
    <p className="nx-beginning-kept">
      <Icon of={Clock} size={16} />
      {t("talk.kept", { days: daysText(days) })}
    </p>
  );
}

/** Above the first message of a thread: who began it, and the message that it was made from where that is here. */
function ThreadBeginning({ thread }: { thread: Channel }) {
  const { guildId, parentId } = thread;
  const name = useName({ userId: thread.thread?.ownerId ?? "", guildId });
  const from = useApp((state) => (parentId === null ? undefined : state.messages[parentId]?.[thread.id]));
  return (
    <div className="nx-beginning">
      <span className="nx-beginning-icon">
        <Icon of={MessagesSquare} size={32} />
      </span>
      <h2 className="nx-beginning-title" dir="auto">
        {t("thread.beginning", { name: thread.name })}
      </h2>
      <p className="nx-beginning-text" dir="auto">
        {t("thread.beginning_text", { name })}
      </p>
      <Kept channel={thread} />
      {from === undefined ? null : (
        <div className="nx-quoted">
          <AuthorFace userId={from.authorId} guildId={guildId} size={32} />
          <div className="nx-quoted-body">
            <AuthorName userId={from.authorId} guildId={guildId} />
            <RichText text={said(from).content.slice(0, 600)} guildId={guildId} />
          </div>
        </div>
      )}
    </div>
  );
}
