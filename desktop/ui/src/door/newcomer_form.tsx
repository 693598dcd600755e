import { useState } from "react";
import { useActions, useApp } from "../app/client.tsx";
import { failureText, fieldText } from "../app/failure_text.ts";
import { granted, useWish } from "../app/wish.ts";
import { t } from "../i18n/translate.ts";
import { Button } from "../parts/button.tsx";
import { TextField } from "../parts/field.tsx";
import { Banner } from "../parts/notice.tsx";
import { DoorForm } from "./door_form.tsx";
import { useProviderName } from "./providers.tsx";

interface Facts {
  readonly provider: string;
  readonly who: { readonly ticket: string; readonly username: string | null; readonly email: string | null };
  readonly onBack: () => void;
}

/** Nobody here is known so: a name is chosen, and there is an account. */
export function NewcomerForm({ provider, who, onBack }: Facts) {
  const actions = useActions();
  const invited = useApp((state) => state.door.invited);
  const name = useProviderName(provider);
  const [username, setUsername] = useState(who.username ?? "");
  const [email, setEmail] = useState(who.email ?? "");
  const [invite, setInvite] = useState("");
  const { busy, failure, run } = useWish();
  const isOver = fieldText(failure, "state") !== null;
  const known = ["username", "email", "invite"].some((field) => failure?.fields[field] !== undefined);
  return (
    <DoorForm
      title={t("elsewhere.new_title")}
      text={t("elsewhere.new_text", { name })}
      back={t("elsewhere.back")}
      onBack={onBack}
      onSubmit={() => {
        const mail = email.trim() === "" ? {} : { email: email.trim() };
        const code = invited ? { invite: invite.trim() } : {};
        const newcomer = { ticket: who.ticket, username: username.trim(), ...mail, ...code };
        void run(() => granted(actions.registerNewcomer(provider, newcomer)));
      }}
    >
      {invited ? (
        <TextField
          label={t("door.invite_label")}
          hint={t("door.invite_hint")}
          value={invite}
          onText={setInvite}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          error={fieldText(failure, "invite")}
        />
      ) : null}
      <TextField
        label={t("door.username_label")}
        hint={t("door.username_hint")}
        value={username}
        onText={(text) => setUsername(text.toLowerCase())}
        maxLength={32}
        autoComplete="username"
        autoCapitalize="none"
        spellCheck={false}
        error={fieldText(failure, "username")}
      />
      <TextField
        label={t("door.email_label")}
        hint={t("door.email_hint")}
        optional
        type="email"
        value={email}
        onText={setEmail}
        autoComplete="email"
        error={fieldText(failure, "email")}
      />
      {failure === null || known ? null : (
        <Banner tone="danger">{isOver ? t("elsewhere.over") : failureText(failure)}</Banner>
      )}
      <Button
        type="submit"
        look="primary"
        wide
        busy={busy}
        disabled={username.trim() === "" || isOver || (invited && invite.trim() === "")}
      >
        {t("door.register_go")}
      </Button>
    </DoorForm>
  );
}
