/** Emoji by their names, fetched once when they are first wanted. */

import { useEffect, useState } from "react";
import type { EmojiNames } from "./suggest.ts";

let asked: Promise<EmojiNames> | null = null;

export function loadEmojiNames(): Promise<EmojiNames> {
  asked ??= fetch("/emoji/en/names.json")
    .then((response) => (response.ok ? (response.json() as Promise<EmojiNames>) : []))
    .catch((): EmojiNames => {
      asked = null;
      return [];
    });
  return asked;
}

const NONE: EmojiNames = [];

export function useEmojiNames(wanted: boolean): EmojiNames {
  const [names, setNames] = useState<EmojiNames>(NONE);
  useEffect(() => {
    if (!wanted || names.length > 0) return;
    let here = true;
    void loadEmojiNames().then((loaded) => {
      if (here) setNames(loaded);
    });
    return () => {
      here = false;
    };
  }, [wanted, names]);
  return names;
}
