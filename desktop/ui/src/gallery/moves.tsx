import { type Message, moveTargets, type State } from "@nexus/core";
import { useState } from "react";
import { MovedBar } from "../composer/reply_bar.tsx";
import { MoveAlong } from "../dialogs/move_along.tsx";
import { MoveNotices } from "../dialogs/move_notices.tsx";
import { MoveTargets } from "../dialogs/move_targets.tsx";
import type { Away } from "../dialogs/use_away.ts";
import { MessageRow } from "../timeline/message_row.tsx";
import { GENERAL, GUILD, holding, message, sample, THREAD, thread } from "./sample.ts";
import { Section, Specimen } from "./scene.tsx";

const MOVED: readonly (readonly [string, Message])[] = [
  ["moved here", message(1, { channelId: THREAD, movedFrom: GENERAL })],
  [
    "moved here late, pinned, of a long name",
    message(2, { channelId: THREAD, authorId: "5", movedFrom: "2002", late: true, pinned: true }),
  ],
  [
    "tells of what was moved here",
    message(3, { channelId: THREAD, kind: "brought", brought: { from: GENERAL, count: 3 } }),
  ],
  [
    "tells of one from a long name",
    message(4, { channelId: THREAD, authorId: "5", kind: "brought", brought: { from: "2002", count: 1 } }),
  ],
];

const TALK = [1, 2, 3, 4].map((each) => message(each, each === 4 ? { content: "W".repeat(400) } : {}));
const HELD = holding(TALK);
const NOTHING = sample({ threadsOf: {} });
const MANY = withThreads(100);
const OFFLINE = sample({
  session: { phase: "offline", since: 0, attempt: 3, retryAt: Date.UTC(2100, 0, 1) },
});
const never = () => {};
const AWAY: Away = { loading: false, failure: null, more: [], loadMore: never, again: never };
const UNREACHED = {
  kind: "offline",
  message: "",
  status: 0,
  code: 0,
  retryAfter: null,
  fields: {},
} as const;

function withThreads(count: number): State {
  const state = sample();
  const all = Array.from({ length: count }, (_, at) => thread(`${9_000 + at}`, `Watch ${at + 1}`, {}));
  return {
    ...state,
    channels: { ...state.channels, ...Object.fromEntries(all.map((each) => [each.id, each])) },
    threadsOf: { [GUILD]: all.map(({ id }) => id) },
  };
}

function Targets({ state, away = AWAY, query = "" }: { state: State; away?: Away; query?: string }) {
  const [chosen, setChosen] = useState<string | null>(THREAD);
  const home = state.channels[GENERAL];
  if (home === undefined) return null;
  const hits = moveTargets(state, home, message(2), query);
  return (
    <MoveTargets
      home={home}
      hits={hits}
      query={query}
      chosen={chosen}
      away={away}
      onQuery={never}
      onChosen={setChosen}
    />
  );
}

function Along({ upTo }: { upTo: string | null }) {
  const [last, setLast] = useState(upTo);
  return <MoveAlong channelId={GENERAL} along={TALK.map(({ id }) => id)} upTo={last} onUpTo={setLast} />;
}

/** Messages that are moved into threads, in every state. */
export function Moves() {
  const more = HELD.channels[GENERAL];
  return (
    <Section title="Messages that are moved">
      {MOVED.map(([name, each]) => (
        <Specimen key={name} name={`message, ${name}`} state={HELD}>
          <MessageRow message={each} head current={false} flash={false} />
        </Specimen>
      ))}
      <Specimen name="threads to move into" state={HELD}>
        <Targets state={HELD} />
      </Specimen>
      <Specimen name="threads to move into, by letters" state={HELD}>
        <Targets state={HELD} query="mast" />
      </Specimen>
      <Specimen name="threads to move into, a hundred" state={MANY}>
        <Targets state={MANY} />
      </Specimen>
      <Specimen name="threads to move into, none by that name" state={HELD}>
        <Targets state={HELD} query="zzz" />
      </Specimen>
      <Specimen name="threads to move into, none yet" state={NOTHING}>
        <Targets state={NOTHING} />
      </Specimen>
      <Specimen name="threads to move into, looked for" state={NOTHING}>
        <Targets state={NOTHING} away={{ ...AWAY, loading: true }} />
      </Specimen>
      <Specimen name="threads to move into, not reached" state={HELD}>
        <Targets state={HELD} away={{ ...AWAY, failure: UNREACHED }} />
      </Specimen>
      <Specimen name="threads to move into, more of them" state={HELD}>
        <Targets state={HELD} away={{ ...AWAY, more: more === undefined ? [] : [more] }} />
      </Specimen>
      <Specimen name="moved alone, or with what comes after it" state={HELD}>
        <Along upTo={null} />
      </Specimen>
      <Specimen name="moved with what comes after it" state={HELD}>
        <Along upTo={TALK.at(-1)?.id ?? null} />
      </Specimen>
      <Specimen name="moving, not reached and refused" state={OFFLINE}>
        <MoveNotices gone={false} failure="You may not move messages here, or not write in that thread." />
      </Specimen>
      <Specimen name="moving, gone meanwhile" state={HELD}>
        <MoveNotices gone failure={null} />
      </Specimen>
      <Specimen name="answering what was moved" state={HELD}>
        <MovedBar channelId={GENERAL} place={THREAD} messageId="9" />
      </Specimen>
    </Section>
  );
}
