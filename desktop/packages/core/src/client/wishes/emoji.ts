/** A guild's own emoji: added, renamed, deleted. What there is comes back by the gateway. */

import type { Outcome } from "../../model/outcome.ts";
import type { Actions } from "../actions.ts";
import type { Engine } from "../engine.ts";
import { type Call, mapOutcome } from "../rest.ts";

type EmojiWishes = Pick<Actions, "createEmoji" | "renameEmoji" | "deleteEmoji">;

export function emojiWishes({ rest }: Engine): EmojiWishes {
  const done = async (call: Call): Promise<Outcome<void>> =>
    mapOutcome(await rest.call<unknown>(call), () => undefined);
  return {
    createEmoji: (guildId, name, image) =>
      done({ method: "POST", path: `/guilds/${guildId}/emojis`, body: { name, image } }),
    renameEmoji: (guildId, emojiId, name) =>
      done({ method: "PATCH", path: `/guilds/${guildId}/emojis/${emojiId}`, body: { name } }),
    deleteEmoji: (guildId, emojiId) =>
      done({ method: "DELETE", path: `/guilds/${guildId}/emojis/${emojiId}` }),
  };
}
