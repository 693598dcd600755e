import type { LucideIcon } from "lucide-react";
import type { ComponentProps, ReactNode } from "react";
import { cx } from "./classes.ts";
import { Icon } from "./icon.tsx";
import { Spinner } from "./progress.tsx";

type Native = Omit<ComponentProps<"button">, "children">;

interface ButtonFacts extends Native {
  readonly look?: "primary" | "plain" | "quiet" | "danger" | "danger-quiet";
  readonly small?: boolean;
  readonly wide?: boolean;
  /** It was pressed and the answer is awaited. */
  readonly busy?: boolean;
  readonly icon?: LucideIcon;
  readonly children: ReactNode;
}

export function Button(facts: ButtonFacts) {
  const { look = "plain", small, wide, busy, icon, children, className, disabled, ...native } = facts;
  return (
    <button
      type="button"
      {...native}
      className={cx(
        "nx-button",
        `nx-button-${look}`,
        small && "nx-button-small",
        wide && "nx-button-wide",
        className,
      )}
      disabled={disabled}
      aria-disabled={busy || undefined}
      onClick={busy ? undefined : native.onClick}
    >
      {icon === undefined ? null : <Icon of={icon} size={small ? 16 : 18} />}
      <span className="nx-button-words">{children}</span>
      {busy ? <Spinner size={16} /> : null}
    </button>
  );
}

interface IconButtonFacts extends Native {
  readonly icon: LucideIcon;
  /** What it does: its name, and what the pointer finds. */
  readonly label: string;
  /** As it is written on keys. */
  readonly keys?: string;
  readonly size?: "small" | "normal";
  readonly pressed?: boolean;
  readonly danger?: boolean;
}

export function IconButton(facts: IconButtonFacts) {
  const { icon, label, keys, size = "normal", pressed, danger, className, ...native } = facts;
  return (
    <button
      type="button"
      {...native}
      className={cx(
        "nx-icon-button",
        size === "small" && "nx-icon-button-small",
        danger && "nx-icon-button-danger",
        className,
      )}
      aria-label={label}
      aria-pressed={pressed}
      data-tip={label}
      data-tip-keys={keys}
    >
      <Icon of={icon} size={size === "small" ? 18 : 20} />
    </button>
  );
}
