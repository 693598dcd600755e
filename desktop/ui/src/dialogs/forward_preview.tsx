import { type Message, said } from "@nexus/core";
import { t } from "../i18n/translate.ts";
import { Icon } from "../parts/icon.tsx";
import { Paperclip } from "../parts/icons.ts";
import { RichText } from "../rich/rich_text.tsx";
import { AuthorFace, AuthorName } from "../timeline/author.tsx";
import { ForwardedMark } from "../timeline/forwarded.tsx";

/** Characters of it that are shown. */
const SHOWN_MAX = 400;

/** A message in brief: by whom, what it says, and how much goes along with that. */
export function ForwardPreview({ message }: { message: Message }) {
  const { authorId: userId, guildId, forwarded } = message;
  const { content, attachments, embeds } = said(message);
  const along = [
    attachments.length > 0 && t("forward.files", { n: attachments.length }),
    embeds.length > 0 && t("forward.cards", { n: embeds.length }),
  ].filter((each) => each !== false);
  return (
    <section className="nx-quoted" aria-label={t("forward.what")}>
      <AuthorFace userId={userId} guildId={guildId} size={32} />
      <div className="nx-quoted-body">
        <AuthorName userId={userId} guildId={guildId} />
        {forwarded === null ? null : <ForwardedMark />}
        {content === "" ? null : (
          <RichText text={content.slice(0, SHOWN_MAX)} guildId={(forwarded ?? message).guildId} />
        )}
        {along.length === 0 ? null : (
          <p className="nx-forward-along">
            <Icon of={Paperclip} size={14} />
            {along.join(" · ")}
          </p>
        )}
      </div>
    </section>
  );
}
