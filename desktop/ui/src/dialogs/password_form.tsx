import { useState } from "react";
import { useActions } from "../app/client.tsx";
import { fieldText, passwordText } from "../app/failure_text.ts";
import { toast } from "../app/screen.ts";
import { granted, useWish } from "../app/wish.ts";
import { t } from "../i18n/translate.ts";
import { Button } from "../parts/button.tsx";
import { PasswordField } from "../parts/field.tsx";

interface Facts {
  readonly username: string;
  readonly onChanged: () => void;
}

export function PasswordForm({ username, onChanged }: Facts) {
  const actions = useActions();
  const [password, setPassword] = useState("");
  const [next, setNext] = useState("");
  const { busy, failure, run } = useWish();
  const ofNext = fieldText(failure, "password");
  return (
    <form
      className="nx-sign-part"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void run(() => granted(actions.changePassword(password, next))).then((changed) => {
          if (changed === null) return;
          setPassword("");
          setNext("");
          toast(t("sign.password_done"), "ok");
          onChanged();
        });
      }}
    >
      <h3 className="nx-sign-title">{t("sign.password_title")}</h3>
      {/* For who keeps passwords for people: whose it is. */}
      <input hidden readOnly autoComplete="username" value={username} />
      <PasswordField
        label={t("sign.password_now")}
        value={password}
        onText={setPassword}
        autoComplete="current-password"
        error={failure === null || ofNext !== null ? null : passwordText(failure)}
      />
      <PasswordField
        label={t("sign.password_next")}
        hint={t("door.password_hint")}
        value={next}
        onText={setNext}
        autoComplete="new-password"
        error={ofNext}
      />
      <Button type="submit" busy={busy} disabled={password === "" || next === ""}>
        {t("sign.password_go")}
      </Button>
    </form>
  );
}
