/** Times and amounts as a reader expects them. */

import { language, t } from "./translate.ts";

const formats = new Map<string, Intl.DateTimeFormat>();

function format(at: number, options: Intl.DateTimeFormatOptions): string {
  const { tag } = language();
  const key = tag + JSON.stringify(options);
  let made = formats.get(key);
  if (made === undefined) {
    made = new Intl.DateTimeFormat(tag, options);
    formats.set(key, made);
  }
  return made.format(at);
}

/** 14:03 */
export function clock(at: number): string {
  return format(at, { hour: "2-digit", minute: "2-digit" });
}

/** Monday, 23 November 2026 */
export function longDay(at: number): string {
  return format(at, { weekday: "long", year: "numeric", month: "long", day: "numeric" });
}

/** With the time of day: for what a pointer finds. */
export function exact(at: number): string {
  return format(at, { dateStyle: "full", timeStyle: "medium" });
}

/** Sat, 28 Nov 2026, 18:00: for what is to come. */
export function appointment(at: number): string {
  return format(at, {
    weekday: "short",
    year: "numeric",
    month: "short",
    day: "numeric",
    hour: "2-digit",
    minute: "2-digit",
  });
}

export function shortDate(at: number): string {
  return format(at, { year: "numeric", month: "short", day: "numeric" });
}

/** Today at 14:03; Yesterday at 14:03; 21/11/2026, 14:03 */
export function moment(at: number, now: number = Date.now()): string {
  const days = dayNumber(now) - dayNumber(at);
  if (days === 0) return t("time.today_at", { time: clock(at) });
  if (days === 1) return t("time.yesterday_at", { time: clock(at) });
  return format(at, { dateStyle: "short", timeStyle: "short" });
}

/** The name of a day: today and yesterday have their own. */
export function dayName(at: number, now: number = Date.now()): string {
  const days = dayNumber(now) - dayNumber(at);
  if (days === 0) return t("time.today");
  if (days === 1) return t("time.yesterday");
  return longDay(at);
}

function dayNumber(at: number): number {
  return Math.floor((at - new Date(at).getTimezoneOffset() * 60_000) / 86_400_000);
}

const UNITS: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ["year", 31_536_000],
  ["month", 2_592_000],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];

/** in 2 hours; 3 days ago */
export function relative(at: number, now: number = Date.now()): string {
  const seconds = (at - now) / 1000;
  const words = new Intl.RelativeTimeFormat(language().tag, { numeric: "auto" });
  for (const [unit, size] of UNITS) {
    if (Math.abs(seconds) >= size) return words.format(Math.trunc(seconds / size), unit);
  }
  return words.format(Math.trunc(seconds), "second");
}

const STYLES: Readonly<Record<string, Intl.DateTimeFormatOptions>> = {
  t: { timeStyle: "short" },
  T: { timeStyle: "medium" },
  d: { dateStyle: "short" },
  D: { dateStyle: "long" },
  f: { dateStyle: "long", timeStyle: "short" },
  F: { dateStyle: "full", timeStyle: "short" },
};

/** A timestamp in a message, by Discord's letter. */
export function stamp(at: number, style: string, now: number = Date.now()): string {
  // What no calendar has must not stop the screen.
  if (Number.isNaN(new Date(at).getTime())) return t("time.invalid");
  return style === "R" ? relative(at, now) : format(at, STYLES[style] ?? STYLES.f ?? {});
}

/** 42% */
export function percent(share: number): string {
  return new Intl.NumberFormat(language().tag, { style: "percent" }).format(share);
}

export function byteSize(bytes: number): string {
  const units = ["byte", "kilobyte", "megabyte", "gigabyte"];
  const step = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(bytes, 1)) / 3));
  const unit = units[step] ?? "byte";
  const amount = bytes / 1000 ** step;
  // The short form of a byte has no plural.
  const unitDisplay = unit === "byte" ? "long" : "short";
  const options = { style: "unit", unit, unitDisplay, maximumFractionDigits: 1 } as const;
  return new Intl.NumberFormat(language().tag, options).format(amount);
}

/** How long something is kept; 0 for ever. */
export function daysText(days: number): string {
  if (days === 0) return t("dlg.keep_ever");
  return new Intl.NumberFormat(language().tag, { style: "unit", unit: "day", unitDisplay: "long" }).format(
    days,
  );
}
