/** The messages' own window, as a hand on the wheel moves it. */

import type { Page } from "playwright-core";

/** Rows that are drawn. */
export function rows(page: Page): Promise<number> {
  return page.locator(".nx-timeline-row").count();
}

/** Scrolls by so many pixels, and rests. */
export async function wheel(page: Page, by: number): Promise<void> {
  await page.locator(".nx-timeline-scroll").hover();
  await page.mouse.wheel(0, by);
  await page.waitForTimeout(150);
}

/** Begins to watch what happens to what is in sight whenever the history that is loaded grows by a page. */
export async function watchShifts(page: Page): Promise<void> {
  await page.evaluate(() => {
    const shifts: number[] = [];
    Object.assign(window, { shifts });
    let moved = 0;
    addEventListener("wheel", () => (moved = performance.now()), { capture: true, passive: true });
    let before = { height: 0, tops: new Map<string, number>() };
    const look = () => {
      const scroller = document.querySelector(".nx-timeline-scroll");
      if (scroller !== null) {
        const edge = scroller.getBoundingClientRect();
        const tops = new Map<string, number>();
        for (const row of document.querySelectorAll<HTMLElement>(".nx-timeline-row")) {
          const top = row.getBoundingClientRect().top - edge.top;
          if (top >= 0 && top < edge.height) tops.set(row.dataset.key ?? "", top);
        }
        // While the wheel turns, what is in sight moves as it should.
        const still = performance.now() - moved > 60;
        if (still && before.height > 0 && scroller.scrollHeight > before.height + 500) {
          const both = [...tops].filter(([key]) => before.tops.has(key));
          shifts.push(...both.slice(0, 1).map(([key, top]) => Math.abs(top - (before.tops.get(key) ?? 0))));
        }
        before = { height: scroller.scrollHeight, tops };
      }
      requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  });
}

/** How far what was in sight was moved, pixels, once for each page that came. */
export function shifts(page: Page): Promise<readonly number[]> {
  return page.evaluate(() => (window as unknown as { shifts: number[] }).shifts);
}
