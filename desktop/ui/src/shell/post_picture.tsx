import { type LeadFile, shownName } from "@nexus/core";
import type { LucideIcon } from "lucide-react";
import { useState } from "react";
import { useApp } from "../app/client.tsx";
import { useStill } from "../app/stillness.ts";
import { t } from "../i18n/translate.ts";
import { Icon } from "../parts/icon.tsx";
import { EyeOff, File, Film, ImageOff, ImagePlay } from "../parts/icons.ts";
import { ownPicture } from "../timeline/own_picture.ts";

/** Pixels below which a picture is not blown up to fill its place. */
const SMALL = 96;

/** What is seen first of a post: its picture, in a place that is there before the picture is. */
export function PostPicture({ lead }: { lead: LeadFile }) {
  return (
    <span className="nx-post-picture" data-nx="post-picture" data-kind={lead.covered ? "covered" : lead.kind}>
      <Shown lead={lead} />
      {lead.others === 0 ? null : (
        <span className="nx-post-others">
          <span aria-hidden="true">+{lead.others}</span>
          <span className="nx-hidden">{t("posts.others", { n: lead.others })}</span>
        </span>
      )}
    </span>
  );
}

function Shown({ lead }: { lead: LeadFile }) {
  const { attachment, kind, covered } = lead;
  const still = useStill();
  const [failed, setFailed] = useFailed();
  const [small, setSmall] = useState(false);
  const name = attachment.about ?? shownName(attachment.filename);
  const picture = failed ? null : ownPicture(attachment);
  // Uncovered it is in the post itself: what is covered is not even asked for.
  if (covered) return <Sign icon={EyeOff} words={t("posts.covered")} />;
  if (kind !== "picture") return <Sign icon={kind === "film" ? Film : File} words={name} />;
  if (picture === null) return <Sign icon={ImageOff} words={name} />;
  if (still && /\.gif$/i.test(attachment.filename))
    return <Sign icon={ImagePlay} words={`${t("posts.moving")}: ${name}`} />;
  return (
    <img
      src={picture}
      alt={name}
      loading="lazy"
      decoding="async"
      draggable={false}
      {...(attachment.width === null ? {} : { width: attachment.width })}
      {...(attachment.height === null ? {} : { height: attachment.height })}
      data-small={small ? "" : undefined}
      onLoad={({ currentTarget: { naturalWidth, naturalHeight } }) =>
        setSmall(naturalWidth < SMALL && naturalHeight < SMALL)
      }
      onError={setFailed}
    />
  );
}

function Sign({ icon, words }: { icon: LucideIcon; words: string }) {
  return (
    <span className="nx-post-sign">
      <Icon of={icon} size={28} />
      <bdi>{words}</bdi>
    </span>
  );
}

/** Whether a picture did not come. Once the line was gone and is there again, it is asked for again. */
function useFailed(): [boolean, () => void] {
  const line = useApp(({ session }) => (session.phase === "ready" ? session.since : null));
  const [failedOn, setFailedOn] = useState<number | null | undefined>(undefined);
  return [failedOn === line, () => setFailedOn(line)];
}
