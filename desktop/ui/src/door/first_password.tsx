import { useState } from "react";
import { useActions } from "../app/client.tsx";
import { failureText, fieldText } from "../app/failure_text.ts";
import { toast } from "../app/screen.ts";
import { granted, useWish } from "../app/wish.ts";
import { t } from "../i18n/translate.ts";
import { Button } from "../parts/button.tsx";
import { PasswordField } from "../parts/field.tsx";
import { DoorForm } from "./door_form.tsx";

interface Facts {
  /** In place of the password there is not. */
  readonly proof: string;
  readonly onDone: () => void;
}

/** Who comes in by a provider chooses a password. */
export function FirstPassword({ proof, onDone }: Facts) {
  const actions = useActions();
  const [password, setPassword] = useState("");
  const { busy, failure, run } = useWish();
  const isOver = failure?.fields.login !== undefined;
  const words = failure === null ? null : (fieldText(failure, "password") ?? failureText(failure));
  return (
    <DoorForm
      title={t("elsewhere.password_title")}
      text={t("elsewhere.password_text")}
      back={t("common.cancel")}
      onBack={onDone}
      onSubmit={() => {
        void run(() => granted(actions.changePassword(proof, password))).then((done) => {
          if (done === null) return;
          toast(t("elsewhere.password_done"), "ok");
          onDone();
        });
      }}
    >
      <PasswordField
        label={t("sign.password_next")}
        hint={t("door.password_hint")}
        value={password}
        onText={setPassword}
        autoComplete="new-password"
        error={isOver ? t("elsewhere.over") : words}
      />
      <Button type="submit" look="primary" wide busy={busy} disabled={password === "" || isOver}>
        {t("elsewhere.password_go")}
      </Button>
    </DoorForm>
  );
}
