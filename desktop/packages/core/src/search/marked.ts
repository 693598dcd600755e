/** Which parts of a text are what was looked for. */

export interface MarkedPart {
  readonly text: string;
  readonly hit: boolean;
}

/** The text in its order; words are found wherever they stand, in whatever case. */
export function markedParts(text: string, words: readonly string[]): readonly MarkedPart[] {
  const pattern = patternOf(words);
  if (pattern === null || text === "") return [{ text, hit: false }];
  return text
    .split(pattern)
    .map((part, at) => ({ text: part, hit: at % 2 === 1 }))
    .filter((part) => part.text !== "");
}

/** Of a text that is shown in part, and what of it stands before the first word that was looked for; characters. */
const EXCERPT_MAX = 600;
const EXCERPT_BEFORE = 150;

/** A long text from a little before the first of the words. */
export function excerpt(text: string, words: readonly string[]): string {
  if (text.length <= EXCERPT_MAX) return text;
  const first = text.search(patternOf(words) ?? /^/);
  const from = first > EXCERPT_MAX - EXCERPT_BEFORE ? first - EXCERPT_BEFORE : 0;
  const part = whole(text.slice(from, from + EXCERPT_MAX));
  return `${from > 0 ? "… " : ""}${part}${from + EXCERPT_MAX < text.length ? " …" : ""}`;
}

/** Without half an emoji at either end. */
function whole(text: string): string {
  return text.replace(/^[\uDC00-\uDFFF]|[\uD800-\uDBFF]$/g, "");
}

function patternOf(words: readonly string[]): RegExp | null {
  const sought = words.filter((word) => word !== "").sort((a, b) => b.length - a.length);
  return sought.length === 0 ? null : new RegExp(`(${sought.map(escaped).join("|")})`, "giu");
}

function escaped(word: string): string {
  return word.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}
