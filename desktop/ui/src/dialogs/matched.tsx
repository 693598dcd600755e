import type { ReactNode } from "react";

/** The letters that matched stand out. */
export function matched(label: string, at: readonly number[]): ReactNode {
  const out: ReactNode[] = [];
  let from = 0;
  for (const place of at) {
    if (place > from) out.push(label.slice(from, place));
    const letter = String.fromCodePoint(label.codePointAt(place) ?? 32);
    out.push(<mark key={place}>{letter}</mark>);
    from = place + letter.length;
  }
  out.push(label.slice(from));
  return out;
}
