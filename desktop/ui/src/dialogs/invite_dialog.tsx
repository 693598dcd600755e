import type { Invite } from "@nexus/core";
import { useEffect, useState } from "react";
import { useActions, useApp } from "../app/client.tsx";
import { failureText } from "../app/failure_text.ts";
import { t } from "../i18n/translate.ts";
import { Button } from "../parts/button.tsx";
import { DialogBox } from "../parts/dialog.tsx";
import { Select, TextField } from "../parts/field.tsx";
import { Copy } from "../parts/icons.ts";
import { Banner } from "../parts/notice.tsx";
import { copy } from "../rich/code_block.tsx";
import type { Shown } from "./dialog_layer.tsx";

const AGES = [
  ["1800", "dlg.invite_30m"],
  ["3600", "dlg.invite_1h"],
  ["86400", "dlg.invite_1d"],
  ["604800", "dlg.invite_7d"],
  ["0", "dlg.invite_never"],
] as const;

type Age = (typeof AGES)[number][0];

/** A link that lets people in: made as soon as it is asked for. */
export function InviteDialog({ dialog, onClose }: Shown<"invite">) {
  const actions = useActions();
  const channel = useApp((state) => state.channels[dialog.channelId]);
  const guild = useApp((state) => state.guilds[channel?.guildId ?? ""]?.name ?? "");
  const [age, setAge] = useState<Age>("604800");
  const [link, setLink] = useState<string | null>(null);
  const [addresses, setAddresses] = useState<readonly string[]>([]);
  const [wrong, setWrong] = useState<string | null>(null);
  useEffect(() => {
    let here = true;
    setLink(null);
    setWrong(null);
    void actions.createInvite(dialog.channelId, Number(age)).then((outcome) => {
      if (!here) return;
      if (!outcome.ok) return setWrong(failureText(outcome.failure));
      setLink(inviteLink(outcome.value));
      setAddresses(outcome.value.addresses);
    });
    return () => {
      here = false;
    };
  }, [actions, dialog.channelId, age]);
  return (
    <DialogBox
      title={t("dlg.invite_title", { name: guild })}
      text={t("dlg.invite_text")}
      onClose={onClose}
      acts={
        <Button
          look="primary"
          icon={Copy}
          disabled={link === null}
          data-first=""
          onClick={() => void copy(link ?? "")}
        >
          {t("dlg.invite_copy")}
        </Button>
      }
    >
      <TextField
        label={t("dlg.invite_link")}
        readOnly
        value={link ?? ""}
        placeholder={t("dlg.invite_making")}
        onText={() => {}}
        onFocus={(event) => event.target.select()}
      />
      <Select
        label={t("dlg.invite_expires")}
        value={age}
        onValue={setAge}
        options={AGES.map(([seconds, key]) => [seconds, t(key)] as const)}
      />
      <ToldAddresses addresses={addresses} />
      {wrong === null ? null : <Banner tone="danger">{wrong}</Banner>}
    </DialogBox>
  );
}

/** What of this node's whereabouts an invite gives away; nothing where it gives none. */
export function ToldAddresses({ addresses }: { readonly addresses: readonly string[] }) {
  if (addresses.length === 0) return null;
  return <Banner tone="warn">{t("dlg.invite_tells", { addresses: addresses.join(", ") })}</Banner>;
}

/** By the guild's relay, or `nexus:CODE` where it has none. */
export function inviteLink(invite: Invite): string {
  return invite.url ?? `${location.origin}/invite/${encodeURIComponent(invite.code)}`;
}
