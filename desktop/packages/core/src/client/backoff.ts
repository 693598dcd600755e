/** How long to wait before trying again. */

/** The first wait after a connection broke is below half a second; each further one is twice as long, up to this. */
const LONGEST_MS = 30_000;
const FIRST_MS = 400;

/** Milliseconds before attempt `attempt` (0: the first), spread so that many clients do not come back at once. */
export function reconnectDelay(attempt: number, random: () => number): number {
  const most = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempt, 16));
  return Math.round(most * (0.25 + 0.75 * random()));
}
