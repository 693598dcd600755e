import type { Attachment, Message } from "../model/entities.ts";
import { isFilm, isPicture, isSpoiler, shownName } from "../model/files.ts";

/** The file that stands for a message where only one is shown. */
export interface LeadFile {
  readonly kind: "picture" | "film" | "file";
  readonly attachment: Attachment;
  /** Nobody sees it before they ask for it. */
  readonly covered: boolean;
  /** Files that come with it. */
  readonly others: number;
}

/** A message's first picture; without one the first film, without that the first file. */
export function leadFile({ attachments }: Pick<Message, "attachments">): LeadFile | null {
  const first = (is: (attachment: Attachment) => boolean) => attachments.find(is);
  const attachment = first(pictured) ?? first(filmed) ?? attachments[0];
  if (attachment === undefined) return null;
  return {
    kind: pictured(attachment) ? "picture" : filmed(attachment) ? "film" : "file",
    attachment,
    covered: isSpoiler(attachment.filename),
    others: attachments.length - 1,
  };
}

function pictured({ filename }: Attachment): boolean {
  return isPicture(shownName(filename));
}

function filmed({ filename, contentType }: Attachment): boolean {
  return contentType?.startsWith("video/") === true || isFilm(shownName(filename));
}
