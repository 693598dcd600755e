import { lazy, Suspense } from "react";
import { LATER } from "../app/later.ts";
import { useScreen } from "../app/screen.ts";

const Picker = lazy(LATER.emojiPicker);

/** The emoji picker, if it is open; loaded when it is first opened. */
export function EmojiLayer() {
  const open = useScreen((screen) => screen.emoji !== null);
  return open ? (
    <Suspense fallback={null}>
      <Picker />
    </Suspense>
  ) : null;
}
