import { t } from "../i18n/translate.ts";
import { Button } from "../parts/button.tsx";

interface ActsFacts {
  readonly onClose: () => void;
  readonly busy: boolean;
  readonly ready: boolean;
  readonly words: string;
}

/** Away from here, or on. */
export function Acts({ onClose, busy, ready, words }: ActsFacts) {
  return (
    <>
      <Button look="quiet" onClick={onClose}>
        {t("common.cancel")}
      </Button>
      <Button type="submit" look="primary" busy={busy} disabled={!ready}>
        {words}
      </Button>
    </>
  );
}
