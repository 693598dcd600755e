import type { LucideIcon } from "lucide-react";
import type { ReactNode } from "react";
import { pieces } from "../i18n/translate.ts";
import { cx } from "./classes.ts";
import { Icon } from "./icon.tsx";
import { CircleAlert, CircleCheck, Info, TriangleAlert } from "./icons.ts";

export type Tone = "plain" | "ok" | "warn" | "danger";

const ICONS: Readonly<Record<Tone, LucideIcon>> = {
  plain: Info,
  ok: CircleCheck,
  warn: TriangleAlert,
  danger: CircleAlert,
};

interface BannerFacts {
  readonly tone?: Tone;
  readonly icon?: LucideIcon;
  readonly children: ReactNode;
  /** Buttons. */
  readonly acts?: ReactNode;
}

/** Something that is so for a while, above what it is about. */
export function Banner({ tone = "plain", icon, children, acts }: BannerFacts) {
  return (
    <div className={cx("nx-banner", `nx-tone-${tone}`)} role={tone === "danger" ? "alert" : undefined}>
      <Icon of={icon ?? ICONS[tone]} size={18} />
      <div className="nx-banner-words">{children}</div>
      {acts === undefined ? null : <div className="nx-banner-acts">{acts}</div>}
    </div>
  );
}

interface EmptyFacts {
  readonly icon: LucideIcon;
  readonly title: string;
  /** It is all there is on the page. */
  readonly alone?: boolean;
  readonly text?: ReactNode;
  readonly children?: ReactNode;
}

/** A place with nothing in it says what belongs there. */
export function Empty({ icon, title, text, alone = false, children }: EmptyFacts) {
  return (
    <div className="nx-empty">
      <span className="nx-empty-icon">
        <Icon of={icon} size={28} />
      </span>
      {alone ? <h1 className="nx-empty-title">{title}</h1> : <p className="nx-empty-title">{title}</p>}
      {text === undefined ? null : <p className="nx-empty-text">{text}</p>}
      {children}
    </div>
  );
}

/** How often one is mentioned. `n` over 99 is 99+. `spoken`: it is read out, with what is counted. */
export function Badge({ n, spoken = false }: { n: number; spoken?: boolean }) {
  const shown = n > 99 ? "99+" : n;
  if (!spoken)
    return (
      <span className="nx-badge" aria-hidden="true">
        {shown}
      </span>
    );
  return (
    <span className="nx-badge">
      {pieces("channels.mentions", n).map(({ text, name }) =>
        name === null ? (
          <span key={text} className="nx-hidden">
            {text}
          </span>
        ) : (
          shown
        ),
      )}
    </span>
  );
}

export function Tag({ children, tone = "plain" }: { children: ReactNode; tone?: "plain" | "accent" }) {
  return <span className={cx("nx-tag", `nx-tag-${tone}`)}>{children}</span>;
}

const ARROWS: Readonly<Record<string, string>> = {
  ArrowUp: "↑",
  ArrowDown: "↓",
  ArrowLeft: "←",
  ArrowRight: "→",
};

/** Keys as they are written on a keyboard: `Ctrl+K`. */
export function Keys({ of }: { of: string }) {
  return (
    <span className="nx-keys">
      {of.split("+").map((key) => (
        <kbd key={key} className="nx-key">
          {ARROWS[key] ?? key}
        </kbd>
      ))}
    </span>
  );
}
