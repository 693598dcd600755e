import { OLD_TICKET } from "@nexus/core";
import { useState } from "react";
import { useActions } from "../app/client.tsx";
import { codeText } from "../app/failure_text.ts";
import { useWish } from "../app/wish.ts";
import { t } from "../i18n/translate.ts";
import { Button } from "../parts/button.tsx";
import { CodeField } from "../parts/code_field.tsx";
import { DoorForm } from "./door_form.tsx";

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
    <DoorForm
      title={t("door.code_title")}
      text={t("door.code_text")}
      back={t("door.code_back")}
      onBack={onBack}
      onSubmit={() => {
        void run(() => actions.showCode(ticket, code.trim()));
      }}
    >
      <CodeField
        code={code}
        onCode={setCode}
        autoFocus
        error={failure === null ? null : isOld ? t("door.code_old") : codeText(failure)}
      />
      <Button type="submit" look="primary" wide busy={busy} disabled={code.trim() === "" || isOld}>
        {t("door.code_go")}
      </Button>
    </DoorForm>
  );
}
