import { useSyncExternalStore } from "react";
import { useSettings } from "./settings.ts";

const reduced = matchMedia("(prefers-reduced-motion: reduce)");

/** Whether somebody wants nothing to move: here, or on their whole system. */
export function useStill(): boolean {
  const chosen = useSettings((all) => all.motion === "still");
  const system = useSyncExternalStore(listen, () => reduced.matches);
  return chosen || system;
}

function listen(changed: () => void): () => void {
  reduced.addEventListener("change", changed);
  return () => reduced.removeEventListener("change", changed);
}
