import { useState } from "react";
import { useActions } from "../app/client.tsx";
import { failureText } from "../app/failure_text.ts";
import { granted, useWish } from "../app/wish.ts";
import { t } from "../i18n/translate.ts";
import { Button } from "../parts/button.tsx";
import { TextField } from "../parts/field.tsx";
import { Banner } from "../parts/notice.tsx";
import { DoorForm } from "./door_form.tsx";

interface Facts {
  /** As far as it was typed. */
  readonly login: string;
  readonly onBack: () => void;
}

/** Asks for a mail: what is answered does not tell whether there is an account. */
export function ForgotForm({ login: typed, onBack }: Facts) {
  const actions = useActions();
  const [login, setLogin] = useState(typed);
  const [sent, setSent] = useState(false);
  const { busy, failure, run } = useWish();
  return (
    <DoorForm
      title={t("door.forgot_title")}
      text={t("door.forgot_text")}
      back={t("door.forgot_back")}
      onBack={onBack}
      onSubmit={() => {
        void run(() => granted(actions.forgotPassword(login.trim()))).then((done) => setSent(done !== null));
      }}
    >
      <TextField
        label={t("door.login_label")}
        value={login}
        onText={setLogin}
        autoComplete="username"
        autoCapitalize="none"
        spellCheck={false}
        autoFocus
        error={failure === null ? null : failureText(failure)}
      />
      {sent ? (
        <div role="status">
          <Banner>{t("door.forgot_sent")}</Banner>
        </div>
      ) : null}
      <Button type="submit" look="primary" wide busy={busy} disabled={login.trim() === ""}>
        {t("door.forgot_go")}
      </Button>
    </DoorForm>
  );
}
