import { type Channel, type Id, type MoveTarget, mayBegin } from "@nexus/core";
import { useId } from "react";
import { useClient } from "../app/client.tsx";
import { failureText } from "../app/failure_text.ts";
import { t } from "../i18n/translate.ts";
import { Button } from "../parts/button.tsx";
import { Icon } from "../parts/icon.tsx";
import { Archive, Check, CircleAlert, MessagesSquare } from "../parts/icons.ts";
import { Banner, Empty } from "../parts/notice.tsx";
import { Loading } from "../parts/progress.tsx";
import { HitRow, type HitRowFacts } from "./hit_row.tsx";
import { matched } from "./matched.tsx";
import { PickBox } from "./pick_box.tsx";
import type { Away } from "./use_away.ts";
import { useWalk } from "./walk_hits.ts";

interface Facts {
  readonly home: Channel;
  readonly hits: readonly MoveTarget[];
  readonly query: string;
  readonly chosen: Id | null;
  readonly away: Away;
  readonly onQuery: (query: string) => void;
  readonly onChosen: (threadId: Id) => void;
}

/** Into which thread: looked for by a few letters. The box keeps the keyboard; arrows walk the list. */
export function MoveTargets({ home, hits, query, chosen, away, onQuery, onChosen }: Facts) {
  const id = useId();
  const pick = (hit: MoveTarget | undefined) => hit !== undefined && onChosen(hit.thread.id);
  const walk = useWalk(hits.length, (at) => pick(hits[at]));
  return (
    <div className="nx-pick-to">
      <PickBox
        label={t("move.find")}
        hint={t("move.find_hint", { channel: home.name })}
        query={query}
        id={id}
        count={hits.length}
        walk={walk}
        onQuery={onQuery}
      />
      <div className="nx-pick-room">
        <div
          className="nx-pick-list"
          id={`${id}-list`}
          role="listbox"
          aria-label={t("move.threads", { channel: home.name })}
        >
          {hits.map((hit, index) => (
            <Option
              key={hit.thread.id}
              id={`${id}-${index}`}
              hit={hit}
              active={index === walk.active}
              chosen={hit.thread.id === chosen}
              onActive={() => walk.reach(index)}
              onPick={() => pick(hit)}
            />
          ))}
        </div>
        <More home={home} away={away} none={hits.length === 0} sought={query.trim() !== ""} />
      </div>
      <span className="nx-hidden" role="status">
        {query === "" ? "" : t("move.found", { n: hits.length })}
      </span>
    </div>
  );
}

function Option({ hit: { thread, at }, ...row }: HitRowFacts & { readonly hit: MoveTarget }) {
  const isAway = thread.thread?.archived === true;
  return (
    <HitRow {...row}>
      <span className="nx-hit-mark">
        <Icon of={isAway ? Archive : MessagesSquare} size={20} />
      </span>
      <bdi className="nx-hit-name nx-clip">{matched(thread.name, at)}</bdi>
      <span className="nx-hit-fact">
        {isAway ? t("thread.away") : t("thread.messages", { n: thread.thread?.messageCount ?? 0 })}
      </span>
      <span className="nx-hit-chosen">{row.chosen ? <Icon of={Check} size={18} /> : null}</span>
    </HitRow>
  );
}

interface MoreFacts {
  readonly home: Channel;
  readonly away: Away;
  readonly none: boolean;
  readonly sought: boolean;
}

/** What there is to say of threads that are not in the list: they are looked for, there are more, or there are none. */
function More({ home, away, none, sought }: MoreFacts) {
  const { store } = useClient();
  if (away.failure !== null) {
    return (
      <Banner
        tone="danger"
        icon={CircleAlert}
        acts={
          <Button small onClick={away.again}>
            {t("common.retry")}
          </Button>
        }
      >
        {failureText(away.failure)}
      </Banner>
    );
  }
  if (away.loading) return <Loading label={t("move.looking")} />;
  return (
    <>
      {none && sought ? <p className="nx-pick-none">{t("thread.none_found")}</p> : null}
      {none && !sought ? (
        <Empty
          icon={MessagesSquare}
          title={t("move.none", { channel: home.name })}
          text={t(mayBegin(store.getState(), home).public ? "move.none_text" : "move.none_closed")}
        />
      ) : null}
      {away.more.map(({ id }) => (
        <Button key={id} small onClick={() => away.loadMore(id)}>
          {t("thread.more")}
        </Button>
      ))}
    </>
  );
}
