import type { StoreApi } from "zustand/vanilla";
import type { State } from "../state/state.ts";
import type { Actions } from "./actions.ts";

export interface Client {
  readonly store: StoreApi<State>;
  readonly actions: Actions;
  /** Reads what was kept, and connects if there is a session. Once. */
  start(): Promise<void>;
  /** Writes down at once what waits to be written: the page may be about to go. */
  keep(): void;
  /** Closes the connection and every timer; what is to be kept is kept. */
  stop(): Promise<void>;
}
