import { t } from "../i18n/translate.ts";
import { cx } from "./classes.ts";

export function Spinner({ size = 20 }: { size?: number }) {
  return (
    <svg className="nx-spinner" viewBox="0 0 20 20" width={size} height={size} aria-hidden="true">
      <circle cx="10" cy="10" r="8" fill="none" stroke="currentColor" strokeWidth="2.4" opacity="0.2" />
      <path
        d="M10 2a8 8 0 0 1 8 8"
        fill="none"
        stroke="currentColor"
        strokeWidth="2.4"
        strokeLinecap="round"
      />
    </svg>
  );
}

/** In place of something that is on its way. */
export function Loading({ label }: { label?: string }) {
  return (
    <div className="nx-loading" role="status">
      <Spinner size={28} />
      <span className="nx-hidden">{label ?? t("common.loading")}</span>
    </div>
  );
}

/** The shape of messages that are not here yet: always the same, so that nothing jumps. */
export function MessageSkeleton({ rows = 8 }: { rows?: number }) {
  return (
    <div className="nx-skeletons" role="status">
      <span className="nx-hidden">{t("common.loading")}</span>
      {Array.from({ length: rows }, (_, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: all are alike
        <div key={at} className="nx-skeleton-row" aria-hidden="true">
          <span className="nx-skeleton nx-skeleton-face" />
          <span className="nx-skeleton-lines">
            <span className={cx("nx-skeleton", `nx-skeleton-name-${at % 3}`)} />
            <span className={cx("nx-skeleton", `nx-skeleton-line-${(at * 7) % 5}`)} />
            {at % 3 === 1 ? <span className="nx-skeleton nx-skeleton-line-2" /> : null}
          </span>
        </div>
      ))}
    </div>
  );
}
