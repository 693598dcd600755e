import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { type Answer, type Asks, asking } from "./stage/api.ts";
import { violations } from "./stage/axe.ts";
import type { Looks } from "./stage/browser.ts";
import { composer, createGuild, inviteLink, joinByInvite, register, say } from "./stage/deeds.ts";
import type { Program } from "./stage/program.ts";
import { town } from "./stage/town.ts";

const here = town();

test.each([
  ["in a window", {}],
  ["on a phone", { width: 360, height: 640, touch: true }],
] as const)(
  "whose channel is closed or deleted, and who is put out of a guild, is told there, and keeps what they were writing, %s",
  async (_, looks: Looks) => {
    const relay = await here.program("nexus-relay");
    const ada = here.with(await register(here.browser, relay, "ada"));
    await createGuild(ada.page, "Harbour");
    const link = await inviteLink(ada.page);
    const bo = here.with(await joinByInvite(here.browser, relay, link, "bo", looks));
    const { page } = bo;
    const owner = await asked(relay, "ada");
    const [guild] = (await owner("GET", "/users/@me/guilds")) as Answer[];
    const made = (name: string) => owner("POST", `/guilds/${guild.id}/channels`, { name, type: 0 });
    const [officers, quay] = [await made("officers"), await made("quay")];

    await goInto(page, "officers");
    await composer(page).fill("only between us");
    const closed = { type: 0, allow: "0", deny: String(1n << 10n) };
    await owner("PUT", `/channels/${officers.id}/permissions/${guild.id}`, closed);
    await told(page, "#officers was closed to you");
    await page.locator("[data-nx=unsaid]", { hasText: "only between us" }).waitFor();
    await page.getByRole("button", { name: "Go on in Harbour" }).click();
    await composer(page).waitFor();

    await goInto(page, "quay");
    await composer(page).fill("who has the rope?");
    await owner("DELETE", `/channels/${quay.id}`);
    await told(page, "#quay was deleted");
    const kept = page.locator("[data-nx=unsaid]", { hasText: "who has the rope?" });
    await kept.getByText("Not sent to #quay.").waitFor();
    // It is there wherever one is, over a reload too, until one puts it away.
    await page.getByRole("button", { name: "Go on in Harbour" }).click();
    await composer(page).waitFor();
    await kept.waitFor();
    await page.reload();
    await kept.waitFor();
    await kept.getByRole("button", { name: "Copy its text" }).click();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe("who has the rope?");
    await kept.getByRole("button", { name: "Dismiss" }).click();
    await expect.poll(() => kept.count()).toBe(0);

    await say(page, "still here");
    const me = await (await asked(relay, "bo"))("GET", "/users/@me");
    await composer(page).fill("what did I do?");
    await owner("DELETE", `/guilds/${guild.id}/members/${me.id}`);
    await told(page, "You are no longer in Harbour");
    await page.locator("[data-nx=unsaid]", { hasText: "what did I do?" }).waitFor();
    expect(await page.getByRole("button", { name: /^Harbour/ }).count()).toBe(0);
    await page.getByRole("button", { name: "Go to your conversations" }).click();
    await page.getByRole("heading", { name: "Welcome, bo" }).waitFor();
  },
);

test("whose thread is deleted is told beside its channel, and who deletes it is not", async () => {
  const relay = await here.program("nexus-relay");
  const ada = here.with(await register(here.browser, relay, "ada"));
  await createGuild(ada.page, "Harbour");
  const link = await inviteLink(ada.page);
  await say(ada.page, "the mast is too long");
  const owner = await asked(relay, "ada");
  const [guild] = (await owner("GET", "/users/@me/guilds")) as Answer[];
  const channels = (await owner("GET", `/guilds/${guild.id}/channels`)) as Answer[];
  const general = channels.find((each) => each.type === 0);
  const thread = await owner("POST", `/channels/${general.id}/threads`, { name: "mast", type: 11 });
  const bo = here.with(await joinByInvite(here.browser, relay, link, "bo"));
  for (const { page } of [ada, bo]) {
    await page.goto(`${relay.origin}/channels/${guild.id}/${thread.id}`);
    await page.getByRole("complementary", { name: "Thread mast" }).locator("[data-nx=composer]").waitFor();
  }
  await bo.page.locator(".nx-thread [data-nx=composer]").fill("but it is oak");
  await ada.page.getByRole("button", { name: "What can be done with the thread" }).click();
  await ada.page.getByRole("menuitem", { name: "Delete thread" }).click();
  await ada.page.getByRole("dialog").getByRole("button", { name: "Delete thread" }).click();
  await told(bo.page, "mast was deleted");
  await bo.page.locator(".nx-thread [data-nx=unsaid]", { hasText: "but it is oak" }).waitFor();
  await composer(bo.page).waitFor();
  await bo.page.getByRole("button", { name: "Close the thread" }).last().click();
  await expect.poll(() => new URL(bo.page.url()).pathname).toBe(`/channels/${guild.id}/${general.id}`);
  await expect.poll(() => new URL(ada.page.url()).pathname).toBe(`/channels/${guild.id}/${general.id}`);
  expect(await ada.page.locator("[data-nx=gone]").count()).toBe(0);
});

/** By its words, by the keyboard, and to axe. */
async function told(page: Page, words: string): Promise<void> {
  await page.locator("[data-nx=gone]").getByRole("heading", { name: words }).waitFor();
  await expect
    .poll(() => page.evaluate(() => (document.activeElement as HTMLElement | null)?.innerText))
    .toBe(words);
  expect(await violations(page)).toEqual([]);
}

async function asked(relay: Program, login: string): Promise<Asks> {
  const response = await fetch(`${relay.origin}/api/v10/auth/login`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ login, password: "correct horse battery staple" }),
  });
  const { token } = (await response.json()) as { token: string };
  return asking(relay, token);
}

async function goInto(page: Page, name: string): Promise<void> {
  const channels = page.getByRole("button", { name: "Show channels" });
  if (await channels.isVisible()) await channels.click();
  await page.getByRole("link", { name }).click();
  await page.getByRole("heading", { name, exact: true }).waitFor();
}
