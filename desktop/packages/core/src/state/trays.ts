/** Files that were chosen for a message that is being written. */

import type { Id } from "../model/entities.ts";
import type { FileChange, NewFile } from "../model/files.ts";
import { drop, put } from "./records.ts";
import type { State } from "./state.ts";

export function trayOf(state: State, channelId: Id): readonly NewFile[] {
  return state.trays[channelId] ?? NONE;
}

const NONE: readonly NewFile[] = [];

export function withTray(state: State, channelId: Id, files: readonly NewFile[]): State {
  const trays = files.length === 0 ? drop(state.trays, channelId) : put(state.trays, channelId, files);
  return trays === state.trays ? state : { ...state, trays };
}

/** A file is another, in the tray or in what waits. */
export function withFile(state: State, key: string, change: FileChange | Pick<NewFile, "kept">): State {
  const changed = (files: readonly NewFile[]) =>
    files.some((file) => file.key === key)
      ? files.map((file) => (file.key === key ? { ...file, ...change } : file))
      : files;
  let { trays, pending } = state;
  for (const [channelId, files] of Object.entries(trays)) trays = put(trays, channelId, changed(files));
  for (const [channelId, rows] of Object.entries(pending)) {
    if (!rows.some((row) => row.files?.some((file) => file.key === key))) continue;
    const next = rows.map((row) => (row.files === undefined ? row : { ...row, files: changed(row.files) }));
    pending = put(pending, channelId, next);
  }
  return trays === state.trays && pending === state.pending ? state : { ...state, trays, pending };
}

/** The keys of all files that something here still needs. */
export function neededFiles({ trays, pending }: Pick<State, "trays" | "pending">): ReadonlySet<string> {
  const waiting = Object.values(pending).flatMap((rows) => rows.flatMap((row) => row.files ?? []));
  return new Set([...Object.values(trays).flat(), ...waiting].map((file) => file.key));
}
