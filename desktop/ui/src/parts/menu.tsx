import type { LucideIcon } from "lucide-react";
import { type KeyboardEvent, type ReactNode, useEffect, useRef } from "react";
import { createPortal } from "react-dom";
import { type Anchor, closeMenu, openMenu, useScreen } from "../app/screen.ts";
import { cx } from "./classes.ts";
import { Icon } from "./icon.tsx";
import { Check } from "./icons.ts";
import { useOutside } from "./outside.ts";
import { topLayer, useFloating } from "./place.ts";

export type MenuEntry =
  | {
      readonly label: string;
      readonly icon?: LucideIcon;
      /** Drawn before the words instead of an icon. */
      readonly mark?: ReactNode;
      readonly keys?: string;
      readonly danger?: boolean;
      readonly checked?: boolean;
      readonly disabled?: boolean;
      readonly act: () => void;
    }
  | "line";

/** The one menu that is open, if any. Opened with {@link openMenu}. */
export function MenuLayer() {
  const menu = useScreen((screen) => screen.menu);
  return menu === null ? null : <Menu key={menu.label} {...menu} />;
}

interface MenuFacts {
  readonly entries: readonly MenuEntry[];
  readonly anchor: Anchor;
  readonly label: string;
}

function Menu({ entries, anchor, label }: MenuFacts) {
  const ref = useRef<HTMLDivElement>(null);
  useFloating(ref, anchor, "bottom-start", 4);
  useOutside(ref, closeMenu);
  useFocusInside(ref);
  const layer = topLayer();
  return createPortal(
    <section aria-label={label}>
      <div
        ref={ref}
        className="nx-menu nx-pop"
        role="menu"
        aria-label={label}
        tabIndex={-1}
        onKeyDown={(event) => walk(event, ref.current)}
      >
        {entries.map((entry, at) =>
          entry === "line" ? (
            // biome-ignore lint/suspicious/noArrayIndexKey: entries of an open menu keep their places
            <hr key={at} className="nx-menu-line" />
          ) : (
            <MenuItem key={entry.label} entry={entry} />
          ),
        )}
      </div>
    </section>,
    layer,
  );
}

function MenuItem({ entry }: { entry: Exclude<MenuEntry, "line"> }) {
  const choosable = entry.checked !== undefined;
  return (
    <button
      type="button"
      className={cx("nx-menu-item", entry.danger && "nx-menu-item-danger")}
      role={choosable ? "menuitemcheckbox" : "menuitem"}
      {...(choosable ? { "aria-checked": entry.checked } : {})}
      aria-disabled={entry.disabled || undefined}
      tabIndex={-1}
      onClick={() => {
        if (entry.disabled) return;
        closeMenu();
        entry.act();
      }}
    >
      {entry.mark ?? (entry.icon === undefined ? null : <Icon of={entry.icon} size={18} />)}
      <span className="nx-menu-words">{entry.label}</span>
      {entry.keys === undefined ? null : <span className="nx-menu-keys">{entry.keys}</span>}
      {entry.checked ? <Icon of={Check} size={16} /> : null}
    </button>
  );
}

/** The first entry has the keyboard; when the menu closes, what had it before has it again. */
function useFocusInside(ref: React.RefObject<HTMLElement | null>) {
  useEffect(() => {
    const before = document.activeElement;
    items(ref.current)[0]?.focus({ preventScroll: true });
    return () => {
      const lost = document.activeElement === null || document.activeElement === document.body;
      if (lost && before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
    };
  }, [ref]);
}

function items(menu: HTMLElement | null): readonly HTMLElement[] {
  return menu === null ? [] : [...menu.querySelectorAll<HTMLElement>("[role^=menuitem]")];
}

function walk(event: KeyboardEvent, menu: HTMLElement | null): void {
  const all = items(menu);
  const at = all.indexOf(document.activeElement as HTMLElement);
  const to = (index: number) => all[(index + all.length) % all.length]?.focus();
  const moves: Readonly<Record<string, () => void>> = {
    ArrowDown: () => to(at + 1),
    ArrowUp: () => to(at < 0 ? all.length - 1 : at - 1),
    Home: () => to(0),
    End: () => to(all.length - 1),
    Escape: closeMenu,
    Tab: closeMenu,
  };
  const move = moves[event.key] ?? letterMove(event, all, at);
  if (move === undefined) return;
  event.preventDefault();
  event.stopPropagation();
  move();
}

/** A letter goes to the next entry that begins with it. */
function letterMove(event: KeyboardEvent, all: readonly HTMLElement[], at: number): (() => void) | undefined {
  if (event.key.length !== 1 || event.key === " " || event.ctrlKey || event.metaKey) return undefined;
  const wanted = event.key.toLowerCase();
  const order = [...all.slice(at + 1), ...all.slice(0, at + 1)];
  const found = order.find((item) => item.textContent?.trim().toLowerCase().startsWith(wanted));
  return found === undefined ? undefined : () => found.focus();
}

/** A menu for an element: by its button, or by the pointer's other key. */
export function menuAt(event: React.MouseEvent, label: string, entries: readonly MenuEntry[]): void {
  event.preventDefault();
  event.stopPropagation();
  const byPointer = event.type === "contextmenu" && (event.clientX !== 0 || event.clientY !== 0);
  openMenu(byPointer ? { x: event.clientX, y: event.clientY } : event.currentTarget, label, entries);
}
