/** Words by key, in the reader's language. */

import { useSyncExternalStore } from "react";
import { en } from "./en.ts";
import { stretched } from "./pseudo.ts";

export type Catalogue = { readonly [K in Key]: Words };
export type Key = keyof typeof en;
/** A text, or one for each plural form of `n`. */
export type Words =
  | string
  | { readonly one: string; readonly other: string; readonly [form: string]: string };

/** `stretched` and `mirrored` are no languages: they show what a longer one, or one from right to left, does to a screen. */
export type Locale = "en" | "stretched" | "mirrored";

type Names<S extends string> = S extends `${string}{${infer P}}${infer Rest}` ? P | Names<Rest> : never;
type WordsOf<K extends Key> = (typeof en)[K] extends string
  ? (typeof en)[K]
  : (typeof en)[K][keyof (typeof en)[K]];
export type ParamsOf<K extends Key> = Names<WordsOf<K> & string> | PluralParam<K>;
type PluralParam<K extends Key> = (typeof en)[K] extends string ? never : "n";

export type Params<K extends Key, V = string | number> = { readonly [P in ParamsOf<K>]: V };
/** Nothing has to be given where nothing is asked for. */
export type Given<K extends Key, V = string | number> = ParamsOf<K> extends never ? [] : [Params<K, V>];

interface Language {
  readonly locale: Locale;
  /** BCP 47, for dates and numbers. */
  readonly tag: string;
  readonly dir: "ltr" | "rtl";
  readonly words: Catalogue;
}

const ENGLISH: Language = { locale: "en", tag: "en", dir: "ltr", words: en };

let spoken: Language = ENGLISH;
let plural = new Intl.PluralRules(spoken.tag);
const listeners = new Set<() => void>();

export function setLocale(locale: Locale): void {
  spoken = languageOf(locale);
  plural = new Intl.PluralRules(spoken.tag);
  for (const listener of listeners) listener();
}

function languageOf(locale: Locale): Language {
  if (locale === "stretched") return { ...ENGLISH, locale, words: stretched(en) };
  if (locale === "mirrored") return { ...ENGLISH, locale, dir: "rtl" };
  return ENGLISH;
}

export function language(): Language {
  return spoken;
}

/** Draws anew when the language changes. */
export function useLanguage(): Language {
  return useSyncExternalStore(listen, language);
}

function listen(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The words of a key, with what is to be put into them. */
export function t<K extends Key>(key: K, ...given: Given<K>): string {
  const params = (given[0] ?? {}) as Readonly<Record<string, string | number>>;
  return chosen(key, params).replace(PLACE, (whole, name: string) => shown(params[name], whole));
}

/** The same in pieces: text and the names of what goes between, for what is more than text. */
export function pieces<K extends Key>(key: K, n?: number): readonly { text: string; name: string | null }[] {
  const words = chosen(key, n === undefined ? {} : { n });
  return words
    .split(/(\{\w+\})/)
    .filter((text) => text !== "")
    .map((text) => ({ text, name: /^\{(\w+)\}$/.exec(text)?.[1] ?? null }));
}

const PLACE = /\{(\w+)\}/g;

function chosen(key: Key, params: Readonly<Record<string, unknown>>): string {
  const words: Words = spoken.words[key];
  if (typeof words === "string") return words;
  return words[plural.select(Number(params.n ?? 0))] ?? words.other;
}

function shown(value: string | number | undefined, missing: string): string {
  if (value === undefined) return missing;
  return typeof value === "number" ? new Intl.NumberFormat(spoken.tag).format(value) : value;
}
