import type { Channel } from "./entities.ts";

/** Whether nothing is said in a channel itself: it is made of posts, each a thread. So are forums and media channels. */
export function holdsPosts(channel: Pick<Channel, "kind"> | undefined): boolean {
  return channel?.kind === "forum" || channel?.kind === "media";
}
