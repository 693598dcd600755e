import { type KeyboardEvent, useState } from "react";

export interface Walk {
  /** Which is reached; -1 where there is none. */
  readonly active: number;
  readonly onKeyDown: (event: KeyboardEvent) => void;
  readonly reach: (at: number) => void;
}

/** Hits that the arrows walk, round and round, while the box above them keeps the keyboard; Enter takes the one that is reached. */
export function useWalk(count: number, take: (at: number) => void): Walk {
  const [at, setAt] = useState(0);
  const active = Math.min(at, count - 1);
  return {
    active,
    onKeyDown(event) {
      if (event.nativeEvent.isComposing) return;
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (step !== undefined && count > 0) {
        event.preventDefault();
        setAt((active + step + count) % count);
      } else if (event.key === "Enter" && !event.ctrlKey && !event.metaKey) {
        event.preventDefault();
        take(active);
      }
    },
    reach: setAt,
  };
}
