import { type Invite, nameOf } from "@nexus/core";
import { useEffect, useState } from "react";
import { useActions, useApp } from "../app/client.tsx";
import { failureText } from "../app/failure_text.ts";
import { go, pathTo } from "../app/route.ts";
import { useWish } from "../app/wish.ts";
import { t } from "../i18n/translate.ts";
import { Avatar, GuildIcon, StatusDot } from "../parts/avatar.tsx";
import { Button } from "../parts/button.tsx";
import { TriangleAlert } from "../parts/icons.ts";
import { Banner, Empty } from "../parts/notice.tsx";
import { Loading } from "../parts/progress.tsx";
import { DoorFrame } from "./door.tsx";
import { Locked } from "./locked.tsx";
import { RelayDoor } from "./relay_door.tsx";

/** What an invite's link shows: which guild, who is there, and the way in. */
export function InvitePage({ code }: { code: string }) {
  const actions = useActions();
  const [invite, setInvite] = useState<Invite | null>(null);
  const [wrong, setWrong] = useState<string | null>(null);
  const phase = useApp((state) => state.session.phase);
  const starting = phase === "starting";
  useEffect(() => {
    if (starting) return;
    let here = true;
    void actions.lookAtInvite(code).then((outcome) => {
      if (!here) return;
      if (outcome.ok) setInvite(outcome.value);
      else
        setWrong(outcome.failure.kind === "not_found" ? t("invite.bad_text") : failureText(outcome.failure));
    });
    return () => {
      here = false;
    };
  }, [actions, code, starting]);
  if (wrong !== null) {
    return (
      <DoorFrame>
        <Empty icon={TriangleAlert} title={t("invite.bad_title")} text={wrong} alone>
          <Button onClick={() => go("/", true)}>{t("invite.home")}</Button>
        </Empty>
      </DoorFrame>
    );
  }
  return (
    <DoorFrame>
      {invite === null ? <Loading /> : <InviteCard invite={invite} />}
      {invite === null ? null : phase === "signed_out" ? <SignIn /> : <Join invite={invite} />}
    </DoorFrame>
  );
}

export function InviteCard({ invite }: { invite: Invite }) {
  const { inviter } = invite;
  return (
    <div className="nx-invite">
      <GuildIcon id={invite.guildId} name={invite.guildName} size={80} />
      <p className="nx-invite-by">
        {inviter === null ? null : <Avatar id={inviter.id} name={inviter.displayName} size={20} />}
        <bdi>{inviter === null ? t("invite.by_nobody") : t("invite.by", { name: inviter.displayName })}</bdi>
      </p>
      <h1 className="nx-door-title" dir="auto">
        {invite.guildName}
      </h1>
      {invite.guildDescription === null ? null : (
        <p className="nx-door-text" dir="auto">
          {invite.guildDescription}
        </p>
      )}
      <p className="nx-invite-counts">
        {invite.onlineCount === null ? null : (
          <span className="nx-invite-count">
            <StatusDot status="online" />
            {t("invite.online", { n: invite.onlineCount })}
          </span>
        )}
        {invite.memberCount === null ? null : (
          <span className="nx-invite-count">
            <StatusDot status="offline" />
            {t("invite.members", { n: invite.memberCount })}
          </span>
        )}
      </p>
    </div>
  );
}

function Join({ invite }: { invite: Invite }) {
  const actions = useActions();
  const name = useApp((state) => nameOf(state, state.me ?? "", null));
  const already = useApp((state) => state.guilds[invite.guildId] !== undefined);
  const { busy, failure, run } = useWish();
  const enter = () => go(pathTo(invite.guildId, invite.channelId), true);
  const join = async () => {
    if (already) return enter();
    const joined = await run(() => actions.join(invite.code));
    if (joined !== null) enter();
  };
  return (
    <div className="nx-door-form">
      {failure === null ? null : <Banner tone="danger">{failureText(failure)}</Banner>}
      <Button look="primary" wide autoFocus busy={busy} onClick={() => void join()}>
        {busy ? t("invite.joining") : t("invite.join", { name: invite.guildName })}
      </Button>
      {name === null ? null : (
        <p className="nx-door-other">
          <bdi>{t("invite.signed_in_as", { name })}</bdi>
        </p>
      )}
    </div>
  );
}

/** Whoever is new makes an account here, and is at the invite again, signed in. */
function SignIn() {
  const relay = useApp((state) => state.door.kind === "relay");
  return (
    <div className="nx-invite-door">
      {relay ? <RelayDoor ended={false} first="register" /> : <Locked why={null} />}
    </div>
  );
}
