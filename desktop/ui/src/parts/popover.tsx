import type { Placement } from "@floating-ui/dom";
import { type KeyboardEvent, type ReactNode, useEffect, useRef } from "react";
import { createPortal } from "react-dom";
import type { Anchor } from "../app/screen.ts";
import { cx } from "./classes.ts";
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
  if (event.key !== "Tab" || panel === null) return;
  const all = [...panel.querySelectorAll<HTMLElement>(REACHABLE)].filter(
    (each) => each.offsetParent !== null,
  );
  const [first, last] = [all[0], all.at(-1)];
  const at = document.activeElement;
  const leaving = event.shiftKey ? at === first || at === panel : at === last;
  if (!leaving) return;
  event.preventDefault();
  (event.shiftKey ? last : first)?.focus();
}

const REACHABLE =
  "a[href], button:not([disabled]):not([tabindex='-1']), input, textarea, select, [tabindex='0']";
