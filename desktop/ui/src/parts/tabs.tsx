import type { LucideIcon } from "lucide-react";
import { type KeyboardEvent, type ReactNode, useCallback, useEffect, useId, useRef, useState } from "react";
import { useNarrow } from "../app/room.ts";
import { Icon } from "./icon.tsx";

interface TabsFacts<V extends string> {
  readonly label: string;
  readonly value: V;
  readonly tabs: readonly { readonly value: V; readonly label: string; readonly icon?: LucideIcon }[];
  readonly onValue: (value: V) => void;
  /** Below the tabs, apart from them. */
  readonly foot?: ReactNode;
  readonly children: ReactNode;
}

/** Pages of which one is shown. Wide: a list at the side; narrow: a row above. */
export function Tabs<V extends string>({ label, value, tabs, onValue, foot, children }: TabsFacts<V>) {
  const id = useId();
  const narrow = useNarrow();
  const { side, more, look } = useMore(value);
  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>) => {
    const at = tabs.findIndex((tab) => tab.value === value);
    const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
    const next = step === undefined ? undefined : tabs[(at + step + tabs.length) % tabs.length];
    if (next === undefined) return;
    event.preventDefault();
    onValue(next.value);
    event.currentTarget.querySelector<HTMLElement>(`[data-tab="${next.value}"]`)?.focus();
  };
  return (
    <div className="nx-tabs" data-more={more}>
      <div ref={side} className="nx-tabs-side" onScroll={look}>
        <div
          className="nx-tabs-list"
          role="tablist"
          aria-label={label}
          aria-orientation={narrow ? "horizontal" : "vertical"}
          onKeyDown={onKeyDown}
        >
          {tabs.map((tab) => (
            <button
              key={tab.value}
              type="button"
              role="tab"
              className="nx-tab"
              id={`${id}-${tab.value}`}
              data-tab={tab.value}
              aria-selected={tab.value === value}
              aria-controls={`${id}-panel`}
              tabIndex={tab.value === value ? 0 : -1}
              onClick={() => onValue(tab.value)}
            >
              {tab.icon === undefined ? null : <Icon of={tab.icon} size={18} />}
              {tab.label}
            </button>
          ))}
        </div>
      </div>
      <div
        className="nx-tabs-page"
        role="tabpanel"
        id={`${id}-panel`}
        aria-labelledby={`${id}-${value}`}
        // A page of text has to be scrolled by keys too.
        {...{ tabIndex: 0 }}
      >
        {children}
      </div>
      {foot === undefined ? null : <div className="nx-tabs-foot">{foot}</div>}
    </div>
  );
}

/** Keeps the chosen tab in sight, and says at which ends of a row there are more than are seen. */
function useMore(value: string) {
  const side = useRef<HTMLDivElement>(null);
  const [more, setMore] = useState("");
  const look = useCallback(() => {
    if (side.current !== null) setMore(endsWithMore(side.current));
  }, []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each that is chosen
  useEffect(() => {
    const chosen = side.current?.querySelector("[aria-selected=true]");
    chosen?.scrollIntoView?.({ block: "nearest", inline: "center" });
    look();
  }, [value, look]);
  useEffect(() => {
    const row = side.current;
    if (row === null || typeof ResizeObserver === "undefined") return;
    const sizes = new ResizeObserver(look);
    sizes.observe(row);
    return () => sizes.disconnect();
  }, [look]);
  return { side, more, look };
}

/** From right to left a row is scrolled below zero. */
function endsWithMore({ scrollLeft, scrollWidth, clientWidth }: HTMLElement): string {
  const at = Math.abs(scrollLeft);
  return [at > 1 && "start", at + clientWidth < scrollWidth - 1 && "end"].filter(Boolean).join(" ");
}
