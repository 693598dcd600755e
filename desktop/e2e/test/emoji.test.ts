import { expect, test } from "vitest";
import { violations } from "./stage/axe.ts";
import { composer, createGuild, inviteLink, joinByInvite, message, register } from "./stage/deeds.ts";
import { town } from "./stage/town.ts";

const here = town();

/** A PNG of one pixel. */
const PICTURE =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

test("an emoji is added by who may, written by its name, reacted with, renamed and deleted, and others see its picture", async () => {
  const relay = await here.program("nexus-relay");
  const { page } = here.with(await register(here.browser, relay, "ada"));
  await createGuild(page, "Harbour");
  const bo = here.with(await joinByInvite(here.browser, relay, await inviteLink(page), "bo"));

  await page.getByRole("button", { name: /^Menu of / }).click();
  await page.getByRole("menuitem", { name: "Guild settings" }).click();
  await page.getByRole("tab", { name: "Emoji" }).click();
  await page.getByText("No emoji yet").waitFor();
  await page
    .getByLabel("Picture")
    .setInputFiles({ name: "old anchor.png", mimeType: "image/png", buffer: Buffer.from(PICTURE, "base64") });
  await expect.poll(() => page.getByLabel("Name", { exact: true }).inputValue()).toBe("old_anchor");
  await page.getByRole("button", { name: "Add emoji" }).click();
  const name = page.getByLabel("Name of old_anchor");
  await name.fill("anchor");
  await page.getByRole("button", { name: "Rename", exact: true }).click();
  await page.getByLabel("Name of anchor").waitFor();
  expect(await violations(page)).toEqual([]);
  await page.keyboard.press("Escape");

  await composer(page).fill("drop the :anchor:");
  await page.keyboard.press("Escape");
  await composer(page).press("Enter");
  const seen = message(bo.page, "drop the").getByRole("img", { name: ":anchor:" });
  await seen.waitFor();
  const drawn = () => seen.evaluate((picture) => (picture as HTMLImageElement).naturalWidth);
  await expect.poll(drawn).toBeGreaterThan(0);

  await message(bo.page, "drop the").hover();
  await message(bo.page, "drop the")
    .getByRole("toolbar")
    .getByRole("button", { name: "Add reaction" })
    .click();
  const picker = bo.page.getByRole("dialog", { name: "Pick an emoji" });
  await picker
    .getByRole("group", { name: "Of this guild" })
    .getByRole("button", { name: ":anchor:" })
    .click();
  await message(page, "drop the").getByRole("button", { name: ":anchor:, 1 reaction" }).click();
  await message(bo.page, "drop the").getByRole("button", { name: ":anchor:, 2 reactions" }).waitFor();

  // What was written is edited by its name, too.
  await composer(page).press("ArrowUp");
  const edited = page.getByLabel("Edit message");
  await expect.poll(() => edited.inputValue()).toBe("drop the :anchor:");
  await edited.press("Escape");

  await page.getByRole("button", { name: /^Menu of / }).click();
  await page.getByRole("menuitem", { name: "Guild settings" }).click();
  await page.getByRole("tab", { name: "Emoji" }).click();
  await page.getByRole("button", { name: "Delete", exact: true }).click();
  await page.getByRole("button", { name: "Delete", exact: true }).click();
  await page.getByText("No emoji yet").waitFor();
  await page.keyboard.press("Escape");
  // Its name stands for it where it was written.
  await message(bo.page, "drop the").getByText(":anchor:").first().waitFor();
});
