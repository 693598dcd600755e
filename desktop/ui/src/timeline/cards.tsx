import type { Embed } from "@nexus/core";
import type { CSSProperties } from "react";
import { moment } from "../i18n/time.ts";
import { t } from "../i18n/translate.ts";
import { Icon } from "../parts/icon.tsx";
import { Link } from "../parts/icons.ts";
import { RichText } from "../rich/rich_text.tsx";

/** A card that a bot added. Its pictures are elsewhere: shown as links, so that nobody learns who looks. */
export function EmbedCard({ embed, guildId }: { embed: Embed; guildId: string | null }) {
  const style =
    embed.color === null
      ? undefined
      : ({ "--nx-edge": `#${embed.color.toString(16).padStart(6, "0")}` } as CSSProperties);
  return (
    // A card may be as long as a letter: it is walked through in its place.
    <article
      className="nx-embed"
      style={style}
      aria-label={t("talk.card")}
      tabIndex={isLongCard(embed) ? 0 : undefined}
    >
      {embed.author === null ? null : (
        <p className="nx-embed-author">
          <Linked text={embed.author.name} url={embed.author.url} />
        </p>
      )}
      {embed.title === null ? null : (
        <p className="nx-embed-title" dir="auto">
          <Linked text={embed.title} url={embed.url} />
        </p>
      )}
      {embed.description === null ? null : <RichText text={embed.description} guildId={guildId} />}
      {embed.fields.length === 0 ? null : (
        <dl className="nx-embed-fields">
          {embed.fields.map((field, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: fields have no names of their own
            <div key={at} className="nx-embed-field" data-inline={field.inline ? "" : undefined}>
              <dt dir="auto">{field.name}</dt>
              <dd>
                <RichText text={field.value} guildId={guildId} />
              </dd>
            </div>
          ))}
        </dl>
      )}
      {[embed.imageUrl, embed.thumbnailUrl].map((url) =>
        url === null ? null : <Picture key={url} url={url} />,
      )}
      <Foot embed={embed} />
    </article>
  );
}

/** Whether it may be taller than the room a card has. */
function isLongCard(embed: Embed): boolean {
  return (embed.description?.length ?? 0) > 1_000 || embed.fields.length > 6;
}

function Foot({ embed }: { embed: Embed }) {
  const parts = [embed.footer, embed.timestamp === null ? null : moment(embed.timestamp)];
  const words = parts.filter((part) => part !== null).join(" · ");
  return words === "" ? null : (
    <p className="nx-embed-foot" dir="auto">
      {words}
    </p>
  );
}

function Linked({ text, url }: { text: string; url: string | null }) {
  const href = safe(url);
  if (href === null) return <bdi>{text}</bdi>;
  return (
    <a href={href} target="_blank" rel="noopener noreferrer nofollow" title={href}>
      <bdi>{text}</bdi>
    </a>
  );
}

function Picture({ url }: { url: string }) {
  const href = safe(url);
  if (href === null) return null;
  return (
    <p className="nx-embed-picture">
      <Icon of={Link} size={16} />
      <a className="nx-clip" href={href} target="_blank" rel="noopener noreferrer nofollow">
        {new URL(href).host}
      </a>
    </p>
  );
}

/** Only addresses of the web; none of what could run. */
export function safe(url: string | null): string | null {
  if (url === null) return null;
  try {
    const parsed = new URL(url, location.origin);
    return parsed.protocol === "https:" || parsed.protocol === "http:" ? parsed.href : null;
  } catch {
    return null;
  }
}
