import type { LucideIcon } from "lucide-react";

/** `size` in pixels at the usual text size; it grows with the text. */
export function Icon({ of: Drawn, size = 20 }: { of: LucideIcon; size?: number }) {
  return <Drawn className="nx-icon" size={`${size / 16}rem`} strokeWidth={1.9} aria-hidden="true" />;
}
