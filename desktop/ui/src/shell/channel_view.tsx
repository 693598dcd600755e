import { channelName, holdsPosts } from "@nexus/core";
import { lazy, Suspense, useEffect, useLayoutEffect } from "react";
import { useActions, useApp } from "../app/client.tsx";
import { useLanding } from "../app/landing.ts";
import { LATER } from "../app/later.ts";
import { useRoute } from "../app/route.ts";
import { Composer } from "../composer/composer.tsx";
import { useDropZone } from "../composer/drop_zone.tsx";
import { UnsaidNotices } from "../composer/unsaid.tsx";
import { Voids } from "../composer/voids.tsx";
import { Loading } from "../parts/progress.tsx";
import { ToastPlace } from "../parts/toast_place.tsx";
import { useJump } from "../timeline/jump.ts";
import { Timeline } from "../timeline/timeline.tsx";
import { ConnectionBanner } from "./connection_banner.tsx";
import { ContestedBanner } from "./contested_banner.tsx";
import { ChannelHeader } from "./header.tsx";
import { wasIn } from "./last_place.ts";
import { StatusLine } from "./status_line.tsx";

const ForumView = lazy(LATER.forum);

/** A channel: what was said in it, and where to say more. */
export function ChannelView({ channelId }: { channelId: string }) {
  const actions = useActions();
  const jump = useJump();
  const route = useRoute();
  const channel = useApp((state) => state.channels[channelId]);
  const name = useApp((state) => (channel === undefined ? "" : channelName(state, channel)));
  // A thread beside it tells what was to be said in it.
  const threadId = route.at === "channel" && route.channelId !== channelId ? route.channelId : null;
  const messageId = route.at === "channel" && route.channelId === channelId ? route.messageId : null;

  // Its messages are drawn once it is open, and before anything is painted: what is on the screen is read, and where one
  // had stopped reading must be known by then.
  const isOpen = useApp((state) => state.openChannel === channelId);
  useLayoutEffect(() => {
    void actions.openChannel(channelId);
    return () => void actions.openChannel(null);
  }, [actions, channelId]);
  useEffect(() => {
    if (messageId !== null) jump(channelId, messageId);
  }, [jump, channelId, messageId]);
  useLanding();
  const drop = useDropZone(channelId);
  const guildId = channel?.guildId ?? null;
  useEffect(() => {
    if (guildId !== null) wasIn(guildId, channelId);
  }, [guildId, channelId]);

  if (holdsPosts(channel)) {
    return (
      <main className="nx-main" id="messages" tabIndex={-1}>
        <ChannelHeader channelId={channelId} />
        <ConnectionBanner />
        <UnsaidNotices />
        <Suspense fallback={<Loading />}>
          <ForumView forumId={channelId} />
        </Suspense>
        <ToastPlace rank="main" />
        <StatusLine channelId={null} />
      </main>
    );
  }
  return (
    <main className="nx-main" id="messages" tabIndex={-1} {...drop.on}>
      <ChannelHeader channelId={channelId} />
      <ConnectionBanner />
      {guildId === null ? null : <ContestedBanner guildId={guildId} />}
      {isOpen ? <Timeline channelId={channelId} name={name} /> : <div className="nx-timeline" />}
      <Voids channelId={channelId} />
      <UnsaidNotices except={threadId} />
      <ToastPlace rank="main" />
      <Composer channelId={channelId} />
      <StatusLine channelId={channelId} />
      {drop.overlay}
    </main>
  );
}
