import { type Channel, channelName, conversations, faceOf, isBegun, unread } from "@nexus/core";
import { memo } from "react";
import { useApp, useDerived } from "../app/client.tsx";
import { LANDING } from "../app/landing.ts";
import { go, pathTo } from "../app/route.ts";
import { openDialog } from "../app/screen.ts";
import { t } from "../i18n/translate.ts";
import { Avatar } from "../parts/avatar.tsx";
import { IconButton } from "../parts/button.tsx";
import { cx } from "../parts/classes.ts";
import { Icon } from "../parts/icon.tsx";
import { Plus, Search } from "../parts/icons.ts";
import { useRoving } from "./roving.ts";
import { RowMarks } from "./row_marks.tsx";

/** Conversations, the latest first. */
export function ConversationList({ channelId }: { channelId: string | null }) {
  const all = useDerived(
    (state) => [state.privateChannels, state.channels],
    (state) => conversations(state),
  );
  const roving = useRoving("a[href]");
  return (
    <>
      <header className="nx-side-head">
        <button type="button" className="nx-side-find" onClick={() => openDialog({ kind: "switcher" })}>
          <Icon of={Search} size={16} />
          <span className="nx-clip">{t("channels.find")}</span>
        </button>
      </header>
      <nav className="nx-channels" aria-label={t("channels.conversations")} {...LANDING} {...roving}>
        <div className="nx-category-row">
          <h2 className="nx-category">{t("channels.conversations")}</h2>
          <IconButton
            size="small"
            icon={Plus}
            label={t("channels.new_conversation")}
            onClick={() => openDialog({ kind: "new_conversation" })}
          />
        </div>
        {all.length === 0 ? <p className="nx-side-none">{t("channels.no_conversations")}</p> : null}
        <ul>
          {all.map((channel) => (
            <Row key={channel.id} channel={channel} here={channel.id === channelId} />
          ))}
        </ul>
      </nav>
    </>
  );
}

const Row = memo(function Row({ channel, here }: { channel: Channel; here: boolean }) {
  const name = useApp((state) => channelName(state, channel));
  const status = useApp((state) => state.presences[channel.recipients[0] ?? ""]?.status ?? "offline");
  const draft = useApp((state) => isBegun(state, channel.id));
  const news = useDerived(
    (state) => [state.reads[channel.id], state.channels[channel.id]],
    (state) => unread(state, channel.id),
    [channel.id],
  );
  const path = pathTo(null, channel.id);
  return (
    <li
      className={cx(
        "nx-channel nx-conversation",
        here && "nx-channel-here",
        news.unread && !here && "nx-channel-new",
      )}
    >
      <a
        className="nx-channel-link"
        href={path}
        aria-current={here ? "page" : undefined}
        onClick={(event) => {
          if (event.metaKey || event.ctrlKey) return;
          event.preventDefault();
          go(path);
        }}
      >
        <Avatar
          id={faceOf(channel)}
          name={name}
          size={32}
          {...(channel.headId === undefined ? { status } : {})}
        />
        <bdi className="nx-clip">{name}</bdi>
        <RowMarks draft={draft && !here} news={news} />
      </a>
    </li>
  );
});
