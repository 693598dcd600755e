/** What was asked for comes back by the gateway, sooner or later than the answer. */

import type { State } from "../state/state.ts";
import type { Engine } from "./engine.ts";

/** Milliseconds after which whoever waits goes on without it: the gateway is away, and says so elsewhere. */
const BROUGHT_WITHIN_MS = 10_000;

/** Returns once it is in the state, or has not come in time. */
export function brought({ store, options }: Engine, is: (state: State) => boolean): Promise<void> {
  return new Promise((resolve) => {
    if (is(store.getState())) {
      resolve();
      return;
    }
    const end = () => {
      stop();
      cancel();
      resolve();
    };
    const stop = store.subscribe(() => {
      if (is(store.getState())) end();
    });
    const cancel = options.clock.after(BROUGHT_WITHIN_MS, end);
  });
}
