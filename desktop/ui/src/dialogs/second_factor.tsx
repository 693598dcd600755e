import { type AccountFacts, authenticatorLink, base32, inFours } from "@nexus/core";
import { useState } from "react";
import { useActions, useApp } from "../app/client.tsx";
import { codeText, passwordText } from "../app/failure_text.ts";
import { granted, useWish } from "../app/wish.ts";
import { t } from "../i18n/translate.ts";
import { Button } from "../parts/button.tsx";
import { CodeField } from "../parts/code_field.tsx";
import { PasswordField, TextField } from "../parts/field.tsx";
import { Copy } from "../parts/icons.ts";
import { Banner } from "../parts/notice.tsx";
import { copy } from "../rich/code_block.tsx";
import { Acts } from "./acts.tsx";

interface Facts {
  readonly facts: AccountFacts;
  readonly onChanged: () => void;
}

type Step = "none" | "add" | "drop" | "renew" | { readonly codes: readonly string[] };

/** An authenticator beside the password: set up, taken away; recovery codes. */
export function SecondFactor({ facts, onChanged }: Facts) {
  const [step, setStep] = useState<Step>("none");
  const next = (to: Step) => {
    setStep(to);
    onChanged();
  };
  return (
    <section className="nx-sign-part">
      <h3 className="nx-sign-title">{t("sign.factor_title")}</h3>
      <p>{t(facts.secondFactor ? "sign.factor_on" : "sign.factor_off")}</p>
      {facts.secondFactor ? <p>{t("sign.codes_left", { n: facts.recoveryCodes })}</p> : null}
      {step === "none" ? <Choices on={facts.secondFactor} onStep={setStep} /> : null}
      {step === "add" ? <Add username={facts.username} onStep={next} /> : null}
      {step === "drop" ? <Drop onStep={next} /> : null}
      {step === "renew" ? <Renew onStep={next} /> : null}
      {typeof step === "object" ? <RecoveryCodes codes={step.codes} onKept={() => setStep("none")} /> : null}
    </section>
  );
}

function Choices({ on, onStep }: { on: boolean; onStep: (to: Step) => void }) {
  if (!on) return <Button onClick={() => onStep("add")}>{t("sign.factor_add")}</Button>;
  return (
    <div className="nx-sign-acts">
      <Button onClick={() => onStep("renew")}>{t("sign.codes_renew")}</Button>
      <Button look="danger-quiet" onClick={() => onStep("drop")}>
        {t("sign.factor_drop")}
      </Button>
    </div>
  );
}

function Add({ username, onStep }: { username: string; onStep: (to: Step) => void }) {
  const actions = useActions();
  const relay = useApp((state) => state.door.name) ?? t("app.name");
  // 160 bits, as RFC 4226 recommends.
  const [secret] = useState(() => base32(crypto.getRandomValues(new Uint8Array(20))));
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const { busy, failure, run } = useWish();
  const ofPassword = failure?.fields.login === undefined ? null : passwordText(failure);
  return (
    <form
      className="nx-sign-part"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void run(() => actions.addAuthenticator(password, secret, code.trim())).then((codes) => {
          if (codes !== null) onStep({ codes });
        });
      }}
    >
      <p>{t("sign.factor_step")}</p>
      <TextField
        label={t("sign.factor_key")}
        readOnly
        value={inFours(secret)}
        onText={() => {}}
        onFocus={(event) => event.target.select()}
      />
      <div className="nx-sign-acts">
        <Button small icon={Copy} onClick={() => void copy(secret)}>
          {t("common.copy")}
        </Button>
        <a className="nx-link" href={authenticatorLink(secret, username, relay)}>
          {t("sign.factor_open")}
        </a>
      </div>
      <TextField
        label={t("door.code_label")}
        value={code}
        onText={setCode}
        autoComplete="one-time-code"
        inputMode="numeric"
        maxLength={6}
        error={failure === null || ofPassword !== null ? null : codeText(failure)}
      />
      <PasswordField
        label={t("door.password_label")}
        value={password}
        onText={setPassword}
        autoComplete="current-password"
        error={ofPassword}
      />
      <div className="nx-sign-acts">
        <Acts
          words={t("sign.factor_confirm")}
          busy={busy}
          ready={password !== "" && code.trim() !== ""}
          onClose={() => onStep("none")}
        />
      </div>
    </form>
  );
}

function Drop({ onStep }: { onStep: (to: Step) => void }) {
  const actions = useActions();
  const [code, setCode] = useState("");
  const { busy, failure, run } = useWish();
  return (
    <form
      className="nx-sign-part"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void run(() => granted(actions.dropAuthenticator(code.trim()))).then((done) => {
          if (done !== null) onStep("none");
        });
      }}
    >
      <CodeField code={code} onCode={setCode} error={failure === null ? null : codeText(failure)} />
      <div className="nx-sign-acts">
        <Acts
          words={t("sign.factor_drop_go")}
          busy={busy}
          ready={code.trim() !== ""}
          onClose={() => onStep("none")}
        />
      </div>
    </form>
  );
}

function Renew({ onStep }: { onStep: (to: Step) => void }) {
  const actions = useActions();
  const [password, setPassword] = useState("");
  const { busy, failure, run } = useWish();
  return (
    <form
      className="nx-sign-part"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void run(() => actions.renewRecoveryCodes(password)).then((codes) => {
          if (codes !== null) onStep({ codes });
        });
      }}
    >
      <PasswordField
        label={t("door.password_label")}
        value={password}
        onText={setPassword}
        autoComplete="current-password"
        error={failure === null ? null : passwordText(failure)}
      />
      <div className="nx-sign-acts">
        <Acts
          words={t("sign.codes_renew_go")}
          busy={busy}
          ready={password !== ""}
          onClose={() => onStep("none")}
        />
      </div>
    </form>
  );
}

export function RecoveryCodes({ codes, onKept }: { codes: readonly string[]; onKept: () => void }) {
  return (
    <>
      <Banner tone="warn">{t("sign.codes_text")}</Banner>
      <ol className="nx-sign-codes" aria-label={t("sign.codes_title")}>
        {codes.map((code) => (
          <li key={code}>
            <code>{code}</code>
          </li>
        ))}
      </ol>
      <div className="nx-sign-acts">
        <Button icon={Copy} onClick={() => void copy(codes.join("\n"))}>
          {t("sign.codes_copy")}
        </Button>
        <Button look="primary" onClick={onKept}>
          {t("sign.codes_kept")}
        </Button>
      </div>
    </>
  );
}
