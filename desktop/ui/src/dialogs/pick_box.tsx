import { TextField } from "../parts/field.tsx";
import type { Walk } from "./walk_hits.ts";

interface Facts {
  readonly label: string;
  readonly hint: string;
  readonly query: string;
  /** Of the list below it and of each hit in it: `ID-list`, `ID-0` .. */
  readonly id: string;
  readonly count: number;
  readonly walk: Walk;
  readonly onQuery: (query: string) => void;
}

/** Looks for what is to be picked by a few letters, and keeps the keyboard while the arrows walk what was found. */
export function PickBox({ label, hint, query, id, count, walk, onQuery }: Facts) {
  return (
    <TextField
      label={label}
      hint={hint}
      value={query}
      onText={(text) => {
        onQuery(text);
        walk.reach(0);
      }}
      onKeyDown={walk.onKeyDown}
      role="combobox"
      aria-expanded={count > 0}
      aria-controls={`${id}-list`}
      aria-activedescendant={count > 0 ? `${id}-${walk.active}` : undefined}
      aria-autocomplete="list"
      autoComplete="off"
      spellCheck={false}
      data-first=""
    />
  );
}
