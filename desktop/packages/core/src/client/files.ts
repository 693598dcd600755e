/** The bytes of files that wait: kept by their keys as long as a tray or a message needs them. */

import type { Id } from "../model/entities.ts";
import type { FileBytes } from "../model/files.ts";
import { neededFiles, withFile } from "../state/trays.ts";
import type { Engine } from "./engine.ts";

export interface Files {
  /** A key of this account that no other file has. */
  newKey(): string;
  put(key: string, bytes: FileBytes): void;
  /** None where they are not here any more. */
  get(key: string): Promise<FileBytes | null>;
  /** Removes what was left behind; `waiting`: what is needed in whatever window. */
  sweep(me: Id, waiting: ReadonlySet<string>): Promise<void>;
  /** Everything of an account goes. */
  forget(me: Id): Promise<void>;
  stop(): void;
}

/** What nothing needs may just be chosen in another window: only what is older than a day was left behind. */
const LEFT_BEHIND_MS = 24 * 60 * 60_000;

export function createFiles({ options, store, change }: Engine): Files {
  const { files, now, random } = options;
  let count = 0;

  const unsubscribe = store.subscribe((state, before) => {
    if (state.pending === before.pending && state.trays === before.trays) return;
    // Who signs out by force finds what waits again: see `forget`.
    if (state.me === null || state.me !== before.me) return;
    const needed = neededFiles(state);
    for (const key of neededFiles(before)) if (!needed.has(key)) remove(key);
  });

  function remove(key: string): void {
    files.remove(key).catch(() => {});
  }

  async function keysOf(me: Id): Promise<readonly string[]> {
    const all = await files.keys().catch(() => []);
    return all.filter((key) => key.startsWith(`${me}.`));
  }

  return {
    newKey() {
      count += 1;
      const chance = Math.floor(random() * 36 ** 8).toString(36);
      return `${store.getState().me}.${now()}.${count}-${chance}`;
    },
    put(key, bytes) {
      files.put(key, bytes).then(
        (kept) => {
          if (!kept) change((state) => withFile(state, key, { kept }));
        },
        () => change((state) => withFile(state, key, { kept: false })),
      );
    },
    get: (key) => files.get(key).catch(() => null),
    async sweep(me, waiting) {
      for (const key of await keysOf(me)) {
        const madeAt = Number(key.split(".")[1]);
        const needed = waiting.has(key) || neededFiles(store.getState()).has(key);
        if (now() - madeAt > LEFT_BEHIND_MS && !needed) remove(key);
      }
    },
    async forget(me) {
      for (const key of await keysOf(me)) remove(key);
    },
    stop: unsubscribe,
  };
}
