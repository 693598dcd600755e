import { type ReactNode, useEffect, useRef } from "react";

export interface HitRowFacts {
  readonly id: string;
  readonly active: boolean;
  /** Of those that can be chosen. */
  readonly chosen?: boolean;
  readonly disabled?: boolean;
  readonly onActive: () => void;
  readonly onPick: () => void;
}

/** One of the hits below a box that keeps the keyboard; the one that is reached is in sight. */
export function HitRow({
  id,
  active,
  chosen,
  disabled,
  onActive,
  onPick,
  children,
}: HitRowFacts & { children: ReactNode }) {
  const ref = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (active) ref.current?.scrollIntoView({ block: "nearest" });
  }, [active]);
  return (
    // biome-ignore lint/a11y/useFocusableInteractive: the box has the focus
    // biome-ignore lint/a11y/useKeyWithClickEvents: the box has the keys
    <div
      ref={ref}
      id={id}
      className="nx-hit"
      role="option"
      data-active={active ? "" : undefined}
      aria-selected={chosen ?? active}
      aria-disabled={disabled === true ? true : undefined}
      onPointerMove={onActive}
      onClick={onPick}
    >
      {children}
    </div>
  );
}
