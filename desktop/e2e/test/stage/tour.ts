/** A walk past every screen of the client: for who looks at pictures, and for axe. */

import type { Browser, Page } from "playwright-core";
import { type Answer, asking } from "./api.ts";
import { type Looks, type Person, person } from "./browser.ts";
import {
  composer,
  createGuild,
  inviteLink,
  joinByInvite,
  lookAt,
  message,
  register,
  truth,
} from "./deeds.ts";
import { fill, type Lively } from "./lively.ts";
import type { Program } from "./program.ts";

/** Looks at what is on the screen now. */
export type Look = (page: Page, screen: string) => Promise<void>;

export interface Place {
  readonly link: string;
  readonly lively: Lively;
  readonly ada: Person;
}

/** A relay with a guild that people are talking in. */
export async function livelyPlace(browser: Browser, relay: Program): Promise<Place> {
  const ada = await register(browser, relay, "ada");
  await createGuild(ada.page, "Good Boat Anna");
  const link = await inviteLink(ada.page);
  const response = await fetch(`${relay.origin}/api/v10/auth/login`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ login: "ada", password: "correct horse battery staple" }),
  });
  const { token } = (await response.json()) as { token: string };
  const owner = asking(relay, token);
  const [guild] = (await owner("GET", "/users/@me/guilds")) as Answer[];
  const code = link.slice(link.lastIndexOf("/") + 1);
  return { link, ada, lively: await fill(relay, owner, code, guild.id) };
}

/** The doors, before one is anybody. */
export async function doors(
  browser: Browser,
  { relay, node, link }: { relay: Program; node: Program; link: string },
  looks: Looks,
  look: Look,
): Promise<void> {
  const stranger = await person(browser, relay.origin, looks);
  const { page } = stranger;
  await page.goto(relay.origin);
  await page.getByRole("button", { name: "Sign in", exact: true }).waitFor();
  await look(page, "sign-in");
  await page.getByRole("button", { name: "Make one" }).click();
  await look(page, "register");
  await page.goto(link);
  await page.getByRole("heading", { name: "Good Boat Anna" }).waitFor();
  await look(page, "invite");
  await page.goto(`${relay.origin}/invite/0000000000000000000001`);
  await page
    .getByRole("heading", { name: "This invite does not work" })
    .or(page.getByText("This invite does not work"))
    .first()
    .waitFor();
  await look(page, "invite-bad");
  await stranger.context.close();
  const newcomer = await person(browser, node.origin, looks);
  await newcomer.page.goto(`${node.origin}/#k=${node.setupKey}`);
  await newcomer.page.getByLabel("Display name").waitFor();
  await look(newcomer.page, "first-name");
  await newcomer.context.close();
}

/** Everything a member sees, by keys where there are keys: they are the same on a phone's width. */
export async function inside(
  browser: Browser,
  relay: Program,
  place: Place,
  looks: Looks,
  look: Look,
): Promise<Person> {
  const name = `guest${Math.random().toString(36).slice(2, 8)}`;
  const who = await joinByInvite(browser, relay, place.link, name, looks);
  const { page } = who;
  await message(page, "I can bring three").waitFor();
  await look(page, "channel");
  await place.lively.people.mira?.("POST", `/channels/${place.lively.general}/typing`);
  await message(page, "I can bring three").hover();
  await page.getByText("mira is writing…").waitFor();
  await look(page, "hover-and-typing");
  await message(page, "I can bring three").click({ button: "right" });
  await page.getByRole("menu").waitFor();
  await look(page, "message-menu");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Control+e");
  await page.getByLabel("Search emoji").waitFor();
  await page.getByRole("gridcell").first().waitFor();
  await look(page, "emoji");
  await page.keyboard.press("Escape");
  await composer(page).fill("Ask @to");
  await page.getByRole("listbox").waitFor();
  await look(page, "suggestions");
  await composer(page).fill("");
  await files(page, look);
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox").fill("r");
  await look(page, "switcher");
  await page.keyboard.press("Escape");
  await search(page, look);
  await panels(page, look);
  await gatherings(page, look);
  await settings(page, look);
  return who;
}

async function files(page: Page, look: Look): Promise<void> {
  await page.locator(".nx-main [data-nx=attach]").setInputFiles([
    { name: "sail plan.txt", mimeType: "text/plain", buffer: Buffer.from("12.4 m") },
    { name: "film of the launching.mp4", mimeType: "video/mp4", buffer: Buffer.alloc(11_000_000) },
  ]);
  await page.locator("[data-nx=tile]").waitFor();
  await look(page, "files");
  await page.getByRole("button", { name: "Describe sail plan.txt" }).click();
  await page.getByRole("dialog", { name: "Describe sail plan.txt" }).waitFor();
  await look(page, "file-description");
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Remove sail plan.txt" }).click();
  await page.getByRole("button", { name: "Dismiss" }).click();
}

async function search(page: Page, look: Look): Promise<void> {
  await page.keyboard.press("Control+f");
  const panel = page.getByRole("complementary", { name: "Search in Good Boat Anna" });
  await panel.getByRole("heading", { name: "Narrow it down" }).waitFor();
  await look(page, "search");
  const field = panel.getByRole("combobox");
  await field.pressSequentially("the from:t");
  await panel.getByRole("option", { name: /^tomas/ }).waitFor();
  await look(page, "search-suggestions");
  await field.fill("the");
  await field.press("Enter");
  await panel.locator("[data-nx=result]").first().waitFor();
  await look(page, "search-found");
  await page.keyboard.press("Escape");
}

async function panels(page: Page, look: Look): Promise<void> {
  for (const [button, screen] of [
    ["Pinned messages", "pins"],
    ["Who can read this", "readers"],
  ] as const) {
    await lookAt(page, button);
    await page.getByRole("dialog", { name: button }).waitFor();
    await look(page, screen);
    await page.keyboard.press("Escape");
  }
  await page.locator("[data-nx=truth]").click();
  await page.getByRole("dialog", { name: "Connection" }).waitFor();
  await look(page, "truth");
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Profile of mira", exact: true }).first().click();
  await page.getByRole("dialog", { name: "Profile of mira" }).waitFor();
  await look(page, "profile");
  await page.keyboard.press("Escape");
}

/** Threads, a forum, what is looked forward to; and back to where one was. */
async function gatherings(page: Page, look: Look): Promise<void> {
  await lookAt(page, "Threads");
  const overview = page.getByRole("dialog", { name: "Threads of Good Boat Anna" });
  await overview.getByRole("button", { name: /^The mast/ }).waitFor();
  await look(page, "threads");
  await overview.getByRole("button", { name: /^The mast/ }).click();
  const thread = page.getByRole("complementary", { name: "Thread The mast, measured again" });
  await thread.locator("[data-nx=poll]").waitFor();
  await look(page, "thread");
  await thread.getByRole("button", { name: "Close the thread" }).click();
  await goTo(page, "workshop");
  await page.locator("[data-nx=post]", { hasText: "What keeps longer" }).waitFor();
  await look(page, "forum");
  await goTo(page, "general");
  await message(page, "I can bring three").waitFor();
  const lead = page.getByRole("button", { name: "Show channels" });
  if (await lead.isVisible()) await lead.click();
  await page.getByRole("button", { name: /^Events.*1 to come/ }).click();
  await page.locator("[data-nx=event]", { hasText: "0 interested" }).waitFor();
  await look(page, "events");
  await page.keyboard.press("Escape");
  if (await lead.isVisible()) await page.keyboard.press("Escape");
}

async function goTo(page: Page, name: string): Promise<void> {
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox").fill(`#${name}`);
  await page.getByRole("option", { name }).first().waitFor();
  await page.keyboard.press("Enter");
}

async function settings(page: Page, look: Look): Promise<void> {
  await page.keyboard.press("Control+,");
  for (const tab of ["Profile", "Look", "Accessibility", "Keyboard", "About"]) {
    await page.getByRole("tab", { name: tab }).click();
    await look(page, `settings-${tab.toLowerCase()}`);
  }
  await page.getByRole("tab", { name: "Bots" }).click();
  await page.getByText("No bots yet").waitFor();
  await look(page, "settings-bots");
  await page.getByLabel("Name of a new bot").fill("Clerk");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Clerk" }).waitFor();
  await look(page, "settings-bot");
  await page.keyboard.press("Escape");
}

/** What who keeps order sees. */
export async function keeping(ada: Person, look: Look): Promise<void> {
  const { page } = ada;
  const side = async () => {
    const lead = page.getByRole("button", { name: "Show channels" });
    const there = await page.locator(".nx-shell[data-pane=channels]").isVisible();
    if (!there && (await lead.isVisible())) await lead.click();
  };
  const menu = async (entry: string) => {
    await side();
    await page.getByRole("button", { name: /^Menu of / }).click();
    await page.getByRole("menuitem", { name: entry, exact: true }).click();
    await page.getByRole("dialog").waitFor();
  };
  await menu("Guild settings");
  for (const tab of ["Overview", "Roles", "Emoji", "Members", "Invites", "Bans"]) {
    await page.getByRole("tab", { name: tab }).click();
    await look(page, `guild-${tab.toLowerCase()}`);
  }
  await page.keyboard.press("Escape");
  await menu("Create channel");
  await look(page, "create-channel");
  await page.keyboard.press("Escape");
  await menu("Invite people");
  await look(page, "invite-people");
  await page.keyboard.press("Escape");
  await side();
  await page.getByRole("button", { name: "Settings of general" }).click();
  await page.getByRole("tab", { name: "Permissions" }).click();
  await look(page, "channel-permissions");
  await page.keyboard.press("Escape");
  if (await page.locator(".nx-shell[data-pane=channels]").isVisible()) await page.keyboard.press("Escape");
  for (const act of ["Kick", "Ban"]) {
    await page
      .getByRole("button", { name: /^Profile of oskar/ })
      .first()
      .click();
    await page.getByRole("button", { name: "More about oskar" }).click();
    await page.getByRole("menuitem", { name: act, exact: true }).click();
    await page.getByRole("dialog", { name: `${act} oskar?` }).waitFor();
    await look(page, act.toLowerCase());
    await page.keyboard.press("Escape");
  }
}

/** The program is gone, and something waits. */
export async function offline(page: Page, look: Look): Promise<void> {
  await truth(page, /^Offline/);
  await composer(page).fill("I will be on the quay at six.");
  await composer(page).press("Enter");
  await page.locator("[data-nx=pending]").waitFor();
  await look(page, "offline");
}
