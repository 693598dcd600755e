/** Where the keyboard lies when what had it is gone: where one goes on. */

import { useEffect } from "react";
import { boxIn } from "../composer/focus.ts";
import { isNarrow } from "./room.ts";

/** What may be landed on, beside the message box: the heading of what is shown. */
export const LANDING = { tabIndex: -1, "data-nx": "landing" } as const;

/** A page that was just loaded leaves the keyboard where the browser puts it. */
let held = false;
addEventListener("focusin", () => {
  held = true;
});

/** Whether nothing has the keyboard, though something had; or what has it has been put aside. */
export function isLost(): boolean {
  const at = document.activeElement;
  if (at === null || at === document.body) return held;
  return isNarrow() && at.closest("[data-pane]:not([data-pane=channels]) > .nx-side") !== null;
}

/** Whether the keyboard only lies somewhere, and nothing there takes what is typed. */
export function isIdle(): boolean {
  const at = document.activeElement;
  return at === null || at === document.body || at.matches("main, [data-nx=landing]");
}

/** Goes to the message box where there is one; where that would bring up a phone's keys unasked, to the heading. */
export function land(): void {
  const place = shown();
  const box = place === null || isTouched() ? null : boxIn(place);
  const on = box ?? place?.querySelector<HTMLElement>("[data-nx=landing]") ?? place;
  on?.focus({ preventScroll: true });
}

/** What lies on top: a dialog, on a narrow screen the channels, a thread beside its channel or over it. */
function shown(): HTMLElement | null {
  const on = [...document.querySelectorAll<HTMLElement>("dialog[open]")].at(-1);
  const over = isNarrow() ? document.querySelector<HTMLElement>("[data-pane=channels] .nx-side") : null;
  return on ?? over ?? document.querySelector<HTMLElement>(".nx-thread") ?? document.querySelector("main");
}

function isTouched(): boolean {
  return isNarrow() || touched.matches;
}

const touched = matchMedia("(pointer: coarse)");

/** Once what is drawn is there: lands, where the keyboard was lost on the way to it. */
export function useLanding(place?: unknown): void {
  // biome-ignore lint/correctness/useExhaustiveDependencies: each place is arrived at
  useEffect(() => {
    // The heading may come after the place.
    if (isLost() || document.activeElement?.matches("main") === true) land();
  }, [place]);
}

/** Once what was drawn is gone, and the keyboard with it. */
export function useLeaving(): void {
  useEffect(
    () => () => {
      if (isLost()) land();
    },
    [],
  );
}
