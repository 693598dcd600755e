import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { composer, createGuild, inviteLink, joinByInvite, message, register, say } from "./stage/deeds.ts";
import { town } from "./stage/town.ts";

const here = town();

async function openMenuOf(page: Page, name: string, entry: string): Promise<void> {
  await page
    .getByRole("button", { name: `Profile of ${name}` })
    .and(page.locator(".nx-member"))
    .click();
  await page.getByRole("button", { name: `More about ${name}` }).click();
  await page.getByRole("menuitem", { name: entry, exact: true }).click();
}

test("who keeps order sees what each act will do, and everybody sees that it was done", async () => {
  const relay = await here.program("nexus-relay");
  const ada = here.with(await register(here.browser, relay, "ada"));
  await createGuild(ada.page, "Workshop");
  const link = await inviteLink(ada.page);
  const bo = here.with(await joinByInvite(here.browser, relay, link, "bo"));
  await say(bo.page, "something rude");

  // A message of somebody else's is taken away.
  await message(ada.page, "something rude").focus();
  await ada.page.keyboard.press("Delete");
  await ada.page.getByRole("button", { name: "Delete", exact: true }).click();
  await expect.poll(() => message(bo.page, "something rude").count()).toBe(0);

  // A channel is closed to all but those who do everything: it is gone from the other's list, and from their screen.
  await ada.page.getByRole("button", { name: "Menu of Workshop" }).click();
  await ada.page.getByRole("menuitem", { name: "Create channel" }).click();
  await ada.page.getByRole("dialog").getByLabel("Name", { exact: true }).fill("officers");
  await ada.page.getByRole("button", { name: "Create", exact: true }).click();
  await ada.page.getByRole("heading", { name: "This is where #officers begins" }).waitFor();
  const seen = bo.page.getByRole("link", { name: /^officers/ });
  await seen.click();
  await say(ada.page, "is this private?");
  await message(bo.page, "is this private?").waitFor();
  await ada.page.getByRole("button", { name: "Settings of officers" }).click();
  await ada.page.getByRole("tab", { name: "Permissions" }).click();
  await ada.page.getByRole("switch", { name: "Private channel" }).click();
  await expect.poll(() => seen.count()).toBe(0);
  await expect.poll(() => bo.page.locator("main").getByText("is this private?").count()).toBe(0);
  await ada.page.keyboard.press("Escape");
  await ada.page.getByRole("link", { name: "general", exact: true }).click();

  // A kick: said before, seen after, and not for ever.
  await openMenuOf(ada.page, "bo", "Kick");
  const kick = ada.page.getByRole("dialog", { name: "Kick bo?" });
  expect(await kick.innerText()).toContain("With an invite they can come back.");
  await kick.getByRole("button", { name: "Kick", exact: true }).click();
  await expect.poll(() => bo.page.getByRole("button", { name: /^Workshop/ }).count()).toBe(0);
  await bo.page.goto(link);
  await bo.page.getByRole("button", { name: "Join Workshop" }).click();
  await composer(bo.page).waitFor();

  // A ban: with a reason, until it is lifted.
  await openMenuOf(ada.page, "bo", "Ban");
  const ban = ada.page.getByRole("dialog", { name: "Ban bo?" });
  expect(await ban.innerText()).toContain("cannot join again, with any invite");
  await ban.getByLabel("Reason").fill("rude again");
  await ban.getByRole("button", { name: "Ban", exact: true }).click();
  await expect.poll(() => bo.page.getByRole("button", { name: /^Workshop/ }).count()).toBe(0);
  await bo.page.goto(link);
  await bo.page.getByRole("button", { name: "Join Workshop" }).click();
  await bo.page.getByRole("alert").waitFor();
  await ada.page.getByRole("button", { name: "Menu of Workshop" }).click();
  await ada.page.getByRole("menuitem", { name: "Guild settings" }).click();
  await ada.page.getByRole("tab", { name: "Bans" }).click();
  await ada.page.getByText("rude again").waitFor();
  await ada.page.getByRole("button", { name: "Lift ban" }).click();
  await ada.page.getByText("Nobody is banned").waitFor();
  await bo.page.getByRole("button", { name: "Join Workshop" }).click();
  await composer(bo.page).waitFor();
});
