import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { asking } from "./stage/api.ts";
import { violations } from "./stage/axe.ts";
import type { Looks, Person } from "./stage/browser.ts";
import {
  createGuild,
  firstRun,
  inviteLink,
  joinByInvite,
  message,
  register,
  say,
  truth,
} from "./stage/deeds.ts";
import { longChannel } from "./stage/long_channel.ts";
import type { Program } from "./stage/program.ts";
import { town } from "./stage/town.ts";

const here = town();

const panel = (page: Page) => page.getByRole("complementary", { name: "Search in Harbour" });
const field = (page: Page) => page.getByRole("combobox", { name: "Search in Harbour" });
const results = (page: Page) => panel(page).locator("[data-nx=result]");

async function look(page: Page, words: string): Promise<void> {
  await field(page).fill(words);
  // A list of what may be meant would take the key.
  await field(page).press("Escape");
  if (!(await field(page).isVisible())) await page.keyboard.press("Control+f");
  await field(page).press("Enter");
}

/** Ada with a guild, where she and Bo speak. */
async function harbour(looks: Looks = {}): Promise<{ ada: Person; relay: Program }> {
  const relay = await here.program("nexus-relay");
  const ada = here.with(await register(here.browser, relay, "ada", looks));
  await createGuild(ada.page, "Harbour");
  await say(ada.page, "the mast is too long");
  const bo = here.with(await joinByInvite(here.browser, relay, await inviteLink(ada.page), "bo"));
  await message(bo.page, "the mast is too long").waitFor();
  await say(bo.page, "then saw the Mast off");
  await say(bo.page, "and paint it");
  await message(ada.page, "and paint it").waitFor();
  return { ada, relay };
}

test("messages are found by word and by who said them, and what means nothing is said to mean nothing", async () => {
  const { ada } = await harbour();
  const { page } = ada;
  await page.getByRole("button", { name: "Search messages" }).click();
  await panel(page).getByRole("heading", { name: "Narrow it down" }).waitFor();
  expect(await violations(page)).toEqual([]);

  await look(page, "mast");
  await panel(page).getByRole("heading", { name: "2 messages" }).waitFor();
  expect(await results(page).locator("mark").allInnerTexts()).toEqual(["Mast", "mast"]);
  expect(await violations(page)).toEqual([]);
  await panel(page).getByRole("button", { name: "Oldest" }).click();
  await expect.poll(() => results(page).locator("mark").allInnerTexts()).toEqual(["mast", "Mast"]);

  await look(page, "mast from:bo");
  await panel(page).getByRole("heading", { name: "1 message" }).waitFor();
  await results(page).filter({ hasText: "then saw the" }).waitFor();

  await look(page, "mast from:zoe in:nowhere during:someday");
  await panel(page).getByText("Nobody here is called “zoe”.").waitFor();
  await panel(page).getByText("No channel or thread that you see here is called “nowhere”.").waitFor();
  await panel(page).getByText("“someday” is no day.").waitFor();
  expect(await violations(page)).toEqual([]);

  await look(page, "mast during:today has:link");
  await panel(page).getByText("Nothing found").first().waitFor();
  expect(page.url(), "the words are in no address").not.toContain("mast");
});

test("who keeps their hands on the keyboard finds, completes, goes on, goes there and comes back", async () => {
  const { ada } = await harbour();
  const { page } = ada;
  const { keyboard } = page;
  const focused = () => page.evaluate(() => document.activeElement?.getAttribute("data-nx"));
  await page.locator("[data-nx=composer]").focus();
  await keyboard.press("Control+f");
  await expect.poll(focused).toBe("search");

  await keyboard.type("fr");
  await page.getByRole("option", { name: /^from:/ }).waitFor();
  await keyboard.press("ArrowDown");
  await keyboard.press("Enter");
  await keyboard.type("b");
  await page.getByRole("option", { name: /^bo/ }).waitFor();
  await keyboard.press("Enter");
  await expect.poll(() => field(page).inputValue()).toBe("from:bo ");
  await keyboard.type("it");
  await keyboard.press("Enter");
  await panel(page).getByRole("heading", { name: "1 message" }).waitFor();

  await keyboard.press("Control+a");
  await keyboard.type("mast");
  await keyboard.press("Enter");
  await panel(page).getByRole("heading", { name: "2 messages" }).waitFor();
  await keyboard.press("ArrowDown");
  await expect.poll(focused).toBe("result");
  await keyboard.press("ArrowDown");
  await keyboard.press("Enter");
  await page.locator(".nx-main [data-nx=message][data-flash]", { hasText: "the mast is too long" }).waitFor();
  await keyboard.press("ArrowUp");
  await keyboard.press("ArrowUp");
  await expect.poll(focused).toBe("search");
  await keyboard.press("Escape");
  await expect.poll(() => panel(page).count()).toBe(0);
  await expect.poll(focused).toBe("composer");

  // What was found is still there.
  await keyboard.press("Control+f");
  await expect.poll(() => results(page).count()).toBe(2);
});

test("many are found page by page, and one goes to what nobody has in sight, in another channel too", async () => {
  const node = await here.program("nexus");
  const { page } = here.with(await firstRun(here.browser, node, "Ada"));
  await createGuild(page, "Harbour");
  await say(page, "the very first rope");
  const channel = await longChannel(node);
  await channel.fill(120);
  await message(page, "119").waitFor();
  const owner = asking(node, node.token());
  await owner("POST", `/guilds/${channel.guildId}/channels`, { name: "the quay", type: 0 });
  await page.getByRole("link", { name: "the quay" }).click();
  await page.getByRole("heading", { name: "the quay", exact: true }).waitFor();

  await page.keyboard.press("Control+f");
  await look(page, "harbour in:general");
  await panel(page).getByRole("heading", { name: "120 messages" }).waitFor();
  await panel(page).getByText("1–25 of 120").waitFor();
  const first = await results(page).first().innerText();
  await panel(page).getByRole("button", { name: "Next" }).click();
  await panel(page).getByText("26–50 of 120").waitFor();
  expect(await results(page).first().innerText()).not.toBe(first);
  for (const shown of ["51–75", "76–100", "101–120"]) {
    await panel(page).getByRole("button", { name: "Next" }).click();
    await panel(page).getByText(`${shown} of 120`).waitFor();
  }
  expect(await panel(page).getByRole("button", { name: "Next" }).isDisabled()).toBe(true);
  await panel(page).getByRole("button", { name: "Previous" }).click();
  await panel(page).getByText("76–100 of 120").waitFor();

  await look(page, "rope");
  await results(page).filter({ hasText: "the very first" }).click();
  await page.getByRole("heading", { name: "general" }).first().waitFor();
  await page.locator(".nx-main [data-nx=message][data-flash]", { hasText: "the very first rope" }).waitFor();
  expect(await results(page).count(), "what was found stays beside it").toBe(1);
});

test("a search that takes long says how far it is, is called off, and goes on", async () => {
  const { ada } = await harbour();
  const { page } = ada;
  let through = false;
  await page.route("**/messages/search?*", async (route) => {
    if (through) return route.continue();
    const body = { code: 110_000, message: "", documents_indexed: 30_000, retry_after: 0 };
    await route.fulfill({ status: 202, json: body });
  });
  await page.keyboard.press("Control+f");
  await look(page, "mast");
  await panel(page).getByText("Looking … 30,000 messages read so far").waitFor();
  await panel(page).getByRole("button", { name: "Stop" }).click();
  await panel(page).getByText("The search was stopped").first().waitFor();
  through = true;
  await panel(page).getByRole("button", { name: "Go on" }).click();
  await panel(page).getByRole("heading", { name: "2 messages" }).waitFor();
});

test("without the program a search says so, and goes on by itself when it is back", async () => {
  const { ada, relay } = await harbour();
  const { page } = ada;
  await relay.kill();
  await truth(page, /^Offline/);
  await page.keyboard.press("Control+f");
  await field(page).fill("mast");
  await field(page).press("Enter");
  await panel(page).getByText("Your program does not answer just now.").waitFor();
  await relay.start();
  await panel(page).getByRole("heading", { name: "2 messages" }).waitFor();
});

test("on a phone the search fills the screen, and makes room for the message that one goes to", async () => {
  const { ada } = await harbour({ touch: true });
  const { page } = ada;
  await page.setViewportSize({ width: 390, height: 844 });
  await page.getByRole("button", { name: "Search messages" }).tap();
  await look(page, "paint");
  const box = await panel(page).boundingBox();
  expect(box).toMatchObject({ x: 0, width: 390 });
  await results(page).filter({ hasText: "it" }).tap();
  await expect.poll(() => panel(page).count()).toBe(0);
  await page.locator(".nx-main [data-nx=message][data-flash]", { hasText: "and paint it" }).waitFor();
});
