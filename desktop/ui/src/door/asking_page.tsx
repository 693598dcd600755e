import { type Asking, type Failure, mayGive, nameOf } from "@nexus/core";
import { useCallback, useEffect, useRef, useState } from "react";
import { useActions, useApp } from "../app/client.tsx";
import { failureText } from "../app/failure_text.ts";
import { go } from "../app/route.ts";
import { useWish } from "../app/wish.ts";
import { t } from "../i18n/translate.ts";
import { Avatar } from "../parts/avatar.tsx";
import { Button } from "../parts/button.tsx";
import { TriangleAlert } from "../parts/icons.ts";
import { Banner, Empty } from "../parts/notice.tsx";
import { Loading } from "../parts/progress.tsx";
import { AskingCard, placeOf } from "./asking_card.tsx";
import { GuildChoice, useManagedGuilds } from "./asking_guild.tsx";
import { given, PermissionChoice } from "./asking_permissions.tsx";
import { DoorFrame } from "./door.tsx";
import { Locked } from "./locked.tsx";
import { RelayDoor } from "./relay_door.tsx";

/** Where an application of somebody else's sends one: what it asks for, as whom, and yes or no. */
export function AskingPage() {
  const phase = useApp((state) => state.session.phase);
  const known = useApp((state) => state.me !== null);
  return (
    <DoorFrame>
      {phase === "signed_out" ? <SignIn /> : phase === "starting" || !known ? <Loading /> : <Asked />}
    </DoorFrame>
  );
}

/** What was asked is in the address still, and is there again afterwards. */
function SignIn() {
  const relay = useApp((state) => state.door.kind === "relay");
  return (
    <div className="nx-door-form">
      <Banner>{t("asking.sign_in")}</Banner>
      {relay ? <RelayDoor ended={false} /> : <Locked why={null} />}
    </div>
  );
}

function Asked() {
  const actions = useActions();
  const [query] = useState(location.search);
  const [asking, setAsking] = useState<Asking | null>(null);
  const [failure, setFailure] = useState<Failure | null>(null);
  const [tries, setTries] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each try asks again
  useEffect(() => {
    let here = true;
    setFailure(null);
    void actions.lookAtAsking(query).then((outcome) => {
      if (!here) return;
      if (outcome.ok) setAsking(outcome.value);
      else setFailure(outcome.failure);
    });
    return () => {
      here = false;
    };
  }, [actions, query, tries]);
  if (failure !== null) return <Unread failure={failure} onAgain={() => setTries(tries + 1)} />;
  if (asking === null) return <Loading />;
  return asking.wrong === null ? (
    <Question asking={asking} query={query} />
  ) : (
    <Wrong {...asking.wrong} asking={asking} />
  );
}

/** A link that leads nowhere, or one of which nobody could say just now where it leads. */
function Unread({ failure, onAgain }: { failure: Failure; onAgain: () => void }) {
  const passes = PASSING.includes(failure.kind);
  return (
    <Empty
      icon={TriangleAlert}
      title={t(passes ? "asking.later_title" : "asking.wrong_title")}
      text={failureText(failure)}
      alone
    >
      {passes ? (
        <Button look="primary" onClick={onAgain}>
          {t("common.retry")}
        </Button>
      ) : null}
      <Button onClick={() => go("/", true)}>{t("invite.home")}</Button>
    </Empty>
  );
}

const PASSING: readonly Failure["kind"][] = ["offline", "timeout", "server", "limited"];

/** Nobody is sent anywhere with an error before they have seen it. */
export function Wrong({ asking, words, location }: { asking: Asking; words: string; location: string }) {
  return (
    <div className="nx-door-form">
      <AskingCard asking={{ ...asking, scopes: [] }} />
      <Banner tone="danger">
        {t("asking.wrong_text")} <bdi>{words}</bdi>
      </Banner>
      <Button wide onClick={() => leaveFor(location)}>
        {t("asking.wrong_back", { place: placeOf(asking.redirect) })}
      </Button>
    </div>
  );
}

export function Question({ asking, query }: { asking: Asking; query: string }) {
  const actions = useActions();
  const me = useApp((state) => state.me) ?? "";
  const name = useApp((state) => nameOf(state, state.me ?? "", null)) ?? t("common.unknown_person");
  const guilds = useManagedGuilds();
  const [chosen, setChosen] = useState<string | null>(null);
  const guildId = asking.bot ? (chosen ?? guilds[0]?.id ?? null) : null;
  const [ticked, setTicked] = useState(asking.permissions);
  const givable = useApp((state) => (guildId === null ? 0n : mayGive(state, guildId)));
  const { busy, failure, run } = useWish();
  const say = useCallback(
    async (authorize: boolean) => {
      const asked = asking.permissions;
      // Of a bot that asks for nothing and is given nothing nothing is said: where it is in already it keeps what it has.
      const permissions = asked === 0n && ticked === 0n ? null : given(asked, givable, ticked);
      const answer = authorize ? { authorize, guildId, permissions } : { authorize };
      const next = await run(() => actions.answerAsking(query, answer));
      if (next !== null) leaveFor(next);
    },
    [actions, asking, givable, guildId, query, run, ticked],
  );
  useSaidBefore(asking, query, say);
  const refuse = () => (asking.redirect === null ? go("/", true) : void say(false));
  return (
    <div className="nx-door-form">
      <AskingCard asking={asking} />
      {asking.bot ? <GuildChoice guilds={guilds} value={guildId} onValue={setChosen} /> : null}
      {guildId === null ? null : (
        <PermissionChoice asked={asking.permissions} givable={givable} ticked={ticked} onTicked={setTicked} />
      )}
      <p className="nx-asking-me">
        <Avatar id={me} name={name} size={24} />
        <bdi>{t("asking.as", { name })}</bdi>
      </p>
      {failure === null ? null : <Banner tone="danger">{failureText(failure)}</Banner>}
      <div className="nx-asking-acts">
        <Button wide onClick={refuse} disabled={busy}>
          {t("asking.no")}
        </Button>
        <Button
          look="primary"
          wide
          busy={busy}
          disabled={asking.bot && guildId === null}
          onClick={() => void say(true)}
        >
          {t("asking.yes")}
        </Button>
      </div>
      {asking.redirect === null ? null : (
        <p className="nx-door-other">{t("asking.back_to", { place: placeOf(asking.redirect) })}</p>
      )}
    </div>
  );
}

/** Where an application would rather not ask again (`prompt=none`), and was allowed all of this before. */
function useSaidBefore(asking: Asking, query: string, say: (authorize: boolean) => Promise<void>): void {
  const said = useRef(false);
  const again = asking.authorized && !asking.bot && new URLSearchParams(query).get("prompt") === "none";
  useEffect(() => {
    if (!again || said.current) return;
    said.current = true;
    void say(true);
  }, [again, say]);
}

function leaveFor(next: string): void {
  if (next.startsWith("/")) go(next, true);
  else location.assign(next);
}
