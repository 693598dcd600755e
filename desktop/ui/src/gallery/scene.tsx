/** How the gallery shows a thing: with what it is, and drawn from a state of its own. */

import type { State } from "@nexus/core";
import { type ReactNode, useMemo } from "react";
import { ClientProvider } from "../app/client.tsx";
import { still } from "./sample.ts";

interface SpecimenFacts {
  readonly name: string;
  /** Needs a state: everything beyond `parts`. */
  readonly state?: State;
  /** A part of a screen that fills what it is given. */
  readonly framed?: "row" | "column" | "screen";
  readonly children: ReactNode;
}

export function Specimen({ name, state, framed, children }: SpecimenFacts) {
  const drawn = state === undefined ? children : <Scene state={state}>{children}</Scene>;
  return (
    <figure className="nx-specimen" data-framed={framed} data-specimen={name}>
      <figcaption className="nx-specimen-name">{name}</figcaption>
      {/* What scrolls is reached by keys. */}
      <div className="nx-specimen-box" {...(framed === undefined ? {} : { tabIndex: 0 })}>
        {drawn}
      </div>
    </figure>
  );
}

export function Scene({ state, children }: { state: State; children: ReactNode }) {
  const client = useMemo(() => still(state), [state]);
  return <ClientProvider value={client}>{children}</ClientProvider>;
}

export function Section({ title, children }: { title: string; children: ReactNode }) {
  const id = `section-${title.toLowerCase().replaceAll(" ", "-")}`;
  return (
    <section className="nx-gallery-section" aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      <div className="nx-gallery-specimens">{children}</div>
    </section>
  );
}
