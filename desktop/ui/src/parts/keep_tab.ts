import type { KeyboardEvent } from "react";

/**
 * Tab leads from the last control of a panel to its first, and back: the browser itself would leave the page on the way.
 * What lies above the panel (a menu, a popover) has its own way round.
 */
export function keepTab(event: KeyboardEvent, panel: HTMLElement | null): void {
  if (event.key !== "Tab" || event.defaultPrevented || panel === null) return;
  const at = document.activeElement;
  if (at === null || liesAbove(at, panel)) return;
  const all = stops(panel);
  const [first, last] = [all[0], all.at(-1)];
  const leaving = event.shiftKey ? at === first || at === panel : at === last || all.length === 0;
  if (!leaving) return;
  event.preventDefault();
  (event.shiftKey ? last : first)?.focus();
}

/** Where Tab stops in there: of radio buttons that are one choice, at what is chosen. */
function stops(panel: HTMLElement): readonly HTMLElement[] {
  const all = [...panel.querySelectorAll<HTMLElement>(REACHABLE)].filter(
    (each) =>
      each.tabIndex >= 0 &&
      !each.matches(":disabled") &&
      each.checkVisibility(VISIBLE) &&
      !liesAbove(each, panel),
  );
  const chosen = all.filter((each) => isRadio(each) && each.checked).map((each) => each.getAttribute("name"));
  return all.filter((each) => !isRadio(each) || each.checked || !chosen.includes(each.getAttribute("name")));
}

/** Whether something is on what was opened above the panel: in the page it lies within it. */
function liesAbove(each: Element, panel: HTMLElement): boolean {
  const on = each.closest(".nx-pop");
  return on !== null && on !== panel && panel.contains(on);
}

function isRadio(each: HTMLElement): each is HTMLInputElement {
  return each instanceof HTMLInputElement && each.type === "radio";
}

const VISIBLE = { visibilityProperty: true } as const;
const REACHABLE = "a[href], button, input, select, textarea, summary, [tabindex]";
