import { channelName, faceOf, type SearchPlace } from "@nexus/core";
import { useSyncExternalStore } from "react";
import { useApp } from "../app/client.tsx";
import { LANDING } from "../app/landing.ts";
import {
  closeSearch,
  isPlace,
  openCard,
  openDialog,
  openSearch,
  screen,
  showPane,
  useScreen,
} from "../app/screen.ts";
import { choose, settings, useSettings } from "../app/settings.ts";
import { t } from "../i18n/translate.ts";
import { Avatar } from "../parts/avatar.tsx";
import { IconButton } from "../parts/button.tsx";
import { channelIcon } from "../parts/channel_icon.ts";
import { Icon } from "../parts/icon.tsx";
import { MenuLines, Search, User, Users } from "../parts/icons.ts";
import { ChannelLooks } from "./channel_looks.tsx";

/** On a narrow screen: the way to the channels. */
export function HeaderLead() {
  return (
    <IconButton
      className="nx-narrow-only"
      icon={MenuLines}
      label={t("channels.show")}
      onClick={() => showPane("channels")}
    />
  );
}

export function ChannelHeader({ channelId }: { channelId: string }) {
  const channel = useApp((state) => state.channels[channelId]);
  const name = useApp((state) => (channel === undefined ? "" : channelName(state, channel)));
  if (channel === undefined) return null;
  const conversation = channel.guildId === null;
  return (
    <header className="nx-header">
      <HeaderLead />
      {conversation ? (
        <ConversationFace userId={faceOf(channel)} name={name} single={channel.headId === undefined} />
      ) : (
        <span className="nx-header-icon">
          <Icon of={channelIcon(channel)} size={20} />
        </span>
      )}
      <h1 className="nx-header-name nx-clip" {...LANDING}>
        <bdi>{name}</bdi>
      </h1>
      {channel.topic === null || channel.topic === "" ? (
        <span className="nx-header-space" />
      ) : (
        <button
          type="button"
          className="nx-header-topic nx-clip"
          dir="auto"
          aria-haspopup="dialog"
          onClick={() => openDialog({ kind: "topic", channelId })}
        >
          {channel.topic}
        </button>
      )}
      <div className="nx-header-acts">
        <ChannelLooks channel={channel} />
        {channel.headId !== undefined ? (
          <IconButton
            icon={Users}
            label={t("group.title")}
            aria-haspopup="dialog"
            onClick={() => openDialog({ kind: "group", channelId })}
          />
        ) : conversation ? (
          <ProfileButton userId={channel.recipients[0]} />
        ) : (
          <MembersButton />
        )}
        <SearchButton kind={conversation ? "conversation" : "guild"} id={channel.guildId ?? channelId} />
      </div>
    </header>
  );
}

function ConversationFace({ userId, name, single }: { userId: string; name: string; single: boolean }) {
  const status = useApp((state) => state.presences[userId]?.status ?? "offline");
  return <Avatar id={userId} name={name} size={24} {...(single ? { status } : {})} />;
}

function ProfileButton({ userId }: { userId: string | undefined }) {
  if (userId === undefined) return null;
  return (
    <IconButton
      icon={User}
      label={t("header.profile")}
      onClick={(event) => openCard(event.currentTarget, userId, null)}
    />
  );
}

/** Looks like the field that it opens; on a narrow screen it is an icon. */
function SearchButton(place: SearchPlace) {
  const open = useScreen(({ search }) => search?.open === true && isPlace(search.place, place));
  return (
    <button
      type="button"
      className="nx-search-button"
      data-nx="search-button"
      aria-label={t("search.open")}
      aria-expanded={open}
      data-tip={t("search.open")}
      data-tip-keys="Ctrl+F"
      onClick={() => openSearch(place)}
    >
      <span className="nx-search-button-words">{t("search.short")}</span>
      <Icon of={Search} size={18} />
    </button>
  );
}

function MembersButton() {
  const over = useScreen((screen) => screen.pane === "members");
  const beside = useSettings((all) => all.membersShown);
  const hidden = useApp((state) => state.openThread !== null);
  const searching = useScreen(({ search }) => search?.open === true);
  const shown = useSyncExternalStore(listenForRoom, () => narrow.matches) ? over : beside && !searching;
  // Where a thread is beside, the members are not.
  if (hidden) return null;
  return (
    <IconButton
      icon={Users}
      label={shown ? t("members.hide") : t("members.show")}
      keys="Ctrl+U"
      aria-expanded={shown}
      onClick={toggleMembers}
    />
  );
}

const narrow = matchMedia("(max-width: 67.99rem)");

function listenForRoom(changed: () => void): () => void {
  narrow.addEventListener("change", changed);
  return () => narrow.removeEventListener("change", changed);
}

/** Beside the messages where there is room; over them where there is not. Where somebody looks for messages they come back. */
export function toggleMembers(): void {
  if (screen.getState().search?.open === true) {
    closeSearch();
    if (narrow.matches) showPane("members");
    else choose({ membersShown: true });
  } else if (narrow.matches) showPane(screen.getState().pane === "members" ? "none" : "members");
  else choose({ membersShown: !settings.getState().membersShown });
}
