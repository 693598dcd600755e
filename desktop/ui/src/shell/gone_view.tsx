import type { Gone } from "@nexus/core";
import { useEffect } from "react";
import { announceNow } from "../app/announcer.tsx";
import { useApp } from "../app/client.tsx";
import { isLost, LANDING, land } from "../app/landing.ts";
import { go, pathTo } from "../app/route.ts";
import { DraftLeft, UnsaidNotices } from "../composer/unsaid.tsx";
import { LostVoids } from "../composer/voids.tsx";
import { rich } from "../i18n/rich.tsx";
import { t } from "../i18n/translate.ts";
import { Button, IconButton } from "../parts/button.tsx";
import { Icon } from "../parts/icon.tsx";
import { LogOut, X } from "../parts/icons.ts";
import { ToastPlace } from "../parts/toast_place.tsx";
import { ConnectionBanner } from "./connection_banner.tsx";
import { goneText, goneTitle } from "./gone_words.ts";
import { HeaderLead } from "./header.tsx";
import { StatusLine } from "./status_line.tsx";

/** Where somebody was who was put out, or what they looked at was deleted or closed to them: nobody is led elsewhere unasked. */
export function GoneView({ place }: { place: Gone }) {
  const inGuild = useApp((state) => (place.kind === "guild" ? null : state.guilds[place.guildId ?? ""]));
  return (
    <main className="nx-main" id="messages" tabIndex={-1}>
      <header className="nx-header">
        <HeaderLead />
      </header>
      <ConnectionBanner />
      <GoneWords place={place} level="h1">
        {inGuild == null ? (
          <Button look="primary" onClick={() => go(pathTo(null))}>
            {t("gone.to_talks")}
          </Button>
        ) : (
          <Button look="primary" onClick={() => go(pathTo(inGuild.id))}>
            {rich("gone.to_guild", { name: <bdi>{inGuild.name}</bdi> })}
          </Button>
        )}
      </GoneWords>
      <LostVoids />
      {place.how === "closed" ? <DraftLeft channelId={place.id} /> : <UnsaidNotices />}
      <ToastPlace rank="main" />
      <StatusLine channelId={null} />
    </main>
  );
}

/** The same of a thread, beside the channel that it hung on. */
export function GoneThread({ threadId }: { threadId: string }) {
  const place = useApp((state) => state.gone.find(({ id }) => id === threadId));
  if (place === undefined) return null;
  const close = () => go(pathTo(place.guildId, place.parentId));
  return (
    <aside
      className="nx-thread"
      aria-label={t("thread.label", { name: place.name })}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || event.defaultPrevented) return;
        event.preventDefault();
        close();
      }}
    >
      <header className="nx-header">
        <div className="nx-header-acts">
          <IconButton icon={X} label={t("thread.close")} keys="Esc" onClick={close} />
        </div>
      </header>
      <GoneWords place={place} level="h2">
        <Button look="primary" onClick={close}>
          {t("thread.close")}
        </Button>
      </GoneWords>
      <UnsaidNotices only={threadId} />
      <ToastPlace rank="thread" />
      <StatusLine channelId={null} />
    </aside>
  );
}

interface WordsFacts {
  readonly place: Gone;
  readonly level: "h1" | "h2";
  readonly children: React.ReactNode;
}

function GoneWords({ place, level: Heading, children }: WordsFacts) {
  const title = goneTitle(place);
  // Said once: as the heading that the keyboard comes to, or aloud, where the keyboard is elsewhere and stays there.
  useEffect(() => {
    if (isLost() || document.activeElement?.matches("main") === true) land();
    else announceNow(t(title, { name: place.name }));
  }, [title, place.name]);
  return (
    <div className="nx-gone" data-nx="gone">
      <div className="nx-empty">
        <span className="nx-empty-icon">
          <Icon of={LogOut} size={28} />
        </span>
        <Heading className="nx-empty-title" {...LANDING}>
          {rich(title, { name: <bdi>{place.name}</bdi> })}
        </Heading>
        <p className="nx-empty-text">{goneText(place)}</p>
        {children}
      </div>
    </div>
  );
}
