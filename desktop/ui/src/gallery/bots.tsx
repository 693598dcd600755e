import type { Bot } from "@nexus/core";
import type { ReactNode } from "react";
import { BotPage } from "../dialogs/bot_page.tsx";
import { BotsList } from "../dialogs/bots_list.tsx";
import { BotsTab } from "../dialogs/bots_tab.tsx";
import { ShownOnce } from "../dialogs/renewal.tsx";
import { sample } from "./sample.ts";
import { Section, Specimen } from "./scene.tsx";

const CLERK: Bot = {
  id: "70",
  name: "Clerk",
  description: "Does the books.",
  publicKey: "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
  endpoint: "",
  flags: 1n << 19n,
  guilds: 2,
  site: null,
};
const LONG: Bot = {
  ...CLERK,
  id: "71",
  name: "W".repeat(32),
  description: "word ".repeat(80),
  endpoint: `https://bot.example/${"interactions/".repeat(12)}`,
  guilds: 0,
  site: { redirects: [`https://site.example/${"callback".repeat(12)}`], isPublic: true },
};
const OFFLINE = sample({ session: { phase: "offline", since: 0, attempt: 1, retryAt: 0 } });
const NOTHING = () => {};

/** Bots of one's own. */
export function Bots() {
  return (
    <Section title="Bots">
      <Specimen name="bots, not here yet" state={sample()}>
        <BotsTab />
      </Specimen>
      <Specimen name="bots, none" state={sample()}>
        <List bots={[]} />
      </Specimen>
      <Specimen name="bots, a long name" state={sample()}>
        <List bots={[CLERK, LONG]} />
      </Specimen>
      <Specimen name="bots, refused" state={sample()}>
        <List bots={null} wrong="The program cannot do that just now. Try again later." />
      </Specimen>
      <Specimen name="bots, offline" state={OFFLINE}>
        <List bots={null} />
      </Specimen>
      <Specimen name="bots, offline since" state={OFFLINE}>
        <List bots={[CLERK]} />
      </Specimen>
      <Specimen name="a bot, at a node" state={sample()}>
        <Page bot={CLERK} isNew />
      </Specimen>
      <Specimen name="a bot, at a relay, everything long" state={sample()}>
        <Page bot={LONG} />
      </Specimen>
      <Specimen name="a bot, offline" state={OFFLINE}>
        <Page bot={CLERK} />
      </Specimen>
      <Specimen name="a token, shown once">
        <ShownOnce what="token" value={`nxb_${"A".repeat(43)}`} onKept={NOTHING} />
      </Specimen>
    </Section>
  );
}

function List({ bots, wrong = null }: { bots: readonly Bot[] | null; wrong?: string | null }): ReactNode {
  return (
    <BotsList
      bots={bots}
      wrong={wrong}
      last={null}
      deleted={null}
      onOpen={NOTHING}
      onMade={NOTHING}
      onAgain={NOTHING}
    />
  );
}

function Page({ bot, isNew = false }: { bot: Bot; isNew?: boolean }): ReactNode {
  return <BotPage bot={bot} isNew={isNew} onBack={NOTHING} onChanged={NOTHING} onDeleted={NOTHING} />;
}
