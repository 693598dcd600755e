/** Text to tree: the blocks. Lines are taken from the front, each once. */

import type { Block, Inline, Markdown } from "./ast.ts";
import { isOnlyEmoji } from "./emoji.ts";
import { parseInline } from "./inline.ts";

/** Characters that are parsed; what follows is shown as it is written. The longest message has 4000. */
const PARSED_MAX = 16_384;
/** Lists within lists. */
const LIST_DEPTH_MAX = 6;

const FENCE = "```";
const HEADING = /^(#{1,3})[ \t]+(\S.*)$/;
const SUBTEXT = /^-#[ \t]+(\S.*)$/;
const ITEM = /^( {0,32})(?:([-*])|(\d{1,9})\.)[ \t]+(\S.*)$/;

/** A text in Discord's flavour of markdown. Takes time in proportion to its length, whatever it says. */
export function markdown(text: string): Markdown {
  const blocks = parseBlocks(text.slice(0, PARSED_MAX).replace(/\r\n?/g, "\n"), true);
  const rest = text.slice(PARSED_MAX);
  if (rest !== "") blocks.push({ kind: "paragraph", children: [{ kind: "text", text: rest }] });
  return { blocks, onlyEmoji: isOnlyEmoji(blocks) };
}

/** Where the reading is. */
interface Reader {
  readonly text: string;
  at: number;
  /** No fence closes from here on. */
  fencesDone: boolean;
}

function parseBlocks(text: string, quotes: boolean): Block[] {
  const reader: Reader = { text, at: 0, fencesDone: false };
  const blocks: Block[] = [];
  let paragraph: string[] = [];
  const endParagraph = () => {
    const joined = paragraph.join("\n");
    paragraph = [];
    if (joined.trim() !== "") blocks.push({ kind: "paragraph", children: parseInline(trimLines(joined)) });
  };
  while (reader.at < text.length) {
    const block = quotes ? quoteAt(reader) : null;
    const found = block ?? listAt(reader) ?? lineBlockAt(reader);
    if (found !== null) {
      endParagraph();
      blocks.push(found);
      continue;
    }
    const code = fenceAt(reader);
    if (code !== null) {
      if (code.before !== "") paragraph.push(code.before);
      endParagraph();
      blocks.push(code.block);
      continue;
    }
    paragraph.push(takeLine(reader));
  }
  endParagraph();
  return blocks;
}

function lineBlockAt(reader: Reader): Block | null {
  const line = peekLine(reader);
  const heading = HEADING.exec(line);
  if (heading !== null) {
    takeLine(reader);
    const level = (heading[1]?.length ?? 1) as 1 | 2 | 3;
    return { kind: "heading", level, children: parseInline(heading[2] ?? "") };
  }
  const subtext = SUBTEXT.exec(line);
  if (subtext === null) return null;
  takeLine(reader);
  return { kind: "subtext", children: parseInline(subtext[1] ?? "") };
}

/** `> ` quotes a line, `>>> ` everything that follows. A quote has no quote in it. */
function quoteAt(reader: Reader): Block | null {
  if (reader.text.startsWith(">>> ", reader.at)) {
    const rest = reader.text.slice(reader.at + 4);
    reader.at = reader.text.length;
    return { kind: "quote", children: parseBlocks(rest, false) };
  }
  const lines: string[] = [];
  while (reader.at < reader.text.length) {
    const line = peekLine(reader);
    if (!line.startsWith("> ") && line !== ">") break;
    lines.push(line.slice(2));
    takeLine(reader);
  }
  return lines.length === 0 ? null : { kind: "quote", children: parseBlocks(lines.join("\n"), false) };
}

interface Item {
  readonly level: number;
  readonly ordered: boolean;
  readonly start: number;
  readonly text: string;
}

function listAt(reader: Reader): Block | null {
  const items: Item[] = [];
  while (reader.at < reader.text.length) {
    const found = ITEM.exec(peekLine(reader));
    if (found === null) break;
    const level = Math.min(LIST_DEPTH_MAX, Math.floor((found[1]?.length ?? 0) / 2));
    const ordered = found[3] !== undefined;
    // A list of another kind is another list.
    if (items.length > 0 && level === 0 && items[0]?.ordered !== ordered) break;
    items.push({ level, ordered, start: Number(found[3] ?? 1), text: found[4] ?? "" });
    takeLine(reader);
  }
  return items.length === 0 ? null : listOf(items, 0, items.length);
}

/** Items deeper than the first of the list belong to the item before them. */
function listOf(items: readonly Item[], from: number, to: number): Block {
  const first = items[from];
  const level = first?.level ?? 0;
  const out: Block[][] = [];
  for (let at = from; at < to; ) {
    let end = at + 1;
    while (end < to && (items[end]?.level ?? 0) > level) end += 1;
    const item: Block[] = [{ kind: "paragraph", children: parseInline(items[at]?.text ?? "") }];
    if (end > at + 1) item.push(listOf(items, at + 1, end));
    out.push(item);
    at = end;
  }
  return { kind: "list", ordered: first?.ordered ?? false, start: first?.start ?? 1, items: out };
}

interface Fence {
  readonly before: string;
  readonly block: Block;
}

/** A fence may open anywhere in a line, and what follows the closing one goes on in it. */
function fenceAt(reader: Reader): Fence | null {
  if (reader.fencesDone) return null;
  const line = peekLine(reader);
  const open = line.indexOf(FENCE);
  if (open < 0) return null;
  const inside = reader.at + open + FENCE.length;
  const close = reader.text.indexOf(FENCE, inside);
  if (close < 0) reader.fencesDone = true;
  const text = close < 0 ? "" : reader.text.slice(inside, close);
  if (text.trim() === "") return null;
  const before = line.slice(0, open);
  reader.at = close + FENCE.length;
  // The line break after the closing fence is the block's own.
  if (reader.text.charAt(reader.at) === "\n") reader.at += 1;
  const named = /^([\w+#.-]{1,32})\n(?=[\s\S]*\S)/.exec(text);
  const body = named === null ? text : text.slice(named[0].length);
  const language = named?.[1]?.toLowerCase() ?? "";
  return { before, block: { kind: "code_block", language, text: body.replace(/^\n|\n$/g, "") } };
}

function peekLine(reader: Reader): string {
  const end = reader.text.indexOf("\n", reader.at);
  return reader.text.slice(reader.at, end < 0 ? reader.text.length : end);
}

function takeLine(reader: Reader): string {
  const line = peekLine(reader);
  reader.at += line.length + 1;
  return line;
}

/** Without the line breaks at its ends. A pattern for this would try every run of them from every place in it. */
function trimLines(text: string): string {
  let [from, to] = [0, text.length];
  while (text.charAt(from) === "\n") from += 1;
  while (to > from && text.charAt(to - 1) === "\n") to -= 1;
  return text.slice(from, to);
}

/** The same without any form, in one line: for what shows a message in a word. `name` gives what a mention shows. */
export function plainText(from: Markdown, name: (node: Inline) => string): string {
  return from.blocks
    .map((block) => plainBlock(block, name))
    .join(" ")
    .replace(/\s+/g, " ")
    .trim();
}

function plainBlock(block: Block, name: (node: Inline) => string): string {
  switch (block.kind) {
    case "code_block":
      return block.text;
    case "quote":
      return block.children.map((inner) => plainBlock(inner, name)).join(" ");
    case "list":
      return block.items
        .flat()
        .map((inner) => plainBlock(inner, name))
        .join(" ");
    default:
      return plainInline(block.children, name);
  }
}

function plainInline(nodes: readonly Inline[], name: (node: Inline) => string): string {
  return nodes
    .map((node) => {
      if (node.kind === "text" || node.kind === "code") return node.text;
      if (node.kind === "break") return " ";
      // What is hidden stays hidden.
      if (node.kind === "spoiler") return "█████";
      return "children" in node ? plainInline(node.children, name) : name(node);
    })
    .join("");
}
