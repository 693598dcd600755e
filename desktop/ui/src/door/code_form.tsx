import { OLD_TICKET } from "@nexus/core";
import { useState } from "react";
import { useActions } from "../app/client.tsx";
import { codeText } from "../app/failure_text.ts";
import { useWish } from "../app/wish.ts";
import { t } from "../i18n/translate.ts";
import { Button } from "../parts/button.tsx";
import { TextField } from "../parts/field.tsx";

interface Facts {
  readonly ticket: string;
  readonly onBack: () => void;
}

/** The password was right, and a code is asked for. */
export function CodeForm({ ticket, onBack }: Facts) {
  const actions = useActions();
  const [code, setCode] = useState("");
  const { busy, failure, run } = useWish();
  const isOld = failure?.code === OLD_TICKET;
  return (
    <form
      className="nx-door-form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void run(() => actions.showCode(ticket, code.trim()));
      }}
    >
      <h1 className="nx-door-title">{t("door.code_title")}</h1>
      <p className="nx-door-text">{t("door.code_text")}</p>
      <TextField
        label={t("door.code_label")}
        hint={t("door.code_hint")}
        value={code}
        onText={setCode}
        autoComplete="one-time-code"
        autoCapitalize="none"
        spellCheck={false}
        maxLength={32}
        autoFocus
        error={failure === null ? null : isOld ? t("door.code_old") : codeText(failure)}
      />
      <Button type="submit" look="primary" wide busy={busy} disabled={code.trim() === "" || isOld}>
        {t("door.code_go")}
      </Button>
      <p className="nx-door-other">
        <button type="button" className="nx-link" onClick={onBack}>
          {t("door.code_back")}
        </button>
      </p>
    </form>
  );
}
