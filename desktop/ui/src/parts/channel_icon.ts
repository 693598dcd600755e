import { type Channel, Permission } from "@nexus/core";
import type { LucideIcon } from "lucide-react";
import { Hash, Images, Lock, Megaphone, MessagesSquare, Newspaper, Volume2 } from "./icons.ts";

/** What stands before a channel's name. */
export function channelIcon(channel: Channel): LucideIcon {
  if (channel.kind === "announcement") return Megaphone;
  if (channel.kind === "voice") return Volume2;
  if (channel.kind === "forum") return Newspaper;
  if (channel.kind === "media") return Images;
  if (channel.kind === "thread") return channel.thread?.private === true ? Lock : MessagesSquare;
  return isPrivate(channel) ? Lock : Hash;
}

/** Whether not everybody can see it. */
export function isPrivate(channel: Channel): boolean {
  return channel.overwrites.some(
    (line) => line.id === channel.guildId && (line.deny & Permission.VIEW_CHANNEL) !== 0n,
  );
}
