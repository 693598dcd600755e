import { type KeyboardEvent, type RefObject, useMemo, useState } from "react";
import { useClient } from "../app/client.tsx";
import { useEmojiNames } from "./emoji_names.ts";
import { type Begun, begunAt, completion, type Suggestion, suggestions } from "./suggest.ts";

export interface Suggest {
  readonly open: boolean;
  readonly all: readonly Suggestion[];
  readonly active: number;
  readonly setActive: (index: number) => void;
  readonly pick: (suggestion: Suggestion) => void;
  /** The text or the caret is another. */
  readonly moved: () => void;
  readonly close: () => void;
  /** Whether the key was for the list. */
  readonly onKeyDown: (event: KeyboardEvent) => boolean;
}

const NONE: readonly Suggestion[] = [];

/** What is offered while a name is being typed. */
export function useSuggestions(
  channelId: string,
  ref: RefObject<HTMLTextAreaElement | null>,
  text: string,
): Suggest {
  const { store } = useClient();
  const [begun, setBegun] = useState<Begun | null>(null);
  const [active, setActive] = useState(0);
  /** Where a list was closed by Escape: it stays closed there. */
  const [refused, setRefused] = useState<number | null>(null);
  const emoji = useEmojiNames(begun?.sign === ":");
  // biome-ignore lint/correctness/useExhaustiveDependencies: what was begun is of this very text
  const all = useMemo(
    () =>
      begun === null || begun.from === refused
        ? NONE
        : suggestions(store.getState(), channelId, begun, emoji),
    [store, channelId, begun, emoji, refused, text],
  );
  const open = all.length > 0;

  const moved = () => {
    const box = ref.current;
    if (box === null) return;
    const next = box.selectionStart === box.selectionEnd ? begunAt(box.value, box.selectionStart) : null;
    if (next?.from === begun?.from && next?.query === begun?.query) return;
    setBegun(next);
    setActive(0);
    if (next === null) setRefused(null);
  };
  const close = () => setBegun(null);
  const pick = (suggestion: Suggestion) => {
    const box = ref.current;
    if (box === null || begun === null) return;
    box.focus();
    box.setSelectionRange(begun.from, begun.to);
    const words = `${completion(suggestion)} `;
    if (!document.execCommand("insertText", false, words))
      box.setRangeText(words, begun.from, begun.to, "end");
    close();
  };
  const onKeyDown = (event: KeyboardEvent): boolean => {
    if (!open) return false;
    const to = (index: number) => setActive((index + all.length) % all.length);
    const chosen = all[active];
    const keys: Readonly<Record<string, () => void>> = {
      ArrowDown: () => to(active + 1),
      ArrowUp: () => to(active - 1),
      Tab: () => chosen !== undefined && pick(chosen),
      Enter: () => chosen !== undefined && pick(chosen),
      Escape: () => setRefused(begun?.from ?? null),
    };
    const act = event.shiftKey ? undefined : keys[event.key];
    if (act === undefined) return false;
    event.preventDefault();
    event.stopPropagation();
    act();
    return true;
  };
  return { open, all, active: Math.min(active, all.length - 1), setActive, pick, moved, close, onKeyDown };
}
