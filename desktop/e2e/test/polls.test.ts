import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { violations } from "./stage/axe.ts";
import { createGuild, inviteLink, joinByInvite, register } from "./stage/deeds.ts";
import { town } from "./stage/town.ts";

const here = town();

const poll = (page: Page) => page.locator("[data-nx=poll]", { hasText: "Where do we meet?" });
const answer = (page: Page, words: RegExp) => poll(page).getByRole("button", { name: words });

test("a poll is asked, answered, counted for everybody as it goes, and ended by who asked", async () => {
  const relay = await here.program("nexus-relay");
  const { page } = here.with(await register(here.browser, relay, "ada"));
  await createGuild(page, "Harbour");
  const bo = here.with(await joinByInvite(here.browser, relay, await inviteLink(page), "bo"));

  await page.getByRole("button", { name: "Ask in a poll" }).click();
  const dialog = page.getByRole("dialog", { name: "New poll" });
  await dialog.getByLabel("Question").fill("Where do we meet?");
  await dialog.getByRole("button", { name: "Add an answer" }).click();
  for (const [at, words] of ["On the quay", "In the workshop", "At home"].entries()) {
    await dialog.getByLabel(`Answer ${at + 1}`, { exact: true }).fill(words);
  }
  await dialog.getByRole("button", { name: "Emoji of answer 1" }).click();
  const picker = page.getByRole("dialog", { name: "Pick an emoji" });
  await picker.getByLabel("Search emoji").fill("anchor");
  await picker.getByRole("gridcell", { name: "anchor" }).click();
  await dialog.getByRole("button", { name: "Emoji of answer 1", pressed: true }).waitFor();
  expect(await violations(page)).toEqual([]);
  await dialog.getByRole("button", { name: "Ask", exact: true }).click();
  await expect.poll(() => dialog.count()).toBe(0);

  await answer(bo.page, /^On the quay.*0 votes/)
    .filter({ hasText: "⚓" })
    .click();
  await answer(bo.page, /^On the quay.*1 vote · 100%/)
    .and(bo.page.locator("[aria-pressed=true]"))
    .waitFor();
  await answer(page, /^On the quay.*1 vote/).waitFor();
  await answer(page, /^In the workshop/).click();
  await answer(bo.page, /^In the workshop.*1 vote · 50%/).waitFor();
  // One answer each: another takes its place; and it can be taken back.
  await answer(bo.page, /^In the workshop/).click();
  await answer(page, /^In the workshop.*2 votes · 100%/).waitFor();
  await answer(page, /^On the quay.*0 votes/).waitFor();
  await poll(bo.page).getByRole("button", { name: "Take back your vote" }).click();
  await answer(page, /^In the workshop.*1 vote/).waitFor();
  expect(await violations(page)).toEqual([]);

  expect(await poll(bo.page).getByRole("button", { name: "End the poll" }).count()).toBe(0);
  await poll(page).getByRole("button", { name: "End the poll" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "End the poll" }).click();
  for (const each of [page, bo.page]) {
    await poll(each).getByText("ended").waitFor();
    await answer(each, /^In the workshop.*1 vote · 100%.*the most votes/).waitFor();
    expect(await answer(each, /^On the quay/).isDisabled()).toBe(true);
  }
  // It is the same for who comes back.
  await bo.page.reload();
  await answer(bo.page, /^In the workshop.*1 vote/).waitFor();
});
