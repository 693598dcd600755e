/** Tells the program how far one has read, so that the account's other devices know: soon, not often, and after a cut, later. */

import type { Id } from "../model/entities.ts";
import type { Failure, Outcome } from "../model/outcome.ts";
import { drop } from "../state/records.ts";
import type { ReadToTell } from "../state/state.ts";
import { reconnectDelay } from "./backoff.ts";
import type { Engine } from "./engine.ts";

export interface Teller {
  /** Tells what is to be told; to be called when a connection is there. */
  run(): void;
  stop(): void;
}

/** Who reads on tells of it once. */
const PAUSE_MS = 1_000;
/** Each telling is an op that the account keeps: from one to the next at least so long. */
const EVERY_MS = 4_000;
/** The most that one call may name. */
const BULK_MAX = 100;

type Row = readonly [channelId: Id, due: ReadToTell];

export function createTeller(engine: Engine): Teller {
  const { options, rest, store } = engine;
  let cancel: (() => void) | null = null;
  let telling = false;
  let toldAt = Number.NEGATIVE_INFINITY;
  let attempts = 0;
  /** Something among many was refused: each is told by itself until all are. */
  let single = false;

  const unsubscribe = store.subscribe((state, before) => {
    if (state.readsToTell !== before.readsToTell) run();
  });

  function run(): void {
    later(Math.max(PAUSE_MS, toldAt + EVERY_MS - options.now()));
  }

  function later(wait: number): void {
    if (telling || cancel !== null || !isDue()) return;
    cancel = options.clock.after(wait, () => {
      cancel = null;
      void tell();
    });
  }

  function isDue(): boolean {
    const { readsToTell, session } = store.getState();
    return session.phase === "ready" && Object.keys(readsToTell).length > 0;
  }

  async function tell(): Promise<void> {
    if (!isDue()) return;
    const rows = Object.entries(store.getState().readsToTell).slice(0, single ? 1 : BULK_MAX);
    telling = true;
    const outcome = await post(rows);
    telling = false;
    toldAt = options.now();
    const wait = outcome.ok ? accepted(rows) : refused(rows, outcome.failure);
    later(wait);
  }

  /** Milliseconds until the next telling. */
  function accepted(rows: readonly Row[]): number {
    attempts = 0;
    forget(rows);
    if (Object.keys(store.getState().readsToTell).length === 0) single = false;
    return single ? PAUSE_MS : EVERY_MS;
  }

  function refused(rows: readonly Row[], failure: Failure): number {
    const passes = ["offline", "timeout", "server", "limited", "unauthorised"].includes(failure.kind);
    if (passes) {
      attempts += 1;
      return Math.max(failure.retryAfter ?? 0, EVERY_MS, reconnectDelay(attempts, options.random));
    }
    // Of a channel that one may not read any more there is nothing to tell.
    if (rows.length === 1) forget(rows);
    else single = true;
    return PAUSE_MS;
  }

  function forget(rows: readonly Row[]): void {
    engine.change((state) => {
      const told = rows.filter(([channelId, due]) => state.readsToTell[channelId] === due);
      const readsToTell = drop(state.readsToTell, ...told.map(([channelId]) => channelId));
      return readsToTell === state.readsToTell ? state : { ...state, readsToTell };
    });
  }

  function post(rows: readonly Row[]): Promise<Outcome<unknown>> {
    const [first] = rows;
    if (first !== undefined && rows.length === 1) {
      const path = `/channels/${first[0]}/messages/${first[1].upTo}/ack`;
      return rest.call({ method: "POST", path, body: {}, once: true });
    }
    const read_states = rows.map(([channel_id, { upTo }]) => ({ channel_id, message_id: upTo }));
    return rest.call({ method: "POST", path: "/read-states/ack-bulk", body: { read_states }, once: true });
  }

  return {
    run,
    stop() {
      unsubscribe();
      cancel?.();
    },
  };
}
