import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { violations } from "./stage/axe.ts";
import type { Looks } from "./stage/browser.ts";
import { composer, createGuild, inviteLink, joinByInvite, message, register, say } from "./stage/deeds.ts";
import { town } from "./stage/town.ts";

const here = town();
const LONG = "dimitri_of_the_harbour_and_quays";

test.each([
  ["in a window", {}],
  ["on a phone", { width: 360, height: 640, touch: true }],
] as const)(
  "a conversation of several: begun, named, joined and left %s",
  { timeout: 600_000 },
  async (_, looks) => {
    const [ada, bo, dim] = await three(looks);
    await showChannels(ada);
    await ada.getByRole("button", { name: "New conversation" }).first().click();
    const begun = ada.getByRole("dialog", { name: "New conversation" });
    await begun.getByLabel(`Choose ${LONG}`).waitFor();
    const over = () =>
      begun
        .locator(".nx-person")
        .evaluateAll(
          (rows) =>
            rows.filter(
              (row) =>
                row.getBoundingClientRect().right > (row.closest("ul")?.getBoundingClientRect().right ?? 0),
            ).length,
        );
    expect(await over(), "however long a name, it stays in its row").toBe(0);
    await begun.getByLabel("Choose bo").click();
    await begun.getByLabel(`Choose ${LONG}`).click();
    await begun.getByRole("button", { name: "Open conversation" }).click();
    await say(ada, "hello to both");

    const group = await manage(ada);
    await group.getByLabel("Name", { exact: true }).fill("Trip");
    await group.getByRole("button", { name: "Save changes" }).click();
    await ada.getByRole("heading", { name: "This is where Trip begins" }).waitFor();

    await manage(ada);
    await group.getByLabel("Bring somebody in").fill("nobody at all");
    await group.getByText("Nobody by that name").waitFor();
    await group.getByLabel("Bring somebody in").fill("");
    await group.getByRole("button", { name: `Remove: ${LONG}` }).click();
    await group.getByRole("button", { name: `Bring in: ${LONG}` }).waitFor();
    await expect.poll(() => holdsWithin(ada)).toBe(true);
    await group.getByRole("button", { name: `Bring in: ${LONG}` }).click();
    await group.getByRole("button", { name: `Remove: ${LONG}` }).waitFor();
    await expect.poll(() => holdsWithin(ada)).toBe(true);
    expect(await violations(ada, "dialog[open]")).toEqual([]);

    // What a row shows it is called by, too: its name, and how often one is mentioned.
    await showConversations(bo);
    await bo.getByRole("link", { name: /^Trip \d+ mentions?$/ }).waitFor();
    expect(await violations(bo)).toEqual([]);
    await openTrip(bo);
    await message(bo, "hello to both").waitFor();
    const inside = await manage(bo);
    const row = (name: string) =>
      inside.getByRole("listitem").filter({ has: bo.getByText(name, { exact: true }) });
    await row("ada").getByRole("img", { name: "Can remove others" }).waitFor();
    expect(await row("bo").innerText()).toMatch(/^bo\s+you$/);
    expect(await row("bo").getByRole("img").count()).toBe(0);
    expect(await violations(bo, "dialog[open]")).toEqual([]);
    await bo.getByRole("button", { name: "Leave conversation" }).click();
    const sure = bo.getByRole("dialog", { name: "Leave Trip?" });
    await sure.getByText("You can come back only if somebody in it brings you in.").waitFor();
    await sure.getByRole("button", { name: "Leave conversation" }).click();
    await bo.getByRole("heading", { name: "Welcome, bo" }).waitFor();
    await expect.poll(() => new URL(bo.url()).pathname).toBe("/channels/@me");

    // Who is put out while they look at who is in it is told of what, and keeps what they were writing.
    await openTrip(dim);
    await composer(dim).fill("and who brings the tent?");
    await manage(dim);
    await group.getByRole("button", { name: `Remove: ${LONG}` }).click();
    await dim.getByRole("heading", { name: "You are no longer in Trip" }).waitFor();
    await expect.poll(() => dim.getByRole("dialog").count()).toBe(0);
    await dim.locator("[data-nx=unsaid]", { hasText: "and who brings the tent?" }).waitFor();
    expect(await dim.getByRole("link", { name: /^Trip/ }).count()).toBe(0);
    expect(await violations(dim)).toEqual([]);
    await group.getByText("Nobody else is in it.").waitFor();
  },
);

/** Three who share a guild; the first looks at their conversations. */
async function three(looks: Looks): Promise<readonly [Page, Page, Page]> {
  const relay = await here.program("nexus-relay");
  const ada = here.with(await register(here.browser, relay, "ada", looks));
  await createGuild(ada.page, "Harbour");
  await showChannels(ada.page);
  const link = await inviteLink(ada.page);
  const bo = here.with(await joinByInvite(here.browser, relay, link, "bo", looks));
  const dim = here.with(await joinByInvite(here.browser, relay, link, LONG, looks));
  await ada.page.getByRole("dialog").waitFor({ state: "detached" });
  await showChannels(ada.page);
  await ada.page.getByRole("button", { name: "Direct messages" }).click();
  return [ada.page, bo.page, dim.page];
}

async function showChannels(page: Page): Promise<void> {
  const over = await page.locator(".nx-shell[data-pane=channels]").isVisible();
  const button = page.getByRole("button", { name: "Show channels" });
  if (!over && (await button.isVisible())) await button.click();
}

async function showConversations(page: Page): Promise<void> {
  await showChannels(page);
  await page.getByRole("button", { name: /^Direct messages/ }).click();
  await showChannels(page);
}

async function openTrip(page: Page): Promise<void> {
  await showConversations(page);
  await page.getByRole("link", { name: /^Trip/ }).click();
  await composer(page).waitFor();
}

async function manage(page: Page) {
  await page
    .locator(".nx-main .nx-header")
    .getByRole("button", { name: "Conversation", exact: true })
    .click();
  const group = page.getByRole("dialog", { name: "Conversation" });
  await group.getByLabel("Bring somebody in").waitFor();
  return group;
}

function holdsWithin(page: Page): Promise<boolean> {
  return page.evaluate(() => document.activeElement?.closest("dialog[open]") != null);
}
