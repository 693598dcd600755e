/** What the parts of a client share. */

import type { StoreApi } from "zustand/vanilla";
import type { Id } from "../model/entities.ts";
import type { State } from "../state/state.ts";
import type { ClientOptions } from "./ports.ts";
import type { Rest } from "./rest.ts";

export interface Engine {
  readonly options: ClientOptions;
  readonly store: StoreApi<State>;
  readonly rest: Rest;
  /** The state is what this makes of it. Returning the same object tells nobody. */
  change(by: (state: State) => State): void;
}

export function guildOf(engine: Engine, channelId: Id): Id | null {
  return engine.store.getState().channels[channelId]?.guildId ?? null;
}
