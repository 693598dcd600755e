import type { Locator, Page } from "playwright-core";
import { expect, test } from "vitest";
import { violations } from "./stage/axe.ts";
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
import { choose, PICTURE } from "./stage/giving.ts";
import type { Program } from "./stage/program.ts";
import { town } from "./stage/town.ts";

const here = town();
const MAST = "The mast is too long";

interface Crew {
  readonly relay: Program;
  readonly ada: Page;
  readonly bo: Page;
}

/** Ada and Bo in a guild with a second channel, the workshop; Ada has written to Bo, and is back in general. */
async function crew(): Promise<Crew> {
  const relay = await here.program("nexus-relay");
  const { page: ada } = here.with(await register(here.browser, relay, "ada"));
  await createGuild(ada, "Harbour");
  const { page: bo } = here.with(await joinByInvite(here.browser, relay, await inviteLink(ada), "bo"));
  await ada.getByRole("button", { name: /^Menu of / }).click();
  await ada.getByRole("menuitem", { name: "Create channel" }).click();
  const making = ada.getByRole("dialog", { name: "Create channel" });
  await making.getByLabel("Name", { exact: true }).fill("workshop");
  await making.getByRole("button", { name: "Create", exact: true }).click();
  await ada.getByLabel("Message #workshop").waitFor();
  await ada
    .getByRole("button", { name: /^Profile of bo/ })
    .first()
    .click();
  await ada.getByRole("button", { name: "Write to them" }).click();
  await ada.getByLabel("Message bo").waitFor();
  await say(ada, "between us");
  await ada.getByRole("button", { name: /^Harbour/ }).click();
  await channel(ada, "general").click();
  await ada.getByLabel("Message #general").waitFor();
  return { relay, ada, bo };
}

const channel = (page: Page, name: string) =>
  page.locator(".nx-channel-link:not([aria-disabled])", { hasText: name });
const dialog = (page: Page) => page.getByRole("dialog", { name: "Forward a message" });
const search = (page: Page) => dialog(page).getByRole("combobox", { name: "Forward to" });
const passedOn = (page: Page) =>
  page.locator("[data-nx=message] [data-nx=forwarded]", { hasText: MAST }).last();
const waiting = (page: Page) => page.locator("[data-nx=pending]", { hasText: MAST });

/** By keys alone: from the message to its menu. */
async function begin(page: Page, said: Locator): Promise<void> {
  await said.focus();
  await page.keyboard.press("Enter");
  const forward = page.getByRole("menuitem", { name: "Forward" });
  await forward.waitFor();
  while (!(await forward.evaluate((entry) => entry === document.activeElement)))
    await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await search(page).waitFor();
}

async function pick(page: Page, letters: string): Promise<void> {
  await search(page).fill(letters);
  await page.keyboard.press("Enter");
}

/** The mast, from below. */
async function sayWithPicture(page: Page): Promise<Locator> {
  await choose(page, PICTURE);
  await composer(page).fill(`${MAST}, says **the plan**`);
  await composer(page).press("Enter");
  const said = message(page, MAST);
  await said.locator("img").waitFor();
  return said;
}

test("a message with a picture goes to a channel and a conversation at once, after a note, and leads back", async () => {
  const { ada, bo } = await crew();
  await begin(ada, await sayWithPicture(ada));
  await search(ada).fill("no such place");
  await dialog(ada).getByText("Nothing by that name that you may write in").waitFor();
  await pick(ada, "work");
  await pick(ada, "@bo");
  const chosen = dialog(ada).getByRole("list", { name: "Goes to" }).getByRole("button");
  expect(await chosen.allInnerTexts()).toEqual(["workshop", "bo"]);
  await search(ada).fill("");
  expect(await dialog(ada).getByRole("option", { selected: true }).count()).toBe(2);
  await dialog(ada).getByRole("region", { name: "What is forwarded" }).getByText("1 file").waitFor();
  expect(await violations(ada, "dialog[open]")).toEqual([]);
  await dialog(ada).getByLabel("Add a note").fill("what do you say, @bo?");
  await ada.keyboard.press("Enter");
  await expect.poll(() => dialog(ada).count()).toBe(0);

  await bo.getByRole("button", { name: /^Direct messages/ }).click();
  await bo.getByRole("link", { name: /^ada/ }).click();
  await passedOn(bo).getByText("the plan").and(bo.locator("strong")).waitFor();
  await bo.getByRole("button", { name: /^Harbour/ }).click();
  await channel(bo, "workshop").click();
  await passedOn(bo).waitFor();
  const rows = bo.locator("[data-nx=message]");
  await expect
    .poll(async () => (await rows.allInnerTexts()).map((text) => text.includes("what do you say")))
    .toEqual([true, false]);
  const picture = passedOn(bo).locator("img[alt='mast.png']");
  await expect.poll(() => picture.evaluate((img: HTMLImageElement) => img.naturalWidth)).toBe(16);
  expect(await violations(bo)).toEqual([]);

  await passedOn(bo)
    .getByRole("link", { name: /^From general\s·\sHarbour/ })
    .click();
  await bo.getByLabel("Message #general").waitFor();
  await bo.locator("[data-nx=message][data-flash]", { hasText: MAST }).waitFor();
  expect(await bo.locator("[data-nx=forwarded]").count()).toBe(0);

  // What is passed on is nobody's to change; passed on once more it says where it is from first.
  await channel(ada, "workshop").click();
  await passedOn(ada).waitFor();
  const again = ada.locator("[data-nx=message]", { has: ada.locator("[data-nx=forwarded]") });
  await again.focus();
  await ada.keyboard.press("Enter");
  await ada.getByRole("menuitem", { name: "Forward" }).waitFor();
  expect(await ada.getByRole("menuitem", { name: "Edit" }).count()).toBe(0);
  await ada.keyboard.press("Escape");
  await begin(ada, again);
  await pick(ada, "gener");
  await dialog(ada).getByRole("button", { name: "Forward", exact: true }).click();
  await channel(ada, "general").click();
  await passedOn(ada)
    .getByRole("link", { name: /^From general/ })
    .waitFor();
});

test("forwarded while cut off it waits where it goes, over a reload too, and is there once", async () => {
  const { relay, ada, bo } = await crew();
  const said = await sayWithPicture(ada);
  const loaded = () => ada.evaluate(() => performance.getEntriesByType("resource").map(({ name }) => name));
  await expect.poll(async () => (await loaded()).join(" ")).toMatch(/forward-[^/]*\.js/);
  await relay.kill();
  await truth(ada, /^Offline/);
  await begin(ada, said);
  await dialog(ada).getByText("It goes when you are connected again.").waitFor();
  await pick(ada, "work");
  expect(await violations(ada, "dialog[open]")).toEqual([]);
  await dialog(ada).getByRole("button", { name: "Forward", exact: true }).click();
  await ada.getByText("Waits for a connection, then goes to workshop").first().waitFor();
  await truth(ada, /^Offline, 1 message waiting/);
  await channel(ada, "workshop").click();
  await waiting(ada).getByText("Waiting to be sent").waitFor();
  await waiting(ada).getByText("Forwarded", { exact: true }).waitFor();

  const address = ada.url();
  await ada.goto("about:blank");
  await relay.start();
  await ada.goto(address);
  await passedOn(ada).waitFor();
  await channel(bo, "workshop").click();
  await passedOn(bo).locator("img").waitFor();
  await expect.poll(() => waiting(ada).count()).toBe(0);
  for (const page of [ada, bo]) expect(await page.locator("[data-nx=forwarded]").count()).toBe(1);
});

test("on a narrow screen nothing reaches over its edge; what is refused says why, and can be discarded", async () => {
  const { ada, bo } = await crew();
  await say(ada, MAST);
  await message(bo, MAST).waitFor();
  await bo.setViewportSize({ width: 360, height: 640 });
  await begin(bo, message(bo, MAST));
  await pick(bo, "work");
  await pick(bo, "ada");
  expect(await bo.evaluate(() => document.documentElement.scrollWidth > innerWidth)).toBe(false);
  expect(await violations(bo, "dialog[open]")).toEqual([]);
  // Meanwhile the message is taken back.
  await message(ada, MAST).focus();
  await ada.keyboard.press("Delete");
  await ada.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await expect.poll(() => message(bo, MAST).count()).toBe(0);
  await dialog(bo).getByRole("button", { name: "Forward", exact: true }).click();
  await bo.getByRole("button", { name: "Show channels" }).click();
  await channel(bo, "workshop").click();
  await waiting(bo).getByText("Not sent: What was to be forwarded is not there any more.").waitFor();
  await waiting(bo).getByRole("button", { name: "Discard" }).click();
  await expect.poll(() => waiting(bo).count()).toBe(0);
});
