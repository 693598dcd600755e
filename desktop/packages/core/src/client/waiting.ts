/**
 * What waits in a window, messages and trays: it is that window's alone, or two would send it. Of a window that is gone
 * another one takes it over. Which are there is known by a lock that each holds for as long as it lives.
 */

import type { Id } from "../model/entities.ts";
import { FILES_MAX, FILES_TOGETHER_MAX, type NewFile } from "../model/files.ts";
import type { NewAnswer } from "../model/made.ts";
import { withPending } from "../state/pending.ts";
import type { Pending, State } from "../state/state.ts";
import { trayOf, withTray } from "../state/trays.ts";
import type { Engine } from "./engine.ts";

/** As it is kept. */
interface Waits {
  readonly trays: State["trays"];
  readonly outbox: readonly Pending[];
}

export interface Waiting {
  /** What this window kept for the account, if it was here before. */
  own(me: Id): Promise<(state: State) => State>;
  write(me: Id, state: State): Promise<void>;
  /** Takes over what windows left behind, now and later. Waits for none that is there still. */
  takeOver(me: Id): Promise<void>;
  /** The keys of all files that wait in some window. */
  files(me: Id): Promise<ReadonlySet<string>>;
  stop(): void;
}

interface Keeping {
  /** Whether this client keeps for that account now. */
  isFor(me: Id): boolean;
  /** Writes what has not been written yet; false where that failed. */
  flush(): Promise<boolean>;
  /** Something was taken over. */
  taken(): void;
}

/** Before windows were told apart all had this one. */
const EARLIER = "earlier";
const NOTHING: Waits = { trays: {}, outbox: [] };

export function createWaiting({ options, change, store }: Engine, keeping: Keeping): Waiting {
  const { storage, exclusive } = options;
  const here = `${options.now().toString(36)}-${Math.floor(options.random() * 36 ** 8).toString(36)}`;
  const awaited = new Set<string>([here]);
  let end: () => void = () => {};
  const living = new Promise<void>((resolve) => {
    end = resolve;
  });
  let claim: Promise<void> | null = null;
  let unsubscribe: () => void = () => {};

  const start = (me: Id) => `account.${me}.waits.`;
  const lockOf = (window: string) => `window.${window}`;

  /** Others see that this window is there. */
  function claimed(): Promise<void> {
    if (exclusive === undefined) return Promise.resolve();
    claim ??= new Promise((resolve) => {
      const live = () => {
        resolve();
        return living;
      };
      // Who gets no locks does without.
      exclusive(lockOf(here), live).catch(resolve);
    });
    return claim;
  }

  async function parsed<T>(key: string, none: T): Promise<T> {
    try {
      const text = await storage.get(key);
      return text === null ? none : (JSON.parse(text) as T);
    } catch {
      return none;
    }
  }

  async function read(me: Id, window: string): Promise<Waits> {
    if (window !== EARLIER) return { ...NOTHING, ...(await parsed(start(me) + window, NOTHING)) };
    const outbox = await parsed<readonly Pending[]>(`account.${me}.outbox`, []);
    return { trays: await parsed(`account.${me}.trays`, {}), outbox: Array.isArray(outbox) ? outbox : [] };
  }

  async function put(me: Id, window: string, waits: Waits): Promise<void> {
    const isNothing = waits.outbox.length === 0 && Object.keys(waits.trays).length === 0;
    if (isNothing) await storage.remove(start(me) + window);
    else await storage.set(start(me) + window, JSON.stringify(waits));
    if (window !== EARLIER) return;
    for (const part of ["outbox", "trays"]) await storage.remove(`account.${me}.${part}`);
  }

  async function windows(me: Id): Promise<readonly string[]> {
    const keys = await storage.keys().catch(() => []);
    const named = keys.filter((key) => key.startsWith(start(me))).map((key) => key.slice(start(me).length));
    return [EARLIER, ...named];
  }

  /** Windows that are opened later. Where nobody knows which are there, nothing is taken from them. */
  function newcomers(me: Id): () => void {
    if (exclusive === undefined || options.elsewhere === undefined) return () => {};
    return options.elsewhere((key) => {
      if (key.startsWith(start(me))) void takeFrom(me, key.slice(start(me).length));
    });
  }

  async function takeFrom(me: Id, window: string): Promise<void> {
    if (awaited.has(window)) return;
    awaited.add(window);
    const job = () => take(me, window).catch(() => {});
    try {
      await (exclusive === undefined ? job() : exclusive(lockOf(window), job));
    } catch {
      // The browser gives no lock: what waits there waits on.
    }
    awaited.delete(window);
  }

  /** It is gone, and no other window is at this. */
  async function take(me: Id, window: string): Promise<void> {
    if (!keeping.isFor(me)) return;
    const theirs = await read(me, window);
    if (theirs.outbox.length === 0 && Object.keys(theirs.trays).length === 0) return;
    const left = tooMuch(store.getState(), theirs);
    change((state) => joined(state, theirs));
    // What is not written here yet must not be lost there.
    if (!(await keeping.flush())) return;
    await put(me, window, left);
    keeping.taken();
  }

  return {
    async own(me) {
      await claimed();
      const waits = await read(me, here);
      return (state) => joined(state, waits);
    },
    write(me, { trays, pending }) {
      return put(me, here, { trays, outbox: Object.values(pending).flat() });
    },
    async takeOver(me) {
      unsubscribe();
      unsubscribe = newcomers(me);
      const all = (await windows(me)).map((window) => takeFrom(me, window));
      if (exclusive === undefined) await Promise.all(all);
    },
    async files(me) {
      const all = await Promise.all((await windows(me)).map((window) => read(me, window)));
      const files = all.flatMap(({ trays, outbox }) => [
        ...Object.values(trays).flat(),
        ...outbox.flatMap((row) => row.files ?? []),
      ]);
      return new Set(files.map((file) => file.key));
    },
    stop() {
      unsubscribe();
      end();
    },
  };
}

/** With what waited elsewhere. A tray that is full takes nothing. */
function joined(state: State, { trays, outbox }: Waits): State {
  const withRows = outbox.map(asQueued).reduce(withPending, state);
  return Object.entries(trays).reduce(
    (now, [channelId, files]) =>
      fits(now, channelId, files) ? withTray(now, channelId, both(now, channelId, files)) : now,
    withRows,
  );
}

function tooMuch(state: State, { trays }: Waits): Waits {
  const left = Object.entries(trays).filter(([channelId, files]) => !fits(state, channelId, files));
  return { trays: Object.fromEntries(left), outbox: [] };
}

function both(state: State, channelId: Id, files: readonly NewFile[]): readonly NewFile[] {
  const mine = trayOf(state, channelId);
  return [...mine, ...files.filter(({ key }) => mine.every((file) => file.key !== key))];
}

function fits(state: State, channelId: Id, files: readonly NewFile[]): boolean {
  const all = both(state, channelId, files);
  return all.length <= FILES_MAX && all.reduce((sum, file) => sum + file.size, 0) <= FILES_TOGETHER_MAX;
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
