import type { State, TimelineItem } from "@nexus/core";
import { EMPTY_TIMELINE, timelineItems } from "@nexus/core";
import { useRef } from "react";
import { useActions, useApp, useDerived } from "../app/client.tsx";
import { t } from "../i18n/translate.ts";
import { Button } from "../parts/button.tsx";
import { ArrowDown, CircleAlert } from "../parts/icons.ts";
import { Empty } from "../parts/notice.tsx";
import { MessageSkeleton, Spinner } from "../parts/progress.tsx";
import { Beginning } from "./beginning.tsx";
import { DayLine, UnreadLine } from "./day_line.tsx";
import { MessageRow } from "./message_row.tsx";
import { PendingRow } from "./pending_row.tsx";
import { useWalk } from "./use_walk.ts";
import { useWindow } from "./use_window.ts";

interface Facts {
  readonly channelId: string;
  readonly name: string;
}

/** A channel's messages. Of however many, only those near the screen are in the page. */
export function Timeline({ channelId, name }: Facts) {
  const timeline = useApp((state) => state.timelines[channelId] ?? EMPTY_TIMELINE);
  const items = useDerived(
    (state) => partsOf(state, channelId),
    (state) => timelineItems(state, channelId),
    [channelId],
  );
  const actions = useActions();
  if (timeline.loading === "first" && items.every((item) => item.kind !== "message")) {
    return <MessageSkeleton rows={9} />;
  }
  if (timeline.error !== null && timeline.ids.length === 0) {
    return (
      <Empty icon={CircleAlert} title={t("talk.load_failed")}>
        <Button onClick={() => void actions.loadPresent(channelId)}>{t("common.retry")}</Button>
      </Empty>
    );
  }
  return <List channelId={channelId} name={name} items={items} />;
}

function partsOf(state: State, channelId: string): readonly unknown[] {
  return [
    state.timelines[channelId],
    state.messages[channelId],
    state.pending[channelId],
    state.reads[channelId]?.divider,
    state.me,
  ];
}

function List({ channelId, name, items }: Facts & { items: readonly TimelineItem[] }) {
  const scroller = useRef<HTMLDivElement>(null);
  const timeline = useApp((state) => state.timelines[channelId] ?? EMPTY_TIMELINE);
  const view = useWindow(scroller, channelId, items);
  const walk = useWalk(scroller, items, view.virtualizer);
  const { virtualizer } = view;
  return (
    <div className="nx-timeline">
      {/* biome-ignore lint/a11y/noStaticElementInteractions: keys walk the messages in it, which have the focus */}
      <div ref={scroller} className="nx-timeline-scroll" onKeyDown={walk.onKeyDown} onScroll={view.onScroll}>
        <div className="nx-timeline-space">{timeline.loading === "older" ? <Spinner size={20} /> : null}</div>
        {/* biome-ignore lint/a11y/useSemanticElements: rows are put in place one by one, which a list's elements do not allow */}
        <div
          className="nx-timeline-rows"
          role="list"
          aria-label={t("talk.messages", { name })}
          aria-description={t("talk.feed_help")}
          style={{ height: virtualizer.getTotalSize() }}
        >
          {virtualizer.getVirtualItems().map((row) => {
            const item = items[row.index];
            if (item === undefined) return null;
            return (
              // biome-ignore lint/a11y/useSemanticElements: as above
              <div
                key={row.key}
                ref={virtualizer.measureElement}
                data-index={row.index}
                data-key={item.key}
                className="nx-timeline-row"
                role="listitem"
                style={{ transform: `translateY(${row.start}px)` }}
              >
                <Item item={item} channelId={channelId} current={walk.current} flash={view.flash} />
              </div>
            );
          })}
        </div>
      </div>
      <Pill view={view} channelId={channelId} detached={timeline.hasNewer} />
    </div>
  );
}

interface ItemFacts {
  readonly item: TimelineItem;
  readonly channelId: string;
  readonly current: string | null;
  readonly flash: string | null;
}

function Item({ item, channelId, current, flash }: ItemFacts) {
  switch (item.kind) {
    case "beginning":
      return <Beginning channelId={channelId} />;
    case "day":
      return <DayLine at={item.at} />;
    case "unread":
      return <UnreadLine />;
    case "pending":
      return <PendingRow pending={item.pending} head={item.head} />;
    case "message":
      return (
        <MessageRow
          message={item.message}
          head={item.head}
          current={item.key === current}
          flash={item.key === flash}
        />
      );
  }
}

/** Back to the present, from wherever one is. */
function Pill({
  view,
  channelId,
  detached,
}: {
  view: ReturnType<typeof useWindow>;
  channelId: string;
  detached: boolean;
}) {
  const actions = useActions();
  if (view.atEnd && !detached) return null;
  const back = async () => {
    if (detached) await actions.loadPresent(channelId);
    view.toEnd();
  };
  const words = view.below > 0 ? t("talk.new_below", { n: view.below }) : t("talk.jump_present");
  return (
    <div className="nx-pill-place">
      <Button
        className="nx-pill"
        small
        look={view.below > 0 ? "primary" : "plain"}
        icon={ArrowDown}
        onClick={() => void back()}
      >
        {words}
      </Button>
    </div>
  );
}
