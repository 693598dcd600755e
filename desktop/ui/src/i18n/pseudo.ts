/** Languages that nobody speaks: they find what was not made for other languages. */

import type { Catalogue, Words } from "./translate.ts";

const ACCENTED: Readonly<Record<string, string>> = {
  a: "á",
  c: "ç",
  e: "é",
  i: "ï",
  n: "ñ",
  o: "ô",
  u: "ü",
  y: "ý",
  A: "Å",
  E: "É",
  O: "Ö",
  U: "Û",
};

/** A third longer, with accents, in brackets: what is cut off or not in the catalogue shows. */
export function stretched(from: Catalogue): Catalogue {
  return mapped(from, (text) => `⟦${accented(text)}${"·".repeat(Math.ceil(text.length / 3))}⟧`);
}

function mapped(from: Catalogue, by: (text: string) => string): Catalogue {
  const of = (words: Words): Words =>
    typeof words === "string" ? by(words) : { ...words, one: by(words.one), other: by(words.other) };
  return Object.fromEntries(Object.entries(from).map(([key, words]) => [key, of(words)])) as Catalogue;
}

function accented(text: string): string {
  return text
    .split(/(\{\w+\})/)
    .map((part) =>
      part.startsWith("{") ? part : part.replace(/[a-zA-Z]/g, (letter) => ACCENTED[letter] ?? letter),
    )
    .join("");
}
