import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { person } from "./stage/browser.ts";
import { composer, message } from "./stage/deeds.ts";
import { town } from "./stage/town.ts";

const here = town();

/** Goes on by Tab until something with this name has the focus, and sees that it shows. */
async function tabTo(page: Page, name: RegExp): Promise<void> {
  for (let step = 0; step < 60; step += 1) {
    const focused = await page.evaluate(() => {
      const at = document.activeElement;
      if (!(at instanceof HTMLElement) || at === document.body) return null;
      const label = at.getAttribute("aria-label") ?? at.getAttribute("placeholder") ?? at.innerText;
      const { outlineStyle, boxShadow } = getComputedStyle(at);
      return {
        label,
        shows: outlineStyle !== "none" || boxShadow !== "none" || at.matches("textarea, input"),
      };
    });
    if (focused !== null && name.test(focused.label)) {
      expect(focused.shows, `the focus on ${focused.label} is seen`).toBe(true);
      return;
    }
    await page.keyboard.press("Tab");
  }
  throw new Error(`no way by Tab to ${name}`);
}

test("from the first link to talk, channels and settings without touching a mouse", async () => {
  const node = await here.program("nexus");
  const { page } = here.with(await person(here.browser, node.origin));
  const { keyboard } = page;
  await page.goto(`${node.origin}/#k=${node.setupKey}`);
  await page.getByLabel("Display name").waitFor();
  await keyboard.type("Ada");
  await keyboard.press("Enter");
  await page.getByRole("heading", { name: "Welcome, Ada" }).waitFor();

  await tabTo(page, /^Create a guild/);
  await keyboard.press("Enter");
  await page.getByRole("dialog").waitFor();
  await keyboard.press("Control+a");
  await keyboard.type("Quiet hands");
  await keyboard.press("Enter");
  await composer(page).waitFor();
  await keyboard.press("Control+i");
  await keyboard.type("typed, not clicked");
  await keyboard.press("Enter");
  await message(page, "typed, not clicked").waitFor();

  // Edit the last one, give it up, then do it.
  await keyboard.press("ArrowUp");
  await page.getByLabel("Edit message").waitFor();
  await keyboard.press("Escape");
  expect(await page.evaluate(() => document.activeElement?.getAttribute("data-nx"))).toBe("composer");
  await keyboard.press("ArrowUp");
  await keyboard.type(", and edited");
  await keyboard.press("Enter");
  await message(page, "typed, not clicked, and edited").getByText("(edited)").waitFor();

  // Into the messages: answer, react, delete.
  for (let part = 0; part < 6; part += 1) {
    await keyboard.press("F6");
    if (await page.evaluate(() => document.activeElement?.getAttribute("data-nx") === "message")) break;
  }
  await keyboard.press("r");
  await page.getByText("Answering Ada").waitFor();
  await keyboard.type("an answer");
  await keyboard.press("Enter");
  await message(page, "an answer").waitFor();
  await message(page, "an answer").focus();
  await keyboard.press("+");
  await page.getByLabel("Search emoji").waitFor();
  await keyboard.type("heart");
  await page.getByRole("gridcell").first().waitFor();
  await keyboard.press("Enter");
  await message(page, "an answer")
    .getByRole("button", { name: /1 reaction/ })
    .waitFor();
  await message(page, "an answer").focus();
  await keyboard.press("Delete");
  await page.getByRole("dialog").waitFor();
  await keyboard.press("Enter");
  await expect.poll(() => message(page, "an answer").count()).toBe(0);

  // Somewhere else and back by the switcher; what was half written stays.
  await tabTo(page, /^Menu of Quiet hands/);
  await keyboard.press("Enter");
  await page.getByRole("menu").waitFor();
  for (let entry = 0; entry < 8; entry += 1) {
    if (
      (await page.evaluate(() => (document.activeElement as HTMLElement).innerText)).startsWith(
        "Create channel",
      )
    )
      break;
    await keyboard.press("ArrowDown");
  }
  await keyboard.press("Enter");
  await page.getByRole("dialog").waitFor();
  await keyboard.type("harbour");
  await keyboard.press("Enter");
  await page.getByRole("heading", { name: "This is where #harbour begins" }).waitFor();
  await keyboard.press("Control+k");
  await keyboard.type("general");
  await keyboard.press("Enter");
  await message(page, "typed, not clicked").waitFor();
  await keyboard.press("Alt+ArrowDown");
  await page.getByRole("heading", { name: "This is where #harbour begins" }).waitFor();

  // A dialog gives the focus back to where it was.
  await keyboard.press("Control+i");
  await keyboard.press("Control+,");
  await page.getByRole("dialog", { name: "Settings" }).waitFor();
  await keyboard.press("Escape");
  expect(await page.evaluate(() => document.activeElement?.getAttribute("data-nx"))).toBe("composer");
});

test("a screen reader is told of each new message once, and of history and one's own never", async () => {
  const node = await here.program("nexus");
  const { firstRun, createGuild, say } = await import("./stage/deeds.ts");
  const { asking, botIn } = await import("./stage/api.ts");
  const ada = here.with(await firstRun(here.browser, node, "Ada"));
  await createGuild(ada.page, "Quiet hands");
  await say(ada.page, "my own words");
  const owner = asking(node, node.token());
  const [guild] = await owner("GET", "/users/@me/guilds");
  const channels = await owner("GET", `/guilds/${guild.id}/channels`);
  const channel = channels.find((each: { type: number }) => each.type === 0);
  const { bot } = await botIn(node, owner, guild.id, 1n << 11n);
  const path = `/channels/${channel.id}/messages`;
  await bot("POST", path, { content: "history" });
  await message(ada.page, "history").waitFor();
  await ada.page.reload();
  await message(ada.page, "history").waitFor();
  await ada.page.evaluate(() => {
    const said: string[] = [];
    Object.assign(window, { said });
    const region = document.querySelector("[data-nx=announcer]");
    if (region === null) throw new Error("nobody would announce anything");
    new MutationObserver(() => said.push(region.textContent ?? "")).observe(region, {
      childList: true,
      characterData: true,
      subtree: true,
    });
  });
  await say(ada.page, "more of my own");
  await bot("POST", path, { content: "hello to whoever listens" });
  const said = () => ada.page.evaluate(() => (window as unknown as { said: string[] }).said);
  await expect.poll(said).toEqual(["Clerk in general: hello to whoever listens"]);
  const loud = ada.page.locator("main [aria-live], main [role=log]");
  expect(await loud.count(), "the timeline itself is silent").toBe(0);
});
