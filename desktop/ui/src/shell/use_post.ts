import { type Channel, type ForumTag, type Message, type ThreadFacts, unread } from "@nexus/core";
import { useApp, useDerived } from "../app/client.tsx";
import { useRoute } from "../app/route.ts";
import { t } from "../i18n/translate.ts";
import { useOneLine } from "../rich/one_line.ts";
import { useName } from "../timeline/author.tsx";

/** A post as it is handed to whatever draws it. */
export interface PostPlace {
  readonly post: Channel;
  readonly forum: Channel;
  readonly facts: ThreadFacts;
  /** What it begins with, as it was found; none: not known yet, or gone. */
  readonly first: Message | null;
}

export interface ShownPost {
  readonly begun: Message | null;
  readonly author: string;
  /** What it begins with, in words. */
  readonly text: string;
  readonly tags: readonly ForumTag[];
  readonly isNew: boolean;
  readonly isHere: boolean;
}

export function usePost({ post, forum, facts, first }: PostPlace): ShownPost {
  const route = useRoute();
  const author = useName({ userId: facts.ownerId, guildId: post.guildId });
  // What was written in it just now is in its own window.
  const begun = useApp((state) => state.messages[post.id]?.[post.id]) ?? first;
  const said = useOneLine(post.guildId, begun?.content ?? "");
  const files = begun?.attachments.length ?? 0;
  const news = useDerived(
    (state) => [state.reads[post.id], state.channels[post.id]],
    (state) => unread(state, post.id).unread,
    [post.id],
  );
  return {
    begun,
    author,
    text: said === "" && files > 0 ? t("files.sent_alone", { n: files }) : said,
    tags: (forum.forum?.tags ?? []).filter((tag) => facts.tags.includes(tag.id)),
    isNew: news && facts.followed,
    isHere: route.at === "channel" && route.channelId === post.id,
  };
}
