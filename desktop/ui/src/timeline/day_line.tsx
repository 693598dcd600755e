import { dayName } from "../i18n/time.ts";
import { t } from "../i18n/translate.ts";

/** Between two days. */
export function DayLine({ at }: { at: number }) {
  return (
    <div className="nx-divider">
      <span className="nx-divider-words">{dayName(at)}</span>
    </div>
  );
}

/** What follows was not read. */
export function UnreadLine() {
  return (
    <div className="nx-divider nx-divider-new">
      <span className="nx-divider-words">{t("talk.new")}</span>
    </div>
  );
}
