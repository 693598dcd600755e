import { useState } from "react";
import { useActions, useApp } from "../app/client.tsx";
import { failureText, fieldText } from "../app/failure_text.ts";
import { granted, useWish } from "../app/wish.ts";
import { t } from "../i18n/translate.ts";
import { Button } from "../parts/button.tsx";
import { Banner } from "../parts/notice.tsx";
import { accountFields, InviteField, MailField, NameField } from "./account_fields.tsx";
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
        const fields = accountFields(username, email, invited ? invite : null);
        const newcomer = { ticket: who.ticket, ...fields };
        void run(() => granted(actions.registerNewcomer(provider, newcomer)));
      }}
    >
      {invited ? <InviteField value={invite} onText={setInvite} failure={failure} /> : null}
      <NameField value={username} onText={setUsername} failure={failure} />
      <MailField value={email} onText={setEmail} failure={failure} />
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
