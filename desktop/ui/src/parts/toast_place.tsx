import { useLayoutEffect } from "react";
import { createStore } from "zustand/vanilla";

/** Told whenever a place comes or goes. */
export const placesChanged = createStore(() => ({ times: 0 }));

function changed(): void {
  placesChanged.setState(({ times }) => ({ times: times + 1 }));
}

/**
 * A row of what is shown in which toasts stand: what was there makes room, and nothing is covered. `rank`: where several
 * lie over each other, the highest that is seen has them; the sheets say which is.
 */
export function ToastPlace({ rank }: { rank: "main" | "thread" | "search" | "members" | "side" }) {
  useLayoutEffect(() => {
    changed();
    return changed;
  }, []);
  return <div className="nx-toast-place" data-rank={RANKS.indexOf(rank)} />;
}

const RANKS = ["main", "thread", "search", "members", "side"] as const;

/** Where they stand now, where no dialog is open; none on a page without a place. */
export function shownPlace(): HTMLElement | null {
  const all = [...document.querySelectorAll<HTMLElement>(".nx-toast-place")];
  const shown = all.filter((each) => each.getClientRects().length > 0);
  shown.sort((a, b) => Number(b.dataset.rank) - Number(a.dataset.rank));
  return shown[0] ?? null;
}
