import { expect, test } from "vitest";
import { asking, botIn } from "./stage/api.ts";
import { createGuild, firstRun, message, say } from "./stage/deeds.ts";
import { town } from "./stage/town.ts";

const here = town();
const SEND = 1n << 11n;

test("a bot's message is seen as a bot's, with its card, its answer, its edit, and where it may not write it does not", async () => {
  const node = await here.program("nexus");
  const ada = here.with(await firstRun(here.browser, node, "Ada"));
  await createGuild(ada.page, "Engines");
  await say(ada.page, "Who does the books?");
  const owner = asking(node, node.token());
  const [guild] = await owner("GET", "/users/@me/guilds");
  const channels = await owner("GET", `/guilds/${guild.id}/channels`);
  const channel = channels.find((each: { type: number }) => each.type === 0);
  const { bot } = await botIn(node, owner, guild.id, SEND);
  const [asked] = await owner("GET", `/channels/${channel.id}/messages?limit=1`);
  const card = {
    title: "Ledger",
    description: "**12** entries",
    color: 0x3ba55d,
    url: "https://books.example/",
  };
  const said = await bot("POST", `/channels/${channel.id}/messages`, {
    content: "I do.",
    embeds: [card],
    message_reference: { message_id: asked.id },
  });

  const row = message(ada.page, "I do.");
  await row.waitFor();
  const words = await row.innerText();
  for (const part of ["Clerk", "BOT", "Who does the books?", "Ledger", "12 entries"]) {
    expect(words.toLowerCase()).toContain(part.toLowerCase());
  }
  expect(await row.getByRole("link", { name: "Ledger" }).getAttribute("rel")).toContain("noopener");
  await bot("PATCH", `/channels/${channel.id}/messages/${said.id}`, { content: "I did." });
  await message(ada.page, "I did.").getByText("(edited)").waitFor();
  await bot("DELETE", `/channels/${channel.id}/messages/${said.id}`);
  await expect.poll(() => message(ada.page, "I did.").count()).toBe(0);
});
