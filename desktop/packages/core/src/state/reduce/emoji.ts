/** A guild's own emoji. */

import type { Id } from "../../model/entities.ts";
import * as decode from "../../wire/decode.ts";
import type { Dispatches, GuildEmoji } from "../../wire/generated.ts";
import { drop, put, putAll } from "../records.ts";
import type { State } from "../state.ts";

export function emojisUpdate(state: State, d: Dispatches["GUILD_EMOJIS_UPDATE"]): State {
  return state.guilds[d.guild_id] === undefined ? state : withEmojiOf(state, d.guild_id, d.emojis);
}

/** All that a guild has now. */
export function withEmojiOf(state: State, guildId: Id, all: readonly GuildEmoji[]): State {
  const drawn = all.map((each) => decode.guildEmoji(each, guildId));
  const ids = drawn.map((each) => each.id);
  const cleared = drop(state.emoji, ...(state.emojiOf[guildId] ?? []));
  return {
    ...state,
    emoji: putAll(cleared, drawn, (each) => each.id),
    emojiOf: put(state.emojiOf, guildId, ids),
  };
}

/** Of a guild that is gone. */
export function withoutEmojiOf(state: State, guildId: Id): State {
  const emoji = drop(state.emoji, ...(state.emojiOf[guildId] ?? []));
  return { ...state, emoji, emojiOf: drop(state.emojiOf, guildId) };
}
