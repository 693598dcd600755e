/** What a person chose for this browser, and what the page makes of it. */

import { useStore } from "zustand";
import { createStore } from "zustand/vanilla";
import { type Locale, setLocale } from "../i18n/translate.ts";

export interface Settings {
  readonly theme: "dark" | "light" | "system";
  readonly density: "cosy" | "compact";
  readonly text: "small" | "normal" | "large" | "largest";
  readonly motion: "system" | "still";
  readonly locale: Locale;
  readonly membersShown: boolean;
  readonly announce: boolean;
  readonly enterSends: boolean;
}

const USUAL: Settings = {
  theme: "dark",
  density: "cosy",
  text: "normal",
  motion: "system",
  locale: "en",
  membersShown: true,
  announce: true,
  enterSends: true,
};

const VALUES: { readonly [K in keyof Settings]: readonly unknown[] } = {
  theme: ["dark", "light", "system"],
  density: ["cosy", "compact"],
  text: ["small", "normal", "large", "largest"],
  motion: ["system", "still"],
  locale: ["en", "stretched", "mirrored"],
  membersShown: [true, false],
  announce: [true, false],
  enterSends: [true, false],
};

const KEY = "nexus.settings";

/** Below what it reads: what was kept is looked at as soon as the page begins. */
export const settings = createStore<Settings>(() => kept());

export function useSettings<T>(pick: (all: Settings) => T): T {
  return useStore(settings, pick);
}

export function choose(change: Partial<Settings>): void {
  settings.setState(change);
}

/** Brings the choices onto the page, now and whenever they change. */
export function followSettings(): void {
  apply(settings.getState());
  settings.subscribe((all) => {
    apply(all);
    keep(all);
  });
  light.addEventListener("change", () => apply(settings.getState()));
}

const light = matchMedia("(prefers-color-scheme: light)");

function apply(all: Settings): void {
  const page = document.documentElement;
  const theme = all.theme === "system" ? (light.matches ? "light" : "dark") : all.theme;
  page.dataset.theme = theme;
  page.dataset.density = all.density;
  page.dataset.text = all.text;
  page.dataset.motion = all.motion;
  page.dir = all.locale === "mirrored" ? "rtl" : "ltr";
  page.lang = "en";
  setLocale(all.locale);
}

function kept(): Settings {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(KEY) ?? "{}");
    return { ...USUAL, ...known(value) };
  } catch {
    return USUAL;
  }
}

function keep(all: Settings): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(all));
  } catch {
    // A private window may keep nothing; the choice then lasts as long as the page.
  }
}

/** Of what was kept, only values that are among those there are. */
function known(value: unknown): Partial<Settings> {
  if (value === null || typeof value !== "object") return {};
  const from = value as Readonly<Record<string, unknown>>;
  const out: Record<string, unknown> = {};
  for (const [name, values] of Object.entries(VALUES)) {
    if (values.includes(from[name])) out[name] = from[name];
  }
  return out as Partial<Settings>;
}
