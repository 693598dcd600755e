/** Days, months and years as somebody types them, in their own time zone. */

import type { Millis } from "../model/entities.ts";

export interface Span {
  /** Its first moment .. */
  readonly from: Millis;
  /** .. and the first one after it. */
  readonly to: Millis;
}

/** `2026-11-23`, `2026-11`, `2026`, `today`, `yesterday`; null for what is none of these. */
export function dateSpan(value: string, now: Millis): Span | null {
  const word = DAYS_AGO.get(value.toLowerCase());
  if (word !== undefined) {
    const today = new Date(now);
    return spanOf(today.getFullYear(), today.getMonth(), today.getDate() - word);
  }
  const found = /^(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?$/.exec(value);
  if (found === null) return null;
  const [year, month, day] = [found[1], found[2], found[3]].map((each) =>
    each === undefined ? undefined : Number(each),
  );
  if (year === undefined || year < FIRST_YEAR) return null;
  if (month === undefined) return { from: startOf(year, 0, 1), to: startOf(year + 1, 0, 1) };
  if (month < 1 || month > 12) return null;
  if (day === undefined) return { from: startOf(year, month - 1, 1), to: startOf(year, month, 1) };
  // No calendar has a 30th of February.
  const isDay = day >= 1 && new Date(year, month - 1, day).getMonth() === month - 1;
  return isDay ? spanOf(year, month - 1, day) : null;
}

const DAYS_AGO: ReadonlyMap<string, number> = new Map([
  ["today", 0],
  ["yesterday", 1],
]);
/** Before it no message was written; and years of two digits are another thing to JavaScript. */
const FIRST_YEAR = 1_000;

/** By the calendar, not by hours: a day may have 23 of them, or 25. */
function spanOf(year: number, month: number, day: number): Span {
  return { from: startOf(year, month, day), to: startOf(year, month, day + 1) };
}

function startOf(year: number, month: number, day: number): Millis {
  return new Date(year, month, day).getTime();
}
