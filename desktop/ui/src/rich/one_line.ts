/** What somebody wrote in one line, without marks: for quotes and for what is read aloud. */

import { type Inline, markdown, nameOf, plainText, type State } from "@nexus/core";
import { useMemo } from "react";
import { useClient } from "../app/client.tsx";
import { stamp } from "../i18n/time.ts";
import { t } from "../i18n/translate.ts";

/** Of a longer text, its beginning. */
const READ_MAX = 400;
const SHOWN_MAX = 200;

export function oneLine(state: State, guildId: string | null, content: string): string {
  return plainText(markdown(content.slice(0, READ_MAX)), (node) => shown(state, guildId, node)).slice(
    0,
    SHOWN_MAX,
  );
}

export function useOneLine(guildId: string | null, content: string): string {
  const { store } = useClient();
  return useMemo(() => oneLine(store.getState(), guildId, content), [store, guildId, content]);
}

function shown(state: State, guildId: string | null, node: Inline): string {
  switch (node.kind) {
    case "user":
      return `@${nameOf(state, node.id, guildId) ?? t("common.unknown_person")}`;
    case "role":
      return `@${(guildId === null ? undefined : state.roles[guildId]?.[node.id])?.name ?? t("common.deleted_role")}`;
    case "channel":
      return `#${state.channels[node.id]?.name ?? t("common.unknown_channel")}`;
    case "everyone":
      return node.here ? "@here" : "@everyone";
    case "emoji":
      return `:${node.name}:`;
    case "timestamp":
      return stamp(node.at, node.style);
    default:
      return "";
  }
}
