/** The client, for whatever draws. */

import type { Actions, Client, State } from "@nexus/core";
import { createContext, useContext, useMemo } from "react";
import { useStore } from "zustand";
import { useShallow } from "zustand/react/shallow";

const Context = createContext<Client | null>(null);

export const ClientProvider = Context.Provider;

export function useClient(): Client {
  const client = useContext(Context);
  if (client === null) throw new Error("drawn outside of a client");
  return client;
}

export function useActions(): Actions {
  return useClient().actions;
}

/** A part of the state that is kept as it is; draws anew when it is another. */
export function useApp<T>(pick: (state: State) => T): T {
  return useStore(useClient().store, pick);
}

/**
 * Something computed from the state. `parts` names what it depends on: only when one of them is another is it computed
 * again.
 */
export function useDerived<T>(
  parts: (state: State) => readonly unknown[],
  compute: (state: State) => T,
  also: readonly unknown[] = [],
): T {
  const { store } = useClient();
  const now = useStore(store, useShallow(parts));
  // biome-ignore lint/correctness/useExhaustiveDependencies: the parts are the dependencies
  return useMemo(() => compute(store.getState()), [store, now, ...also]);
}
