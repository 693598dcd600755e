import {
  allows,
  type Channel,
  type ChannelGroup,
  channelTree,
  guildEvents,
  isBegun,
  myPermissions,
  Permission,
  unread,
} from "@nexus/core";
import { memo, useEffect, useId, useState } from "react";
import { useApp, useClient, useDerived } from "../app/client.tsx";
import { LANDING } from "../app/landing.ts";
import { go, pathTo } from "../app/route.ts";
import { openDialog } from "../app/screen.ts";
import { t } from "../i18n/translate.ts";
import { IconButton } from "../parts/button.tsx";
import { channelIcon } from "../parts/channel_icon.ts";
import { cx } from "../parts/classes.ts";
import { Icon } from "../parts/icon.tsx";
import { CalendarDays, ChevronDown, Hash, MessagesSquare, Plus, Settings } from "../parts/icons.ts";
import { menuAt } from "../parts/menu.tsx";
import { Empty } from "../parts/notice.tsx";
import { channelMenu } from "./channel_menu.ts";
import { guildMenu } from "./guild_menu.ts";
import { unreadParts } from "./guild_rail.tsx";
import { useRoving } from "./roving.ts";
import { RowMarks } from "./row_marks.tsx";
import { ThreadRows } from "./thread_rows.tsx";

interface Facts {
  readonly guildId: string;
  readonly channelId: string | null;
}

/** A guild's name and its channels. */
export const GuildSide = memo(function GuildSide({ guildId, channelId }: Facts) {
  const client = useClient();
  const name = useApp((state) => state.guilds[guildId]?.name ?? "");
  const live = useApp((state) => state.session.phase === "ready");
  useEffect(() => {
    if (live) client.actions.loadCaptions(guildId);
  }, [client, guildId, live]);
  return (
    <>
      <header className="nx-side-head">
        <button
          type="button"
          className="nx-side-title"
          aria-haspopup="menu"
          aria-label={t("guild.menu", { name })}
          onClick={(event) => menuAt(event, t("guild.menu", { name }), guildMenu(client, guildId))}
        >
          <bdi className="nx-clip">{name}</bdi>
          <Icon of={ChevronDown} size={18} />
        </button>
      </header>
      <Channels guildId={guildId} channelId={channelId} />
    </>
  );
});

function Channels({ guildId, channelId }: Facts) {
  const groups = useDerived(unreadParts, (state) => channelTree(state, guildId), [guildId]);
  const manages = useDerived(
    unreadParts,
    (state) => allows(myPermissions(state, guildId, null), Permission.MANAGE_CHANNELS),
    [guildId],
  );
  const roving = useRoving("a[href], .nx-category, .nx-guild-link");
  return (
    <nav className="nx-channels" aria-label={t("channels.label")} {...LANDING} {...roving}>
      <GuildLinks guildId={guildId} />
      {groups.length === 0 ? (
        <Empty icon={Hash} title={t("channels.none")} text={t("channels.none_text")} />
      ) : null}
      {groups.map((group) => (
        <Group
          key={group.category?.id ?? "loose"}
          guildId={guildId}
          group={group}
          channelId={channelId}
          manages={manages}
        />
      ))}
    </nav>
  );
}

/** What a guild has beside its channels. */
function GuildLinks({ guildId }: { guildId: string }) {
  const toCome = useDerived(
    (state) => [state.events[guildId]],
    (state) =>
      guildEvents(state, guildId).filter(({ status }) => status === "scheduled" || status === "active")
        .length,
    [guildId],
  );
  return (
    <ul className="nx-channel-group">
      <li className="nx-channel">
        <button
          type="button"
          className="nx-channel-link nx-guild-link"
          aria-haspopup="dialog"
          onClick={() => openDialog({ kind: "threads", guildId, channelId: null })}
        >
          <Icon of={MessagesSquare} size={18} />
          <bdi className="nx-clip">{t("thread.threads")}</bdi>
        </button>
      </li>
      <li className="nx-channel">
        <button
          type="button"
          className="nx-channel-link nx-guild-link"
          aria-haspopup="dialog"
          onClick={() => openDialog({ kind: "events", guildId })}
        >
          <Icon of={CalendarDays} size={18} />
          <bdi className="nx-clip">{t("event.events")}</bdi>
          {toCome === 0 ? null : <span className="nx-guild-link-n">{t("event.open", { n: toCome })}</span>}
        </button>
      </li>
    </ul>
  );
}

function Group({ guildId, group, channelId, manages }: Facts & { group: ChannelGroup; manages: boolean }) {
  const client = useClient();
  const [closed, setClosed] = useState(false);
  const { category } = group;
  if (category === null) {
    return (
      <ul className="nx-channel-group">
        {group.channels.map((channel) => (
          <ChannelRow key={channel.id} channel={channel} at={channelId} folded={false} />
        ))}
      </ul>
    );
  }
  return (
    <section className="nx-channel-group" aria-label={category.name}>
      <div className="nx-category-row">
        <button
          type="button"
          className="nx-category"
          aria-expanded={!closed}
          onClick={() => setClosed(!closed)}
          onContextMenu={(event) => menuAt(event, category.name, channelMenu(client, category))}
        >
          <Icon of={ChevronDown} size={12} />
          <bdi className="nx-clip">{category.name}</bdi>
        </button>
        {manages ? (
          <IconButton
            size="small"
            icon={Plus}
            tabIndex={-1}
            label={t("channels.create_in", { name: category.name })}
            onClick={() => openDialog({ kind: "create_channel", guildId, parentId: category.id })}
          />
        ) : null}
      </div>
      <ul>
        {group.channels.map((channel) => (
          <ChannelRow key={channel.id} channel={channel} at={channelId} folded={closed} />
        ))}
      </ul>
    </section>
  );
}

/** Where a channel is folded away, what is below it is not hidden with it. */
function FoldedThreads({ channel, at }: { channel: Channel; at: string | null }) {
  return (
    <li className="nx-channel">
      <ThreadRows channel={channel} here={at} />
    </li>
  );
}

interface RowFacts {
  readonly channel: Channel;
  /** Where one is. */
  readonly at: string | null;
  /** Its category is folded: only what is new in it shows. */
  readonly folded: boolean;
}

const ChannelRow = memo(function ChannelRow({ channel, at, folded }: RowFacts) {
  const client = useClient();
  const why = useId();
  const [asked, setAsked] = useState(false);
  const here = channel.id === at;
  const news = useDerived(
    (state) => [state.reads[channel.id], state.channels[channel.id]],
    (state) => unread(state, channel.id),
    [channel.id],
  );
  const draft = useApp((state) => isBegun(state, channel.id));
  const caption = useApp((state) => state.captions[channel.id]);
  const manages = useApp((state) =>
    allows(myPermissions(state, channel.guildId, channel.id), Permission.MANAGE_CHANNELS),
  );
  if (folded && !here && !news.unread) return <FoldedThreads channel={channel} at={at} />;
  const path = pathTo(channel.guildId, channel.id);
  const voice = channel.kind === "voice";
  return (
    <li className={cx("nx-channel", here && "nx-channel-here", news.unread && !here && "nx-channel-new")}>
      <a
        className="nx-channel-link"
        href={path}
        aria-current={here ? "page" : undefined}
        aria-disabled={voice || undefined}
        aria-describedby={voice ? why : undefined}
        data-tip={voice && !asked ? t("channels.no_voice") : undefined}
        data-tip-side="end"
        onClick={(event) => {
          if (event.metaKey || event.ctrlKey) return;
          event.preventDefault();
          if (voice) setAsked(!asked);
          else go(path);
        }}
        onContextMenu={(event) => menuAt(event, channel.name, channelMenu(client, channel))}
      >
        <Icon of={channelIcon(channel)} size={18} />
        <bdi className="nx-clip">{channel.name}</bdi>
        <RowMarks draft={draft && !here} news={news} />
      </a>
      {voice ? (
        <p className={asked ? "nx-channel-caption" : "nx-hidden"} id={why}>
          {t("channels.no_voice")}
        </p>
      ) : null}
      {caption === undefined ? null : (
        <p className="nx-channel-caption nx-clip" data-tip={caption}>
          <bdi>{caption}</bdi>
        </p>
      )}
      {here && manages ? (
        <IconButton
          className="nx-channel-more"
          size="small"
          icon={Settings}
          label={t("channels.settings_of", { name: channel.name })}
          onClick={() => openDialog({ kind: "channel_settings", channelId: channel.id })}
        />
      ) : null}
      <ThreadRows channel={channel} here={at} />
    </li>
  );
});
