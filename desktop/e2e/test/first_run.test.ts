import { expect, test } from "vitest";
import { asking } from "./stage/api.ts";
import { person } from "./stage/browser.ts";
import { composer, createGuild, fillAccount, inviteLink, register } from "./stage/deeds.ts";
import { town } from "./stage/town.ts";

const here = town();
const PASSWORD = "correct horse battery staple";

test("an invite shows the guild and who is there, and a newcomer is in with a name and a password", async () => {
  const relay = await here.program("nexus-relay");
  const ada = here.with(await register(here.browser, relay, "ada"));
  await createGuild(ada.page, "Workshop");
  const link = await inviteLink(ada.page);
  // Cy is a member, and nowhere to be seen.
  const made = await fetch(`${relay.origin}/api/v10/auth/register`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ username: "cy", password: PASSWORD }),
  });
  const { token } = (await made.json()) as { token: string };
  await asking(relay, token)("POST", `/invites/${link.slice(link.lastIndexOf("/") + 1)}`, {});

  const bo = here.with(await person(here.browser, relay.origin));
  await bo.page.goto(link);
  await bo.page.getByRole("heading", { name: "Workshop" }).waitFor();
  const words = await bo.page.locator("body").innerText();
  for (const part of ["ada invites you to", "1 online", "2 members"]) expect(words).toContain(part);
  await fillAccount(bo.page, "bo");
  await bo.page.getByRole("button", { name: "Join Workshop" }).click();
  await composer(bo.page).waitFor();
});

test("who signs out is out, a wrong password and a taken name are told in words, and the right one opens", async () => {
  const relay = await here.program("nexus-relay");
  const { page } = here.with(await register(here.browser, relay, "ada"));
  await page.keyboard.press("Control+,");
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("dialog", { name: "Sign out?" }).getByRole("button", { name: "Sign out" }).click();
  await page.getByLabel("Name or e-mail").fill("ada");
  await page.getByLabel("Password", { exact: true }).fill("not the password");
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.getByText("Name and password do not go together").waitFor();
  await page.getByRole("button", { name: "Make one" }).click();
  await fillAccount(page, "ada");
  await page.getByText("Username is unavailable").waitFor();
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.getByLabel("Name or e-mail").fill("ada");
  await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.getByRole("heading", { name: "Welcome, ada" }).waitFor();
});

test("a link that was used already opens nothing to a second browser, and says what does", async () => {
  const node = await here.program("nexus");
  const first = here.with(await person(here.browser, node.origin));
  await first.page.goto(`${node.origin}/#k=${node.setupKey}`);
  await first.page.getByLabel("Display name").fill("Ada");
  await first.page.getByRole("button", { name: "Start" }).click();
  await first.page.getByRole("heading", { name: "Welcome, Ada" }).waitFor();
  const second = here.with(await person(here.browser, node.origin));
  await second.page.goto(`${node.origin}/#k=${node.setupKey}`);
  await second.page.getByLabel("Display name").fill("Eve");
  await second.page.getByRole("button", { name: "Start" }).click();
  await second.page.getByText("This link was used already").waitFor();
  await second.page.getByRole("heading", { name: "This node is locked" }).waitFor();
  await second.page.getByLabel("Token").fill(node.token());
  await second.page.getByRole("button", { name: "Unlock" }).click();
  await second.page.getByRole("heading", { name: "Welcome, Ada" }).waitFor();
});
