import type { GuildEmoji } from "@nexus/core";
import { t } from "../i18n/translate.ts";
import { EmojiPicture } from "./custom.tsx";

interface Facts {
  readonly emoji: readonly GuildEmoji[];
  readonly search: string;
  readonly onPick: (emoji: string) => void;
}

/** A guild's own emoji, above all others. */
export function GuildEmojiChoice({ emoji, search, onPick }: Facts) {
  const wanted = search.trim().toLowerCase();
  const shown = emoji.filter((each) => each.name.toLowerCase().includes(wanted));
  if (shown.length === 0) return null;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for what is filled in
    <div className="nx-guild-emoji" role="group" aria-label={t("emoji.of_guild")}>
      {shown.map((each) => (
        <button
          key={each.id}
          type="button"
          className="nx-emoji"
          aria-label={`:${each.name}:`}
          onClick={() => onPick(`${each.name}:${each.id}`)}
        >
          <EmojiPicture emoji={each} />
        </button>
      ))}
    </div>
  );
}
