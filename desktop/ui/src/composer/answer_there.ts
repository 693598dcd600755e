import type { Client, Id } from "@nexus/core";
import { answer, dropAnswer } from "../app/screen.ts";

/** What was to be answered is elsewhere now: the answer goes after it, and what was written so far, where nothing is being written there. */
export function answerThere(
  { store, actions }: Pick<Client, "store" | "actions">,
  messageId: Id,
  from: Id,
  to: Id,
): void {
  const { drafts } = store.getState();
  const written = drafts[from] ?? "";
  if (written !== "" && (drafts[to] ?? "") === "") {
    actions.setDraft(to, written);
    actions.setDraft(from, "");
  }
  dropAnswer(from);
  answer(to, messageId);
}
