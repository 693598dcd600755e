import { nameOf, type Status } from "@nexus/core";
import { memo } from "react";
import { useActions, useApp } from "../app/client.tsx";
import { openCard, openDialog } from "../app/screen.ts";
import { t } from "../i18n/translate.ts";
import { Avatar, StatusDot, statusWord } from "../parts/avatar.tsx";
import { IconButton } from "../parts/button.tsx";
import { Settings } from "../parts/icons.ts";
import { type MenuEntry, menuAt } from "../parts/menu.tsx";

const CHOICES: readonly Status[] = ["online", "idle", "dnd", "offline"];

/** Oneself. */
export const UserBar = memo(function UserBar({ guildId }: { guildId: string | null }) {
  const actions = useActions();
  const me = useApp((state) => state.me) ?? "";
  const name = useApp((state) => nameOf(state, me, guildId)) ?? "";
  const username = useApp((state) => state.users[me]?.username ?? "");
  const live = useApp((state) => state.session.phase === "ready");
  const mine = useApp((state) => state.presences[me]?.status ?? "online");
  const status = live ? mine : "offline";
  const entries: readonly MenuEntry[] = CHOICES.map((choice) => ({
    label: choice === "offline" ? t("status.invisible") : statusWord(choice),
    mark: <StatusDot status={choice} />,
    checked: mine === choice,
    act: () => actions.setStatus(choice),
  }));
  return (
    <section className="nx-user-bar" aria-label={t("me.label")}>
      <button
        type="button"
        className="nx-user-bar-face"
        aria-label={t("me.status", { status: statusWord(status) })}
        aria-haspopup="menu"
        data-tip={t("me.status", { status: statusWord(status) })}
        onClick={(event) => menuAt(event, t("me.status", { status: statusWord(status) }), entries)}
      >
        <Avatar id={me} name={name} size={32} status={status} />
      </button>
      <button
        type="button"
        className="nx-user-bar-words"
        onClick={(event) => openCard(event.currentTarget, me, guildId)}
      >
        <bdi className="nx-user-bar-name nx-clip">{name}</bdi>
        <span className="nx-user-bar-status nx-clip">
          {username === name ? statusWord(status) : username}
        </span>
      </button>
      <IconButton
        icon={Settings}
        label={t("me.settings")}
        keys="Ctrl+,"
        onClick={() => openDialog({ kind: "settings" })}
      />
    </section>
  );
});
