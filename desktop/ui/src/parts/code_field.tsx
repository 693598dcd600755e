import { t } from "../i18n/translate.ts";
import { TextField } from "./field.tsx";

interface Facts {
  readonly code: string;
  readonly onCode: (code: string) => void;
  readonly error: string | null;
  readonly autoFocus?: boolean;
}

/** A code of an authenticator, or one for its loss. */
export function CodeField({ code, onCode, error, autoFocus }: Facts) {
  return (
    <TextField
      label={t("door.code_label")}
      hint={t("door.code_hint")}
      value={code}
      onText={onCode}
      autoComplete="one-time-code"
      autoCapitalize="none"
      spellCheck={false}
      maxLength={32}
      autoFocus={autoFocus ?? false}
      error={error}
    />
  );
}
