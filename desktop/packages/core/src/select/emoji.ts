import type { GuildEmoji, Id } from "../model/entities.ts";
import type { State } from "../state/state.ts";

/** The emoji of a guild that one may use in it; of a conversation, none. */
export function usableEmoji(state: State, guildId: Id | null): readonly GuildEmoji[] {
  if (guildId === null) return [];
  const mine = state.members[guildId]?.[state.me ?? ""]?.roles ?? [];
  const owns = state.guilds[guildId]?.ownerId === state.me;
  return (state.emojiOf[guildId] ?? [])
    .flatMap((id) => state.emoji[id] ?? [])
    .filter(({ roles }) => owns || roles.length === 0 || roles.some((role) => mine.includes(role)));
}

/** What an emoji is called in a reaction: `name:id` of a custom one. None: it is one of Unicode. */
export function customEmoji(emoji: string): { readonly name: string; readonly id: Id } | null {
  const found = /^(\w+):(\d{1,20})$/.exec(emoji);
  return found === null ? null : { name: found[1] ?? "", id: found[2] ?? "" };
}
