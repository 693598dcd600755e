/** A store that is always up to date for who asks, and tells who listens no more often than a screen is worth. */

import type { StoreApi } from "zustand/vanilla";
import type { Clock } from "./ports.ts";

export interface Paced<T> {
  readonly store: StoreApi<T>;
  /** What a person did is told at once. */
  set(next: T): void;
  /** What others did is told at once where little happens, and together with more of it where much does. */
  setSoon(next: T): void;
  stop(): void;
}

/** Milliseconds between two tellings of what others did: twenty-five a second. */
const PACE_MS = 40;

export function paced<T>(first: T, clock: Clock, now: () => number): Paced<T> {
  const listeners = new Set<(state: T, before: T) => void>();
  let state = first;
  let told = first;
  let toldAt = Number.NEGATIVE_INFINITY;
  let cancel: (() => void) | null = null;

  function tell(): void {
    cancel?.();
    cancel = null;
    toldAt = now();
    const before = told;
    told = state;
    if (before !== told) for (const listener of listeners) listener(told, before);
  }

  function set(next: T): void {
    state = next;
    tell();
  }

  function setSoon(next: T): void {
    state = next;
    if (cancel !== null) return;
    const wait = toldAt + PACE_MS - now();
    if (wait <= 0) tell();
    else cancel = clock.after(wait, tell);
  }

  const store: StoreApi<T> = {
    getState: () => state,
    getInitialState: () => first,
    setState: (change) => {
      const part = typeof change === "function" ? (change as (state: T) => Partial<T>)(state) : change;
      set(Object.assign({}, state, part));
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  return { store, set, setSoon, stop: () => cancel?.() };
}
