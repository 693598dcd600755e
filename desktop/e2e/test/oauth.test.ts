import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Asks, asking } from "./stage/api.ts";
import { violations } from "./stage/axe.ts";
import { type Person, person } from "./stage/browser.ts";
import { createGuild, register } from "./stage/deeds.ts";
import type { Program } from "./stage/program.ts";
import { type Site, startSite } from "./stage/site.ts";
import { town } from "./stage/town.ts";

const here = town();
const PASSWORD = "correct horse battery staple";
let relay: Program;
let site: Site;
let maker: Asks;

beforeAll(async () => {
  relay = await here.program("nexus-relay");
  const account = { username: "grace", password: PASSWORD, email: "grace@mail.example" };
  const { token } = await asking(relay, "")("POST", "/auth/register", account);
  maker = asking(relay, token);
  site = await startSite(relay, maker, "Dashboard");
});

afterAll(() => site.stop());

async function somebody(name: string): Promise<Person> {
  return here.with(await register(here.browser, relay, name, { elsewhere: site.origin }));
}

/** Whoever asks with a token of the site's. */
async function answered(path: string, token: string): Promise<number> {
  const headers = { authorization: `Bearer ${token}` };
  return (await fetch(`${relay.origin}/api/v10${path}`, { headers })).status;
}

async function isAsked(page: Page): Promise<void> {
  await page.getByRole("heading", { name: "Dashboard asks you" }).waitFor();
}

test("somebody signs in to a site, which learns what they were told, until they end it", async () => {
  const { page } = await somebody("ada");
  await page.goto(site.origin);
  await isAsked(page);
  const asked = page.locator("main");
  for (const words of [
    "Made by grace",
    "See who you are: your name and your number here.",
    "See your e-mail address.",
    "See which guilds you are in.",
    "You are ada.",
    `Then you go back to ${new URL(site.origin).host}.`,
  ]) {
    await asked.getByText(words).waitFor();
  }
  expect(await asked.getByText("Bring you into guilds").count()).toBe(0);
  expect(await violations(page)).toEqual([]);
  await page.getByRole("button", { name: "Allow", exact: true }).click();
  await page.getByRole("heading", { name: "Hello, ada" }).waitFor();
  expect(page.url().startsWith(`${site.origin}/callback?code=`)).toBe(true);
  const first = site.tokens().access_token;
  expect(await answered("/users/@me/guilds", first)).toBe(200);
  const { access_token: token } = await site.refresh();
  expect([await answered("/users/@me", first), await answered("/users/@me", token)]).toEqual([401, 200]);
  expect(await answered("/users/@me/settings", token)).toBe(401);

  await page.goto(relay.origin);
  await page.getByRole("heading", { name: "Welcome, ada" }).waitFor();
  await page.keyboard.press("Control+,");
  await page.getByRole("tab", { name: "Signing in" }).click();
  await page.getByText("openid, guilds").waitFor();
  await page.getByRole("button", { name: "End Dashboard" }).click();
  await page.getByText("Dashboard may nothing of yours any more.").waitFor();
  expect(await answered("/users/@me", token)).toBe(401);
});

test("who is not signed in signs in first, and may say no", async () => {
  await somebody("bea");
  const { page } = here.with(await person(here.browser, relay.origin, { elsewhere: site.origin }));
  await page.goto(site.origin);
  await page.getByText("An application asks you for something. Sign in to see what it is.").waitFor();
  await page.getByLabel("Name or e-mail").fill("bea");
  await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await isAsked(page);
  await page.getByRole("button", { name: "Do not allow" }).click();
  await page.getByRole("heading", { name: "Not signed in" }).waitFor();
  await page.getByText("access_denied").waitFor();
});

test("nobody is sent to an address that is not the application's own, and no page may frame the question", async () => {
  const { page } = await somebody("cem");
  const query = `client_id=${site.id}&response_type=code&state=of-nobody&scope=identify`;
  await page.goto(`${relay.origin}/oauth2/authorize?${query}&redirect_uri=${site.origin}/elsewhere`);
  await page.getByRole("heading", { name: "This link does not work" }).waitFor();
  expect(await page.getByRole("button", { name: "Allow", exact: true }).count()).toBe(0);

  await page.goto(`${relay.origin}/oauth2/authorize?${query}%20rpc&redirect_uri=${site.origin}/callback`);
  await page.getByText("no such scope: rpc").waitFor();
  await page.getByRole("button", { name: `Back to ${new URL(site.origin).host}` }).click();
  await page.getByText("invalid_scope").waitFor();

  const shown = await fetch(`${relay.origin}/oauth2/authorize?${query}`);
  expect(shown.headers.get("content-security-policy")).toContain("frame-ancestors 'none'");
  // A library of Discord's sends people below `/api`: they come to the same page.
  const sent = await fetch(`${relay.origin}/api/oauth2/authorize?${query}`, {
    redirect: "manual",
    headers: { accept: "text/html" },
  });
  expect([sent.status, sent.headers.get("location")]).toEqual([302, `/oauth2/authorize?${query}`]);
});

test("where nobody says just now what is asked for, the link is not called wrong, and is tried again", async () => {
  const { page } = await somebody("eli");
  const asked = "**/api/v10/oauth2/authorize?*";
  await page.route(asked, (route) => route.fulfill({ status: 503, json: { code: 0, message: "" } }));
  await page.goto(site.origin);
  await page.getByRole("heading", { name: "What you are asked could not be read" }).waitFor();
  expect(await violations(page)).toEqual([]);
  await page.unroute(asked);
  await page.getByRole("button", { name: "Try again" }).click();
  await isAsked(page);
});

test("a bot comes into a guild that one manages", async () => {
  const { page } = await somebody("dee");
  const path = `/oauth2/authorize?client_id=${site.id}&scope=bot+applications.commands&permissions=3072`;
  await page.goto(`${relay.origin}${path}`);
  await page.getByText("You manage no guild that it could come into.").waitFor();
  await page.goto(relay.origin);
  await page.getByRole("heading", { name: "Welcome, dee" }).waitFor();
  await createGuild(page, "Harbour");
  await page.goto(`${relay.origin}${path}`);
  await page.getByLabel("Guild", { exact: true }).waitFor();
  const asked = page.getByRole("checkbox");
  expect(await asked.evaluateAll((all) => all.map((one) => (one as HTMLInputElement).checked))).toEqual([
    true,
    true,
  ]);
  await page.getByRole("checkbox", { name: "Write messages" }).focus();
  await page.keyboard.press("Space");
  expect(await violations(page)).toEqual([]);
  await page.getByRole("button", { name: "Allow", exact: true }).click();
  await page.getByRole("heading", { name: "Welcome, dee" }).waitFor();
  const { token } = await maker("POST", `/applications/${site.id}/bot/reset`, {});
  const guilds = await asking(relay, `Bot ${token}`)("GET", "/users/@me/guilds");
  expect(guilds.map(({ name }: { name: string }) => name)).toEqual(["Harbour"]);
  const roles = await asking(relay, `Bot ${token}`)("GET", `/guilds/${guilds[0].id}/roles`);
  const own = roles.find(({ managed }: { managed: boolean }) => managed);
  expect(own.permissions, "VIEW_CHANNEL alone").toBe("1024");
});
