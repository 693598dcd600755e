import type { Invite } from "@nexus/core";
import { useCallback, useEffect, useState } from "react";
import { useActions } from "../app/client.tsx";
import { failureText } from "../app/failure_text.ts";
import { told } from "../app/wish.ts";
import { relative } from "../i18n/time.ts";
import { t } from "../i18n/translate.ts";
import { Button, IconButton } from "../parts/button.tsx";
import { CircleAlert, Copy, Link } from "../parts/icons.ts";
import { Empty } from "../parts/notice.tsx";
import { Loading } from "../parts/progress.tsx";
import { copy } from "../rich/code_block.tsx";
import { inviteLink } from "./invite_dialog.tsx";

export function InvitesTab({ guildId }: { guildId: string }) {
  const actions = useActions();
  const [invites, setInvites] = useState<readonly Invite[] | null>(null);
  const [wrong, setWrong] = useState<string | null>(null);
  const load = useCallback(async () => {
    const outcome = await actions.invites(guildId);
    if (outcome.ok) setInvites(outcome.value);
    else setWrong(failureText(outcome.failure));
  }, [actions, guildId]);
  useEffect(() => void load(), [load]);
  if (wrong !== null) return <Empty icon={CircleAlert} title={wrong} />;
  if (invites === null) return <Loading />;
  if (invites.length === 0)
    return <Empty icon={Link} title={t("dlg.invites_none")} text={t("dlg.invites_none_text")} />;
  const revoke = async (code: string) => {
    await told(actions.revokeInvite(code));
    await load();
  };
  return (
    <ul className="nx-rows">
      {invites.map((invite) => (
        <li key={invite.code} className="nx-row">
          <div className="nx-row-words">
            <code className="nx-row-code nx-clip">{invite.code}</code>
            <span className="nx-row-text nx-clip">
              {[
                invite.channelName === null ? null : `#${invite.channelName}`,
                invite.inviter === null ? null : t("dlg.invite_by_who", { name: invite.inviter.displayName }),
                invite.expiresAt === null
                  ? t("dlg.invite_endless")
                  : t("dlg.invite_ends", { when: relative(invite.expiresAt) }),
              ]
                .filter((part) => part !== null)
                .join(" · ")}
            </span>
          </div>
          <IconButton
            icon={Copy}
            label={t("dlg.invite_copy")}
            onClick={() => void copy(inviteLink(invite))}
          />
          <Button small look="danger-quiet" onClick={() => void revoke(invite.code)}>
            {t("dlg.invite_revoke")}
          </Button>
        </li>
      ))}
    </ul>
  );
}
