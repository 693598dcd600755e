/** What outlives a start: drafts and their files, how far one has read, which threads one follows, and the outbox; for each account apart. */

import type { Id } from "../model/entities.ts";
import type { NewAnswer } from "../model/made.ts";
import { withPending } from "../state/pending.ts";
import type { Pending, Read, State } from "../state/state.ts";
import type { Engine } from "./engine.ts";

export interface Keeper {
  /** Brings back what was kept for an account. */
  load(me: Id): Promise<void>;
  /** Forgets everything that was kept for an account. */
  forget(me: Id): Promise<void>;
  /** Writes what has not been written yet. */
  flush(): void;
  /** .. and listens no longer. */
  stop(): Promise<void>;
}

const PARTS = [
  "drafts",
  "draftsToTell",
  "trays",
  "reads",
  "readsToTell",
  "dismissed",
  "followed",
  "outbox",
] as const;
type Part = (typeof PARTS)[number];
/** Parts of the state that are kept as they are. */
const KEPT = ["drafts", "draftsToTell", "trays", "reads", "readsToTell", "dismissed", "followed"] as const;

/** What is typed is written after a pause; what is sent, at once. */
const PAUSE_MS = 400;

export function createKeeper(engine: Engine): Keeper {
  const { options, store } = engine;
  let kept: Id | null = null;
  let written: State = store.getState();
  let cancel: (() => void) | null = null;
  let writing: Promise<void> = Promise.resolve();
  /** Rows that this client has put there: another window's are left alone. */
  const mine = new Set<string>();

  const name = (me: Id, part: Part) => `account.${me}.${part}`;

  const unsubscribe = store.subscribe((state) => {
    if (kept === null || state.me !== kept) return;
    if (state.pending !== written.pending) return flush();
    if (KEPT.every((part) => state[part] === written[part])) return;
    cancel ??= options.clock.after(PAUSE_MS, flush);
  });

  function flush(): void {
    cancel?.();
    cancel = null;
    const me = kept;
    const state = store.getState();
    if (me === null || state.me !== me) return;
    const before = written;
    written = state;
    writing = writing.then(() => write(me, state, before)).catch(() => {});
  }

  async function write(me: Id, state: State, before: State): Promise<void> {
    const { storage } = options;
    for (const part of KEPT) {
      if (state[part] !== before[part]) await storage.set(name(me, part), JSON.stringify(state[part]));
    }
    if (state.pending !== before.pending) await writeOutbox(me, Object.values(state.pending).flat());
  }

  async function writeOutbox(me: Id, rows: readonly Pending[]): Promise<void> {
    const others = (await readRows(me)).filter((row) => !mine.has(row.nonce));
    for (const row of rows) mine.add(row.nonce);
    const foreign = others.filter((row) => !mine.has(row.nonce));
    await options.storage.set(name(me, "outbox"), JSON.stringify([...foreign, ...rows]));
  }

  async function read<T>(me: Id, part: Part): Promise<T | null> {
    try {
      const text = await options.storage.get(name(me, part));
      return text === null ? null : (JSON.parse(text) as T);
    } catch {
      return null;
    }
  }

  async function readRows(me: Id): Promise<readonly Pending[]> {
    const rows = await read<readonly Pending[]>(me, "outbox");
    return Array.isArray(rows) ? rows : [];
  }

  return {
    async load(me) {
      const drafts = await read<State["drafts"]>(me, "drafts");
      // What an earlier version kept here alone is told now.
      const draftsToTell = (await read<State["draftsToTell"]>(me, "draftsToTell")) ?? drafts;
      const trays = await read<State["trays"]>(me, "trays");
      const reads = await read<Record<Id, Read>>(me, "reads");
      const readsToTell = await read<State["readsToTell"]>(me, "readsToTell");
      const dismissed = await read<readonly Id[]>(me, "dismissed");
      const followed = await read<State["followed"]>(me, "followed");
      const rows = await readRows(me);
      for (const row of rows) mine.add(row.nonce);
      engine.change((state) => {
        const base = {
          ...state,
          me,
          drafts: drafts ?? {},
          draftsToTell: draftsToTell ?? {},
          trays: trays ?? {},
          reads: withoutDividers(reads ?? {}),
          readsToTell: readsToTell ?? {},
          dismissed: dismissed ?? [],
          followed: followed ?? {},
        };
        return rows.map(asQueued).reduce(withPending, base);
      });
      written = store.getState();
      kept = me;
    },
    async forget(me) {
      kept = null;
      cancel?.();
      cancel = null;
      await writing;
      for (const part of PARTS) await options.storage.remove(name(me, part)).catch(() => {});
    },
    flush,
    async stop() {
      flush();
      unsubscribe();
      await writing;
    },
  };
}

/** What was on its way when the client ended may have arrived: it says so itself. */
function asQueued(row: Pending): Pending {
  const now = row.poll === undefined ? row : { ...row, poll: { ...row.poll, answers: answersOf(row.poll) } };
  return now.state === "sending" ? { ...now, state: "queued" } : now;
}

/** An earlier version kept texts alone. */
function answersOf({ answers }: { readonly answers: readonly (NewAnswer | string)[] }): readonly NewAnswer[] {
  return answers.map((each) => (typeof each === "string" ? { text: each, emoji: null } : each));
}

function withoutDividers(reads: Readonly<Record<Id, Read>>): State["reads"] {
  return Object.fromEntries(Object.entries(reads).map(([id, read]) => [id, { ...read, divider: null }]));
}
