import { Fragment, type ReactNode } from "react";
import { type Given, type Key, pieces } from "./translate.ts";

/** The words of a key with parts of the screen in them, instead of text alone. */
export function rich<K extends Key>(key: K, ...given: Given<K, ReactNode>): ReactNode {
  const params = (given[0] ?? {}) as Readonly<Record<string, ReactNode>>;
  const n = typeof params.n === "number" ? params.n : undefined;
  return pieces(key, n).map((piece, at) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: the pieces of one sentence keep their places
    <Fragment key={at}>{piece.name === null ? piece.text : (params[piece.name] ?? piece.text)}</Fragment>
  ));
}
