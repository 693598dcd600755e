import { type RefObject, useLayoutEffect } from "react";

/** A text box as tall as its text, up to what its style allows. */
export function useAutoHeight(ref: RefObject<HTMLTextAreaElement | null>, text: string): void {
  // biome-ignore lint/correctness/useExhaustiveDependencies: another text is another height
  useLayoutEffect(() => {
    const box = ref.current;
    if (box === null || NATIVE) return;
    box.style.height = "auto";
    box.style.height = `${box.scrollHeight + 2}px`;
  }, [ref, text]);
}

/** The browser does it by itself: see `field-sizing` in the sheet. */
const NATIVE = typeof CSS !== "undefined" && CSS.supports("field-sizing", "content");
