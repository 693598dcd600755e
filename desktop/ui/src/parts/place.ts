/** Where what floats is put. */

import { autoUpdate, computePosition, flip, offset, type Placement, shift, size } from "@floating-ui/dom";
import { type RefObject, useLayoutEffect } from "react";
import type { Anchor } from "../app/screen.ts";

/** Keeps an element beside its anchor and inside the window, for as long as it is drawn. */
export function useFloating(
  ref: RefObject<HTMLElement | null>,
  anchor: Anchor | null,
  placement: Placement,
  gap = 6,
): void {
  useLayoutEffect(() => {
    const element = ref.current;
    if (element === null || anchor === null) return;
    const reference = anchor instanceof Element ? anchor : pointAnchor(anchor.x, anchor.y);
    const place = async () => {
      const { x, y } = await computePosition(reference, element, {
        strategy: "fixed",
        placement,
        middleware: [
          offset(gap),
          flip({ padding: EDGE, fallbackAxisSideDirection: "start" }),
          shift({ padding: EDGE, crossAxis: true }),
          size({
            padding: EDGE,
            apply: ({ availableHeight }) => {
              element.style.maxHeight = `${Math.max(MIN_HEIGHT, availableHeight)}px`;
            },
          }),
        ],
      });
      element.style.left = `${x}px`;
      element.style.top = `${y}px`;
      element.dataset.placed = "";
    };
    return autoUpdate(reference, element, () => void place());
  }, [ref, anchor, placement, gap]);
}

/** Pixels that stay free at the window's edges. */
const EDGE = 8;
const MIN_HEIGHT = 160;

function pointAnchor(x: number, y: number) {
  return { getBoundingClientRect: () => new DOMRect(x, y, 0, 0) };
}

/** What lies over everything: the topmost open dialog, for what is outside of it cannot be reached. */
export function topLayer(): HTMLElement {
  const open = document.querySelectorAll<HTMLElement>("dialog[open]");
  return open[open.length - 1] ?? document.body;
}
