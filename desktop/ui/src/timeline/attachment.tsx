import { type Attachment, isSpoiler, shownName } from "@nexus/core";
import { useState } from "react";
import { byteSize } from "../i18n/time.ts";
import { t } from "../i18n/translate.ts";
import { Icon } from "../parts/icon.tsx";
import { EyeOff, File } from "../parts/icons.ts";
import { safe } from "./cards.tsx";
import { ownPicture } from "./own_picture.ts";

/** Pixels that a picture is given before it is there, see `.nx-attachment-picture`; a smaller one gives the rest back. */
const ROOM = 240;

/** A file of a message: a picture is shown in its place, where this very program serves it. */
export function AttachmentCard({ attachment, reached }: { attachment: Attachment; reached: boolean }) {
  const [open, setOpen] = useState(!isSpoiler(attachment.filename));
  const [broken, setBroken] = useState(false);
  const [small, setSmall] = useState(false);
  const href = safe(attachment.url);
  const name = shownName(attachment.filename);
  const picture = broken ? null : ownPicture(attachment);
  if (!open) {
    return (
      <button
        type="button"
        className="nx-attachment nx-attachment-covered"
        data-nx="attachment"
        tabIndex={reached ? 0 : -1}
        onClick={() => setOpen(true)}
      >
        <Icon of={EyeOff} size={24} />
        <span className="nx-attachment-words">
          <bdi className="nx-clip">{t("files.reveal", { name })}</bdi>
          <span className="nx-attachment-size">{byteSize(attachment.size)}</span>
        </span>
      </button>
    );
  }
  if (picture !== null) {
    const label = attachment.about ?? name;
    return (
      <a
        className="nx-attachment-picture"
        data-nx="attachment"
        data-small={small ? "" : undefined}
        href={picture}
        target="_blank"
        rel="noopener noreferrer nofollow"
        title={attachment.about === null ? name : `${name}: ${attachment.about}`}
        tabIndex={reached ? 0 : -1}
      >
        <img
          src={picture}
          alt={label}
          loading="lazy"
          decoding="async"
          onLoad={({ currentTarget: { naturalHeight } }) => setSmall(naturalHeight < ROOM)}
          onError={() => setBroken(true)}
        />
      </a>
    );
  }
  return <FileCard attachment={attachment} href={href} reached={reached} />;
}

function FileCard({
  attachment,
  href,
  reached,
}: {
  attachment: Attachment;
  href: string | null;
  reached: boolean;
}) {
  const name = shownName(attachment.filename);
  return (
    <div className="nx-attachment" data-nx="attachment">
      <Icon of={File} size={24} />
      <div className="nx-attachment-words">
        {href === null ? (
          <bdi className="nx-clip">{name}</bdi>
        ) : (
          <a
            className="nx-clip"
            href={href}
            target="_blank"
            rel="noopener noreferrer nofollow"
            dir="auto"
            tabIndex={reached ? 0 : -1}
          >
            {name}
          </a>
        )}
        <span className="nx-attachment-size">{byteSize(attachment.size)}</span>
        {attachment.about === null ? null : (
          <span className="nx-attachment-about" dir="auto">
            {attachment.about}
          </span>
        )}
      </div>
    </div>
  );
}
