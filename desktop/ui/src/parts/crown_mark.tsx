import { Icon } from "./icon.tsx";
import { Crown } from "./icons.ts";

/** Beside the name of whoever owns a guild, or heads a conversation: `words` say which. */
export function CrownMark({ words }: { words: string }) {
  return (
    <span className="nx-crown" role="img" aria-label={words} data-tip={words}>
      <Icon of={Crown} size={13} />
    </span>
  );
}
