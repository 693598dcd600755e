import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { type Person, person } from "./stage/browser.ts";
import { composer, createGuild, inviteLink, joinByInvite, message, register, say } from "./stage/deeds.ts";
import { town } from "./stage/town.ts";

const here = town();

const PASSWORD = "correct horse battery staple";

/** Somebody comes in by name and password. */
async function login(origin: string, name: string): Promise<Person> {
  const who = here.with(await person(here.browser, origin));
  await who.page.goto(origin);
  await who.page.getByLabel("Name or e-mail").fill(name);
  await who.page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await who.page.getByRole("button", { name: "Sign in", exact: true }).click();
  await who.page.getByRole("button", { name: "Add a guild" }).waitFor();
  return who;
}

const guild = (page: Page, name: string) => page.getByRole("button", { name, exact: true });

test("what is read in one browser is read in the account's other one, and in one that is new to it", async () => {
  const relay = await here.program("nexus-relay");
  const ada = here.with(await register(here.browser, relay, "ada"));
  await createGuild(ada.page, "Harbour");
  const bo = here.with(await joinByInvite(here.browser, relay, await inviteLink(ada.page), "bo"));
  const elsewhere = await login(relay.origin, "ada");
  await guild(elsewhere.page, "Harbour").waitFor();
  await ada.page.getByRole("button", { name: "Direct messages", exact: true }).click();

  await say(bo.page, "the tide turns at four");
  await guild(ada.page, "Harbour, unread messages").waitFor();
  await guild(elsewhere.page, "Harbour, unread messages").click();
  await message(elsewhere.page, "the tide turns at four").waitFor();
  await guild(ada.page, "Harbour").waitFor();

  const third = await login(relay.origin, "ada");
  await guild(third.page, "Harbour").waitFor();
  expect(await guild(third.page, "Harbour, unread messages").count()).toBe(0);
});

test("what is typed in one browser is there in the account's other one, and gone from both once it is sent", async () => {
  const relay = await here.program("nexus-relay");
  const ada = here.with(await register(here.browser, relay, "ada"));
  await createGuild(ada.page, "Harbour");
  await composer(ada.page).fill("the tide turns");
  const elsewhere = await login(relay.origin, "ada");
  await guild(elsewhere.page, "Harbour").click();
  await expect.poll(() => composer(elsewhere.page).inputValue()).toBe("the tide turns");
  await composer(elsewhere.page).fill("the tide turns at four");
  await expect.poll(() => composer(ada.page).inputValue()).toBe("the tide turns at four");
  await composer(ada.page).press("Enter");
  await message(elsewhere.page, "the tide turns at four").waitFor();
  await expect.poll(() => composer(elsewhere.page).inputValue()).toBe("");
});
