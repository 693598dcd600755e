import type { GuildEmoji } from "@nexus/core";
import { useState } from "react";
import { useApp } from "../app/client.tsx";

/** A guild's own emoji, as its picture; as its name where that is not here: pictures lie where they were made. */
export function CustomEmoji({ id, name }: { id: string; name: string }) {
  const emoji = useApp((state) => state.emoji[id]);
  return emoji === undefined ? <Named name={name} /> : <EmojiPicture emoji={emoji} />;
}

export function EmojiPicture({ emoji }: { emoji: Pick<GuildEmoji, "name" | "path"> }) {
  const [missing, setMissing] = useState(false);
  // Only from the program that serves this page: nobody else learns who looks.
  if (missing || !emoji.path.startsWith("/files/")) return <Named name={emoji.name} />;
  const words = `:${emoji.name}:`;
  return (
    <img
      className="nx-custom-emoji-picture"
      src={emoji.path}
      alt={words}
      title={words}
      draggable={false}
      onError={() => setMissing(true)}
    />
  );
}

function Named({ name }: { name: string }) {
  return <span className="nx-custom-emoji">:{name}:</span>;
}
