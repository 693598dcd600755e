/** Files as the page is given them: chosen, dropped, or pasted. */

import {
  type Actions,
  type ChosenFile,
  FILE_MAX,
  FILES_MAX,
  FILES_TOGETHER_MAX,
  type FileRefusal,
  type Id,
} from "@nexus/core";
import type { ClipboardEvent } from "react";
import { screen, toast } from "../app/screen.ts";
import { byteSize } from "../i18n/time.ts";
import { t } from "../i18n/translate.ts";
import { focusComposer } from "./focus.ts";

/** Puts them into the channel's tray, and says which cannot go along. */
export function attach(actions: Actions, channelId: Id, files: readonly ChosenFile[]): void {
  if (files.length === 0) return;
  const refused = actions.attach(channelId, files);
  screen.setState((now) => ({ refused: { ...now.refused, [channelId]: refused } }));
  focusComposer(channelId);
}

/** Takes files out of what is pasted into a channel's box; says so where none may be sent there. */
export function paste(actions: Actions, channelId: Id, may: boolean, event: ClipboardEvent): void {
  const files = pasted(event.clipboardData);
  if (files.length === 0) return;
  event.preventDefault();
  if (may) attach(actions, channelId, files);
  else toast(t("files.not_here"), "danger");
}

export function dismissRefused(channelId: Id): void {
  screen.setState((now) => ({ refused: { ...now.refused, [channelId]: [] } }));
}

export function chosen(files: Iterable<File>): readonly ChosenFile[] {
  return [...files].map(plain);
}

/** What was dropped; of a folder only its name. */
export function dropped(data: DataTransfer): readonly ChosenFile[] {
  return [...data.items].flatMap((item) => {
    const file = item.kind === "file" ? item.getAsFile() : null;
    if (file === null) return [];
    return [item.webkitGetAsEntry?.()?.isDirectory === true ? { ...plain(file), bytes: null } : plain(file)];
  });
}

/** What a paste brings as files. A word processor puts a picture of its text beside the text: then the text is meant. */
export function pasted(data: Pick<DataTransfer, "types" | "files">): readonly ChosenFile[] {
  const isText = data.types.includes("text/plain") && WORDS.some((type) => data.types.includes(type));
  return isText ? [] : chosen(data.files);
}

const WORDS = ["text/html", "text/rtf"];

function plain(file: File): ChosenFile {
  return { name: file.name, kind: file.type, bytes: file };
}

/** Whether something that is dragged is files. */
export function bringsFiles(data: DataTransfer | null): boolean {
  return data?.types.includes("Files") === true;
}

/** Why some cannot go along: a sentence for each reason. */
export function refusedTexts(refused: readonly FileRefusal[]): readonly string[] {
  const whys = [...new Set(refused.map(({ why }) => why))];
  return whys.map((why) => {
    const names = refused.flatMap((each) => (each.why === why ? [each.name] : []));
    return refusedText(why, names.join(", "));
  });
}

function refusedText(why: FileRefusal["why"], names: string): string {
  switch (why) {
    case "too_large":
      return t("files.too_large", { names, most: byteSize(FILE_MAX) });
    case "too_large_together":
      return t("files.too_large_together", { names, most: byteSize(FILES_TOGETHER_MAX) });
    case "too_many":
      return t("files.too_many", { names, n: FILES_MAX });
    case "folder":
      return t("files.folder", { names });
  }
}
