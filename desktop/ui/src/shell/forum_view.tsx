import {
  allows,
  type Channel,
  forumPosts,
  type Message,
  myPermissions,
  Permission,
  unread,
} from "@nexus/core";
import { useEffect, useState } from "react";
import { useActions, useApp, useClient, useDerived } from "../app/client.tsx";
import { failureText } from "../app/failure_text.ts";
import { go, pathTo, useRoute } from "../app/route.ts";
import { openDialog } from "../app/screen.ts";
import { relative } from "../i18n/time.ts";
import { t } from "../i18n/translate.ts";
import { Button } from "../parts/button.tsx";
import { Icon } from "../parts/icon.tsx";
import { Archive, CircleAlert, Lock, Newspaper, Pin, Plus } from "../parts/icons.ts";
import { menuAt } from "../parts/menu.tsx";
import { Empty, Tag } from "../parts/notice.tsx";
import { Loading } from "../parts/progress.tsx";
import { useOneLine } from "../rich/one_line.ts";
import { useName } from "../timeline/author.tsx";
import { lastMoment } from "./last_moment.ts";
import { PendingPosts } from "./pending_posts.tsx";
import { useRoving } from "./roving.ts";
import { threadMenu } from "./thread_menu.ts";
import { type Found, useFound } from "./use_found.ts";

/** A forum: its posts, by tag. */
export default function ForumView({ forumId }: { forumId: string }) {
  const actions = useActions();
  const forum = useApp((state) => state.channels[forumId]);
  const [tag, setTag] = useState<string | null>(null);
  const found = useFound(forumId, tag);
  const may = useDerived(
    (state) => [state.channels[forumId], state.roles, state.members, state.guilds],
    (state) => allows(myPermissions(state, forum?.guildId ?? null, forumId), Permission.SEND_MESSAGES),
    [forumId],
  );
  useEffect(() => {
    actions.ack(forumId);
  }, [actions, forumId]);
  if (forum === undefined) return null;
  return (
    <div className="nx-forum">
      <div className="nx-forum-head">
        <TagFilter forum={forum} tag={tag} onTag={setTag} />
        {may ? (
          <Button look="primary" icon={Plus} onClick={() => openDialog({ kind: "new_post", forumId })}>
            {t("forum.new")}
          </Button>
        ) : null}
      </div>
      <Posts forum={forum} tag={tag} found={found} />
    </div>
  );
}

function TagFilter({
  forum,
  tag,
  onTag,
}: {
  forum: Channel;
  tag: string | null;
  onTag: (tag: string | null) => void;
}) {
  const tags = forum.forum?.tags ?? [];
  if (tags.length === 0) return <span />;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for what is filled in
    <div className="nx-tags" role="group" aria-label={t("forum.filter")}>
      <button type="button" className="nx-tag-choice" aria-pressed={tag === null} onClick={() => onTag(null)}>
        {t("forum.all_tags")}
      </button>
      {tags.map((each) => (
        <button
          key={each.id}
          type="button"
          className="nx-tag-choice"
          aria-pressed={tag === each.id}
          onClick={() => onTag(tag === each.id ? null : each.id)}
        >
          {each.emoji === null ? null : <span aria-hidden="true">{each.emoji}</span>}
          <bdi className="nx-clip">{each.name}</bdi>
        </button>
      ))}
    </div>
  );
}

export function Posts({ forum, tag, found }: { forum: Channel; tag: string | null; found: Found }) {
  const posts = useDerived(
    (state) => [state.channels, state.threadsOf, state.roles, state.members],
    (state) => forumPosts(state, forum, tag),
    [forum, tag],
  );
  const roving = useRoving("button.nx-post");
  const waits = useApp((state) => state.pending[forum.id] !== undefined);
  const nothing = posts.length === 0 && !waits && !found.loading && found.failure === null;
  return (
    <>
      {nothing ? (
        <Empty
          icon={Newspaper}
          title={t(tag === null ? "forum.none" : "forum.none_tagged")}
          text={t("forum.none_text")}
        />
      ) : null}
      <ul className="nx-posts" aria-label={t("forum.posts", { name: forum.name })} {...roving}>
        <PendingPosts forum={forum} />
        {posts.map((post) => (
          <PostCard key={post.id} post={post} forum={forum} first={found.first[post.id] ?? null} />
        ))}
      </ul>
      {found.loading ? <Loading /> : null}
      {found.failure === null ? null : (
        <Empty icon={CircleAlert} title={t("forum.failed")} text={failureText(found.failure)}>
          <Button onClick={found.again}>{t("common.retry")}</Button>
        </Empty>
      )}
      {found.hasMore && !found.loading ? (
        <div className="nx-overview-more">
          <Button small onClick={found.more}>
            {t("thread.more")}
          </Button>
        </div>
      ) : null}
    </>
  );
}

function PostCard({ post, forum, first }: { post: Channel; forum: Channel; first: Message | null }) {
  const client = useClient();
  const route = useRoute();
  const facts = post.thread;
  const author = useName({ userId: facts?.ownerId ?? "", guildId: post.guildId });
  // What was written in it just now is in its own window.
  const begun = useApp((state) => state.messages[post.id]?.[post.id]) ?? first;
  const said = useOneLine(post.guildId, begun?.content ?? "");
  const files = begun?.attachments.length ?? 0;
  const text = said === "" && files > 0 ? t("files.sent_alone", { n: files }) : said;
  const news = useDerived(
    (state) => [state.reads[post.id], state.channels[post.id]],
    (state) => unread(state, post.id).unread,
    [post.id],
  );
  if (facts === null) return null;
  const tags = (forum.forum?.tags ?? []).filter((tag) => facts.tags.includes(tag.id));
  const here = route.at === "channel" && route.channelId === post.id;
  return (
    <li>
      <button
        type="button"
        className="nx-post"
        data-nx="post"
        data-new={news && facts.followed ? "" : undefined}
        aria-current={here ? "true" : undefined}
        onClick={() => go(pathTo(post.guildId, post.id))}
        onContextMenu={(event) => menuAt(event, post.name, threadMenu(client, post))}
      >
        <span className="nx-post-title">
          {facts.pinned ? <Icon of={Pin} size={14} /> : null}
          {facts.locked ? <Icon of={Lock} size={14} /> : null}
          <bdi>{post.name}</bdi>
        </span>
        {text === "" ? null : (
          <span className="nx-post-text" dir="auto">
            {text}
          </span>
        )}
        <span className="nx-post-facts">
          {tags.map((tag) => (
            <Tag key={tag.id}>{tag.emoji === null ? tag.name : `${tag.emoji} ${tag.name}`}</Tag>
          ))}
          <bdi>{author}</bdi>
          <span>{t("forum.answers", { n: facts.messageCount })}</span>
          {facts.archived ? (
            <span>
              <Icon of={Archive} size={13} /> {t("thread.away")} {relative(facts.archivedAt)}
            </span>
          ) : (
            <span>{t("thread.last", { when: relative(lastMoment(post)) })}</span>
          )}
        </span>
      </button>
    </li>
  );
}
