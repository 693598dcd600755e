import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { violations } from "./stage/axe.ts";
import { createGuild, inviteLink, joinByInvite, register } from "./stage/deeds.ts";
import { town } from "./stage/town.ts";

const here = town();

const event = (page: Page, name: string) => page.locator("[data-nx=event]", { hasText: name });

async function choose(page: Page, name: string, entry: string): Promise<void> {
  await page.getByRole("button", { name: `What can be done with ${name}` }).click();
  await page.getByRole("menuitem", { name: entry }).click();
}

test("an event is announced, looked forward to, begun and over, and another one called off", async () => {
  const relay = await here.program("nexus-relay");
  const { page } = here.with(await register(here.browser, relay, "ada"));
  await createGuild(page, "Harbour");
  const bo = here.with(await joinByInvite(here.browser, relay, await inviteLink(page), "bo"));

  await page.getByRole("button", { name: "Events", exact: true }).click();
  await page.getByText("Nothing is announced").waitFor();
  for (const name of ["Launching", "Winter sail"]) {
    await page.getByRole("button", { name: "Announce an event" }).click();
    const dialog = page.getByRole("dialog", { name: "New event" });
    await dialog.getByLabel("What", { exact: true }).fill(name);
    await dialog.getByLabel("Place", { exact: true }).fill("On the quay");
    await dialog.getByLabel("Begins", { exact: true }).fill("2099-05-01T09:00");
    await dialog.getByLabel("Ends", { exact: true }).fill("2099-05-01T08:00");
    await dialog.getByText("It ends before it begins.").waitFor();
    await dialog.getByLabel("Ends", { exact: true }).fill("2099-05-01T12:00");
    await dialog.getByRole("button", { name: "Announce", exact: true }).click();
    await event(page, name).waitFor();
  }
  expect(await violations(page)).toEqual([]);

  await bo.page.getByRole("button", { name: /^Events.*2 to come/ }).click();
  await event(bo.page, "Launching").getByText("On the quay").waitFor();
  expect(await bo.page.getByRole("button", { name: "What can be done with Launching" }).count()).toBe(0);
  await bo.page.getByRole("button", { name: "Interested in Launching" }).click();
  await event(page, "Launching").getByText("1 interested").waitFor();
  // It is remembered where the list is asked for anew.
  await bo.page.reload();
  await bo.page.getByRole("button", { name: /^Events.*2 to come/ }).click();
  await bo.page.getByRole("button", { name: "Interested in Launching", pressed: true }).click();
  await event(page, "Launching").getByText("0 interested").waitFor();

  await choose(page, "Winter sail", "Call off");
  await page
    .getByRole("dialog", { name: "Call off Winter sail?" })
    .getByRole("button", { name: "Call off" })
    .click();
  await event(bo.page, "Winter sail").getByText("Called off").waitFor();
  await choose(page, "Launching", "It has begun");
  await event(bo.page, "Launching").getByText("Now", { exact: true }).waitFor();
  await choose(page, "Launching", "It is over");
  await event(bo.page, "Launching").getByText("Over", { exact: true }).waitFor();
});
