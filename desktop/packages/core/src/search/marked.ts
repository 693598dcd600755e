/** Which parts of a text are what was looked for. */

export interface MarkedPart {
  readonly text: string;
  readonly hit: boolean;
}

/** The text in its order; words are found wherever they stand, in whatever case. */
export function markedParts(text: string, words: readonly string[]): readonly MarkedPart[] {
  const sought = words.filter((word) => word !== "").sort((a, b) => b.length - a.length);
  if (sought.length === 0 || text === "") return [{ text, hit: false }];
  const pattern = new RegExp(`(${sought.map(escaped).join("|")})`, "giu");
  return text
    .split(pattern)
    .map((part, at) => ({ text: part, hit: at % 2 === 1 }))
    .filter((part) => part.text !== "");
}

function escaped(word: string): string {
  return word.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}
