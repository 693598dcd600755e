import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Person, person } from "./stage/browser.ts";
import { fillAccount } from "./stage/deeds.ts";
import type { Program } from "./stage/program.ts";
import { agreeAs, type Mock, startProvider } from "./stage/provider.ts";
import { town } from "./stage/town.ts";

const here = town();
const PASSWORD = "correct horse battery staple";
let mock: Mock;
let relay: Program;

beforeAll(async () => {
  mock = await startProvider();
  relay = await here.program("nexus-relay", mock.flags);
  mock.knows(relay.origin);
});

afterAll(() => mock.stop());

async function somebody(): Promise<Person> {
  const who = here.with(await person(here.browser, relay.origin, { elsewhere: mock.origin }));
  await who.page.goto(relay.origin);
  return who;
}

async function openSignIn(page: Page, name: string): Promise<void> {
  await page.keyboard.press("Control+,");
  await page.getByRole("tab", { name: "Signing in" }).click();
  await page.getByText(`You sign in as ${name}`).waitFor();
}

test("who comes from a provider takes a name, comes in again as the same, and chooses a password", async () => {
  const { page } = await somebody();
  await page.getByRole("button", { name: "Continue with Mock" }).click();
  await agreeAs(page, "ada");
  await page.getByRole("heading", { name: "Choose your name here" }).waitFor();
  expect(new URL(page.url()).search).toBe("");
  expect(await page.getByLabel("User name").inputValue()).toBe("ada");
  expect(await page.getByLabel("E-mail").inputValue()).toBe("ada@mail.example");
  await page.getByRole("button", { name: "Make account" }).click();
  await page.getByRole("heading", { name: "Welcome, ada" }).waitFor();

  const other = await somebody();
  await other.page.getByRole("button", { name: "Continue with Mock" }).click();
  await agreeAs(other.page, "ada");
  await other.page.getByRole("heading", { name: "Welcome, ada" }).waitFor();

  await openSignIn(page, "ada");
  await page.getByText("You have no password here").waitFor();
  await page.getByRole("button", { name: "Choose a password, by Mock" }).click();
  await page.getByRole("heading", { name: "Choose a password" }).waitFor();
  await page.getByLabel("New password").fill(PASSWORD);
  await page.getByRole("button", { name: "Choose it" }).click();
  await page.getByText("You have a password now").waitFor();
  await other.page.getByText("Your session ended").waitFor();
  await other.page.getByLabel("Name or e-mail").fill("ada");
  await other.page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await other.page.getByRole("button", { name: "Sign in", exact: true }).click();
  await other.page.getByRole("heading", { name: "Welcome, ada" }).waitFor();
});

test("who has a password adds a provider and takes it away again", async () => {
  const { page } = await somebody();
  await page.getByRole("button", { name: "Make one" }).click();
  await fillAccount(page, "grace");
  await page.getByRole("heading", { name: "Welcome, grace" }).waitFor();
  await openSignIn(page, "grace");
  await page.getByRole("button", { name: "Add Mock" }).click();
  await page.getByLabel("Password, to change Mock").fill("not hers at all");
  await page.getByRole("button", { name: "Go to Mock" }).click();
  await page.getByText("That is not your password").waitFor();
  await page.getByLabel("Password, to change Mock").fill(PASSWORD);
  await page.getByRole("button", { name: "Go to Mock" }).click();
  await agreeAs(page, "grace there");
  await page.locator(".nx-toast-words", { hasText: "You sign in with Mock too" }).waitFor();

  const other = await somebody();
  await other.page.getByRole("button", { name: "Continue with Mock" }).click();
  await agreeAs(other.page, "grace there");
  await other.page.getByRole("heading", { name: "Welcome, grace" }).waitFor();

  await openSignIn(page, "grace");
  await page.getByRole("button", { name: "Remove Mock" }).click();
  await page.getByLabel("Password, to change Mock").fill(PASSWORD);
  await page.getByRole("button", { name: "Remove it now" }).click();
  await page.getByText("Mock is not a way in for you").waitFor();
});

test("what another browser began, or the provider does not grant, signs nobody in", async () => {
  const { page } = await somebody();
  await page.getByRole("button", { name: "Continue with Mock" }).click();
  await page.getByRole("link", { name: "[ Cancel ]" }).click();
  await page.getByText("Nothing came back that was asked for").waitFor();
  await page.getByRole("button", { name: "Back" }).click();
  await page.getByRole("button", { name: "Continue with Mock" }).click();
  await page.getByPlaceholder("Enter any login").waitFor();
  // A link that somebody was sent, with what its sender had come back with.
  const other = await somebody();
  await other.page.goto(`${relay.origin}/sign-in/mock?state=nxs_of-another&code=of-another`);
  await other.page.getByText("Nothing came back that was asked for").waitFor();
  // And with what this window was sent to get: the relay looks, and it is not what it gave.
  await other.page.getByRole("button", { name: "Back" }).click();
  await other.page.getByRole("button", { name: "Continue with Mock" }).click();
  await other.page.getByPlaceholder("Enter any login").waitFor();
  await other.page.goto(`${relay.origin}/sign-in/mock?state=nxs_of-another&code=of-another`);
  await other.page.getByText("That took too long, or was used before").waitFor();
});
