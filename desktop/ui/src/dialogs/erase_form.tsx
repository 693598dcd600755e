import { WRONG_CODE } from "@nexus/core";
import { useState } from "react";
import { useActions } from "../app/client.tsx";
import { codeText, failureText, passwordText } from "../app/failure_text.ts";
import { granted, useWish } from "../app/wish.ts";
import { t } from "../i18n/translate.ts";
import { Button } from "../parts/button.tsx";
import { CodeField } from "../parts/code_field.tsx";
import { PasswordField } from "../parts/field.tsx";
import { Banner } from "../parts/notice.tsx";

interface Facts {
  readonly username: string;
  readonly secondFactor: boolean;
}

/** The account ends; what that means is said before anything is asked for. */
export function EraseForm({ username, secondFactor }: Facts) {
  const [open, setOpen] = useState(false);
  return (
    <section className="nx-sign-part">
      <h3 className="nx-sign-title">{t("sign.erase_title")}</h3>
      <p>{t("sign.erase_text")}</p>
      {open ? (
        <Shown username={username} secondFactor={secondFactor} onBack={() => setOpen(false)} />
      ) : (
        <Button look="danger-quiet" onClick={() => setOpen(true)}>
          {t("sign.erase_open")}
        </Button>
      )}
    </section>
  );
}

function Shown({ username, secondFactor, onBack }: Facts & { onBack: () => void }) {
  const actions = useActions();
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const { busy, failure, run } = useWish();
  const ofPassword = failure?.fields.login === undefined ? null : passwordText(failure);
  const ofCode = failure?.code === WRONG_CODE ? codeText(failure) : null;
  return (
    <form
      className="nx-sign-part"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        const shown = secondFactor ? code.trim() : null;
        void run(() => granted(actions.eraseAccount(password, shown))).then((done) => {
          if (done !== null) void actions.logout();
        });
      }}
    >
      <input hidden readOnly autoComplete="username" value={username} />
      <PasswordField
        label={t("sign.password_now")}
        value={password}
        onText={setPassword}
        autoComplete="current-password"
        error={ofPassword}
      />
      {secondFactor ? <CodeField code={code} onCode={setCode} error={ofCode} /> : null}
      {failure === null || ofPassword !== null || ofCode !== null ? null : (
        <Banner tone="danger">{failureText(failure)}</Banner>
      )}
      <div className="nx-sign-acts">
        <Button
          type="submit"
          look="danger"
          busy={busy}
          disabled={password === "" || (secondFactor && code.trim() === "")}
        >
          {t("sign.erase_go")}
        </Button>
        <Button look="quiet" onClick={onBack}>
          {t("common.cancel")}
        </Button>
      </div>
    </form>
  );
}
