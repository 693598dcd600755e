import type { Channel, NewPost, Pending } from "@nexus/core";
import { useApp } from "../app/client.tsx";
import { Tag } from "../parts/notice.tsx";
import { useOneLine } from "../rich/one_line.ts";
import { PendingFiles } from "../timeline/pending_files.tsx";
import { PendingHow } from "../timeline/pending_how.tsx";

/** Posts that were begun here and are not in the forum yet: each looks so. */
export function PendingPosts({ forum }: { forum: Channel }) {
  const rows = useApp((state) => state.pending[forum.id]);
  return (rows ?? []).map((row) =>
    row.makes?.kind === "post" ? (
      <li key={row.nonce}>
        <PendingPost forum={forum} pending={row} post={row.makes.post} />
      </li>
    ) : null,
  );
}

interface Facts {
  readonly forum: Channel;
  readonly pending: Pending;
  readonly post: NewPost;
}

function PendingPost({ forum, pending, post }: Facts) {
  const text = useOneLine(forum.guildId, post.content);
  const tags = (forum.forum?.tags ?? []).filter((tag) => post.tags.includes(tag.id));
  return (
    <div className="nx-post nx-post-pending" data-nx="pending_post" data-state={pending.state}>
      <span className="nx-post-title">
        <bdi>{post.name}</bdi>
      </span>
      {text === "" ? null : (
        <span className="nx-post-text" dir="auto">
          {text}
        </span>
      )}
      {pending.files === undefined ? null : <PendingFiles files={pending.files} />}
      {tags.length === 0 ? null : (
        <span className="nx-post-facts">
          {tags.map((tag) => (
            <Tag key={tag.id}>{tag.emoji === null ? tag.name : `${tag.emoji} ${tag.name}`}</Tag>
          ))}
        </span>
      )}
      <PendingHow pending={pending} />
    </div>
  );
}
