import { useState } from "react";
import { useActions, useApp } from "../app/client.tsx";
import { failureText, fieldText } from "../app/failure_text.ts";
import { useWish } from "../app/wish.ts";
import { rich } from "../i18n/rich.tsx";
import { t } from "../i18n/translate.ts";
import { Button } from "../parts/button.tsx";
import { PasswordField, TextField } from "../parts/field.tsx";
import { Banner } from "../parts/notice.tsx";
import { accountFields, InviteField, MailField, NameField } from "./account_fields.tsx";
import { CodeForm } from "./code_form.tsx";
import { ForgotForm } from "./forgot_form.tsx";
import { Providers } from "./providers.tsx";

interface Facts {
  /** The session ended, and not by oneself. */
  readonly ended: boolean;
  /** Which of the two is asked first. */
  readonly first?: "login" | "register";
}

/** A relay's door: an account that is there, or a new one. */
export function RelayDoor({ ended, first = "login" }: Facts) {
  const registers = useApp((state) => state.door.registers);
  const [way, setWay] = useState(first);
  if (way === "register" && registers) return <Register onOther={() => setWay("login")} />;
  return <Login ended={ended} {...(registers ? { onOther: () => setWay("register") } : {})} />;
}

function useRelayName(): string {
  return useApp((state) => state.door.name) ?? t("door.this_relay");
}

function Login({ ended, onOther }: { ended: boolean; onOther?: () => void }) {
  const actions = useActions();
  const relay = useRelayName();
  const [login, setLogin] = useState("");
  const [password, setPassword] = useState("");
  const mails = useApp((state) => state.door.mails);
  const [ticket, setTicket] = useState<string | null>(null);
  const [forgot, setForgot] = useState(false);
  const { busy, failure, run } = useWish();
  if (ticket !== null) return <CodeForm ticket={ticket} onBack={() => setTicket(null)} />;
  if (forgot) return <ForgotForm login={login} onBack={() => setForgot(false)} />;
  const isWrong = failure?.kind === "invalid" || failure?.kind === "unauthorised";
  return (
    <form
      className="nx-door-form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void run(() => actions.login(login.trim(), password)).then((entered) => {
          if (entered === null || entered.ticket === null) return;
          setPassword("");
          setTicket(entered.ticket);
        });
      }}
    >
      <h1 className="nx-door-title">{t("door.login_title")}</h1>
      <p className="nx-door-text">{t("door.login_text", { name: relay })}</p>
      {ended ? <Banner tone="warn">{t("door.ended")}</Banner> : null}
      <TextField
        label={t("door.login_label")}
        value={login}
        onText={setLogin}
        autoComplete="username"
        autoCapitalize="none"
        spellCheck={false}
        autoFocus
      />
      <PasswordField
        label={t("door.password_label")}
        value={password}
        onText={setPassword}
        autoComplete="current-password"
        error={failure === null ? null : isWrong ? t("door.login_wrong") : failureText(failure)}
      />
      <Button type="submit" look="primary" wide busy={busy} disabled={login.trim() === "" || password === ""}>
        {t("door.login_go")}
      </Button>
      <Providers />
      {mails ? (
        <p className="nx-door-other">
          <Other words={t("door.forgot")} onClick={() => setForgot(true)} />
        </p>
      ) : null}
      <p className="nx-door-other">
        {onOther === undefined
          ? t("door.no_register")
          : rich("door.to_register", {
              link: <Other words={t("door.to_register_link")} onClick={onOther} />,
            })}
      </p>
    </form>
  );
}

function Register({ onOther }: { onOther: () => void }) {
  const actions = useActions();
  const relay = useRelayName();
  const invited = useApp((state) => state.door.invited);
  const [invite, setInvite] = useState("");
  const [username, setUsername] = useState("");
  const [password, setPassword] = useState("");
  const [email, setEmail] = useState("");
  const { busy, failure, run } = useWish();
  const known = ["username", "password", "email", "invite"].some(
    (name) => failure?.fields[name] !== undefined,
  );
  return (
    <form
      className="nx-door-form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        const fields = accountFields(username, email, invited ? invite : null);
        void run(() => actions.register({ ...fields, password }));
      }}
    >
      <h1 className="nx-door-title">{t("door.register_title")}</h1>
      <p className="nx-door-text">{t("door.register_text", { name: relay })}</p>
      {invited ? <InviteField value={invite} onText={setInvite} failure={failure} /> : null}
      <NameField value={username} onText={setUsername} failure={failure} first />
      <PasswordField
        label={t("door.password_label")}
        hint={t("door.password_hint")}
        value={password}
        onText={setPassword}
        autoComplete="new-password"
        error={fieldText(failure, "password")}
      />
      <MailField value={email} onText={setEmail} failure={failure} />
      {failure === null || known ? null : <Banner tone="danger">{failureText(failure)}</Banner>}
      <Button
        type="submit"
        look="primary"
        wide
        busy={busy}
        disabled={username.trim() === "" || password === "" || (invited && invite.trim() === "")}
      >
        {t("door.register_go")}
      </Button>
      <p className="nx-door-other">
        {rich("door.to_login", { link: <Other words={t("door.to_login_link")} onClick={onOther} /> })}
      </p>
    </form>
  );
}

function Other({ words, onClick }: { words: string; onClick: () => void }) {
  return (
    <button type="button" className="nx-link" onClick={onClick}>
      {words}
    </button>
  );
}
