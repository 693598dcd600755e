import { expect, test } from "vitest";
import { type Asks, asking, botIn } from "./stage/api.ts";
import { createGuild, firstRun, message, say } from "./stage/deeds.ts";
import { HOSTILE, NAMES } from "./stage/hostile.ts";
import { town } from "./stage/town.ts";
import { unharmed } from "./stage/unharmed.ts";

const here = town();
const EVERYTHING = 1n << 3n;

test("no text that anybody writes runs, widens the page, or lies over another's words", async () => {
  const node = await here.program("nexus");
  const ada = here.with(await firstRun(here.browser, node, "Ada"));
  await createGuild(ada.page, "Harbour");
  await say(ada.page, "an honest neighbour");
  const owner = asking(node, node.token());
  const [guild] = await owner("GET", "/users/@me/guilds");
  const channels = await owner("GET", `/guilds/${guild.id}/channels`);
  const { id: channel } = channels.find((each: { type: number }) => each.type === 0);
  const { bot } = await botIn(node, owner, guild.id, EVERYTHING);
  const path = `/channels/${channel}/messages`;
  for (const [what, text] of HOSTILE) {
    await bot("POST", path, { content: cut(text) });
    await say(ada.page, `after ${what}`);
    await unharmed(ada.page, what);
  }
  await ada.page.setViewportSize({ width: 390, height: 844 });
  await unharmed(ada.page, "on a phone", 1_500);
});

test("no name, topic, role or card does either, wherever it is shown", async () => {
  const node = await here.program("nexus");
  const ada = here.with(await firstRun(here.browser, node, "Ada"));
  await createGuild(ada.page, "Harbour");
  const owner = asking(node, node.token());
  const [guild] = await owner("GET", "/users/@me/guilds");
  const channels = await owner("GET", `/guilds/${guild.id}/channels`);
  const { id: channel } = channels.find((each: { type: number }) => each.type === 0);
  const { bot, id } = await botIn(node, owner, guild.id, EVERYTHING);
  for (const name of NAMES) {
    await named(owner, guild.id, channel, id, name);
    await bot("POST", `/channels/${channel}/messages`, card(name));
    await say(ada.page, `named ${NAMES.indexOf(name)}`);
    await unharmed(ada.page, name);
  }
  // Where a name is turned around, what stands beside it is not.
  await named(owner, guild.id, channel, id, NAMES[1] ?? "");
  await bot("POST", `/channels/${channel}/messages`, { content: "whose time is it?" });
  const row = message(ada.page, "whose time is it?");
  await row.waitFor();
  expect(await row.locator("bdi").count()).toBeGreaterThan(0);
  await ada.page.getByRole("button", { name: /^Menu of / }).click();
  await ada.page.getByRole("menuitem", { name: "Guild settings" }).click();
  await ada.page.getByRole("dialog").waitFor();
  await unharmed(ada.page, "in the settings");
});

/** As much as a message takes, without half a letter at its end. */
function cut(text: string): string {
  return Array.from(text.slice(0, 2_000))
    .filter((letter) => !/\p{Surrogate}/u.test(letter))
    .join("");
}

async function named(owner: Asks, guild: string, channel: string, bot: string, name: string): Promise<void> {
  await owner("PATCH", `/guilds/${guild}`, { name: name.slice(0, 100) });
  await owner("PATCH", `/channels/${channel}`, { topic: `${name} ${name} https://thief.example` });
  await owner("PATCH", `/guilds/${guild}/members/${bot}`, { nick: name.slice(0, 32) });
  await owner("POST", `/guilds/${guild}/roles`, { name: name.slice(0, 100), hoist: true, color: 0xff0000 });
}

function card(name: string) {
  const text = `${name} [x](javascript:window.harmed=1)`;
  return {
    embeds: [
      {
        title: text,
        url: "https://thief.example",
        description: text.repeat(20),
        author: { name: text, url: "https://thief.example", icon_url: "https://thief.example/a.png" },
        footer: { text },
        image: { url: "https://thief.example/b.png" },
        thumbnail: { url: "https://thief.example/c.png" },
        fields: Array.from({ length: 12 }, () => ({ name: text.slice(0, 200), value: text, inline: true })),
      },
    ],
  };
}
