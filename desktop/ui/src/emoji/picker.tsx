import { usableEmoji } from "@nexus/core";
import { EmojiPicker } from "frimousse";
import { type CSSProperties, useState } from "react";
import { useDerived } from "../app/client.tsx";
import { closeEmojiPicker, useScreen } from "../app/screen.ts";
import { t } from "../i18n/translate.ts";
import { Popover } from "../parts/popover.tsx";
import { Spinner } from "../parts/progress.tsx";
import { GuildEmojiChoice } from "./guild_emoji.tsx";

const CATEGORY = ({ category, ...rest }: { category: { label: string } } & React.ComponentProps<"div">) => (
  <div {...rest} className="nx-emoji-category">
    {category.label}
  </div>
);

// The library counts rows and columns from 0, where WAI-ARIA counts them from 1.
const ROW = (facts: React.ComponentProps<"div">) => {
  const counted = { "aria-rowindex": Number(facts["aria-rowindex"] ?? 0) + 1 };
  return <div {...facts} {...counted} className="nx-emoji-row" />;
};

type EmojiFacts = { emoji: { emoji: string; label: string; isActive: boolean } } & Omit<
  React.ComponentProps<"button">,
  "children"
>;

const EMOJI = ({ emoji, ...rest }: EmojiFacts) => {
  const counted = { "aria-colindex": Number(rest["aria-colindex"] ?? 0) + 1 };
  return (
    <button
      type="button"
      {...rest}
      {...counted}
      className="nx-emoji"
      data-active={emoji.isActive ? "" : undefined}
    >
      {emoji.emoji}
    </button>
  );
};

/** As many beside each other as are each a fingertip broad; for a pointer nine. */
function columnsHere(): number {
  if (!matchMedia("(pointer: coarse)").matches) return 9;
  const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
  const room = Math.min(22.5 * rem, innerWidth - 16) - rem - SCROLLBAR;
  return Math.max(1, Math.floor(room / Math.max(2.75 * rem, 44)));
}

/** Pixels, as `base.css` has it. */
const SCROLLBAR = 10;

/** Every emoji there is, searched and walked by keys. Its data comes from the program that serves this page. */
export default function Picker() {
  const wish = useScreen((all) => all.emoji);
  const [search, setSearch] = useState("");
  const [columns] = useState(columnsHere);
  const guildId = wish?.guildId ?? null;
  const own = useDerived(
    (state) => [state.emoji, state.emojiOf[guildId ?? ""], state.members[guildId ?? ""]?.[state.me ?? ""]],
    (state) => usableEmoji(state, guildId),
    [guildId],
  );
  if (wish === null) return null;
  const pick = (emoji: string) => {
    closeEmojiPicker();
    wish.pick(emoji);
  };
  return (
    <Popover
      anchor={wish.anchor}
      label={t("emoji.pick")}
      onClose={closeEmojiPicker}
      placement="top-end"
      className="nx-emoji-pop"
    >
      <EmojiPicker.Root
        className="nx-emoji-picker"
        emojibaseUrl="/emoji"
        columns={columns}
        style={{ "--nx-emoji-columns": columns } as CSSProperties}
        onEmojiSelect={({ emoji }) => pick(emoji)}
      >
        <div className="nx-emoji-head">
          <EmojiPicker.Search
            className="nx-input"
            data-first=""
            placeholder={t("emoji.search")}
            aria-label={t("emoji.search")}
            onChange={(event) => setSearch(event.target.value)}
          />
          <EmojiPicker.SkinToneSelector
            className="nx-icon-button nx-emoji-skin"
            aria-label={t("emoji.skin")}
          />
        </div>
        <GuildEmojiChoice emoji={own} search={search} onPick={pick} />
        <EmojiPicker.Viewport className="nx-emoji-view">
          <EmojiPicker.Loading className="nx-emoji-wait">
            <Spinner size={24} />
          </EmojiPicker.Loading>
          <EmojiPicker.Empty className="nx-emoji-wait">
            {({ search }) => t("emoji.none", { search })}
          </EmojiPicker.Empty>
          <EmojiPicker.List
            className="nx-emoji-list"
            components={{ CategoryHeader: CATEGORY, Row: ROW, Emoji: EMOJI }}
          />
        </EmojiPicker.Viewport>
        <EmojiPicker.ActiveEmoji>
          {({ emoji }) => (
            <div className="nx-emoji-foot">
              {emoji === undefined ? (
                <span>{t("emoji.pick")}</span>
              ) : (
                <>
                  <span className="nx-emoji-big">{emoji.emoji}</span>
                  <span className="nx-clip">{emoji.label}</span>
                </>
              )}
            </div>
          )}
        </EmojiPicker.ActiveEmoji>
      </EmojiPicker.Root>
    </Popover>
  );
}
