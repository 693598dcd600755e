import type { Gone } from "@nexus/core";
import { type Key, t } from "../i18n/translate.ts";

/** What became of a place, with the place's name between. */
export function goneTitle({ kind, how }: Gone): "gone.out" | "gone.deleted" | "gone.closed" | "gone.unknown" {
  return kind === "guild" || kind === "conversation" ? "gone.out" : `gone.${how}`;
}

/** What that means, and what one can do. */
export function goneText({ kind, how }: Gone): string {
  const key: Key =
    kind === "guild"
      ? "gone.out_guild"
      : kind === "conversation"
        ? "gone.out_conversation"
        : how === "deleted"
          ? `gone.deleted_${kind}`
          : how === "out"
            ? "gone.out_thread"
            : `gone.${how}_text`;
  return t(key);
}
