import { expect, test } from "vitest";
import { createGuild, inviteLink, joinByInvite, message, register, say } from "./stage/deeds.ts";
import { town } from "./stage/town.ts";

const here = town();

test("who leaves takes along all they wrote, when they say so by hand", async () => {
  const relay = await here.program("nexus-relay");
  const ada = here.with(await register(here.browser, relay, "ada"));
  await createGuild(ada.page, "Archive");
  const link = await inviteLink(ada.page);
  const bo = here.with(await joinByInvite(here.browser, relay, link, "bo"));
  await say(ada.page, "for the record");
  await say(bo.page, "first");
  await message(ada.page, "first").waitFor();

  // Without leaving.
  const menu = (name: string) => bo.page.getByRole("menuitem", { name }).click();
  await bo.page.getByRole("button", { name: "Menu of Archive" }).click();
  await menu("Take away what I wrote");
  const dialog = bo.page.getByRole("dialog");
  await dialog.getByText("This cannot be undone.").waitFor();
  await dialog.getByRole("button", { name: "Take it away" }).click();
  await expect.poll(() => message(ada.page, "first").count()).toBe(0);
  expect(await message(ada.page, "for the record").count()).toBe(1);

  // With it: the choice is off until it is set, and warns.
  await say(bo.page, "second");
  await message(ada.page, "second").waitFor();
  await bo.page.getByRole("button", { name: "Menu of Archive" }).click();
  await menu("Leave guild");
  const choice = dialog.getByRole("switch", { name: "And take away everything I wrote here" });
  expect(await choice.getAttribute("aria-checked")).toBe("false");
  expect(await dialog.getByText("This cannot be undone.").count()).toBe(0);
  await choice.click();
  await dialog.getByText("This cannot be undone.").waitFor();
  await dialog.getByRole("button", { name: "Leave and take it away" }).click();
  await expect.poll(() => message(ada.page, "second").count()).toBe(0);
  expect(await message(ada.page, "for the record").count()).toBe(1);
});
