import type { State } from "@nexus/core";
import { TagChoices } from "../dialogs/new_post.tsx";
import { People } from "../dialogs/thread_people.tsx";
import { ThreadList } from "../dialogs/threads_dialog.tsx";
import type { Away } from "../dialogs/use_away.ts";
import ForumView, { Posts } from "../shell/forum_view.tsx";
import { ThreadNotices, ThreadPane } from "../shell/thread_pane.tsx";
import { ThreadRows } from "../shell/thread_rows.tsx";
import { ThreadChip } from "../timeline/thread_chip.tsx";
import { FORUM, GENERAL, GUILD, holding, message, newFile, pending, sample, THREAD } from "./sample.ts";
import { Section, Specimen } from "./scene.tsx";

const STATE = sample();
const NOTHING = sample({ threadsOf: {} });
const OFFLINE = {
  kind: "offline",
  message: "",
  status: 0,
  code: 0,
  retryAfter: null,
  fields: {},
} as const;
/** A post that waits, one whose files are on their way, and one that was refused. */
const POSTING = sample({
  threadsOf: {},
  pending: {
    [FORUM]: (["queued", "sending", "failed"] as const).map((state) =>
      pending({
        nonce: state,
        channelId: FORUM,
        content: "",
        state,
        makes: { kind: "post", post: { name: "The mast, from below", content: "", tags: ["1"] } },
        files: [newFile("1"), newFile("2", { name: "plan.txt", kind: "text/plain", spoiler: true })],
      }),
    ),
  },
  uploads: { sending: 0.4 },
});
const never = () => {};
const AWAY: Away = { loading: false, failure: null, more: [], loadMore: never, again: never };
const FOUND = { loading: false, failure: null, hasMore: false, first: {}, more: never, again: never };

function channelOf(state: State, id: string) {
  const channel = state.channels[id];
  if (channel === undefined) throw new Error("the sample has no such channel");
  return channel;
}

/** Threads and forums in every state. */
export function Threads() {
  const forum = channelOf(STATE, FORUM);
  const list = { guildId: GUILD, channelId: null, query: "", onGo: never, away: AWAY };
  return (
    <>
      <Section title="Threads">
        <Specimen name="thread, at its message" state={holding([message(1)])}>
          <ThreadChip message={message(1)} reached />
        </Specimen>
        <Specimen name="threads below a channel, one put away" state={STATE}>
          <ThreadRows channel={channelOf(STATE, GENERAL)} here={THREAD} />
        </Specimen>
        <Specimen name="thread, put away and locked" state={STATE}>
          <ThreadNotices thread={channelOf(STATE, "2101")} />
        </Specimen>
        <Specimen name="thread, beside" state={sample({ openThread: THREAD })} framed="column">
          <ThreadPane threadId={THREAD} />
        </Specimen>
        {(["followed", "active", "away"] as const).map((which) => (
          <Specimen key={which} name={`threads, ${which}`} state={STATE}>
            <ThreadList {...list} which={which} />
          </Specimen>
        ))}
        {(["followed", "active", "away"] as const).map((which) => (
          <Specimen key={which} name={`threads, none ${which}`} state={NOTHING}>
            <ThreadList {...list} which={which} />
          </Specimen>
        ))}
        <Specimen name="who follows a thread" state={STATE}>
          <People threadId={THREAD} guildId={GUILD} followers={["2", "5"]} />
        </Specimen>
        <Specimen name="who is in a private thread" state={STATE}>
          <People threadId="2102" guildId={GUILD} followers={["2", "5"]} />
        </Specimen>
        <Specimen name="threads, looked for" state={NOTHING}>
          <ThreadList {...list} which="away" away={{ ...AWAY, loading: true }} />
        </Specimen>
        <Specimen name="threads, not reached" state={NOTHING}>
          <ThreadList {...list} which="away" away={{ ...AWAY, failure: OFFLINE }} />
        </Specimen>
        <Specimen name="threads, more of them" state={STATE}>
          <ThreadList {...list} which="away" away={{ ...AWAY, more: [channelOf(STATE, GENERAL)] }} />
        </Specimen>
      </Section>
      <Section title="Forums">
        <Specimen name="forum" state={STATE} framed="column">
          <ForumView forumId={FORUM} />
        </Specimen>
        <Specimen name="forum, no posts" state={NOTHING}>
          <Posts forum={forum} tag={null} found={FOUND} />
        </Specimen>
        <Specimen name="forum, more posts" state={STATE}>
          <Posts forum={forum} tag={null} found={{ ...FOUND, hasMore: true }} />
        </Specimen>
        <Specimen name="forum, not reached" state={NOTHING}>
          <Posts forum={forum} tag={null} found={{ ...FOUND, failure: OFFLINE }} />
        </Specimen>
        <Specimen name="forum, posts on their way" state={POSTING}>
          <Posts forum={forum} tag={null} found={FOUND} />
        </Specimen>
        <Specimen name="tags to choose" state={STATE}>
          <TagChoices tags={forum.forum?.tags ?? []} chosen={["1"]} hint="Choose one." onToggle={never} />
        </Specimen>
      </Section>
    </>
  );
}
