/** Tells the program what one keeps with the account, so that its other devices know: soon, not often, and after a cut, later. */

import type { Id } from "../model/entities.ts";
import type { Failure, Outcome } from "../model/outcome.ts";
import { type Dict, drop } from "../state/records.ts";
import type { State } from "../state/state.ts";
import { reconnectDelay } from "./backoff.ts";
import type { Engine } from "./engine.ts";

export interface Teller {
  /** Tells what is to be told; to be called when a connection is there. */
  run(): void;
  stop(): void;
}

/** Parts of the state that say what the program has not been told yet, by channel. */
export type Part = "readsToTell" | "draftsToTell";

export type Row<P extends Part> = readonly [channelId: Id, due: State[P][Id]];

export interface Telling<P extends Part> {
  readonly part: P;
  /** Milliseconds: what comes within them is told at once. */
  readonly pause: number;
  /** Each telling is an op that the account keeps: from one to the next at least so many milliseconds. */
  readonly every: number;
  /** The most that one call may name. */
  readonly most: number;
  /** At least one row. */
  post(rows: readonly Row<P>[]): Promise<Outcome<unknown>>;
}

export function createTeller<P extends Part>(engine: Engine, telling: Telling<P>): Teller {
  const { options, store } = engine;
  const { part } = telling;
  let cancel: (() => void) | null = null;
  let busy = false;
  let toldAt = Number.NEGATIVE_INFINITY;
  let attempts = 0;
  /** Something among many was refused: each is told by itself until all are. */
  let single = false;

  const unsubscribe = store.subscribe((state, before) => {
    if (state[part] !== before[part]) run();
  });

  function run(): void {
    later(Math.max(telling.pause, toldAt + telling.every - options.now()));
  }

  function later(wait: number): void {
    if (busy || cancel !== null || !isDue()) return;
    cancel = options.clock.after(wait, () => {
      cancel = null;
      void tell();
    });
  }

  function isDue(): boolean {
    const state = store.getState();
    return state.session.phase === "ready" && Object.keys(state[part]).length > 0;
  }

  async function tell(): Promise<void> {
    if (!isDue()) return;
    const all = Object.entries(store.getState()[part]) as Row<P>[];
    const rows = all.slice(0, single ? 1 : telling.most);
    busy = true;
    const outcome = await telling.post(rows);
    busy = false;
    toldAt = options.now();
    later(outcome.ok ? accepted(rows) : refused(rows, outcome.failure));
  }

  /** Milliseconds until the next telling. */
  function accepted(rows: readonly Row<P>[]): number {
    attempts = 0;
    forget(rows);
    if (Object.keys(store.getState()[part]).length === 0) single = false;
    return single ? telling.pause : telling.every;
  }

  function refused(rows: readonly Row<P>[], failure: Failure): number {
    const passes = ["offline", "timeout", "server", "limited", "unauthorised"].includes(failure.kind);
    if (passes) {
      attempts += 1;
      return Math.max(failure.retryAfter ?? 0, telling.every, reconnectDelay(attempts, options.random));
    }
    // Of a channel that one may not read any more there is nothing to tell.
    if (rows.length === 1) forget(rows);
    else single = true;
    return telling.pause;
  }

  /** What has changed meanwhile is still to be told. */
  function forget(rows: readonly Row<P>[]): void {
    engine.change((state) => {
      const due: Dict<unknown> = state[part];
      const told = rows.filter(([channelId, row]) => due[channelId] === row);
      const left = drop(due, ...told.map(([channelId]) => channelId));
      return left === due ? state : { ...state, [part]: left };
    });
  }

  return {
    run,
    stop() {
      unsubscribe();
      cancel?.();
    },
  };
}
