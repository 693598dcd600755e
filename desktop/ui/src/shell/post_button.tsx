import type { Channel, ForumTag, ThreadFacts } from "@nexus/core";
import type { ReactNode } from "react";
import { useClient } from "../app/client.tsx";
import { go, pathTo } from "../app/route.ts";
import { relative } from "../i18n/time.ts";
import { t } from "../i18n/translate.ts";
import { cx } from "../parts/classes.ts";
import { Icon } from "../parts/icon.tsx";
import { Archive, Lock, Pin } from "../parts/icons.ts";
import { menuAt } from "../parts/menu.tsx";
import { Tag } from "../parts/notice.tsx";
import { lastMoment } from "./last_moment.ts";
import { threadMenu } from "./thread_menu.ts";
import type { ShownPost } from "./use_post.ts";

interface ButtonFacts {
  readonly post: Channel;
  readonly shown: ShownPost;
  readonly look?: string;
  readonly children: ReactNode;
}

/** All of a post is one button, which opens it. */
export function PostButton({ post, shown, look, children }: ButtonFacts) {
  const client = useClient();
  return (
    <button
      type="button"
      className={cx("nx-post", look)}
      data-nx="post"
      data-new={shown.isNew ? "" : undefined}
      aria-current={shown.isHere ? "true" : undefined}
      onClick={() => go(pathTo(post.guildId, post.id))}
      onContextMenu={(event) => menuAt(event, post.name, threadMenu(client, post))}
    >
      {children}
    </button>
  );
}

export function PostTitle({ name, facts }: { name: string; facts: ThreadFacts }) {
  return (
    <span className="nx-post-title">
      {facts.pinned ? <Icon of={Pin} size={14} /> : null}
      {facts.locked ? <Icon of={Lock} size={14} /> : null}
      <bdi>{name}</bdi>
    </span>
  );
}

export function PostTags({ tags }: { tags: readonly ForumTag[] }) {
  return tags.map((tag) => (
    <Tag key={tag.id}>{tag.emoji === null ? tag.name : `${tag.emoji} ${tag.name}`}</Tag>
  ));
}

/** When something was last said in it, or since when it is put away. */
export function PostMoment({ post, facts }: { post: Channel; facts: ThreadFacts }) {
  if (!facts.archived) return <span>{t("thread.last", { when: relative(lastMoment(post)) })}</span>;
  return (
    <span>
      <Icon of={Archive} size={13} /> {t("thread.away")} {relative(facts.archivedAt)}
    </span>
  );
}
