import { lazy, Suspense } from "react";
import { useScreen } from "../app/screen.ts";

const Picker = lazy(() => import("./picker.tsx"));

/** The emoji picker, if it is open; loaded when it is first opened. */
export function EmojiLayer() {
  const open = useScreen((screen) => screen.emoji !== null);
  return open ? (
    <Suspense fallback={null}>
      <Picker />
    </Suspense>
  ) : null;
}
