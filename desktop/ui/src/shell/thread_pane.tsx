import type { Channel } from "@nexus/core";
import { threadDeeds } from "@nexus/core";
import { useEffect, useLayoutEffect } from "react";
import { useActions, useApp, useClient, useDerived } from "../app/client.tsx";
import { LANDING, useLanding, useLeaving } from "../app/landing.ts";
import { go, pathTo, useRoute } from "../app/route.ts";
import { dropAnswer, screen } from "../app/screen.ts";
import { told } from "../app/wish.ts";
import { Composer } from "../composer/composer.tsx";
import { useDropZone } from "../composer/drop_zone.tsx";
import { Voids } from "../composer/voids.tsx";
import { relative } from "../i18n/time.ts";
import { t } from "../i18n/translate.ts";
import { Button, IconButton } from "../parts/button.tsx";
import { Icon } from "../parts/icon.tsx";
import { Archive, Bell, Ellipsis, Lock, MessagesSquare, X } from "../parts/icons.ts";
import { menuAt } from "../parts/menu.tsx";
import { Banner } from "../parts/notice.tsx";
import { ToastPlace } from "../parts/toast_place.tsx";
import { useJump } from "../timeline/jump.ts";
import { Timeline } from "../timeline/timeline.tsx";
import { GoneThread } from "./gone_view.tsx";
import { StatusLine } from "./status_line.tsx";
import { threadMenu } from "./thread_menu.ts";

/** A thread, beside the channel that it hangs on. */
export function ThreadPane({ threadId }: { threadId: string }) {
  const actions = useActions();
  const jump = useJump();
  const route = useRoute();
  const thread = useApp((state) => state.channels[threadId]);
  const isOpen = useApp((state) => state.openThread === threadId);
  const messageId = route.at === "channel" && route.channelId === threadId ? route.messageId : null;
  // As in a channel: open before it is painted.
  useLayoutEffect(() => {
    void actions.openThread(threadId);
    return () => void actions.openThread(null);
  }, [actions, threadId]);
  useEffect(() => {
    if (messageId !== null) jump(threadId, messageId);
  }, [jump, threadId, messageId]);
  useLanding();
  useLeaving();
  const drop = useDropZone(threadId);
  if (thread === undefined) return <GoneThread threadId={threadId} />;
  const close = () => go(pathTo(thread.guildId, thread.parentId));
  return (
    <aside
      className="nx-thread"
      aria-label={t("thread.label", { name: thread.name })}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || event.defaultPrevented) return;
        event.preventDefault();
        if (screen.getState().replies[threadId] !== undefined) dropAnswer(threadId);
        else close();
      }}
      {...drop.on}
    >
      <ThreadHeader thread={thread} onClose={close} />
      <ThreadNotices thread={thread} />
      {isOpen ? <Timeline channelId={threadId} name={thread.name} /> : <div className="nx-timeline" />}
      <Voids channelId={threadId} />
      <ToastPlace rank="thread" />
      <Composer channelId={threadId} />
      <StatusLine channelId={threadId} />
      {drop.overlay}
    </aside>
  );
}

function ThreadHeader({ thread, onClose }: { thread: Channel; onClose: () => void }) {
  const client = useClient();
  const followed = thread.thread?.followed === true;
  return (
    <header className="nx-header">
      <span className="nx-header-icon">
        <Icon of={thread.thread?.private === true ? Lock : MessagesSquare} size={20} />
      </span>
      <h2 className="nx-header-name nx-clip" {...LANDING}>
        <bdi>{thread.name}</bdi>
      </h2>
      <span className="nx-header-space" />
      <div className="nx-header-acts">
        <IconButton
          icon={Bell}
          label={t("thread.follow")}
          pressed={followed}
          onClick={() => void told(client.actions.followThread(thread.id, !followed))}
        />
        <IconButton
          icon={Ellipsis}
          label={t("thread.menu")}
          aria-haspopup="menu"
          onClick={(event) => menuAt(event, t("thread.menu"), threadMenu(client, thread))}
        />
        <IconButton icon={X} label={t("thread.close")} keys="Esc" onClick={onClose} />
      </div>
    </header>
  );
}

/** That it was put away, or is locked. */
export function ThreadNotices({ thread }: { thread: Channel }) {
  const actions = useActions();
  const deeds = useDerived(
    (state) => [state.channels, state.roles, state.members, state.guilds],
    (state) => threadDeeds(state, thread),
    [thread],
  );
  const facts = thread.thread;
  if (facts === null || !(facts.archived || facts.locked)) return null;
  return (
    <div className="nx-thread-notices">
      {facts.archived ? (
        <Banner
          icon={Archive}
          acts={
            deeds.edit ? (
              <Button small onClick={() => void told(actions.editThread(thread.id, { archived: false }))}>
                {t("thread.take_out")}
              </Button>
            ) : undefined
          }
        >
          {t("thread.away_banner", { when: relative(facts.archivedAt) })}
        </Banner>
      ) : null}
      {facts.locked ? <Banner icon={Lock}>{t("thread.locked_banner")}</Banner> : null}
    </div>
  );
}
