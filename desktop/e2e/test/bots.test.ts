import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { asking } from "./stage/api.ts";
import { violations } from "./stage/axe.ts";
import { createGuild, firstRun, message, register, say, truth } from "./stage/deeds.ts";
import { gatewaySession } from "./stage/gateway_session.ts";
import type { Program } from "./stage/program.ts";
import { town } from "./stage/town.ts";

const here = town();
/** GUILDS, GUILD_MESSAGES, MESSAGE_CONTENT. */
/** What a bot may hear of whom nobody has allowed more. */
const UNPRIVILEGED = 1 | (1 << 9);
const INTENTS = UNPRIVILEGED | (1 << 15);
const AUTHENTICATION_FAILED = 4004;

async function openBots(page: Page): Promise<void> {
  await page.keyboard.press("Control+,");
  await page.getByRole("tab", { name: "Bots" }).click();
}

async function makeBot(page: Page, name: string): Promise<void> {
  await page.getByText("No bots yet").waitFor();
  await page.getByLabel("Name of a new bot").fill(name);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name }).waitFor();
}

/** What is shown once, and then no more. */
async function taken(page: Page, label: string): Promise<string> {
  const field = page.getByLabel(label, { exact: true });
  const shown = await field.inputValue();
  await page.getByRole("button", { name: `Copy: ${label}` }).click();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(shown);
  expect(await violations(page)).toEqual([]);
  await page.getByRole("button", { name: "I have it" }).click();
  await field.waitFor({ state: "detached" });
  return shown;
}

async function save(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Save changes" }).click();
  await page.getByText("You have unsaved changes").waitFor({ state: "detached" });
}

function focused(page: Page): Promise<string> {
  return page.evaluate(() => document.activeElement?.textContent ?? "");
}

async function status(program: Program, authorization: string): Promise<number> {
  return (await fetch(`${program.origin}/api/v10/users/@me`, { headers: { authorization } })).status;
}

test("a bot is made, logs in with the token that was shown, comes into a guild and answers there", async () => {
  const node = await here.program("nexus");
  const { page } = here.with(await firstRun(here.browser, node, "Ada"));
  await createGuild(page, "Engines");
  await openBots(page);
  await makeBot(page, "Clerk");
  expect(await focused(page)).toBe("Clerk");
  expect(await page.getByText("Redirect addresses").count(), "a node signs nobody in").toBe(0);
  await page.getByLabel("What it does").fill("Does the books.");
  await page.getByRole("switch", { name: "Message content" }).click();
  await save(page);
  await page.getByRole("button", { name: "Make its token" }).click();
  const token = await taken(page, "Token");
  expect(await focused(page)).toBe("New token");

  const session = gatewaySession(node, token, INTENTS);
  expect((await session.hears("READY")).user.username).toBe("Clerk");
  await page.getByRole("button", { name: "Add to a guild" }).click();
  await page.getByRole("heading", { name: "Clerk asks you" }).waitFor();
  await page.getByText("Does the books.").waitFor();
  await page.getByRole("button", { name: "Allow", exact: true }).click();
  const guild = await session.hears("GUILD_CREATE", ({ unavailable }) => unavailable !== true);
  expect(guild.name).toBe("Engines");
  await page.getByRole("button", { name: /^Engines/ }).click();
  await say(page, "!ping");
  const asked = await session.hears("MESSAGE_CREATE", ({ content }) => content === "!ping");
  await asking(node, `Bot ${token}`)("POST", `/channels/${asked.channel_id}/messages`, { content: "pong" });
  await message(page, "pong").waitFor();

  await openBots(page);
  const row = page.getByRole("button", { name: /^Clerk.*In 1 guild/ });
  await row.click();
  await page.getByRole("button", { name: "New token" }).click();
  const warning = page.getByRole("dialog", { name: "New token for Clerk?" });
  await warning.getByText("The token that it has now ends at once").waitFor();
  await warning.getByRole("button", { name: "Cancel" }).click();
  expect([await focused(page), await status(node, `Bot ${token}`)]).toEqual(["New token", 200]);
  await page.getByRole("button", { name: "New token" }).click();
  await warning.getByRole("button", { name: "New token" }).click();
  const next = await taken(page, "Token");
  expect(await session.closed).toBe(AUTHENTICATION_FAILED);
  expect([await status(node, `Bot ${token}`), await status(node, `Bot ${next}`)]).toEqual([401, 200]);
  await page.getByRole("button", { name: "All bots" }).click();
  await row.waitFor();
  expect(await focused(page)).toBe("ClerkIn 1 guild");
});

test("a bot is deleted after a question: its token opens nothing, and it is among the members no more", async () => {
  const node = await here.program("nexus");
  const { page } = here.with(await firstRun(here.browser, node, "Ada"));
  await createGuild(page, "Engines");
  await openBots(page);
  await makeBot(page, "Clerk");
  await page.getByRole("button", { name: "Make its token" }).click();
  const token = await taken(page, "Token");
  await page.getByRole("button", { name: "Add to a guild" }).click();
  await page.getByRole("button", { name: "Allow", exact: true }).click();
  await page.getByRole("button", { name: /^Engines/ }).click();
  const member = page.getByRole("complementary").getByText("Clerk", { exact: true });
  await member.waitFor();
  const session = gatewaySession(node, token, UNPRIVILEGED);
  await session.hears("READY");

  await openBots(page);
  await page.getByRole("button", { name: /^Clerk/ }).click();
  await page.getByRole("button", { name: "Delete bot" }).click();
  const warning = page.getByRole("dialog", { name: "Delete Clerk?" });
  await warning.getByText("What it said stays in the guilds.").waitFor();
  expect(await violations(page)).toEqual([]);
  await warning.getByRole("button", { name: "Cancel" }).click();
  expect([await focused(page), await status(node, `Bot ${token}`)]).toEqual(["Delete bot", 200]);
  await page.route("**/delete", (route) => route.fulfill({ status: 500, json: { code: 0 } }));
  await page.getByRole("button", { name: "Delete bot" }).click();
  await warning.getByRole("button", { name: "Delete bot" }).click();
  await warning.getByText("The program cannot do that just now.").waitFor();
  await page.unroute("**/delete");
  await warning.getByRole("button", { name: "Delete bot" }).click();
  await page.getByText("Clerk was deleted.").waitFor();
  expect(await focused(page)).toBe("Clerk was deleted.");
  expect(await violations(page)).toEqual([]);
  expect([await session.closed, await status(node, `Bot ${token}`)]).toEqual([AUTHENTICATION_FAILED, 401]);
  await page.getByText("No bots yet").waitFor();
  await page.keyboard.press("Escape");
  await member.waitFor({ state: "detached" });
});

test("on a relay a bot has a site: its addresses are checked, and its secret is shown once", async () => {
  const relay = await here.program("nexus-relay");
  const { page } = here.with(await register(here.browser, relay, "ada"));
  await page.route("**/applications", (route) => route.fulfill({ status: 500, json: { code: 0 } }));
  await openBots(page);
  await page.getByText("The program cannot do that just now.").waitFor();
  expect(await violations(page)).toEqual([]);
  await page.unroute("**/applications");
  await page.getByRole("button", { name: "Try again" }).click();
  await makeBot(page, "Dashboard");
  const addresses = page.getByLabel("Redirect addresses");
  await addresses.fill("http://site.example/callback");
  await page.getByLabel("Interactions endpoint URL").fill("https://127.0.0.1/");
  await page.getByRole("button", { name: "Save changes" }).click();
  await page.getByText("must be https at a public address").first().waitFor();
  await page.getByLabel("Interactions endpoint URL").fill("");
  await page.getByRole("button", { name: "Save changes" }).click();
  await page.getByText("https, http on this machine").first().waitFor();
  expect(await addresses.getAttribute("aria-invalid")).toBe("true");
  expect(await violations(page)).toEqual([]);
  await addresses.fill("https://site.example/callback\nhttp://localhost:3000/callback");
  await save(page);
  await page.getByRole("button", { name: "Make its secret" }).click();
  const secret = await taken(page, "Client secret");
  const id = await page.getByLabel("Application ID", { exact: true }).inputValue();
  const basic = Buffer.from(`${id}:${secret}`).toString("base64");
  const exchanged = await fetch(`${relay.origin}/api/oauth2/token`, {
    method: "POST",
    headers: { authorization: `Basic ${basic}` },
    body: new URLSearchParams({ grant_type: "client_credentials", scope: "identify" }),
  });
  expect(exchanged.status).toBe(200);
  await page.getByRole("switch", { name: "Public client" }).click();
  await save(page);
  await page.getByRole("button", { name: "All bots" }).click();
  await page.getByRole("button", { name: /^Dashboard/ }).click();
  expect(await addresses.inputValue()).toBe("https://site.example/callback\nhttp://localhost:3000/callback");
  expect(await page.getByRole("switch", { name: "Public client" }).getAttribute("aria-checked")).toBe("true");
});

test("without a connection it is said that bots need one, and what was typed is there when it is back", async () => {
  const node = await here.program("nexus");
  const { page } = here.with(await firstRun(here.browser, node, "Ada"));
  await openBots(page);
  await makeBot(page, "Clerk");
  await page.getByLabel("What it does").fill("Does the books.");
  await node.kill();
  await page.getByText("You are offline. To change a bot you need the connection").waitFor();
  expect(await page.getByRole("button", { name: "Save changes" }).isDisabled()).toBe(true);
  expect(await page.getByRole("button", { name: "Make its token" }).isDisabled()).toBe(true);
  expect(await violations(page)).toEqual([]);
  await node.start();
  await page.getByText("You are offline").first().waitFor({ state: "detached" });
  expect(await page.getByLabel("What it does").inputValue()).toBe("Does the books.");
  await save(page);

  await page.keyboard.press("Escape");
  await node.kill();
  await truth(page, /^Offline/);
  await openBots(page);
  await page.getByText("To see, make or change one you need the connection.").waitFor();
  await node.start();
  await page.getByRole("button", { name: /^Clerk/ }).click();
  expect(await page.getByLabel("What it does").inputValue()).toBe("Does the books.");
});
