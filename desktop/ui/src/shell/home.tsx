import { firstChannel, nameOf } from "@nexus/core";
import type { LucideIcon } from "lucide-react";
import { useEffect } from "react";
import { useApp, useDerived } from "../app/client.tsx";
import { LANDING, useLanding } from "../app/landing.ts";
import { go, pathTo } from "../app/route.ts";
import { openDialog } from "../app/screen.ts";
import { UnsaidNotices } from "../composer/unsaid.tsx";
import { LostVoids } from "../composer/voids.tsx";
import { t } from "../i18n/translate.ts";
import { Icon } from "../parts/icon.tsx";
import { ChevronRight, Hash, MessageCircle, Plus, UserPlus } from "../parts/icons.ts";
import { Logo } from "../parts/logo.tsx";
import { Empty } from "../parts/notice.tsx";
import { Loading } from "../parts/progress.tsx";
import { ToastPlace } from "../parts/toast_place.tsx";
import { unreadParts } from "./guild_rail.tsx";
import { HeaderLead } from "./header.tsx";
import { StatusLine } from "./status_line.tsx";

/** Where no channel is open. */
export function Home({ guildId }: { guildId: string | null }) {
  const ready = useApp((state) => state.session.phase === "ready" || state.guildOrder.length > 0);
  useLanding(ready ? guildId : undefined);
  return (
    <main className="nx-main" id="messages" tabIndex={-1}>
      <header className="nx-header">
        <HeaderLead />
      </header>
      <LostVoids />
      <UnsaidNotices />
      {!ready ? <Loading /> : guildId === null ? <Welcome /> : <GuildHome guildId={guildId} />}
      <ToastPlace rank="main" />
      <StatusLine channelId={null} />
    </main>
  );
}

function Welcome() {
  const name = useApp((state) => nameOf(state, state.me ?? "", null)) ?? "";
  return (
    <div className="nx-welcome">
      <Logo size={56} />
      <h1 className="nx-welcome-title" dir="auto" {...LANDING}>
        {t("home.title", { name })}
      </h1>
      <p className="nx-welcome-text">{t("home.text")}</p>
      <div className="nx-welcome-ways">
        <Way
          icon={Plus}
          title={t("home.create")}
          text={t("home.create_text")}
          onClick={() => openDialog({ kind: "create_guild" })}
        />
        <Way
          icon={UserPlus}
          title={t("home.join")}
          text={t("home.join_text")}
          onClick={() => openDialog({ kind: "join_guild" })}
        />
        <Way
          icon={MessageCircle}
          title={t("home.write")}
          text={t("home.write_text")}
          onClick={() => openDialog({ kind: "new_conversation" })}
        />
      </div>
    </div>
  );
}

function Way({
  icon,
  title,
  text,
  onClick,
}: {
  icon: LucideIcon;
  title: string;
  text: string;
  onClick: () => void;
}) {
  return (
    <button type="button" className="nx-way" onClick={onClick}>
      <span className="nx-way-icon">
        <Icon of={icon} size={22} />
      </span>
      <span className="nx-way-words">
        <span className="nx-way-title">{title}</span>
        <span className="nx-way-text">{text}</span>
      </span>
      <Icon of={ChevronRight} size={18} />
    </button>
  );
}

/** A guild without a channel in the address: its first one, as soon as it is known. */
function GuildHome({ guildId }: { guildId: string }) {
  const known = useApp((state) => state.guilds[guildId] !== undefined);
  const first = useDerived(unreadParts, (state) => firstChannel(state, guildId)?.id ?? null, [guildId]);
  useEffect(() => {
    if (first !== null) go(pathTo(guildId, first), true);
  }, [first, guildId]);
  if (!known) return <Empty icon={Hash} title={t("app.not_found")} />;
  return first === null ? (
    <Empty icon={Hash} title={t("channels.none")} text={t("channels.none_text")} />
  ) : (
    <Loading />
  );
}
