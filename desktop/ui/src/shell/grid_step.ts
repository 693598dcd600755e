/** Where a box stands on the screen. */
export type Place = Pick<DOMRect, "left" | "top" | "width">;

/** Which box an arrow leads to in boxes that stand in rows, from the one at `at`. None: it is no key that goes on. */
export function gridStep(
  places: readonly Place[],
  at: number,
  key: string,
  rightToLeft: boolean,
): number | undefined {
  const forward = rightToLeft ? "ArrowLeft" : "ArrowRight";
  const back = rightToLeft ? "ArrowRight" : "ArrowLeft";
  if (key === forward) return at + 1;
  if (key === back) return at - 1;
  if (key === "Home") return 0;
  if (key === "End") return places.length - 1;
  if (key === "ArrowDown") return inNextRow(places, at, (top, here) => top - here);
  if (key === "ArrowUp") return inNextRow(places, at, (top, here) => here - top);
  return undefined;
}

/** Pixels by which boxes of one row may be apart. */
const SLACK = 1;

/** The box below or above, in the row that comes next that way; where there is none, one stays. */
function inNextRow(
  places: readonly Place[],
  at: number,
  away: (top: number, here: number) => number,
): number {
  const here = places[at];
  if (here === undefined) return at;
  const beyond = places
    .map(({ left, width, top }, index) => ({
      index,
      by: away(top, here.top),
      aside: Math.abs(left + width / 2 - here.left - here.width / 2),
    }))
    .filter(({ by }) => by > SLACK);
  const next = Math.min(...beyond.map(({ by }) => by));
  const row = beyond.filter(({ by }) => by <= next + SLACK).sort((a, b) => a.aside - b.aside);
  return row[0]?.index ?? at;
}
