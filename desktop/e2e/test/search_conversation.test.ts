import type { Page } from "playwright-core";
import { beforeAll, expect, test } from "vitest";
import { violations } from "./stage/axe.ts";
import type { Person } from "./stage/browser.ts";
import {
  composer,
  createGuild,
  inviteLink,
  joinByInvite,
  message,
  register,
  say,
  truth,
} from "./stage/deeds.ts";
import type { Program } from "./stage/program.ts";
import { town } from "./stage/town.ts";

const here = town();
let relay: Program;
let count = 0;

beforeAll(async () => {
  relay = await here.program("nexus-relay");
});

const panel = (page: Page) => page.getByRole("complementary", { name: /^Search in / });
const field = (page: Page) => page.getByRole("combobox", { name: /^Search in / });
const results = (page: Page) => panel(page).locator("[data-nx=result]");

async function look(page: Page, words: string): Promise<void> {
  await field(page).fill(words);
  await field(page).press("Enter");
}

interface Crew {
  readonly ada: Person;
  readonly bo: Person;
  /** Their names. */
  readonly a: string;
  readonly b: string;
}

/** Ada and Bo know each other from a guild, and Ada has written to Bo. */
async function crew(): Promise<Crew> {
  count += 1;
  const [a, b] = [`ada${count}`, `bo${count}`];
  const ada = here.with(await register(here.browser, relay, a));
  await createGuild(ada.page, "Harbour");
  await say(ada.page, "the mast of the guild");
  const bo = here.with(await joinByInvite(here.browser, relay, await inviteLink(ada.page), b));
  await message(bo.page, "the mast of the guild").waitFor();
  await ada.page
    .getByRole("button", { name: `Profile of ${b}` })
    .first()
    .click();
  await ada.page.getByRole("button", { name: "Write to them" }).click();
  await ada.page.getByLabel(`Message ${b}`).waitFor();
  await say(ada.page, "the mast is too long");
  await bo.page.getByRole("button", { name: /^Direct messages/ }).click();
  await bo.page.getByRole("link", { name: new RegExp(`^${a}`) }).click();
  await message(bo.page, "the mast is too long").waitFor();
  await say(bo.page, "then saw the Mast off");
  await message(ada.page, "then saw the Mast off").waitFor();
  return { ada, bo, a, b };
}

test("a conversation is looked through by who is in it, in the words of a guild's search, and of a guild nothing is found", async () => {
  const { ada, b } = await crew();
  const { page } = ada;
  await page.getByRole("button", { name: "Search messages" }).click();
  await panel(page).getByRole("heading", { name: "Narrow it down" }).waitFor();
  await page.getByRole("combobox", { name: `Search in ${b}` }).waitFor();
  const offered = panel(page).locator(".nx-search-filter-name");
  await expect.poll(() => offered.allInnerTexts()).toHaveLength(7);
  expect((await offered.allInnerTexts()).filter((each) => each.startsWith("in:"))).toEqual([]);
  expect(await violations(page)).toEqual([]);

  await look(page, "mast");
  await panel(page).getByRole("heading", { name: "2 messages" }).waitFor();
  expect(await results(page).locator("mark").allInnerTexts()).toEqual(["Mast", "mast"]);
  expect(await violations(page)).toEqual([]);
  await panel(page).getByRole("button", { name: "Oldest" }).click();
  await expect.poll(() => results(page).locator("mark").allInnerTexts()).toEqual(["mast", "Mast"]);

  await look(page, "mast in:general");
  await panel(page).getByText("You look in this conversation alone").waitFor();
  await look(page, "mast from:zoe");
  await panel(page).getByText("Nobody here is called “zoe”.").waitFor();
  await look(page, "mast during:today has:link");
  await panel(page).getByText("Nothing found").first().waitFor();
  expect(page.url(), "the words are in no address").not.toContain("mast");
});

test("by keys one finds in a conversation, completes, goes there and comes back; elsewhere there is another search", async () => {
  const { ada, b } = await crew();
  const { page } = ada;
  const { keyboard } = page;
  const focused = () => page.evaluate(() => document.activeElement?.getAttribute("data-nx"));
  await composer(page).focus();
  await keyboard.press("Control+f");
  await expect.poll(focused).toBe("search");
  await keyboard.type("fr");
  await page.getByRole("option", { name: /^from:/ }).waitFor();
  await keyboard.press("ArrowDown");
  await keyboard.press("Enter");
  await keyboard.type("b");
  await page.getByRole("option", { name: new RegExp(`^${b}`) }).waitFor();
  expect(await page.getByRole("option").count()).toBe(1);
  await keyboard.press("Enter");
  await expect.poll(() => field(page).inputValue()).toBe(`from:${b} `);
  await keyboard.type("saw");
  await keyboard.press("Enter");
  await panel(page).getByRole("heading", { name: "1 message" }).waitFor();
  await keyboard.press("ArrowDown");
  await expect.poll(focused).toBe("result");
  await keyboard.press("Enter");
  await page
    .locator(".nx-main [data-nx=message][data-flash]", { hasText: "then saw the Mast off" })
    .waitFor();
  await keyboard.press("Escape");
  await expect.poll(() => panel(page).count()).toBe(0);
  await expect.poll(focused).toBe("composer");
  // What was found is still there, until one is elsewhere.
  await keyboard.press("Control+f");
  await expect.poll(() => results(page).count()).toBe(1);
  await page.getByRole("button", { name: /^Harbour/ }).click();
  await message(page, "the mast of the guild").waitFor();
  await expect.poll(() => panel(page).count()).toBe(0);
  await composer(page).focus();
  await keyboard.press("Control+f");
  await page.getByRole("combobox", { name: "Search in Harbour" }).waitFor();
  expect(await results(page).count()).toBe(0);
});

test("what is found in a conversation of several comes page by page, and each of them finds it and goes there", async () => {
  const { ada, bo, b } = await crew();
  const { page } = ada;
  const third = here.with(await register(here.browser, relay, `cy${count}`));
  await page.getByRole("button", { name: /^Harbour/ }).click();
  await message(page, "the mast of the guild").waitFor();
  const link = await inviteLink(page);
  await third.page.goto(link);
  await third.page.getByRole("button", { name: /^Join / }).click();
  await composer(third.page).waitFor();
  await page.getByRole("button", { name: /^Direct messages/ }).click();
  await page.getByRole("button", { name: "New conversation" }).first().click();
  const dialog = page.getByRole("dialog");
  for (const name of [b, `cy${count}`])
    await dialog.getByRole("checkbox", { name: new RegExp(name) }).check();
  await dialog.getByRole("button", { name: "Open conversation" }).click();
  await page
    .getByRole("heading", { name: new RegExp(`cy${count}`) })
    .first()
    .waitFor();
  await say(page, "the very first rope");
  const told = await page.evaluate(sayMany, 30);
  expect(told).toBe(30);
  await message(page, "rope 29").waitFor();

  await page.getByRole("button", { name: "Search messages" }).click();
  await look(page, "rope");
  await panel(page).getByRole("heading", { name: "31 messages" }).waitFor();
  await panel(page).getByText("1–25 of 31").waitFor();
  await panel(page).getByRole("button", { name: "Next" }).click();
  await panel(page).getByText("26–31 of 31").waitFor();
  expect(await panel(page).getByRole("button", { name: "Next" }).isDisabled()).toBe(true);
  await page.reload();
  // Where one had stopped reading, or the end.
  await message(page, "rope").waitFor();
  await page.getByRole("button", { name: "Search messages" }).click();
  await look(page, '"very first"');
  await results(page).filter({ hasText: "the very first" }).click();
  await page.locator(".nx-main [data-nx=message][data-flash]", { hasText: "the very first rope" }).waitFor();
  expect(await results(page).count(), "what was found stays beside it").toBe(1);

  // Whoever else is in it finds the same.
  await bo.page.getByRole("link", { name: new RegExp(`cy${count}`) }).click();
  await message(bo.page, "rope").waitFor();
  await bo.page.getByRole("button", { name: "Search messages" }).click();
  await look(bo.page, "very first from:me");
  await panel(bo.page).getByText("Nothing found").first().waitFor();
  await look(bo.page, "very first");
  await panel(bo.page).getByRole("heading", { name: "1 message" }).waitFor();
});

/** In the page: says so many things in the channel that it shows, as fast as the program allows. */
async function sayMany(count: number): Promise<number> {
  const path = `/api/v10/channels/${location.pathname.split("/").at(-1)}/messages`;
  const headers = { "content-type": "application/json" };
  for (let at = 0; at < count; ) {
    const body = JSON.stringify({ content: `rope ${at}` });
    const answer = await fetch(path, { method: "POST", headers, body });
    if (answer.ok) at += 1;
    else if (answer.status !== 429) return at;
    else await new Promise((resolve) => setTimeout(resolve, 250));
  }
  return count;
}

test("without the program a search of a conversation says so and goes on when it is back; in part is said to be in part", async () => {
  const { ada } = await crew();
  const { page } = ada;
  await relay.kill();
  await truth(page, /^Offline/);
  await page.keyboard.press("Control+f");
  await look(page, "mast");
  await panel(page).getByText("Your program does not answer just now.").waitFor();
  await relay.start();
  await panel(page).getByRole("heading", { name: "2 messages" }).waitFor();

  await page.route("**/messages/search?*", async (route) => {
    const answer = await route.fetch();
    await route.fulfill({ json: { ...(await answer.json()), doing_deep_historical_index: true } });
  });
  await look(page, "mast from:me");
  await panel(page).getByText("This program holds part of what was said here.").waitFor();
});

test("on a phone the search of a conversation fills the screen, and makes room for what one goes to", async () => {
  const { ada } = await crew();
  const { page } = ada;
  await page.setViewportSize({ width: 360, height: 740 });
  await page.getByRole("button", { name: "Search messages" }).click();
  await look(page, "long");
  expect(await panel(page).boundingBox()).toMatchObject({ x: 0, width: 360 });
  expect(await page.evaluate(() => document.documentElement.scrollWidth > innerWidth)).toBe(false);
  expect(await violations(page)).toEqual([]);
  await results(page).filter({ hasText: "the mast is too" }).click();
  await expect.poll(() => panel(page).count()).toBe(0);
  await page.locator(".nx-main [data-nx=message][data-flash]", { hasText: "the mast is too long" }).waitFor();
});
