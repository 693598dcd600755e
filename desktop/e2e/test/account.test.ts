import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { expect, onTestFinished, test, vi } from "vitest";
import { codeOf } from "./stage/authenticator.ts";
import { person } from "./stage/browser.ts";
import { fillAccount, register } from "./stage/deeds.ts";
import { town } from "./stage/town.ts";

/** The link in the one mail of a folder, once it is there. */
async function linkIn(folder: string): Promise<string> {
  return vi.waitUntil(
    async () => {
      const mails = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith(".eml"));
      const texts = await Promise.all(mails.map((name) => readFile(join(folder, name), "utf8")));
      return /^http\S+#reset=\S+$/m.exec(texts.join("\n"))?.[0];
    },
    { timeout: 30_000 },
  );
}

const here = town();
const PASSWORD = "correct horse battery staple";
const NEXT = "another horse, another staple";

async function openSignIn(page: Page): Promise<void> {
  await page.keyboard.press("Control+,");
  await page.getByRole("tab", { name: "Signing in" }).click();
  await page.getByText("You sign in as ada").waitFor();
}

async function signIn(page: Page, password: string): Promise<void> {
  await page.getByLabel("Name or e-mail").fill("ada");
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
}

test("who was invited sets up an authenticator, is asked for a code, and ends a login elsewhere", async () => {
  const relay = await here.program("nexus-relay", ["--registration", "invite"]);
  const { page } = here.with(await person(here.browser, relay.origin));
  await page.goto(relay.origin);
  await page.getByRole("button", { name: "Make one" }).click();
  await page.getByLabel("Invite to this relay").fill("nxi_none");
  await fillAccount(page, "ada");
  await page.getByText("an invite to this relay is needed").waitFor();
  await page.getByLabel("Invite to this relay").fill(relay.invite());
  await page.getByRole("button", { name: "Make account" }).click();
  await page.getByRole("heading", { name: "Welcome, ada" }).waitFor();

  await openSignIn(page);
  await page.getByRole("button", { name: "Set up an authenticator" }).click();
  const key = await page.getByLabel("Key", { exact: true }).inputValue();
  await page.getByLabel("Code", { exact: true }).fill(codeOf(key));
  await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await page.getByRole("button", { name: "Turn on" }).click();
  await page.getByRole("button", { name: "I have them" }).waitFor();
  const codes = await page.getByRole("list", { name: "Your recovery codes" }).locator("code").allInnerTexts();
  expect(codes.length).toBe(10);
  await page.getByRole("button", { name: "I have them" }).click();
  await page.getByText("10 recovery codes are left").waitFor();

  const other = here.with(await person(here.browser, relay.origin));
  await other.page.goto(relay.origin);
  await signIn(other.page, PASSWORD);
  await other.page.getByRole("heading", { name: "One more thing" }).waitFor();
  await other.page.getByLabel("Code", { exact: true }).fill("none of them");
  await other.page.getByRole("button", { name: "Go on" }).click();
  await other.page.getByText("That is not the code").waitFor();
  await other.page.getByLabel("Code", { exact: true }).fill(codes[0] ?? "");
  await other.page.getByRole("button", { name: "Go on" }).click();
  await other.page.getByRole("heading", { name: "Welcome, ada" }).waitFor();

  await page.keyboard.press("Escape");
  await openSignIn(page);
  await page.getByText("9 recovery codes are left").waitFor();
  await page.getByRole("button", { name: "Sign out there" }).click();
  await other.page.getByText("Your session ended").waitFor();
  await page.getByLabel("Password now").fill(PASSWORD);
  await page.getByLabel("New password").fill(NEXT);
  await page.getByRole("button", { name: "Change password" }).click();
  await page.getByText("Your password is another").first().waitFor();
  await signIn(other.page, PASSWORD);
  await other.page.getByText("Name and password do not go together").waitFor();
});

test("who has forgotten a password chooses another by the link of a mail, which is good once", async () => {
  const folder = await mkdtemp(join(tmpdir(), "nexus-mail-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const post = ["--mail", `folder:${folder}`, "--mail-from", "relay@relay.example"];
  const relay = await here.program("nexus-relay", post);
  const { page } = here.with(await person(here.browser, relay.origin));
  await page.goto(relay.origin);
  await page.getByRole("button", { name: "Make one" }).click();
  await page.getByLabel("E-mail").fill("ada@mail.example");
  await fillAccount(page, "ada");
  await page.getByRole("heading", { name: "Welcome, ada" }).waitFor();

  const other = here.with(await person(here.browser, relay.origin));
  await other.page.goto(relay.origin);
  await other.page.getByRole("button", { name: "Forgot your password?" }).click();
  await other.page.getByLabel("Name or e-mail").fill("ada@mail.example");
  await other.page.getByRole("button", { name: "Send the link" }).click();
  await other.page.getByText("A link is on its way").waitFor();
  const link = await linkIn(folder);
  for (const [word, password] of [
    ["Your password is another", NEXT],
    ["This link was used", PASSWORD],
  ] as const) {
    await other.page.goto("about:blank");
    await other.page.goto(link);
    await other.page.getByRole("heading", { name: "Choose another password" }).waitFor();
    expect(new URL(other.page.url()).hash).toBe("");
    await other.page.getByLabel("New password").fill(password);
    await other.page.getByRole("button", { name: "Change password" }).click();
    await other.page.getByText(word).first().waitFor();
  }
  await page.getByText("Your session ended").waitFor();
  await other.page.getByRole("button", { name: "Back to signing in" }).click();
  await signIn(other.page, NEXT);
  await other.page.getByRole("heading", { name: "Welcome, ada" }).waitFor();

  await openSignIn(other.page);
  const saved = other.page.waitForEvent("download");
  await other.page.getByRole("button", { name: "Save everything" }).click();
  const archive = await readFile(await (await saved).path(), "latin1");
  for (const part of ["account.json", "ada@mail.example", "identity.json"]) expect(archive).toContain(part);
  await other.page.getByRole("button", { name: "Delete my account" }).click();
  await other.page.getByLabel("Password now").last().fill("not hers at all");
  await other.page.getByRole("button", { name: "Delete it for good" }).click();
  await other.page.getByText("That is not your password").waitFor();
  await other.page.getByLabel("Password now").last().fill(NEXT);
  await other.page.getByRole("button", { name: "Delete it for good" }).click();
  await other.page.getByRole("button", { name: "Sign in", exact: true }).waitFor();
  const login = { data: { login: "ada", password: NEXT } };
  const asked = await other.page.request.post(`${relay.origin}/api/v10/auth/login`, login);
  expect(await asked.text()).toContain("INVALID_LOGIN");
});

test("who closes the window while their session is renewed is not signed out", async () => {
  const relay = await here.program("nexus-relay");
  const { page, context } = here.with(await register(here.browser, relay, "ada"));
  await context.clearCookies({ name: /^nexus_token/ });
  // The program renews it, and the window is gone before it hears that.
  const renewed = new Promise<number>((resolve) => {
    void page.route("**/auth/refresh", async (route) => {
      const { cookie, origin } = await route.request().allHeaders();
      const headers = { cookie: cookie ?? "", origin: origin ?? "", "content-type": "application/json" };
      const answer = await fetch(route.request().url(), { method: "POST", headers, body: "{}" });
      await route.abort();
      resolve(answer.status);
    });
  });
  await page.reload();
  expect(await renewed).toBe(200);
  await page.goto("about:blank");
  const next = await context.newPage();
  await next.goto(relay.origin);
  await next.getByRole("heading", { name: "Welcome, ada" }).waitFor();
});

test("whose session nobody renews just now is told that nobody answers, and comes in once somebody does", async () => {
  const relay = await here.program("nexus-relay");
  const { page, context } = here.with(await register(here.browser, relay, "ada"));
  await context.clearCookies({ name: /^nexus_token/ });
  await page.route("**/auth/refresh", (route) =>
    route.fulfill({ status: 503, json: { code: 0, message: "" } }),
  );
  await page.reload();
  await page.locator(".nx-opening-text").waitFor();
  expect(await page.getByLabel("Name or e-mail").count()).toBe(0);
  await page.unroute("**/auth/refresh");
  await page.getByRole("heading", { name: "Welcome, ada" }).waitFor();
});
