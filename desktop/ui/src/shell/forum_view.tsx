import { allows, type Channel, forumPosts, myPermissions, Permission } from "@nexus/core";
import { useEffect, useState } from "react";
import { useActions, useApp, useDerived } from "../app/client.tsx";
import { failureText } from "../app/failure_text.ts";
import { openDialog } from "../app/screen.ts";
import { t } from "../i18n/translate.ts";
import { Button } from "../parts/button.tsx";
import { channelIcon } from "../parts/channel_icon.ts";
import { cx } from "../parts/classes.ts";
import { CircleAlert, Plus } from "../parts/icons.ts";
import { Empty } from "../parts/notice.tsx";
import { Loading } from "../parts/progress.tsx";
import { PendingPosts } from "./pending_posts.tsx";
import { PostCard } from "./post_card.tsx";
import { PostRow } from "./post_row.tsx";
import { useRoving } from "./roving.ts";
import { type Found, useFound } from "./use_found.ts";

/** A forum or a media channel: its posts, by tag. */
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

interface PostsFacts {
  readonly forum: Channel;
  readonly tag: string | null;
  readonly found: Found;
}

/** Posts below each other, or where their pictures come first beside each other. */
export function Posts({ forum, tag, found }: PostsFacts) {
  const posts = useDerived(
    (state) => [state.channels, state.threadsOf, state.roles, state.members],
    (state) => forumPosts(state, forum, tag),
    [forum, tag],
  );
  const gallery = forum.forum?.gallery === true;
  const roving = useRoving("button.nx-post", { inRows: gallery });
  const waits = useApp((state) => state.pending[forum.id] !== undefined);
  const nothing = posts.length === 0 && !waits && !found.loading && found.failure === null;
  const Shown = gallery ? PostCard : PostRow;
  return (
    <>
      {nothing ? <NoPosts forum={forum} tagged={tag !== null} /> : null}
      <ul
        className={cx("nx-posts", gallery && "nx-posts-gallery")}
        aria-label={t("forum.posts", { name: forum.name })}
        {...roving}
      >
        <PendingPosts forum={forum} />
        {posts.map((post) =>
          post.thread === null ? null : (
            <li key={post.id}>
              <Shown post={post} forum={forum} facts={post.thread} first={found.first[post.id] ?? null} />
            </li>
          ),
        )}
      </ul>
      <Further found={found} />
    </>
  );
}

function NoPosts({ forum, tagged }: { forum: Channel; tagged: boolean }) {
  const media = forum.kind === "media";
  return (
    <Empty
      icon={channelIcon(forum)}
      title={t(tagged ? "forum.none_tagged" : "forum.none")}
      text={t(media ? "posts.media_none_text" : "forum.none_text")}
    />
  );
}

/** Below the posts: more of them, or why there are none. */
function Further({ found }: { found: Found }) {
  if (found.loading) return <Loading />;
  return (
    <>
      {found.failure === null ? null : (
        <Empty icon={CircleAlert} title={t("forum.failed")} text={failureText(found.failure)}>
          <Button onClick={found.again}>{t("common.retry")}</Button>
        </Empty>
      )}
      {found.hasMore ? (
        <div className="nx-overview-more">
          <Button small onClick={found.more}>
            {t("thread.more")}
          </Button>
        </div>
      ) : null}
    </>
  );
}
