/** What outlives a start: drafts, how far one has read, which threads one follows, what was to be said in places that are gone, and what waits; for each account apart. */

import type { Id } from "../model/entities.ts";
import type { Read, State } from "../state/state.ts";
import type { Engine } from "./engine.ts";
import { createWaiting } from "./waiting.ts";

export interface Keeper {
  /** Brings back what was kept for an account. */
  load(me: Id): Promise<void>;
  /** The keys of all files that wait, in whatever window. */
  files(me: Id): Promise<ReadonlySet<string>>;
  /** Forgets everything that was kept for an account. */
  forget(me: Id): Promise<void>;
  /** Writes what has not been written yet. */
  flush(): void;
  /** .. and listens no longer. */
  stop(): Promise<void>;
}

/** Parts of the state that are kept as they are. */
const KEPT = ["drafts", "draftsToTell", "reads", "readsToTell", "dismissed", "followed", "unsaid"] as const;
type Part = (typeof KEPT)[number];

/** What is typed is written after a pause; what is sent, at once. */
const PAUSE_MS = 400;

/** `taken`: what another window left behind waits here now. */
export function createKeeper(engine: Engine, taken: () => void): Keeper {
  const { options, store } = engine;
  let kept: Id | null = null;
  let written: State = store.getState();
  let cancel: (() => void) | null = null;
  /** Whether what was to be written is. */
  let writing: Promise<boolean> = Promise.resolve(true);
  const waiting = createWaiting(engine, {
    isFor: (me) => kept === me,
    flush() {
      flush();
      return writing;
    },
    taken,
  });

  const name = (me: Id, part: Part) => `account.${me}.${part}`;

  const unsubscribe = store.subscribe((state) => {
    if (kept === null || state.me !== kept) return;
    if (state.pending !== written.pending) return flush();
    if (state.trays === written.trays && KEPT.every((part) => state[part] === written[part])) return;
    cancel ??= options.clock.after(PAUSE_MS, flush);
  });

  function flush(): void {
    cancel?.();
    cancel = null;
    const me = kept;
    const state = store.getState();
    if (me === null || state.me !== me || state === written) return;
    const before = written;
    written = state;
    writing = writing
      .then(() => write(me, state, before))
      .then(
        () => true,
        () => false,
      );
  }

  async function write(me: Id, state: State, before: State): Promise<void> {
    const { storage } = options;
    // First what is lost for good where it is lost.
    if (state.pending !== before.pending || state.trays !== before.trays) await waiting.write(me, state);
    for (const part of KEPT) {
      if (state[part] !== before[part]) await storage.set(name(me, part), JSON.stringify(state[part]));
    }
  }

  async function read<T>(me: Id, part: Part): Promise<T | null> {
    try {
      const text = await options.storage.get(name(me, part));
      return text === null ? null : (JSON.parse(text) as T);
    } catch {
      return null;
    }
  }

  return {
    async load(me) {
      const drafts = await read<State["drafts"]>(me, "drafts");
      // What an earlier version kept here alone is told now.
      const draftsToTell = (await read<State["draftsToTell"]>(me, "draftsToTell")) ?? drafts;
      const reads = await read<Record<Id, Read>>(me, "reads");
      const readsToTell = await read<State["readsToTell"]>(me, "readsToTell");
      const dismissed = await read<readonly Id[]>(me, "dismissed");
      const followed = await read<State["followed"]>(me, "followed");
      const unsaid = await read<State["unsaid"]>(me, "unsaid");
      const withOwn = await waiting.own(me);
      engine.change((state) => {
        const base = {
          ...state,
          me,
          drafts: drafts ?? {},
          draftsToTell: draftsToTell ?? {},
          reads: withoutDividers(reads ?? {}),
          readsToTell: readsToTell ?? {},
          dismissed: dismissed ?? [],
          followed: followed ?? {},
          unsaid: unsaid ?? [],
        };
        return withOwn(base);
      });
      written = store.getState();
      kept = me;
      await waiting.takeOver(me);
    },
    files: waiting.files,
    async forget(me) {
      kept = null;
      cancel?.();
      cancel = null;
      await writing;
      const all = await options.storage.keys().catch(() => []);
      for (const key of all.filter((key) => key.startsWith(`account.${me}.`)))
        await options.storage.remove(key).catch(() => {});
    },
    flush,
    async stop() {
      flush();
      unsubscribe();
      await writing;
      kept = null;
      waiting.stop();
    },
  };
}

function withoutDividers(reads: Readonly<Record<Id, Read>>): State["reads"] {
  return Object.fromEntries(Object.entries(reads).map(([id, read]) => [id, { ...read, divider: null }]));
}
