/** What no text may do to a page, whoever wrote it. */

import type { Page } from "playwright-core";
import { expect } from "vitest";

/** What of a page must be so, whatever stands in it. */
function facts(page: Page) {
  return page.evaluate(() => {
    const list = document.querySelector(".nx-timeline-rows")?.getBoundingClientRect();
    const rows = [...document.querySelectorAll("[data-nx=message]")];
    const outside = rows.filter((row) => {
      const { left, right } = row.getBoundingClientRect();
      if (list === undefined || left < list.left - 1 || right > list.right + 1) return true;
      return row.scrollWidth > row.clientWidth + 1;
    });
    const boxes = rows.map((row) => row.getBoundingClientRect()).sort((a, b) => a.top - b.top);
    const over = boxes.filter((box, at) => at > 0 && box.top < (boxes[at - 1]?.bottom ?? 0) - 1);
    return {
      harmed: "harmed" in window,
      wide: document.documentElement.scrollWidth > innerWidth,
      outside: outside.map((row) => row.textContent?.slice(0, 60)),
      over: over.length,
      tallest: Math.max(0, ...boxes.map((box) => box.height)),
      heaviest: Math.max(0, ...rows.map((row) => row.querySelectorAll("*").length)),
    };
  });
}

export async function unharmed(page: Page, what: string, tallest = 800): Promise<void> {
  // Rows are measured after they are drawn: what settles is what counts.
  const still = { harmed: false, wide: false, outside: [], over: 0 };
  await expect.poll(() => facts(page), { message: what }).toMatchObject(still);
  const seen = await facts(page);
  expect(seen.tallest, `${what}: no message fills the screen`).toBeLessThan(tallest);
  expect(seen.heaviest, `${what}: what one message draws is bounded`).toBeLessThan(2_500);
}
