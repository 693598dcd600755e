import type { Door, Session, State } from "../state/state.ts";

/** What the truth line says, in facts; the words are the screen's. */
export interface Truth {
  readonly phase: Session["phase"];
  readonly door: Door;
  /** Written here and not there yet. */
  readonly waiting: number;
  /** Of those, what is no message is there too. */
  readonly things: boolean;
  /** Of those, how many wait for the person: they were refused. */
  readonly failed: number;
  /** Since when it is so, Unix ms. */
  readonly since: number | null;
  /** When the next attempt to connect is, Unix ms; offline only. */
  readonly retryAt: number | null;
}

export function truthLine(state: State): Truth {
  const rows = Object.values(state.pending).flat();
  const failed = rows.filter((row) => row.state === "failed").length;
  const session = state.session;
  return {
    phase: session.phase,
    door: state.door,
    waiting: rows.length - failed,
    things: rows.some((row) => row.state !== "failed" && row.makes !== undefined),
    failed,
    since: "since" in session ? session.since : null,
    retryAt: session.phase === "offline" ? session.retryAt : null,
  };
}
