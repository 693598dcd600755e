import { ALL_PERMISSIONS, type Asking } from "@nexus/core";
import { AskingCard } from "../door/asking_card.tsx";
import { Question, Wrong } from "../door/asking_page.tsx";
import { DoorFrame } from "../door/door.tsx";
import { sample } from "./sample.ts";
import { Section, Specimen } from "./scene.tsx";

const ASKING: Asking = {
  application: {
    id: "70",
    name: "Dashboard",
    description: "Settings of the bot, in your browser.",
    maker: "grace",
  },
  scopes: [
    "identify",
    "email",
    "openid",
    "guilds",
    "guilds.members.read",
    "guilds.join",
    "connections",
    "role_connections.write",
  ],
  bot: false,
  permissions: 0n,
  redirect: "https://dashboard.example/callback",
  authorized: false,
  wrong: null,
};
const BOT: Asking = {
  ...ASKING,
  scopes: ["bot", "applications.commands"],
  bot: true,
  permissions: 3_072n,
  redirect: null,
};
const LONG: Asking = {
  ...ASKING,
  application: { ...ASKING.application, name: "A".repeat(100), description: "word ".repeat(80) },
};

/** What applications of others ask for. */
export function Applications() {
  return (
    <Section title="Applications">
      <Specimen name="asking, everything" state={sample()} framed="screen">
        <DoorFrame>
          <Question asking={ASKING} query="" />
        </DoorFrame>
      </Specimen>
      <Specimen name="asking, a bot for a guild" state={sample()}>
        <Question asking={BOT} query="" />
      </Specimen>
      <Specimen name="asking, a bot that asks for much" state={sample()}>
        <Question asking={{ ...BOT, permissions: ALL_PERMISSIONS }} query="" />
      </Specimen>
      <Specimen name="asking, a bot that asks for nothing" state={sample()}>
        <Question asking={{ ...BOT, permissions: 0n }} query="" />
      </Specimen>
      <Specimen name="asking, a bot for who manages no guild" state={sample({ guilds: {} })}>
        <Question asking={BOT} query="" />
      </Specimen>
      <Specimen name="asking, a long name" state={sample()}>
        <AskingCard asking={LONG} />
      </Specimen>
      <Specimen name="asking wrongly" state={sample()}>
        <Wrong asking={ASKING} words="no such scope: rpc" location="https://dashboard.example/" />
      </Specimen>
    </Section>
  );
}
