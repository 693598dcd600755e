import { t } from "../i18n/translate.ts";
import { PostButton, PostMoment, PostTags, PostTitle } from "./post_button.tsx";
import { type PostPlace, usePost } from "./use_post.ts";

/** A post in a list: its title, and how it begins. */
export function PostRow(place: PostPlace) {
  const { post, facts } = place;
  const shown = usePost(place);
  const { text, author, tags } = shown;
  return (
    <PostButton post={post} shown={shown}>
      <PostTitle name={post.name} facts={facts} />
      {text === "" ? null : (
        <span className="nx-post-text" dir="auto">
          {text}
        </span>
      )}
      <span className="nx-post-facts">
        <PostTags tags={tags} />
        <bdi>{author}</bdi>
        <span>{t("forum.answers", { n: facts.messageCount })}</span>
        <PostMoment post={post} facts={facts} />
      </span>
    </PostButton>
  );
}
