import type { Ban } from "@nexus/core";
import { useCallback, useEffect, useState } from "react";
import { useActions } from "../app/client.tsx";
import { failureText } from "../app/failure_text.ts";
import { told } from "../app/wish.ts";
import { t } from "../i18n/translate.ts";
import { Avatar } from "../parts/avatar.tsx";
import { Button } from "../parts/button.tsx";
import { CircleAlert, ShieldCheck } from "../parts/icons.ts";
import { Empty } from "../parts/notice.tsx";
import { Loading } from "../parts/progress.tsx";

export function BansTab({ guildId }: { guildId: string }) {
  const actions = useActions();
  const [bans, setBans] = useState<readonly Ban[] | null>(null);
  const [wrong, setWrong] = useState<string | null>(null);
  const load = useCallback(async () => {
    const outcome = await actions.bans(guildId);
    if (outcome.ok) setBans(outcome.value);
    else setWrong(failureText(outcome.failure));
  }, [actions, guildId]);
  useEffect(() => void load(), [load]);
  if (wrong !== null) return <Empty icon={CircleAlert} title={wrong} />;
  if (bans === null) return <Loading />;
  if (bans.length === 0)
    return <Empty icon={ShieldCheck} title={t("dlg.bans_none")} text={t("dlg.bans_none_text")} />;
  const lift = async (userId: string) => {
    await told(actions.unban(guildId, userId));
    await load();
  };
  return (
    <ul className="nx-rows">
      {bans.map(({ user, reason }) => (
        <li key={user.id} className="nx-row">
          <Avatar id={user.id} name={user.displayName} size={32} />
          <div className="nx-row-words">
            <bdi className="nx-row-title nx-clip">{user.displayName}</bdi>
            <bdi className="nx-row-text nx-clip">{reason ?? t("dlg.ban_no_reason")}</bdi>
          </div>
          <Button small onClick={() => void lift(user.id)}>
            {t("dlg.ban_lift")}
          </Button>
        </li>
      ))}
    </ul>
  );
}
