import { allows, goneAt, myPermissions, Permission, type SearchPlace, type State } from "@nexus/core";
import { lazy, Suspense, useEffect, useRef } from "react";
import { useActions, useApp, useDerived } from "../app/client.tsx";
import { useLanding } from "../app/landing.ts";
import { LATER } from "../app/later.ts";
import { go, type Route } from "../app/route.ts";
import { closeSearch, endSearch, isPlace, showPane, useScreen } from "../app/screen.ts";
import { useSettings } from "../app/settings.ts";
import { t } from "../i18n/translate.ts";
import { cx } from "../parts/classes.ts";
import { ToastPlace } from "../parts/toast_place.tsx";
import { ChannelView } from "./channel_view.tsx";
import { ConversationList } from "./conversation_list.tsx";
import { GoneView } from "./gone_view.tsx";
import { GuildRail } from "./guild_rail.tsx";
import { GuildSide } from "./guild_side.tsx";
import { Home } from "./home.tsx";
import { isNowhere } from "./last_place.ts";
import { MemberList } from "./member_list.tsx";
import { ThreadPane } from "./thread_pane.tsx";
import { UserBar } from "./user_bar.tsx";

const SearchPanel = lazy(LATER.search);

/** A channel that was closed to one is gone from the screen too, whatever of it is remembered. */
function isSeen(state: State, guildId: string | null, channelId: string): boolean {
  if (state.channels[channelId] === undefined) return false;
  return guildId === null || allows(myPermissions(state, guildId, channelId), Permission.VIEW_CHANNEL);
}

/** Where one looks for messages from there. */
function placeOf(guildId: string | null, channelId: string | null): SearchPlace | null {
  if (guildId !== null) return { kind: "guild", id: guildId };
  return channelId === null ? null : { kind: "conversation", id: channelId };
}

/** What tells whether a place is gone. */
function goneParts(state: State): readonly unknown[] {
  return [state.gone, state.guilds, state.channels, state.roles, state.members];
}

function parentOf(state: State, channelId: string): string | null {
  const channel = state.channels[channelId] ?? state.gone.find(({ id }) => id === channelId);
  const parentId = channel?.kind === "thread" ? channel.parentId : null;
  return parentId !== null && state.channels[parentId] !== undefined ? parentId : null;
}

/** An address may lead to a thread that was put away, of which nothing is known here yet: it is asked for, once. */
function useUnknownThread(guildId: string | null, channelId: string | null): void {
  const actions = useActions();
  const ready = useApp(
    (state) => state.session.phase === "ready" && state.guilds[guildId ?? ""] !== undefined,
  );
  useEffect(() => {
    if (ready && channelId !== null) void actions.loadThread(channelId);
  }, [actions, ready, channelId]);
}

/** Where one is, with all of its sides. On a narrow screen the sides lie over the middle when they are wanted. */
export function Shell({ route }: { route: Extract<Route, { at: "home" | "channel" }> }) {
  const pane = useScreen((screen) => screen.pane);
  const wanted = useSettings((all) => all.membersShown);
  const guildId = route.at === "channel" ? route.guildId : null;
  const asked = route.at === "channel" ? route.channelId : null;
  // The address of a thread shows it beside the channel that it hangs on.
  const parentId = useApp((state) => (asked === null ? null : parentOf(state, asked)));
  const [channelId, threadId] = parentId === null ? [asked, null] : [parentId, asked];
  const known = useApp((state) => channelId !== null && isSeen(state, guildId, channelId));
  const gone = useDerived(goneParts, (state) => goneAt(state, guildId, channelId), [guildId, channelId]);
  const inGuild = useApp((state) => guildId === null || state.guilds[guildId] !== undefined);
  const wasIn = useRef<string | null>(null);
  const search = useScreen((screen) => screen.search);
  const place = placeOf(guildId, channelId);
  const lookedFor = search !== null && place !== null && isPlace(search.place, place) ? search : null;
  // Beside the talk is room for one: what is looked for, else a thread, else the members.
  const searching = lookedFor?.open === true && known;
  const withThread = known && threadId !== null && !searching;
  const withMembers = guildId !== null && channelId !== null && known && threadId === null && !searching;
  useUnknownThread(guildId, known || gone !== null ? null : channelId);
  const nowhere = useApp(isNowhere);
  // Where there is nothing to choose from yet, what one may do is in the middle.
  const atRest = channelId === null && !nowhere ? "channels" : "none";

  // biome-ignore lint/correctness/useExhaustiveDependencies: another channel closes what lay over the last one
  useEffect(() => {
    showPane(atRest);
  }, [atRest, channelId, threadId, guildId]);

  useLanding(pane);

  // A thread that is gone to takes the place of the search; another guild or conversation, and whoever comes next, has a
  // search of their own.
  useEffect(() => {
    if (threadId !== null) closeSearch();
  }, [threadId]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: every place that is left
  useEffect(() => endSearch, [place?.kind, place?.id]);

  // Who has left the guild they look at is not left standing before nothing; who was put out is told so there.
  const isTold = gone !== null;
  useEffect(() => {
    if (inGuild) wasIn.current = guildId;
    else if (!isTold && guildId !== null && wasIn.current === guildId) go("/", true);
  }, [inGuild, isTold, guildId]);
  const beside = gone?.kind === "guild" ? null : guildId;

  return (
    <div
      className={cx(
        "nx-shell",
        withMembers && wanted && "nx-shell-members",
        withThread && "nx-shell-thread",
        searching && "nx-shell-search",
      )}
      data-pane={pane}
    >
      <a className="nx-skip" href="#messages">
        {t("skip.messages")}
      </a>
      <div className="nx-side" data-nx="side" inert={false}>
        <GuildRail guildId={beside} />
        <div className="nx-side-column">
          {beside === null ? (
            <ConversationList channelId={channelId} />
          ) : (
            <GuildSide guildId={beside} channelId={asked} />
          )}
          <ToastPlace rank="side" />
          <UserBar guildId={beside} />
        </div>
      </div>
      {channelId !== null && known ? (
        <ChannelView key={channelId} channelId={channelId} />
      ) : gone !== null ? (
        <GoneView key={gone.id} place={gone} />
      ) : (
        <Home guildId={guildId} />
      )}
      {withThread ? <ThreadPane key={threadId} threadId={threadId} /> : null}
      {lookedFor === null ? null : (
        <Suspense fallback={null}>
          <SearchPanel place={lookedFor.place} open={searching} turn={lookedFor.turn} />
        </Suspense>
      )}
      {withMembers ? <MemberList key={guildId} guildId={guildId} channelId={channelId} /> : null}
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: Escape does the same */}
      {/* biome-ignore lint/a11y/noStaticElementInteractions: what lies beside a pane closes it */}
      <div className="nx-scrim" onClick={() => showPane(atRest)} />
    </div>
  );
}
