/** Inline text as a tree: the marks of emphasis are paired with a stack, each looked at once. */

import type { Inline } from "./ast.ts";
import { type Mark, scan, type Token } from "./scan.ts";

/** Marks within marks that are heeded; deeper ones stay text. */
const DEPTH_MAX = 12;

export function parseInline(text: string, links = true): readonly Inline[] {
  const tokens = scan(text, { links, inner: (label) => parseInline(label, false) });
  return paired(tokens);
}

interface Level {
  readonly mark: Mark | null;
  readonly nodes: Inline[];
}

const WRAPS: Readonly<Record<Mark, "emphasis" | "strong" | "underline" | "strike" | "spoiler">> = {
  "*": "emphasis",
  _: "emphasis",
  "**": "strong",
  __: "underline",
  "~~": "strike",
  "||": "spoiler",
};

function paired(tokens: readonly Token[]): readonly Inline[] {
  const stack: Level[] = [{ mark: null, nodes: [] }];
  for (const token of tokens) {
    if (token.kind === "node") add(top(stack), token.node);
    else if (token.char === "*" || token.char === "_") emphasis(stack, token);
    else pairOrOpen(stack, `${token.char}${token.char}` as Mark, true);
  }
  while (stack.length > 1) flatten(stack);
  return top(stack).nodes;
}

/** A run of stars or underscores: closes what is open, then opens with what is left. */
function emphasis(stack: Level[], token: Extract<Token, { kind: "marks" }>): void {
  const { char, before, after } = token;
  const [single, double] = [char as Mark, `${char}${char}` as Mark];
  const word = /\w/;
  const closesSingle = before !== "" && !/\s/.test(before) && (char === "*" || !word.test(after));
  const opensSingle = after !== "" && !/\s/.test(after) && (char === "*" || !word.test(before));
  let left = token.run;
  while (left > 0) {
    const open = innermost(stack, single, double);
    if (open === double && left >= 2 && !isEmpty(stack, double)) {
      close(stack, double);
      left -= 2;
    } else if (open === single && closesSingle && !isEmpty(stack, single) && !(left === 2 && opensSingle)) {
      close(stack, single);
      left -= 1;
    } else {
      break;
    }
  }
  while (left > 0) {
    const two = left >= 2 && after !== "";
    const mark = two ? double : single;
    const opens = two || opensSingle;
    if (!opens || !push(stack, mark)) return add(top(stack), { kind: "text", text: char.repeat(left) });
    left -= mark.length;
  }
}

function pairOrOpen(stack: Level[], mark: Mark, opens: boolean): void {
  const isOpen = stack.some((level) => level.mark === mark);
  if (isOpen && !isEmpty(stack, mark)) close(stack, mark);
  else if (!opens || isOpen || !push(stack, mark)) add(top(stack), { kind: "text", text: mark });
}

/** Which of the two was opened last. */
function innermost(stack: readonly Level[], single: Mark, double: Mark): Mark | null {
  for (let at = stack.length - 1; at > 0; at -= 1) {
    const mark = stack[at]?.mark;
    if (mark === single || mark === double) return mark;
  }
  return null;
}

function push(stack: Level[], mark: Mark): boolean {
  if (stack.length > DEPTH_MAX || stack.some((level) => level.mark === mark)) return false;
  stack.push({ mark, nodes: [] });
  return true;
}

/** Nothing was said since it was opened. */
function isEmpty(stack: readonly Level[], mark: Mark): boolean {
  const last = stack.at(-1);
  return last?.mark === mark && last.nodes.length === 0;
}

/** What was opened since and not closed is text after all. */
function close(stack: Level[], mark: Mark): void {
  while (top(stack).mark !== mark && stack.length > 1) flatten(stack);
  const level = stack.pop();
  if (level !== undefined) add(top(stack), { kind: WRAPS[mark], children: level.nodes });
}

function flatten(stack: Level[]): void {
  const level = stack.pop();
  if (level === undefined) return;
  const into = top(stack);
  if (level.mark !== null) add(into, { kind: "text", text: level.mark });
  for (const node of level.nodes) add(into, node);
}

function add(level: Level, node: Inline): void {
  const last = level.nodes.at(-1);
  if (node.kind === "text" && last?.kind === "text") {
    level.nodes[level.nodes.length - 1] = { kind: "text", text: last.text + node.text };
  } else {
    level.nodes.push(node);
  }
}

function top(stack: Level[]): Level {
  const last = stack.at(-1);
  if (last === undefined) throw new Error("the first level is never closed");
  return last;
}
