/** What an account is made of besides its secret, wherever its owner comes from. */

import type { Failure } from "@nexus/core";
import { fieldText } from "../app/failure_text.ts";
import { t } from "../i18n/translate.ts";
import { TextField } from "../parts/field.tsx";

interface Facts {
  readonly value: string;
  readonly onText: (text: string) => void;
  readonly failure: Failure | null;
}

/** The code of somebody who is there already, where a relay asks for one. */
export function InviteField({ value, onText, failure }: Facts) {
  return (
    <TextField
      label={t("door.invite_label")}
      hint={t("door.invite_hint")}
      value={value}
      onText={onText}
      autoComplete="off"
      autoCapitalize="none"
      spellCheck={false}
      error={fieldText(failure, "invite")}
    />
  );
}

export function NameField({ value, onText, failure, first = false }: Facts & { readonly first?: boolean }) {
  return (
    <TextField
      label={t("door.username_label")}
      hint={t("door.username_hint")}
      value={value}
      onText={(text) => onText(text.toLowerCase())}
      maxLength={32}
      autoComplete="username"
      autoCapitalize="none"
      spellCheck={false}
      autoFocus={first}
      error={fieldText(failure, "username")}
    />
  );
}

export function MailField({ value, onText, failure }: Facts) {
  return (
    <TextField
      label={t("door.email_label")}
      hint={t("door.email_hint")}
      optional
      type="email"
      value={value}
      onText={onText}
      autoComplete="email"
      error={fieldText(failure, "email")}
    />
  );
}

/** What of them is said: an address that is left out is not, nor an invite that nobody asks for. */
export function accountFields(username: string, email: string, invite: string | null) {
  const mail = email.trim() === "" ? {} : { email: email.trim() };
  const code = invite === null ? {} : { invite: invite.trim() };
  return { username: username.trim(), ...mail, ...code };
}
