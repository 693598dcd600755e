/** A channel with a long history, written by a bot that may write as fast as it can. */

import { type Answer, type Asks, asking, botIn } from "./api.ts";
import type { Program } from "./program.ts";

export interface LongChannel {
  readonly guildId: string;
  readonly channelId: string;
  /** Says something as the bot. */
  say(content: string): Promise<Answer>;
  /** .. with whatever a message can have. */
  post(message: unknown): Promise<Answer>;
  /** Writes so many messages, `at once` of them on their way together. */
  fill(count: number, atOnce?: number): Promise<void>;
}

/** In the first guild of a node's owner. */
export async function longChannel(node: Program): Promise<LongChannel> {
  const owner: Asks = asking(node, node.token());
  const [guild] = await owner("GET", "/users/@me/guilds");
  const channels = await owner("GET", `/guilds/${guild.id}/channels`);
  const { id } = channels.find((each: { type: number }) => each.type === 0);
  const { bot, id: botId } = await botIn(node, owner, guild.id, 1n << 11n);
  const fast = { name: "fast", nexus: { rate_class: "bulk" } };
  const role = await owner("POST", `/guilds/${guild.id}/roles`, fast);
  await owner("PUT", `/guilds/${guild.id}/members/${botId}/roles/${role.id}`);
  const post = (message: unknown) => bot("POST", `/channels/${id}/messages`, message);
  const say = (content: string) => post({ content });
  return {
    guildId: guild.id,
    channelId: id,
    say,
    post,
    async fill(count, atOnce = 16) {
      let next = 0;
      const writer = async () => {
        while (next < count) {
          const at = next;
          next += 1;
          await say(`Message **${at}** of many: ${"what was said in the harbour ".repeat(1 + (at % 5))}`);
        }
      };
      await Promise.all(Array.from({ length: atOnce }, writer));
    },
  };
}
