/** Addresses in a text: bare, in angle brackets, or behind words. */

import type { Inline } from "./ast.ts";

/** Longest address that is one. */
const ADDRESS_MAX = 2048;
/** Longest text of a masked link. */
const LABEL_MAX = 512;

const BARE = /(?:https?:\/\/|mailto:)[^\s<\]]{1,2048}/iy;
const ANGLED = /<((?:https?:\/\/|mailto:)[^\s<>]{1,2048})>/iy;
const SAFE = /^(?:https?|mailto):/i;
const LOOKS_LIKE_ADDRESS = /(?:https?:\/\/|www\.)\S/i;

interface Found {
  readonly node: Inline;
  readonly end: number;
}

export function linkAt(text: string, at: number): Found | null {
  ANGLED.lastIndex = at;
  const angled = ANGLED.exec(text);
  if (angled !== null) return linked(angled[1] ?? "", at + angled[0].length);
  // In the middle of a word no address begins.
  if (/\w/.test(text.charAt(at - 1))) return null;
  BARE.lastIndex = at;
  const bare = BARE.exec(text);
  if (bare === null) return null;
  const address = withoutTail(bare[0]);
  return linked(address, at + address.length);
}

function linked(address: string, end: number): Found | null {
  const href = safeHref(address);
  if (href === null) return null;
  return { node: { kind: "link", href, masked: false, children: [{ kind: "text", text: address }] }, end };
}

/** Punctuation after an address belongs to the sentence; a bracket does where none was opened in the address. */
function withoutTail(address: string): string {
  let end = address.length;
  let unopened = count(address, ")") - count(address, "(");
  while (end > 0) {
    const last = address.charAt(end - 1);
    if (last === ")" && unopened > 0) unopened -= 1;
    else if (!/[.,:;"'!?*_~|`\]}]/.test(last)) break;
    end -= 1;
  }
  return address.slice(0, end);
}

function count(text: string, char: string): number {
  return text.split(char).length - 1;
}

/** `[text](address)`. Text that shows another address than the one it leads to is a lie, and is not made a link. */
export function maskedAt(text: string, at: number, inner: (text: string) => readonly Inline[]): Found | null {
  const close = labelEnd(text, at);
  if (close === null || text.charAt(close + 1) !== "(") return null;
  const end = addressEnd(text, close + 2);
  if (end === null) return null;
  const label = text.slice(at + 1, close);
  const address = text.slice(close + 2, end).replace(/^<(.*)>$/, "$1");
  const href = safeHref(address);
  if (href === null || label.trim() === "") return null;
  if (LOOKS_LIKE_ADDRESS.test(label) && label.trim() !== address) return null;
  return {
    node: { kind: "link", href, masked: label.trim() !== address, children: inner(label) },
    end: end + 1,
  };
}

/** Where the text ends that began at `[`: on the same line, brackets within it paired. */
function labelEnd(text: string, at: number): number | null {
  let depth = 0;
  const last = Math.min(text.length, at + LABEL_MAX);
  for (let place = at; place < last; place += 1) {
    const char = text.charAt(place);
    if (char === "\\") place += 1;
    else if (char === "\n") return null;
    else if (char === "[") depth += 1;
    else if (char === "]") {
      depth -= 1;
      if (depth === 0) return place;
    }
  }
  return null;
}

function addressEnd(text: string, from: number): number | null {
  let depth = 0;
  const last = Math.min(text.length, from + ADDRESS_MAX);
  for (let place = from; place < last; place += 1) {
    const char = text.charAt(place);
    if (/\s/.test(char)) return null;
    if (char === "(") depth += 1;
    else if (char === ")") {
      if (depth === 0) return place;
      depth -= 1;
    }
  }
  return null;
}

/** The address as a browser would go there, if it is one that a browser may be sent to. */
function safeHref(address: string): string | null {
  if (!SAFE.test(address)) return null;
  return CONTROL.test(address) ? null : address;
}

/** Characters that change what a reader sees of an address: controls and direction marks. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\u0000-\u0020\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/;
