import { useSyncExternalStore } from "react";

/** Below this width, the sheets' own, sides lie over the talk and there is no room for one thing beside another. */
const narrow = matchMedia("(max-width: 47.99rem)");

export function useNarrow(): boolean {
  return useSyncExternalStore(listen, isNarrow);
}

export function isNarrow(): boolean {
  return narrow.matches;
}

function listen(changed: () => void): () => void {
  narrow.addEventListener("change", changed);
  return () => narrow.removeEventListener("change", changed);
}
