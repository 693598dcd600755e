import { type RefObject, useEffect } from "react";

/** Calls back when something else than the element is pressed. */
export function useOutside(ref: RefObject<HTMLElement | null>, leave: () => void): void {
  useEffect(() => {
    const pressed = (event: PointerEvent) => {
      const on = event.target;
      if (on instanceof Node && ref.current?.contains(on)) return;
      // A menu that was opened from inside belongs to it.
      if (
        on instanceof Element &&
        on.closest(".nx-pop, .nx-menu") !== null &&
        !ref.current?.matches(".nx-menu")
      )
        return;
      leave();
    };
    document.addEventListener("pointerdown", pressed, true);
    return () => document.removeEventListener("pointerdown", pressed, true);
  }, [ref, leave]);
}
