import type { Id } from "../model/entities.ts";
import type { Outcome } from "../model/outcome.ts";
import type { Engine } from "./engine.ts";

/** Leaves or deletes something: the gateway may say that it is gone before the answer comes, and to oneself that is no news. */
export async function ofOneself<T>(
  { change }: Engine,
  id: Id,
  wish: () => Promise<Outcome<T>>,
): Promise<Outcome<T>> {
  change((state) => ({ ...state, leaving: [...state.leaving, id] }));
  const outcome = await wish();
  if (!outcome.ok) change((state) => ({ ...state, leaving: state.leaving.filter((each) => each !== id) }));
  return outcome;
}
