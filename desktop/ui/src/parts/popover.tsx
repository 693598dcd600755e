import type { Placement } from "@floating-ui/dom";
import { type KeyboardEvent, type ReactNode, useEffect, useRef } from "react";
import { createPortal } from "react-dom";
import type { Anchor } from "../app/screen.ts";
import { cx } from "./classes.ts";
import { keepTab } from "./keep_tab.ts";
import { useOutside } from "./outside.ts";
import { topLayer, useFloating } from "./place.ts";

interface PopoverFacts {
  readonly anchor: Anchor;
  readonly label: string;
  readonly onClose: () => void;
  readonly placement?: Placement;
  readonly className?: string;
  readonly children: ReactNode;
}

/** A panel beside what opened it. Escape and a press elsewhere close it; the keyboard goes in, and back out. */
export function Popover({
  anchor,
  label,
  onClose,
  placement = "bottom-end",
  className,
  children,
}: PopoverFacts) {
  const ref = useRef<HTMLDivElement>(null);
  useFloating(ref, anchor, placement);
  useOutside(ref, onClose);
  useEffect(() => {
    const before = document.activeElement;
    const first = ref.current?.querySelector<HTMLElement>("[data-first]") ?? ref.current;
    first?.focus({ preventScroll: true });
    return () => {
      const lost = document.activeElement === null || document.activeElement === document.body;
      if (lost && before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
    };
  }, []);
  const layer = topLayer();
  return createPortal(
    <div
      ref={ref}
      className={cx("nx-popover nx-pop", className)}
      role="dialog"
      aria-label={label}
      tabIndex={-1}
      onKeyDown={(event) => keyDown(event, ref.current, onClose)}
    >
      {children}
    </div>,
    layer,
  );
}

function keyDown(event: KeyboardEvent, panel: HTMLElement | null, close: () => void): void {
  if (event.key === "Escape") {
    event.preventDefault();
    event.stopPropagation();
    close();
  }
  keepTab(event, panel);
}
