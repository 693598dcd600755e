/** The inline text, cut into pieces from left to right. Each place is looked at a bounded number of times. */

import type { Inline } from "./ast.ts";
import { linkAt, maskedAt } from "./link.ts";

/** What opens and closes: the marks of emphasis, whose pairs are found later. */
export type Mark = "*" | "**" | "_" | "__" | "~~" | "||";

export type Token =
  | { readonly kind: "node"; readonly node: Inline }
  /** `run`: how often the character is repeated. Before and after decide whether it can open or close. */
  | {
      readonly kind: "marks";
      readonly char: string;
      readonly run: number;
      readonly before: string;
      readonly after: string;
    };

export interface Scan {
  /** Whether `[text](address)` is a link: not within another one. */
  readonly links: boolean;
  /** Parses the text of a masked link. */
  inner(text: string): readonly Inline[];
}

const ESCAPED = /\\([!-/:-@[-`{-~])/y;
const MENTION =
  /<(?:@(?<user>!?\d{1,20})|@&(?<role>\d{1,20})|#(?<channel>\d{1,20})|(?<animated>a?):(?<name>\w{1,32}):(?<emoji>\d{1,20})|t:(?<at>-?\d{1,13})(?::(?<style>[tTdDfFR]))?)>/y;
const EVERYONE = /@(everyone|here)\b/y;
/** Runs of what begins nothing; one character where something might. */
const PLAIN = /[^\\`*_~|<@[hm\n]+|[\s\S]/uy;

export function scan(text: string, options: Scan): readonly Token[] {
  const tokens: Token[] = [];
  const codeEnds = closingBackticks(text);
  let plain = "";
  const flush = () => {
    if (plain !== "") tokens.push({ kind: "node", node: { kind: "text", text: plain } });
    plain = "";
  };
  const push = (node: Inline) => {
    flush();
    tokens.push({ kind: "node", node });
  };
  let at = 0;
  while (at < text.length) {
    const found = nodeAt(text, at, codeEnds, options);
    if (found !== null) {
      if (found.node.kind === "text") plain += found.node.text;
      else push(found.node);
      at = found.end;
      continue;
    }
    const run = marksAt(text, at);
    if (run > 0) {
      flush();
      const [char, before, after] = [text.charAt(at), text.charAt(at - 1), text.charAt(at + run)];
      tokens.push({ kind: "marks", char, run, before, after });
      at += run;
      continue;
    }
    const piece = match(PLAIN, text, at)?.[0] ?? text.charAt(at);
    plain += piece;
    at += piece.length;
  }
  flush();
  return tokens;
}

interface Found {
  readonly node: Inline;
  readonly end: number;
}

function nodeAt(
  text: string,
  at: number,
  codeEnds: ReadonlyMap<number, number>,
  options: Scan,
): Found | null {
  switch (text.charAt(at)) {
    case "\n":
      return { node: { kind: "break" }, end: at + 1 };
    case "\\": {
      const escaped = match(ESCAPED, text, at);
      return escaped === null ? null : { node: { kind: "text", text: escaped[1] ?? "" }, end: at + 2 };
    }
    case "`":
      return codeAt(text, at, codeEnds);
    case "<":
      return mentionAt(text, at) ?? linkAt(text, at);
    case "@": {
      const everyone = match(EVERYONE, text, at);
      if (everyone === null) return null;
      return { node: { kind: "everyone", here: everyone[1] === "here" }, end: at + everyone[0].length };
    }
    case "[":
      return options.links ? maskedAt(text, at, options.inner) : null;
    case "h":
    case "m":
      return options.links ? linkAt(text, at) : null;
    default:
      return null;
  }
}

function mentionAt(text: string, at: number): Found | null {
  const found = match(MENTION, text, at);
  const groups = found?.groups;
  if (found === null || groups === undefined) return null;
  const end = at + found[0].length;
  const { user, role, channel, emoji, name, at: seconds, style } = groups;
  if (user !== undefined) return { node: { kind: "user", id: user.replace("!", "") }, end };
  if (role !== undefined) return { node: { kind: "role", id: role }, end };
  if (channel !== undefined) return { node: { kind: "channel", id: channel }, end };
  if (emoji !== undefined) {
    return {
      node: { kind: "emoji", id: emoji, name: name ?? "", animated: groups.animated === "a" },
      end,
    };
  }
  // Beyond what a date can be it stays text: 8.64e15 ms, ECMA-262 21.4.1.1.
  const ms = Number(seconds) * 1000;
  if (Math.abs(ms) > 8.64e15) return null;
  return { node: { kind: "timestamp", at: ms, style: (style ?? "f") as "f" }, end };
}

function codeAt(text: string, at: number, codeEnds: ReadonlyMap<number, number>): Found {
  const run = runAt(text, at);
  const close = codeEnds.get(at);
  if (close === undefined) return { node: { kind: "text", text: text.slice(at, at + run) }, end: at + run };
  const inside = text.slice(at + run, close);
  // A space on both sides is there to keep backticks apart.
  const padded = inside.length > 2 && inside.startsWith(" ") && inside.endsWith(" ");
  return { node: { kind: "code", text: padded ? inside.slice(1, -1) : inside }, end: close + run };
}

/** For each run of backticks that opens code: where the run is that closes it. One pass from the end. */
function closingBackticks(text: string): ReadonlyMap<number, number> {
  const runs: { readonly at: number; readonly length: number }[] = [];
  for (const found of text.matchAll(/`+/g)) runs.push({ at: found.index, length: found[0].length });
  const next = new Map<number, number>();
  const ends = new Map<number, number>();
  for (const run of runs.reverse()) {
    const close = next.get(run.length);
    if (close !== undefined) ends.set(run.at, close);
    next.set(run.length, run.at);
  }
  return ends;
}

/** How many marks stand there; none where a single one means nothing. */
function marksAt(text: string, at: number): number {
  const char = text.charAt(at);
  if (char === "*" || char === "_") return runAt(text, at);
  if (char !== "~" && char !== "|") return 0;
  return runAt(text, at) >= 2 ? 2 : 0;
}

function runAt(text: string, at: number): number {
  const char = text.charAt(at);
  let end = at;
  while (text.charAt(end) === char && end < text.length) end += 1;
  return end - at;
}

function match(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}
