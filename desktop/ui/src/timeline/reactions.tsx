import { type Actions, customEmoji, type Message, nameOf, type Reaction } from "@nexus/core";
import { useState } from "react";
import { useActions, useClient } from "../app/client.tsx";
import { openEmojiPicker } from "../app/screen.ts";
import { told } from "../app/wish.ts";
import { CustomEmoji } from "../emoji/custom.tsx";
import { t } from "../i18n/translate.ts";
import { Icon } from "../parts/icon.tsx";
import { SmilePlus } from "../parts/icons.ts";

/** Joins in, or takes one's own back. */
export function toggleReaction(actions: Actions, message: Message, emoji: string): void {
  const mine = message.reactions.some((each) => each.emoji === emoji && each.mine);
  const { channelId, id } = message;
  void told(mine ? actions.unreact(channelId, id, emoji) : actions.react(channelId, id, emoji));
}

interface Facts {
  readonly message: Message;
  readonly mayReact: boolean;
}

export function Reactions({ message, mayReact }: Facts) {
  const actions = useActions();
  if (message.reactions.length === 0) return null;
  return (
    <div className="nx-reactions">
      {message.reactions.map((reaction) => (
        <ReactionButton key={reaction.emoji} message={message} reaction={reaction} mayReact={mayReact} />
      ))}
      {mayReact ? (
        <button
          type="button"
          className="nx-reaction nx-reaction-add"
          tabIndex={-1}
          aria-label={t("talk.add_reaction")}
          data-tip={t("talk.add_reaction")}
          onClick={(event) =>
            openEmojiPicker(event.currentTarget, message.guildId, (emoji) =>
              toggleReaction(actions, message, emoji),
            )
          }
        >
          <Icon of={SmilePlus} size={16} />
        </button>
      ) : null}
    </div>
  );
}

function ReactionButton({ message, reaction, mayReact }: Facts & { reaction: Reaction }) {
  const actions = useActions();
  const [who, setWho] = useState<string | null>(null);
  const askWho = useWho(message, reaction, setWho);
  const { emoji, count, mine } = reaction;
  const custom = customEmoji(emoji);
  const shown = custom === null ? emoji : `:${custom.name}:`;
  const label = t(mine ? "talk.reaction_mine" : "talk.reaction", { emoji: shown, n: count });
  return (
    <button
      type="button"
      className="nx-reaction"
      tabIndex={-1}
      aria-pressed={mine}
      aria-label={label}
      data-tip={who ?? label}
      disabled={!mayReact && !mine}
      onPointerEnter={askWho}
      onFocus={askWho}
      onClick={() => toggleReaction(actions, message, emoji)}
    >
      <span className="nx-reaction-emoji nx-clip">
        {custom === null ? emoji : <CustomEmoji id={custom.id} name={custom.name} />}
      </span>
      <span className="nx-reaction-count">{count}</span>
    </button>
  );
}

/** Names that are listed before the others are only counted. */
const NAMES_MAX = 5;

function useWho(message: Message, reaction: Reaction, tell: (words: string) => void): () => void {
  const { store, actions } = useClient();
  const [asked, setAsked] = useState<number | null>(null);
  return () => {
    if (asked === reaction.count) return;
    setAsked(reaction.count);
    void actions.reactors(message.channelId, message.id, reaction.emoji).then((outcome) => {
      if (!outcome.ok || !Array.isArray(outcome.value)) return;
      const state = store.getState();
      const all = outcome.value.map((user) => nameOf(state, user.id, message.guildId) ?? user.displayName);
      const names = all.slice(0, NAMES_MAX).join(", ");
      const others = reaction.count - Math.min(all.length, NAMES_MAX);
      const people = others > 0 ? t("talk.reacted_more", { names, n: others }) : names;
      const custom = customEmoji(reaction.emoji);
      const emoji = custom === null ? reaction.emoji : `:${custom.name}:`;
      tell(t("talk.reacted_by", { names: people, emoji }));
    });
  };
}
