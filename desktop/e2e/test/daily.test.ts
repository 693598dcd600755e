import { expect, test } from "vitest";
import { asking } from "./stage/api.ts";
import type { Person } from "./stage/browser.ts";
import {
  composer,
  createGuild,
  inviteLink,
  joinByInvite,
  message,
  messages,
  register,
  say,
} from "./stage/deeds.ts";
import type { Program } from "./stage/program.ts";
import { town } from "./stage/town.ts";

const here = town();

/** Ada with a guild of two channels, and Bo in it. */
async function two(): Promise<{ relay: Program; ada: Person; bo: Person }> {
  const relay = await here.program("nexus-relay");
  const ada = here.with(await register(here.browser, relay, "ada"));
  await createGuild(ada.page, "Harbour");
  await say(ada.page, "welcome");
  await createChannel(ada, "quay");
  await channel(ada, "general").click();
  await message(ada.page, "welcome").waitFor();
  const bo = here.with(await joinByInvite(here.browser, relay, await inviteLink(ada.page), "bo"));
  await message(bo.page, "welcome").waitFor();
  return { relay, ada, bo };
}

async function createChannel({ page }: Person, name: string): Promise<void> {
  await page.getByRole("button", { name: /^Menu of / }).click();
  await page.getByRole("menuitem", { name: "Create channel" }).click();
  const dialog = page.getByRole("dialog", { name: "Create channel" });
  await dialog.getByLabel("Name", { exact: true }).fill(name);
  await dialog.getByRole("button", { name: "Create", exact: true }).click();
  await expect.poll(() => dialog.count()).toBe(0);
}

const channel = ({ page }: Person, name: string) =>
  page.locator(".nx-channel-link:not([aria-disabled])", { hasText: name });

test("what is new elsewhere shows at its channel and its guild, mentions by number, until it was read", async () => {
  const { ada, bo } = await two();
  await channel(ada, "quay").click();
  await say(ada.page, "first on the quay");
  await say(ada.page, "and @bo, look");
  await channel(bo, "quay")
    .and(bo.page.getByRole("link", { name: "quay 1 mention" }))
    .waitFor();
  await bo.page
    .getByRole("button", { name: /^Home|Direct/ })
    .first()
    .click();
  await bo.page.getByRole("button", { name: "Harbour, 1 mention" }).waitFor();
  await bo.page.reload();
  await bo.page.getByRole("button", { name: "Harbour, 1 mention" }).click();
  await channel(bo, "quay").click();
  await message(bo.page, "first on the quay").waitFor();
  await expect.poll(() => bo.page.getByRole("link", { name: /quay, / }).count()).toBe(0);
});

test("the line of what is new stands where one left off, and Escape takes it away", async () => {
  const { ada, bo } = await two();
  await channel(bo, "quay").click();
  await bo.page.getByPlaceholder("Message #quay").waitFor();
  for (const text of ["one", "two"]) await say(ada.page, text);
  await channel(bo, "general").click();
  await message(bo.page, "two").waitFor();
  const line = bo.page.locator(".nx-divider-new");
  await line.waitFor();
  const order = () =>
    bo.page
      .locator(".nx-divider-new, [data-nx=message]")
      .evaluateAll((all) =>
        all.map((each) => (each.classList.contains("nx-divider-new") ? "new" : (each.textContent ?? ""))),
      );
  const seen = await order();
  const at = seen.indexOf("new");
  expect(seen[at - 1]).toContain("welcome");
  expect(seen[at + 1]).toContain("one");
  await bo.page.keyboard.press("Escape");
  await expect.poll(() => line.count()).toBe(0);
});

test("what is half written stays with its channel, shows in the list, and outlives a reload", async () => {
  const { ada } = await two();
  await composer(ada.page).fill("half a thought");
  await channel(ada, "quay").click();
  await expect.poll(() => composer(ada.page).inputValue()).toBe("");
  await channel(ada, "general").getByRole("img", { name: "Draft" }).waitFor();
  await composer(ada.page).fill("another");
  const kept = () =>
    ada.page.evaluate(() => Object.values(localStorage).filter((each) => each.includes("another")).length);
  await expect.poll(kept).toBeGreaterThan(0);
  await ada.page.reload();
  await expect.poll(() => composer(ada.page).inputValue()).toBe("another");
  await channel(ada, "general").click();
  await expect.poll(() => composer(ada.page).inputValue()).toBe("half a thought");
});

test("a conversation begins at a profile card, is new to the other, and is answered", async () => {
  const { ada, bo } = await two();
  await say(bo.page, "here I am");
  await message(ada.page, "here I am")
    .getByRole("button", { name: /^Profile of bo/ })
    .first()
    .click();
  await ada.page.getByRole("button", { name: "Write to them" }).click();
  await composer(ada.page).waitFor();
  await expect.poll(() => ada.page.url()).toContain("/channels/@me/");
  await say(ada.page, "between us");
  await bo.page
    .getByRole("button", { name: /Direct messages|Home/ })
    .first()
    .click();
  await bo.page.getByRole("link", { name: /ada/ }).first().click();
  await message(bo.page, "between us").waitFor();
  await say(bo.page, "as it should be");
  await message(ada.page, "as it should be").waitFor();
});

test("who writes is seen to write by others and not by themselves, and no longer than they do", async () => {
  const { ada, bo } = await two();
  await composer(ada.page).pressSequentially("what I mean is");
  await bo.page.getByText("ada is writing").waitFor();
  expect(await ada.page.getByText("is writing").count()).toBe(0);
  await composer(ada.page).press("Enter");
  await message(bo.page, "what I mean is").waitFor();
  await expect.poll(() => bo.page.getByText("is writing").count()).toBe(0);
});

test("an emoji is found by its name with the keyboard, put on a message, added to by another, and taken away", async () => {
  const { ada, bo } = await two();
  await message(ada.page, "welcome").focus();
  await ada.page.keyboard.press("+");
  await ada.page.getByPlaceholder("Search emoji").fill("crab");
  await ada.page.locator(".nx-emoji-button, [frimousse-emoji]").filter({ hasText: "🦀" }).first().waitFor();
  await ada.page.keyboard.press("Enter");
  const reaction = message(bo.page, "welcome").getByRole("button", { name: /^🦀, 1/ });
  await reaction.click();
  const both = message(ada.page, "welcome").getByRole("button", { name: /^🦀, 2/ });
  await both.waitFor();
  await both.click();
  await message(bo.page, "welcome")
    .getByRole("button", { name: /^🦀, 1/ })
    .waitFor();
});

test("what two windows of one person hold to be sent is sent once", async () => {
  const { relay, ada } = await two();
  const second = await ada.context.newPage();
  await second.goto(ada.page.url());
  await message(second, "welcome").waitFor();
  await relay.kill();
  await ada.page
    .getByText(/^Offline/)
    .first()
    .waitFor();
  for (const page of [ada.page, second]) {
    await composer(page).fill(page === second ? "from the second" : "from the first");
    await composer(page).press("Enter");
  }
  await second.locator("[data-nx=pending]", { hasText: "from the second" }).waitFor();
  await relay.start();
  for (const page of [ada.page, second]) {
    await message(page, "from the first").waitFor();
    await message(page, "from the second").waitFor();
    await expect.poll(() => page.locator("[data-nx=pending]").count()).toBe(0);
    const said = (await messages(page)).filter((each) => each.startsWith("from"));
    expect([...said].sort()).toEqual(["from the first", "from the second"]);
  }
});

test("a guild of a hundred channels and long names stays in its place", async () => {
  const { relay, ada } = await two();
  const token = await ada.page.evaluate(() => document.cookie);
  expect(token).toBe("");
  const session = await fetch(`${relay.origin}/api/v10/auth/login`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ login: "ada", password: "correct horse battery staple" }),
  });
  const owner = asking(relay, (await session.json()).token);
  const [guild] = await owner("GET", "/users/@me/guilds");
  for (let number = 0; number < 100; number += 1) {
    await owner("POST", `/guilds/${guild.id}/channels`, {
      name: `channel-${number}-${"long-".repeat(15)}`,
      type: 0,
    });
  }
  await expect.poll(() => ada.page.locator(".nx-channel-link").count()).toBeGreaterThan(100);
  for (const [width, height] of [
    [1280, 800],
    [390, 844],
  ] as const) {
    await ada.page.setViewportSize({ width, height });
    const wide = await ada.page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
    expect(wide).toBe(false);
  }
});
