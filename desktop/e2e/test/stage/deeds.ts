/** What people do in these tests, as they would: by what they see. */

import type { Browser, Page } from "playwright-core";
import { expect } from "vitest";
import { type Looks, type Person, person } from "./browser.ts";
import type { Program } from "./program.ts";

/** Opens a new node's link and gives a name. */
export async function firstRun(
  browser: Browser,
  node: Program,
  name: string,
  looks: Looks = {},
): Promise<Person> {
  const who = await person(browser, node.origin, looks);
  await who.page.goto(`${node.origin}/#k=${node.setupKey}`);
  await who.page.getByLabel("Display name").fill(name);
  await who.page.getByRole("button", { name: "Start" }).click();
  await who.page.getByRole("heading", { name: `Welcome, ${name}` }).waitFor();
  return who;
}

/** Makes an account on a relay. */
export async function register(
  browser: Browser,
  relay: Program,
  name: string,
  looks: Looks = {},
): Promise<Person> {
  const who = await person(browser, relay.origin, looks);
  await who.page.goto(relay.origin);
  await who.page.getByRole("button", { name: "Make one" }).click();
  await fillAccount(who.page, name);
  await who.page.getByRole("heading", { name: `Welcome, ${name}` }).waitFor();
  return who;
}

export async function fillAccount(page: Page, name: string): Promise<void> {
  await page.getByLabel("User name").fill(name);
  await page.getByLabel("Password", { exact: true }).fill("correct horse battery staple");
  await page.getByRole("button", { name: "Make account" }).click();
}

export async function createGuild(page: Page, name: string): Promise<void> {
  const channels = page.getByRole("button", { name: "Show channels" });
  const over = await page.locator(".nx-shell[data-pane=channels]").isVisible();
  if (!over && (await channels.isVisible())) await channels.click();
  await page.getByRole("button", { name: "Add a guild" }).click();
  await page.getByRole("menuitem", { name: "Create a guild" }).click();
  await page.getByLabel("Name", { exact: true }).fill(name);
  await page.getByRole("button", { name: "Create", exact: true }).click();
  await composer(page).waitFor();
}

/** A channel of posts in the guild that one is in. */
export async function makeForum(page: Page, name: string, kind: "Forum" | "Media" = "Forum"): Promise<void> {
  await page.getByRole("button", { name: /^Menu of / }).click();
  await page.getByRole("menuitem", { name: "Create channel" }).click();
  const making = page.getByRole("dialog", { name: "Create channel" });
  await making.getByLabel("Name", { exact: true }).fill(name);
  await making.getByText(kind, { exact: true }).click();
  await making.getByRole("button", { name: "Create", exact: true }).click();
  await page.getByText("No posts yet").waitFor();
}

/** The channel's own; a thread beside it has another. */
export function composer(page: Page) {
  return page.locator(".nx-main [data-nx=composer]");
}

export async function say(page: Page, text: string): Promise<void> {
  await composer(page).fill(text);
  await composer(page).press("Enter");
  await message(page, text).waitFor();
}

/** The message with this text, once it is in the channel. */
export function message(page: Page, text: string) {
  return page.locator("[data-nx=message]", { hasText: text }).last();
}

/** What the channel's head leads to: by its own button, or where there is less room by the one that has them all. */
export async function lookAt(page: Page, name: string): Promise<void> {
  const head = page.locator(".nx-main .nx-header");
  const more = head.getByRole("button", { name: "More", exact: true });
  if (!(await more.isVisible())) return head.getByRole("button", { name, exact: true }).click();
  await more.click();
  await page.getByRole("menuitem", { name, exact: true }).click();
}

/** An invite's link, as the dialog shows it. */
export async function inviteLink(page: Page): Promise<string> {
  await page.getByRole("button", { name: /^Menu of / }).click();
  await page.getByRole("menuitem", { name: "Invite people" }).click();
  const field = page.getByLabel("Invite link");
  await expect.poll(() => field.inputValue()).toContain("/invite/");
  const link = await field.inputValue();
  await page.keyboard.press("Escape");
  return link;
}

/** Comes by an invite, and makes an account on the way. */
export async function joinByInvite(
  browser: Browser,
  relay: Program,
  link: string,
  name: string,
  looks: Looks = {},
) {
  const who = await person(browser, relay.origin, looks);
  await who.page.goto(link);
  await fillAccount(who.page, name);
  await who.page.getByRole("button", { name: /^Join / }).click();
  await composer(who.page).waitFor();
  return who;
}

/** The texts of all messages in the channel, as far as they are drawn. */
export function messages(page: Page): Promise<string[]> {
  return page
    .locator("[data-nx=message] .nx-rich > :first-child")
    .evaluateAll((rows) => rows.map((row) => (row.childNodes[0]?.textContent ?? "").trim()));
}

/** Waits until the truth line says so. */
export async function truth(page: Page, words: string | RegExp): Promise<void> {
  const line = () => page.locator("[data-nx=truth]").innerText();
  await expect.poll(line, { timeout: 90_000 }).toMatch(typeof words === "string" ? exactly(words) : words);
}

function exactly(words: string): RegExp {
  return new RegExp(`^${words.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}$`);
}
