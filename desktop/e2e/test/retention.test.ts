import { expect, test } from "vitest";
import { createGuild, inviteLink, joinByInvite, message, register, say } from "./stage/deeds.ts";
import { town } from "./stage/town.ts";

const here = town();

test("a channel keeps its messages for as long as its owner says, and everybody is told so above them", async () => {
  const relay = await here.program("nexus-relay");
  const ada = here.with(await register(here.browser, relay, "ada"));
  await createGuild(ada.page, "Archive");
  const link = await inviteLink(ada.page);
  const bo = here.with(await joinByInvite(here.browser, relay, link, "bo"));
  await say(bo.page, "for the record");
  await message(ada.page, "for the record").waitFor();
  const told = (page: typeof ada.page) => page.locator("main").getByText(/^Messages are kept/);
  expect(await told(ada.page).count()).toBe(0);

  // In the whole guild, by its owner.
  await ada.page.getByRole("button", { name: "Menu of Archive" }).click();
  await ada.page.getByRole("menuitem", { name: "Guild settings" }).click();
  await ada.page.getByRole("dialog").getByLabel("Keep messages").selectOption("30");
  await ada.page.getByRole("button", { name: "Save changes" }).click();
  await told(bo.page).filter({ hasText: "30 days" }).waitFor();
  await ada.page.keyboard.press("Escape");

  // In one channel otherwise.
  await ada.page.getByRole("button", { name: "Settings of general" }).click();
  const select = ada.page.getByRole("dialog").getByLabel("Keep messages");
  expect(await select.locator("option").first().innerText()).toBe("As in the guild (30 days)");
  await select.selectOption("7");
  await ada.page.getByRole("button", { name: "Save changes" }).click();
  await told(bo.page).filter({ hasText: "7 days" }).waitFor();
  await select.selectOption("0");
  await ada.page.getByRole("button", { name: "Save changes" }).click();
  await expect.poll(() => told(bo.page).count()).toBe(0);
  expect(await message(bo.page, "for the record").count()).toBe(1);
});
