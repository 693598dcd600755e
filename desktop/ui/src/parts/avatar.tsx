import type { Status } from "@nexus/core";
import { t } from "../i18n/translate.ts";
import { cx } from "./classes.ts";

interface Facts {
  readonly id: string;
  readonly name: string;
}

/** A person's picture. Beside their name it says nothing new, so it is hidden from screen readers. */
export function Avatar({ id, name, size = 40, status }: Facts & { size?: AvatarSize; status?: Status }) {
  return (
    <span className={cx("nx-avatar", `nx-avatar-${size}`)} aria-hidden="true">
      <span
        className="nx-avatar-face"
        data-hue={hueOf(id)}
        data-letters={initials(name, size < 24 ? 1 : 2)}
      />
      {status === undefined ? null : <StatusDot status={status} />}
    </span>
  );
}

export type AvatarSize = 16 | 20 | 24 | 32 | 40 | 48 | 80;

export function GuildIcon({ id, name, size = 48 }: Facts & { size?: 20 | 24 | 32 | 48 | 64 | 80 }) {
  return (
    <span
      className={cx("nx-guild-icon", `nx-guild-icon-${size}`)}
      data-hue={hueOf(id)}
      data-letters={initials(name, size < 32 ? 1 : 2)}
      aria-hidden="true"
    />
  );
}

/** The shape tells as well as the colour. */
export function StatusDot({ status }: { status: Status }) {
  return <span className="nx-status" data-status={status} />;
}

export function statusWord(status: Status): string {
  return t(`status.${status}`);
}

const HUES = 12;

/** One of twelve hues, the same for an id everywhere (FNV-1a). */
export function hueOf(id: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < id.length; at += 1) hash = Math.imul(hash ^ id.charCodeAt(at), 0x01000193);
  return ((hash ^ (hash >>> 15)) >>> 0) % HUES;
}

const letters = new Intl.Segmenter(undefined, { granularity: "grapheme" });
const MARKS = /[\p{M}\u200b-\u200f\u202a-\u202e\u2060-\u2069]/gu;

/** The first letters of the first and the last word, without what is piled upon them. */
export function initials(name: string, most: 1 | 2): string {
  const words = name
    .slice(0, 200)
    .split(/[\s_\-.·]+/u)
    .map((word) => first(word))
    .filter((letter) => letter !== "");
  const [one = "?", ...others] = words;
  const last = others.at(-1) ?? "";
  return most === 1 || last === "" ? one : one + last;
}

function first(word: string): string {
  for (const { segment } of letters.segment(word.slice(0, 40))) {
    const plain = /\p{Extended_Pictographic}/u.test(segment)
      ? segment
      : segment.normalize("NFC").replace(MARKS, "");
    if (/[\p{L}\p{N}\p{Extended_Pictographic}]/u.test(plain)) return plain.toLocaleUpperCase();
  }
  return "";
}
