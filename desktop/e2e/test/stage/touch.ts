/** What a finger would miss on a page: it needs 44 px each way, WCAG names 24 as the least. */

import type { Page } from "playwright-core";

/**
 * Buttons, links and fields with less than that around their middle, each with how much it has. What is written within a
 * text is excepted, and so is an author's name: their picture beside it does the same. `scrolls`: each is brought into
 * sight first; else what is only half in sight, or covered, be it in part, is left out.
 */
export function tooSmall(page: Page, { within = "body", scrolls = false } = {}): Promise<readonly string[]> {
  return page.evaluate(
    ({ within, scrolls, targets, excepted }) => {
      const LEAST = 44;
      const reach = LEAST / 2 - 1;
      const small: string[] = [];
      for (const target of document.querySelector(within)?.querySelectorAll<HTMLElement>(targets) ?? []) {
        if (!target.checkVisibility({ visibilityProperty: true }) || target.matches(excepted)) continue;
        const labels = target instanceof HTMLInputElement ? [...(target.labels ?? [])] : [];
        const sized = labels.map((label) => label.getBoundingClientRect());
        const large = (box: DOMRect) => box.width >= LEAST - 0.5 && box.height >= LEAST - 0.5;
        if ([target.getBoundingClientRect(), ...sized].some(large)) continue;
        if (scrolls) target.scrollIntoView({ block: "center", inline: "center" });
        const box = target.getBoundingClientRect();
        const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
        const isIts = (dx: number, dy: number) => {
          const hit = document.elementFromPoint(x + dx, y + dy);
          return hit !== null && [target, ...labels].some((each) => each.contains(hit));
        };
        const inSight = x > reach && y > reach && x < innerWidth - reach && y < innerHeight - reach;
        const clips = scrolls ? [] : scrollers(target);
        const whole = clips.every((clip) => y - reach > clip.top && y + reach < clip.bottom);
        if (!isIts(0, 0) || !(inSight && whole)) continue;
        const ends = [-reach, reach].flatMap((by) => [
          document.elementFromPoint(x + by, y),
          document.elementFromPoint(x, y + by),
        ]);
        if (ends.some((end) => liesOver(end, target))) continue;
        const along = (dx: number, dy: number) => {
          let at = 1;
          while (at < LEAST && isIts(dx * at, dy * at)) at += 1;
          return at - 1;
        };
        const wide = Math.max(box.width, along(-1, 0) + along(1, 0) + 1);
        const high = Math.max(box.height, along(0, -1) + along(0, 1) + 1);
        if (Math.min(wide, high) >= LEAST - 1) continue;
        const words = target.getAttribute("aria-label") ?? target.innerText ?? target.id;
        small.push(
          `${target.tagName} ${target.className} ${Math.round(wide)}x${Math.round(high)} ${words.slice(0, 40)}`,
        );
      }
      return small;

      /** Whether something is on what was opened over a page, of which the target is a part. */
      function liesOver(end: Element | null, target: Element): boolean {
        const opened = end?.closest("dialog, [role=dialog], [role=menu], [role=listbox], [popover]");
        return opened != null && !opened.contains(target);
      }

      function scrollers(of: Element): readonly DOMRect[] {
        const all: DOMRect[] = [];
        for (let at = of.parentElement; at !== null; at = at.parentElement)
          if (getComputedStyle(at).overflowY !== "visible") all.push(at.getBoundingClientRect());
        return all;
      }
    },
    { within, scrolls, targets: TARGETS, excepted: EXCEPTED },
  );
}

const TARGETS = `button, a[href], input, select, textarea, summary, ${["button", "link", "option", "gridcell", "tab", "menuitem", "menuitemcheckbox", "switch"].map((role) => `[role=${role}]`).join(", ")}`;

const EXCEPTED = ".nx-rich *, .nx-author-name, .nx-skip, [type=file]";
