/** What somebody typed to find messages, in pieces: `from:ada in:"the boat" mast`. */

export const FILTERS = ["from", "in", "has", "mentions", "pinned", "before", "after", "during"] as const;
export type Filter = (typeof FILTERS)[number];

export interface SearchToken {
  /** None: plain text. */
  readonly filter: Filter | null;
  /** Without its quotes. */
  readonly value: string;
  /** Where it begins and ends in what was typed. */
  readonly from: number;
  readonly to: number;
}

/** Every character that is no space is in one of them. A name that is no filter's is plain text, as is whatever is quoted whole. */
export function searchTokens(text: string): readonly SearchToken[] {
  return [...text.matchAll(TOKEN)].map((found) => {
    const { filter, filtered, quoted } = found.groups ?? {};
    const name = filter?.toLowerCase() as Filter | undefined;
    return {
      filter: name ?? null,
      value: name === undefined ? (quoted ?? found[0]) : unquoted(filtered ?? ""),
      from: found.index,
      to: found.index + found[0].length,
    };
  });
}

/** A quote that is not closed goes to the end: it is being typed. */
const TOKEN = new RegExp(
  String.raw`(?<filter>${FILTERS.join("|")}):(?<filtered>"[^"]*(?:"|$)|\S*)|"(?<quoted>[^"]+)"(?!\S)|\S+`,
  "giu",
);

function unquoted(value: string): string {
  return value.startsWith('"') ? value.slice(1).replace(/"$/, "") : value;
}

/** A filter with its value as it is to be typed; none where no quotes can hold it. */
export function typedFilter(filter: Filter, value: string): string | null {
  if (value.includes('"')) return null;
  return /\s/.test(value) || value === "" ? `${filter}:"${value}"` : `${filter}:${value}`;
}
