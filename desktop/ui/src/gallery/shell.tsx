import type { Readers, State } from "@nexus/core";
import { PasswordForm } from "../dialogs/password_form.tsx";
import { ProvidersPart } from "../dialogs/providers_part.tsx";
import { RecoveryCodes, SecondFactor } from "../dialogs/second_factor.tsx";
import { CameBack } from "../door/came_back.tsx";
import { CodeForm } from "../door/code_form.tsx";
import { DoorFrame } from "../door/door.tsx";
import { FirstName } from "../door/first_name.tsx";
import { ForgotForm } from "../door/forgot_form.tsx";
import { InviteCard } from "../door/invite_page.tsx";
import { Locked } from "../door/locked.tsx";
import { NewcomerForm } from "../door/newcomer_form.tsx";
import { RelayDoor } from "../door/relay_door.tsx";
import { ResetForm } from "../door/reset_form.tsx";
import { t } from "../i18n/translate.ts";
import { ConnectionBanner } from "../shell/connection_banner.tsx";
import { ConversationList } from "../shell/conversation_list.tsx";
import { GuildRail } from "../shell/guild_rail.tsx";
import { GuildSide } from "../shell/guild_side.tsx";
import { Home } from "../shell/home.tsx";
import { MemberList } from "../shell/member_list.tsx";
import { ProfileCard } from "../shell/profile_card.tsx";
import { ReadersList } from "../shell/readers_panel.tsx";
import { StatusLine } from "../shell/status_line.tsx";
import { UserBar } from "../shell/user_bar.tsx";
import { door, GENERAL, GUILD, pending, sample } from "./sample.ts";
import { Section, Specimen } from "./scene.tsx";

const RELAY = { url: "https://relay.example", state: "connected", road: "quic" } as const;
const LATER = Date.UTC(2100, 0, 1);

/** Every way of standing with others. */
const TRUTHS: readonly (readonly [string, Partial<State>])[] = [
  ["by itself", door({ peers: 0 })],
  ["LAN only", door({ peers: 2 })],
  ["through a relay", door({ relays: [RELAY] })],
  ["through a relay where only HTTPS gets out", door({ relays: [{ ...RELAY, road: "websocket" }] })],
  ["direct and through a relay", door({ peers: 3, relays: [RELAY] })],
  ["alone with something waiting", door({ relays: [{ ...RELAY, state: "failing", road: null }], outbox: 4 })],
  ["syncing", door({ peers: 1, syncing: true })],
  ["an account of a relay", door({ kind: "relay", name: "relay.example", peers: null, outbox: null })],
  ["connecting", { session: { phase: "connecting", since: 0, attempt: 1 } }],
  ["resuming", { session: { phase: "resuming", since: 0, attempt: 1 } }],
  ["offline", { session: { phase: "offline", since: 0, attempt: 3, retryAt: LATER } }],
  [
    "offline with something written",
    {
      session: { phase: "offline", since: 0, attempt: 3, retryAt: LATER },
      pending: { [GENERAL]: [pending({}), pending({ nonce: "m", state: "failed" })] },
    },
  ],
];

export function ShellParts() {
  return (
    <>
      <Section title="Truth line">
        {TRUTHS.map(([name, change]) => (
          <Specimen key={name} name={`truth, ${name}`} state={sample(change)}>
            <ConnectionBanner />
            <StatusLine channelId={GENERAL} />
          </Specimen>
        ))}
      </Section>
      <Section title="Sides">
        <Specimen name="guild rail" state={sample()} framed="column">
          <GuildRail guildId={GUILD} />
        </Specimen>
        <Specimen name="guild side" state={sample({ drafts: { 2001: "a draft" } })} framed="column">
          <GuildSide guildId={GUILD} channelId={GENERAL} />
        </Specimen>
        <Specimen name="conversations" state={sample()} framed="column">
          <ConversationList channelId={null} />
        </Specimen>
        <Specimen name="conversations, none" state={sample({ privateChannels: [] })} framed="column">
          <ConversationList channelId={null} />
        </Specimen>
        <Specimen name="members" state={sample()} framed="column">
          <MemberList guildId={GUILD} channelId={GENERAL} />
        </Specimen>
        <Specimen name="user bar" state={sample()}>
          <UserBar guildId={GUILD} />
        </Specimen>
        <Specimen name="profile card" state={sample()}>
          <ProfileCard userId="2" guildId={GUILD} />
        </Specimen>
        <Specimen name="who can read this" state={sample()}>
          <ReadersList readers={READERS} />
        </Specimen>
      </Section>
      <Section title="Signing in">
        <Specimen name="another password" state={sample()}>
          <PasswordForm username="ada" onChanged={() => {}} />
        </Specimen>
        <Specimen name="no second factor" state={sample(AT_RELAY)}>
          <SecondFactor facts={FACTS} onChanged={() => {}} />
        </Specimen>
        <Specimen name="a second factor" state={sample(AT_RELAY)}>
          <SecondFactor facts={{ ...FACTS, secondFactor: true, recoveryCodes: 1 }} onChanged={() => {}} />
        </Specimen>
        <Specimen name="other ways in" state={sample(AT_RELAY)}>
          <ProvidersPart facts={FACTS} onChanged={() => {}} />
        </Specimen>
        <Specimen name="no password" state={sample(AT_RELAY)}>
          <ProvidersPart facts={{ ...FACTS, hasPassword: false }} onChanged={() => {}} />
        </Specimen>
        <Specimen name="recovery codes" state={sample()}>
          <RecoveryCodes codes={["4f0zq-81hxm", "t7w2k-pp3ec"]} onKept={() => {}} />
        </Specimen>
      </Section>
      <Section title="Whole places">
        <Specimen name="home" state={sample()} framed="screen">
          <Home guildId={null} />
        </Specimen>
        <Specimen name="home, nothing yet" state={sample({ guilds: {}, guildOrder: [] })} framed="screen">
          <Home guildId={null} />
        </Specimen>
        <Specimen name="first run" state={sample({ session: NOBODY, me: null })} framed="screen">
          <DoorFrame>
            <FirstName setupKey="none" onSpent={() => undefined} />
          </DoorFrame>
        </Specimen>
        <Specimen name="sign in" state={sample({ ...AT_RELAY, session: NOBODY, me: null })} framed="screen">
          <DoorFrame>
            <RelayDoor ended={false} />
          </DoorFrame>
        </Specimen>
        <Specimen
          name="make an account"
          state={sample({ ...AT_RELAY, session: NOBODY, me: null })}
          framed="screen"
        >
          <DoorFrame>
            <RelayDoor ended={false} first="register" />
          </DoorFrame>
        </Specimen>
        <Specimen
          name="make an account, by invite"
          state={sample({
            ...door({ kind: "relay", registers: true, invited: true }),
            session: NOBODY,
            me: null,
          })}
          framed="screen"
        >
          <DoorFrame>
            <RelayDoor ended={false} first="register" />
          </DoorFrame>
        </Specimen>
        <Specimen
          name="from a provider, for the first time"
          state={sample({ ...AT_RELAY, session: NOBODY, me: null })}
          framed="screen"
        >
          <DoorFrame>
            <NewcomerForm provider="google" who={FROM_GOOGLE} onBack={() => {}} />
          </DoorFrame>
        </Specimen>
        <Specimen
          name="a sign-in that did not work"
          state={sample({ ...AT_RELAY, session: NOBODY, me: null })}
          framed="screen"
        >
          <DoorFrame>
            <CameBack
              came={{ purpose: "enter", provider: "google", path: "/", back: null }}
              onDone={() => {}}
            />
          </DoorFrame>
        </Specimen>
        <Specimen name="forgotten" state={sample({ session: NOBODY, me: null })} framed="screen">
          <DoorFrame>
            <ForgotForm login="ada" onBack={() => {}} />
          </DoorFrame>
        </Specimen>
        <Specimen
          name="another password, by mail"
          state={sample({ session: NOBODY, me: null })}
          framed="screen"
        >
          <DoorFrame>
            <ResetForm code="none" onDone={() => {}} />
          </DoorFrame>
        </Specimen>
        <Specimen name="a code is asked for" state={sample({ session: NOBODY, me: null })} framed="screen">
          <DoorFrame>
            <CodeForm ticket="none" onBack={() => {}} />
          </DoorFrame>
        </Specimen>
        <Specimen name="the session ended" state={sample({ session: NOBODY, me: null })} framed="screen">
          <DoorFrame>
            <Locked why={t("door.ended")} />
          </DoorFrame>
        </Specimen>
        <Specimen name="invite" state={sample()}>
          <InviteCard invite={INVITE} />
        </Specimen>
      </Section>
    </>
  );
}

const NOBODY = { phase: "signed_out", why: "new" } as const;
const PROVIDERS = [
  { id: "google", name: "Google" },
  { id: "github", name: "GitHub" },
];
const AT_RELAY = door({
  kind: "relay",
  name: "relay.example",
  registers: true,
  mails: true,
  providers: PROVIDERS,
});
const FROM_GOOGLE = { ticket: "none", username: "ada", email: "ada@example.org" };

const FACTS = {
  username: "ada",
  email: null,
  secondFactor: false,
  recoveryCodes: 0,
  hasPassword: true,
  signIns: ["google"],
};

const TOMAS = { id: "2", username: "tomas", displayName: "Tomas", bot: false, contested: true };
const READERS: Readers = {
  sealed: false,
  relays: ["https://relay.example"],
  people: 6,
  hosted: 9,
  hostedUsers: [TOMAS],
  contestedUsers: [TOMAS],
  bots: [{ id: "4", username: "clerk", displayName: "Clerk", bot: true, contested: false }],
};

const INVITE = {
  code: "abc",
  url: null,
  addresses: [],
  guildId: GUILD,
  guildName: "Good Boat Anna",
  guildDescription: "People who sail one boat.",
  channelId: GENERAL,
  channelName: "general",
  inviter: { id: "1", username: "ada", displayName: "Ada", bot: false, contested: false },
  memberCount: 9,
  onlineCount: 3,
  expiresAt: LATER,
};
