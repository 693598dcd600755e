/** Whether a message is nothing but emoji. */

import type { Block } from "./ast.ts";

/** More than so many are drawn as text. */
const LARGE_MAX = 30;

/** One emoji as people see it: UTS #51's possible emoji, without the numbers and signs that are emoji by a selector only. */
const EMOJI =
  /(?:\p{RI}\p{RI}|\p{Emoji}\uFE0F\u20E3|\p{Extended_Pictographic}(?:\p{EMod}|\uFE0F)?(?:\u200D\p{Extended_Pictographic}(?:\p{EMod}|\uFE0F)?)*)/gu;

export function isOnlyEmoji(blocks: readonly Block[]): boolean {
  const only = blocks[0];
  if (blocks.length !== 1 || only?.kind !== "paragraph") return false;
  let count = 0;
  for (const node of only.children) {
    if (node.kind === "emoji") count += 1;
    else if (node.kind === "text") {
      const rest = node.text.replace(EMOJI, () => {
        count += 1;
        return "";
      });
      if (rest.trim() !== "") return false;
    } else if (node.kind !== "break") return false;
  }
  return count > 0 && count <= LARGE_MAX;
}
