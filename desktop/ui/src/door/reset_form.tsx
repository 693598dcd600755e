import { useState } from "react";
import { useActions } from "../app/client.tsx";
import { failureText, fieldText } from "../app/failure_text.ts";
import { toast } from "../app/screen.ts";
import { granted, useWish } from "../app/wish.ts";
import { t } from "../i18n/translate.ts";
import { Button } from "../parts/button.tsx";
import { PasswordField } from "../parts/field.tsx";
import { Banner } from "../parts/notice.tsx";
import { DoorForm } from "./door_form.tsx";

interface Facts {
  /** Of the mail's link. */
  readonly code: string;
  readonly onDone: () => void;
}

/** Where the link of a mail leads. */
export function ResetForm({ code, onDone }: Facts) {
  const actions = useActions();
  const [password, setPassword] = useState("");
  const { busy, failure, run } = useWish();
  const ofPassword = fieldText(failure, "password");
  const isOver = fieldText(failure, "token") !== null;
  return (
    <DoorForm
      title={t("door.reset_title")}
      text={t("door.reset_text")}
      back={t("door.forgot_back")}
      onBack={onDone}
      onSubmit={() => {
        void run(() => granted(actions.resetPassword(code, password))).then((done) => {
          if (done === null) return;
          toast(t("door.reset_done"), "ok");
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
        error={ofPassword}
      />
      {failure === null || ofPassword !== null ? null : (
        <Banner tone="danger">{isOver ? t("door.reset_over") : failureText(failure)}</Banner>
      )}
      <Button type="submit" look="primary" wide busy={busy} disabled={password === "" || isOver}>
        {t("door.reset_go")}
      </Button>
    </DoorForm>
  );
}
