import { leadFile } from "@nexus/core";
import { t } from "../i18n/translate.ts";
import { Icon } from "../parts/icon.tsx";
import { MessagesSquare } from "../parts/icons.ts";
import { PostButton, PostMoment, PostTags, PostTitle } from "./post_button.tsx";
import { PostPicture } from "./post_picture.tsx";
import { type PostPlace, usePost } from "./use_post.ts";

/** A post in a gallery: its first picture, or in its place what it has instead. */
export function PostCard(place: PostPlace) {
  const { post, facts } = place;
  const shown = usePost(place);
  const { begun, text, author, tags } = shown;
  const lead = begun === null ? null : leadFile(begun);
  return (
    <PostButton post={post} shown={shown} look="nx-post-card">
      <PostTitle name={post.name} facts={facts} />
      {/* Its name is read out first, and stands below what is seen first. */}
      {lead === null ? <Words text={text} /> : <PostPicture key={lead.attachment.id} lead={lead} />}
      {tags.length === 0 ? null : (
        <span className="nx-post-facts">
          <PostTags tags={tags} />
        </span>
      )}
      <span className="nx-post-facts nx-post-foot">
        <bdi>{author}</bdi>
        <span>{t("forum.answers", { n: facts.messageCount })}</span>
        <PostMoment post={post} facts={facts} />
      </span>
    </PostButton>
  );
}

/** A post without a file shows how it begins, as far as that is known. */
function Words({ text }: { text: string }) {
  if (text === "")
    return (
      <span className="nx-post-picture">
        <span className="nx-post-sign">
          <Icon of={MessagesSquare} size={28} />
        </span>
      </span>
    );
  return (
    <span className="nx-post-picture nx-post-words" data-nx="post-words">
      <span dir="auto">{text}</span>
    </span>
  );
}
