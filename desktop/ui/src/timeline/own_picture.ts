import { type Attachment, isPicture, shownName } from "@nexus/core";
import { safe } from "./cards.tsx";

/** The address of a file that is shown in its place: a picture that the program serves which serves this very page. */
export function ownPicture({ filename, url }: Pick<Attachment, "filename" | "url">): string | null {
  const href = safe(url);
  if (href === null || !isPicture(shownName(filename))) return null;
  return new URL(href).origin === location.origin ? href : null;
}
