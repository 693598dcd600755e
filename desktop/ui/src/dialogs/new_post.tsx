import type { ForumTag } from "@nexus/core";
import { allows, mayAttach, myPermissions, Permission } from "@nexus/core";
import { useState } from "react";
import { useActions, useApp, useClient } from "../app/client.tsx";
import { failureText, fieldText } from "../app/failure_text.ts";
import { go, pathTo } from "../app/route.ts";
import { useWish } from "../app/wish.ts";
import { AttachButton } from "../composer/attach_button.tsx";
import { dismissRefused, paste } from "../composer/chosen.ts";
import { useDropZone } from "../composer/drop_zone.tsx";
import { toWire } from "../composer/names.ts";
import { Tray } from "../composer/tray.tsx";
import { CONTENT_MAX, maySend } from "../composer/use_send.ts";
import { t } from "../i18n/translate.ts";
import { DialogBox } from "../parts/dialog.tsx";
import { TextArea, TextField } from "../parts/field.tsx";
import { Banner } from "../parts/notice.tsx";
import { Acts } from "./acts.tsx";
import type { Shown } from "./dialog_layer.tsx";
import { THREAD_NAME_MAX } from "./new_thread.tsx";

/** Tags of one post; Discord's number. */
const TAGS_MAX = 5;

export default function NewPost({ dialog, onClose }: Shown<"new_post">) {
  const { forumId } = dialog;
  const { store } = useClient();
  const actions = useActions();
  const forum = useApp((state) => state.channels[forumId]);
  const [name, setName] = useState("");
  const [text, setText] = useState("");
  const [tags, setTags] = useState<readonly string[]>([]);
  const attaches = useApp((state) => mayAttach(state, forumId));
  // Files alone are enough.
  const says = useApp((state) => maySend(state, forumId, text));
  const drop = useDropZone(forumId);
  const { busy, failure, run } = useWish();
  if (forum === undefined) return null;
  const needsTag = forum.forum?.tagRequired === true && tags.length === 0;
  const create = async () => {
    const content = toWire(store.getState(), forum.guildId, text.trim());
    const begun = await run(() => actions.createPost(forumId, { name: name.trim(), content, tags }));
    if (begun === null) return;
    dismissRefused(forumId);
    onClose();
    // One that waits is seen in the forum, where one is.
    if (begun.thread !== null) go(pathTo(forum.guildId, begun.thread.id));
  };
  const manages = allows(myPermissions(store.getState(), forum.guildId, forumId), Permission.MANAGE_THREADS);
  const offered = (forum.forum?.tags ?? []).filter((tag) => manages || !tag.moderated);
  return (
    <DialogBox
      title={t("forum.new_title", { name: forum.name })}
      onClose={onClose}
      onSubmit={() => void create()}
      acts={
        <Acts
          onClose={onClose}
          busy={busy}
          ready={name.trim() !== "" && says && !needsTag}
          words={t("forum.post_go")}
        />
      }
    >
      <TextField
        label={t("forum.post_title")}
        value={name}
        onText={setName}
        maxLength={THREAD_NAME_MAX}
        autoComplete="off"
        data-first=""
        error={fieldText(failure, "name")}
      />
      <div className="nx-post-said" {...drop.on}>
        <TextArea
          label={t("forum.post_text")}
          {...(forum.forum?.gallery ? { hint: t("posts.picture_hint") } : {})}
          value={text}
          onText={setText}
          rows={6}
          maxLength={CONTENT_MAX}
          data-channel={forumId}
          onPaste={(event) => paste(actions, forumId, attaches, event)}
        />
        <Tray channelId={forumId} may={attaches} />
        <AttachButton channelId={forumId} may={attaches} worded />
        {drop.overlay}
      </div>
      <TagChoices
        tags={offered}
        chosen={tags}
        hint={needsTag ? t("forum.tag_needed") : null}
        onToggle={(id) =>
          setTags(tags.includes(id) ? tags.filter((each) => each !== id) : [...tags, id].slice(-TAGS_MAX))
        }
      />
      {failure === null || fieldText(failure, "name") !== null ? null : (
        <Banner tone="danger">{failureText(failure)}</Banner>
      )}
    </DialogBox>
  );
}

interface ChoiceFacts {
  readonly tags: readonly ForumTag[];
  readonly chosen: readonly string[];
  readonly hint: string | null;
  readonly onToggle: (id: string) => void;
}

/** Tags to choose from: several of them. */
export function TagChoices({ tags, chosen, hint, onToggle }: ChoiceFacts) {
  if (tags.length === 0) return null;
  return (
    <fieldset className="nx-choice">
      <legend className="nx-field-label">{t("forum.tags")}</legend>
      <div className="nx-tags">
        {tags.map((tag) => (
          <button
            key={tag.id}
            type="button"
            className="nx-tag-choice"
            aria-pressed={chosen.includes(tag.id)}
            onClick={() => onToggle(tag.id)}
          >
            {tag.emoji === null ? null : <span aria-hidden="true">{tag.emoji}</span>}
            <bdi className="nx-clip">{tag.name}</bdi>
          </button>
        ))}
      </div>
      {hint === null ? null : <p className="nx-field-hint">{hint}</p>}
    </fieldset>
  );
}
