import type { LucideIcon } from "lucide-react";
import { type KeyboardEvent, type ReactNode, useId } from "react";
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
    <div className="nx-tabs">
      <div className="nx-tabs-side">
        <div
          className="nx-tabs-list"
          role="tablist"
          aria-label={label}
          aria-orientation="vertical"
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
