import type { Failure } from "@nexus/core";
import { failureText } from "../app/failure_text.ts";
import { t } from "../i18n/translate.ts";
import { Button } from "../parts/button.tsx";
import { Banner } from "../parts/notice.tsx";

interface Facts {
  readonly changed: boolean;
  readonly busy: boolean;
  readonly failure: Failure | null;
  readonly onSave: () => void;
  readonly onReset: () => void;
  readonly ready?: boolean;
}

/** Comes up when something was changed and not yet saved; with why it was not, wherever on the page one is. */
export function SaveBar({ changed, busy, failure, onSave, onReset, ready = true }: Facts) {
  if (!changed && failure === null) return null;
  return (
    <div className="nx-save">
      {failure === null ? null : <Banner tone="danger">{failureText(failure)}</Banner>}
      {changed ? (
        <div className="nx-save-bar" role="status">
          <span className="nx-save-words">{t("common.unsaved")}</span>
          <Button small look="quiet" onClick={onReset}>
            {t("common.reset")}
          </Button>
          <Button small look="primary" busy={busy} disabled={!ready} onClick={onSave}>
            {t("common.save")}
          </Button>
        </div>
      ) : null}
    </div>
  );
}
