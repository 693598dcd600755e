import {
  type Channel,
  channelTree,
  type Failure,
  mayBegin,
  type ThreadsOf,
  threadOverview,
  unread,
} from "@nexus/core";
import { useState } from "react";
import { useApp, useClient, useDerived } from "../app/client.tsx";
import { failureText } from "../app/failure_text.ts";
import { go, pathTo } from "../app/route.ts";
import { openDialog } from "../app/screen.ts";
import { told } from "../app/wish.ts";
import { relative } from "../i18n/time.ts";
import { t } from "../i18n/translate.ts";
import { Button, IconButton } from "../parts/button.tsx";
import { channelIcon } from "../parts/channel_icon.ts";
import { DialogBox } from "../parts/dialog.tsx";
import { Select, TextField } from "../parts/field.tsx";
import { Icon } from "../parts/icon.tsx";
import { Archive, Bell, CircleAlert, MessagesSquare, Plus } from "../parts/icons.ts";
import { Banner, Empty } from "../parts/notice.tsx";
import { Loading } from "../parts/progress.tsx";
import { Tabs } from "../parts/tabs.tsx";
import { lastMoment } from "../shell/last_moment.ts";
import type { Shown } from "./dialog_layer.tsx";
import { type Away, useAway } from "./use_away.ts";

const TABS = [
  { value: "followed", key: "thread.tab_followed", icon: Bell },
  { value: "active", key: "thread.tab_active", icon: MessagesSquare },
  { value: "away", key: "thread.tab_away", icon: Archive },
] as const;

/** All threads of a guild, or of one of its channels: followed, going on, put away. */
export default function ThreadsDialog({ dialog, onClose }: Shown<"threads">) {
  const { guildId } = dialog;
  const guild = useApp((state) => state.guilds[guildId]?.name ?? "");
  const [channelId, setChannelId] = useState(dialog.channelId ?? "");
  const [tab, setTab] = useState<ThreadsOf>(dialog.channelId === null ? "followed" : "active");
  const [query, setQuery] = useState("");
  const channels = useDerived(
    (state) => [state.channels, state.channelsOf[guildId], state.roles[guildId], state.members[guildId]],
    (state) =>
      channelTree(state, guildId)
        .flatMap((group) => group.channels)
        .filter((channel) => channel.kind !== "voice"),
    [guildId],
  );
  const away = useAway(
    tab === "away" ? (channelId === "" ? channels : channels.filter(({ id }) => id === channelId)) : null,
  );
  return (
    <DialogBox size="large" title={t("thread.overview", { name: guild })} onClose={onClose}>
      <Tabs
        label={t("thread.threads")}
        value={tab}
        onValue={setTab}
        tabs={TABS.map(({ value, key, icon }) => ({ value, label: t(key), icon }))}
        foot={<Begin channelId={channelId} />}
      >
        <div className="nx-overview-head">
          <TextField label={t("thread.find")} type="search" value={query} onText={setQuery} data-first="" />
          <Select
            label={t("thread.channel")}
            value={channelId}
            onValue={setChannelId}
            options={[
              ["", t("thread.all_channels")],
              ...channels.map(({ id, name }) => [id, `#${name}`] as const),
            ]}
          />
        </div>
        <ThreadList
          guildId={guildId}
          channelId={channelId === "" ? null : channelId}
          which={tab}
          query={query}
          onGo={onClose}
          away={away}
        />
      </Tabs>
    </DialogBox>
  );
}

function Begin({ channelId }: { channelId: string }) {
  const may = useApp((state) => {
    const channel = state.channels[channelId];
    const begin = channel === undefined ? null : mayBegin(state, channel);
    return begin !== null && (begin.public || begin.private);
  });
  if (!may) return null;
  return (
    <Button small icon={Plus} onClick={() => openDialog({ kind: "new_thread", channelId, messageId: null })}>
      {t("thread.begin")}
    </Button>
  );
}

interface ListFacts {
  readonly guildId: string;
  readonly channelId: string | null;
  readonly which: ThreadsOf;
  readonly query: string;
  readonly onGo: () => void;
  readonly away: Away;
}

export function ThreadList({ guildId, channelId, which, query, onGo, away }: ListFacts) {
  const all = useDerived(
    (state) => [state.channels, state.threadsOf, state.roles, state.members],
    (state) => threadOverview(state, guildId, channelId, which),
    [guildId, channelId, which],
  );
  const wanted = query.trim().toLowerCase();
  const shown = all.filter((thread) => thread.name.toLowerCase().includes(wanted));
  const searching = which === "away" && away.loading;
  return (
    <>
      {shown.length > 0 ? (
        <ul className="nx-rows">
          {shown.map((thread) => (
            <Row key={thread.id} thread={thread} onGo={onGo} />
          ))}
        </ul>
      ) : searching || (which === "away" && away.failure !== null) ? null : (
        <Nothing which={which} found={all.length > 0} />
      )}
      {searching ? <Loading /> : null}
      {which === "away" && away.failure !== null ? (
        <Failed failure={away.failure} again={away.again} />
      ) : null}
      {which === "away" && away.more.length > 0 ? (
        <div className="nx-overview-more">
          {away.more.map((channel) => (
            <Button key={channel.id} small onClick={() => away.loadMore(channel.id)}>
              {t("thread.more_in", { channel: `#${channel.name}` })}
            </Button>
          ))}
        </div>
      ) : null}
    </>
  );
}

function Failed({ failure, again }: { failure: Failure; again: () => void }) {
  return (
    <Banner
      tone="danger"
      icon={CircleAlert}
      acts={
        <Button small onClick={again}>
          {t("common.retry")}
        </Button>
      }
    >
      {failureText(failure)}
    </Banner>
  );
}

function Nothing({ which, found }: { which: ThreadsOf; found: boolean }) {
  if (found) return <Empty icon={MessagesSquare} title={t("thread.none_found")} />;
  return (
    <Empty
      icon={which === "away" ? Archive : MessagesSquare}
      title={t(`thread.none_${which}`)}
      text={t(`thread.none_${which}_text`)}
    />
  );
}

function Row({ thread, onGo }: { thread: Channel; onGo: () => void }) {
  const { actions } = useClient();
  const parent = useApp((state) => state.channels[thread.parentId ?? ""]?.name ?? "");
  const news = useDerived(
    (state) => [state.reads[thread.id], state.channels[thread.id]],
    (state) => unread(state, thread.id).unread,
    [thread.id],
  );
  const facts = thread.thread;
  if (facts === null) return null;
  const words = [
    t("thread.in", { channel: `#${parent}` }),
    t("thread.messages", { n: facts.messageCount }),
    facts.archived
      ? `${t("thread.away")} ${relative(facts.archivedAt)}`
      : t("thread.last", { when: relative(lastMoment(thread)) }),
  ];
  return (
    <li className="nx-row">
      <button
        type="button"
        className="nx-overview-row"
        data-new={news ? "" : undefined}
        onClick={() => {
          onGo();
          go(pathTo(thread.guildId, thread.id));
        }}
      >
        <Icon of={facts.archived ? Archive : channelIcon(thread)} size={20} />
        <span className="nx-row-words">
          <span className="nx-row-title">
            <bdi className="nx-clip">{thread.name}</bdi>
            {facts.locked ? <span className="nx-tag nx-tag-plain">{t("thread.locked")}</span> : null}
          </span>
          <span className="nx-row-text nx-clip">{words.join(" · ")}</span>
        </span>
      </button>
      <IconButton
        icon={Bell}
        label={`${t("thread.follow")}: ${thread.name}`}
        pressed={facts.followed}
        onClick={() => void told(actions.followThread(thread.id, !facts.followed))}
      />
    </li>
  );
}
