import { type FocusEvent, type KeyboardEvent, useEffect, useRef } from "react";
import { gridStep } from "./grid_step.ts";

/**
 * A list that is one stop for Tab and is walked by the arrows. For the element around the list: its buttons and links
 * are the stops. `inRows`: they stand beside each other, too.
 */
export function useRoving(selector = "button, a[href]", { inRows = false } = {}) {
  const ref = useRef<HTMLElement>(null);
  // Which one Tab reaches: the current place, else the first.
  useEffect(() => {
    const all = stops(ref.current, selector);
    const held = all.find((each) => each === document.activeElement);
    const at = held ?? all.find((each) => each.getAttribute("aria-current") !== null) ?? all[0];
    for (const each of all) each.tabIndex = each === at ? 0 : -1;
  });
  return {
    ref: (element: HTMLElement | null) => {
      ref.current = element;
    },
    onFocus(event: FocusEvent) {
      const all = stops(ref.current, selector);
      if (!all.includes(event.target as HTMLElement)) return;
      for (const each of all) each.tabIndex = each === event.target ? 0 : -1;
    },
    onKeyDown(event: KeyboardEvent) {
      if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
      const all = stops(ref.current, selector);
      const at = all.indexOf(document.activeElement as HTMLElement);
      if (at < 0) return;
      const to = (inRows ? alongRows : along)(all, at, event.key);
      if (to === undefined) return;
      event.preventDefault();
      all[Math.max(0, Math.min(all.length - 1, to))]?.focus();
    },
  };
}

function along(all: readonly HTMLElement[], at: number, key: string): number | undefined {
  return { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[key];
}

function alongRows(all: readonly HTMLElement[], at: number, key: string): number | undefined {
  const places = all.map((each) => each.getBoundingClientRect());
  return gridStep(places, at, key, document.documentElement.dir === "rtl");
}

function stops(around: HTMLElement | null, selector: string): readonly HTMLElement[] {
  return around === null
    ? []
    : [...around.querySelectorAll<HTMLElement>(selector)].filter((each) => !each.hasAttribute("disabled"));
}
