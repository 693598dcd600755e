import type { Locator, Page } from "playwright-core";
import { expect, test } from "vitest";
import { violations } from "./stage/axe.ts";
import type { Looks } from "./stage/browser.ts";
import { composer, createGuild, inviteLink, joinByInvite, message, register, say } from "./stage/deeds.ts";
import type { Program } from "./stage/program.ts";
import { tooSmall } from "./stage/touch.ts";
import { town } from "./stage/town.ts";

const here = town();

interface Crew {
  readonly relay: Program;
  readonly ada: Page;
  readonly bo: Page;
}

/** Ada, who keeps order in her guild, and Bo; three messages about lunch stand between two about the mast. */
async function crew(looks: Looks = {}): Promise<Crew> {
  const relay = await here.program("nexus-relay");
  const { page: ada } = here.with(await register(here.browser, relay, "ada", looks));
  await createGuild(ada, "Harbour");
  const { page: bo } = here.with(await joinByInvite(here.browser, relay, await inviteLink(ada), "bo"));
  for (const [who, text] of [
    [ada, "the mast is too long"],
    [bo, "who cooks today?"],
    [ada, "I made soup"],
    [bo, "is there fish in it?"],
    [bo, "we saw it off"],
  ] as const) {
    await say(who, text);
    for (const page of [ada, bo]) await message(page, text).waitFor();
  }
  return { relay, ada, bo };
}

const LUNCH = ["who cooks today?", "I made soup", "is there fish in it?"];
const MAST = ["the mast is too long", "we saw it off"];
const ALL = [MAST[0], ...LUNCH, MAST[1]];

const pane = (page: Page, name: string) => page.getByRole("complementary", { name: `Thread ${name}` });
const dialog = (page: Page) => page.getByRole("dialog", { name: /^Move/ });
const inChannel = (page: Page) => page.locator(".nx-main");
const row = (place: Locator, text: string) => place.locator("[data-nx=message]", { hasText: text });

/** What stands in a place, in its order: each by the first of these words that it says. */
async function order(place: Locator, known: readonly (string | undefined)[]): Promise<readonly string[]> {
  const texts = await place.locator("[data-nx=message]").allInnerTexts();
  return texts.map((text) => known.find((each) => each !== undefined && text.includes(each)) ?? text);
}

async function choose(page: Page, said: Locator, entry: string): Promise<void> {
  await said.focus();
  await page.keyboard.press("Enter");
  await page.getByRole("menuitem", { name: entry }).click();
  await dialog(page).waitFor();
}

/** The message, and what is said after it up to the one with these words. */
async function withAfter(page: Page, upTo: RegExp): Promise<void> {
  await dialog(page)
    .getByRole("radio", { name: /^This and the/ })
    .check();
  const select = dialog(page).getByLabel("Up to");
  const wanted = (await select.getByRole("option").allInnerTexts()).find((words) => upTo.test(words));
  await select.selectOption({ label: wanted ?? "" });
}

/** All of lunch into a thread that there is not yet. */
async function moveLunch(page: Page): Promise<void> {
  await choose(page, row(inChannel(page), LUNCH[0] ?? ""), "Move to thread…");
  await dialog(page).getByLabel("Name", { exact: true }).fill("Lunch");
  await withAfter(page, /is there fish/);
  expect(await violations(page, "dialog[open]")).toEqual([]);
  await dialog(page).getByRole("button", { name: "Move 3 messages" }).click();
  await page.getByText("3 messages moved to Lunch").first().waitFor();
  await expect.poll(() => dialog(page).count()).toBe(0);
}

/** By the overview of threads: nobody follows it yet but who moved something into it. */
async function openThread(page: Page, name: string): Promise<Locator> {
  await inChannel(page).getByRole("button", { name: "Threads" }).click();
  const overview = page.getByRole("dialog", { name: /^Threads of/ });
  await overview.getByRole("button", { name: new RegExp(`^${name}`) }).click();
  await pane(page, name).waitFor();
  return pane(page, name);
}

test("messages go to a new thread before everybody's eyes, are talked on about there, and come back", async () => {
  const { ada, bo } = await crew();
  await moveLunch(ada);
  for (const page of [ada, bo]) await expect.poll(() => order(inChannel(page), ALL)).toEqual(MAST);
  // Who does not keep order is offered nothing of it.
  await row(inChannel(bo), MAST[0] ?? "").focus();
  await bo.keyboard.press("Enter");
  await bo.getByRole("menuitem", { name: "Forward" }).waitFor();
  expect(await bo.getByRole("menuitem", { name: /^Move / }).count()).toBe(0);
  await bo.keyboard.press("Escape");

  // In the thread they stand as they were said, and below them who brought them.
  const LINE = "ada moved 3 messages here from general";
  const thread = await openThread(bo, "Lunch");
  await expect
    .poll(() => order(thread, [...ALL, "moved 3 messages here"]))
    .toEqual([...LUNCH, "moved 3 messages here"]);
  const line = row(thread, "moved 3 messages here");
  expect((await line.innerText()).replaceAll(/\s+/g, " ")).toContain(LINE);
  expect(await line.getAttribute("aria-label")).toContain("ada moved 3 messages here from #general");
  expect(await row(thread, "I made soup").innerText()).toContain("moved from #general");
  expect(await violations(bo)).toEqual([]);

  // Who noted where one was comes to where it is.
  await row(thread, "I made soup").focus();
  await bo.keyboard.press("Enter");
  await bo.getByRole("menuitem", { name: "Copy link" }).click();
  const path = new URL(await bo.evaluate(() => navigator.clipboard.readText())).pathname.split("/");
  const channel = new URL(ada.url()).pathname.split("/")[3] ?? "";
  await bo.goto(new URL([...path.slice(0, 3), channel, path[4]].join("/"), bo.url()).href);
  await pane(bo, "Lunch").locator("[data-nx=message][data-flash]", { hasText: "I made soup" }).waitFor();

  // Bo answers one of them, and reacts to another; Ada sees both.
  await row(thread, "I made soup").focus();
  await bo.keyboard.press("r");
  await thread.getByText("Answering ada").waitFor();
  await thread.locator("[data-nx=composer]").fill("two bowls, please");
  await thread.locator("[data-nx=composer]").press("Enter");
  await row(thread, "two bowls, please").locator(".nx-answered", { hasText: "I made soup" }).waitFor();
  await row(thread, "who cooks today?").hover();
  await row(thread, "who cooks today?").getByRole("button", { name: "React with 👍" }).click();
  const mine = await openThread(ada, "Lunch");
  await row(mine, "two bowls, please").locator(".nx-answered", { hasText: "I made soup" }).waitFor();
  await row(mine, "who cooks today?").getByRole("button", { name: "👍, 1 reaction" }).waitFor();
  // Nothing of it is news in the channel, or was lost to it.
  await bo.reload();
  await pane(bo, "Lunch").waitFor();
  await expect.poll(() => order(inChannel(bo), ALL)).toEqual(MAST);
  await expect
    .poll(() => order(pane(bo, "Lunch"), ["two bowls", ...ALL, "moved 3 messages here"]))
    .toEqual([...LUNCH, "moved 3 messages here", "two bowls"]);

  // Back in the channel they stand where they stood; the answer stays, and leads there.
  await choose(ada, row(mine, LUNCH[0] ?? ""), "Move back to #general");
  await withAfter(ada, /is there fish/);
  expect(await violations(ada, "dialog[open]")).toEqual([]);
  await dialog(ada).getByRole("button", { name: "Move 3 messages back" }).click();
  await ada.getByText("3 messages moved back to #general").first().waitFor();
  for (const page of [ada, bo]) {
    await expect.poll(() => order(inChannel(page), ALL)).toEqual(ALL);
    await expect
      .poll(() => order(pane(page, "Lunch"), ["two bowls", "moved 3 messages here"]))
      .toEqual(["moved 3 messages here", "two bowls"]);
    expect(await inChannel(page).getByText("moved from").count()).toBe(0);
  }
  await row(inChannel(bo), LUNCH[0] ?? "")
    .getByRole("button", { name: "👍, 1 reaction, yours among them" })
    .waitFor();
  await row(pane(bo, "Lunch"), "two bowls").locator(".nx-answered-text").click();
  await bo.locator(".nx-main [data-nx=message][data-flash]", { hasText: "I made soup" }).waitFor();
});

test("who changes or answers a message while it is moved loses nothing, and is told where it is", async () => {
  const { ada, bo } = await crew();
  await row(inChannel(bo), "I made soup").focus();
  await bo.keyboard.press("r");
  await composer(bo).fill("with bread?");
  await row(inChannel(bo), "is there fish in it?").focus();
  await bo.keyboard.press("e");
  await bo.getByLabel("Edit message").fill("is there salmon in it?");

  await moveLunch(ada);
  await expect.poll(() => order(inChannel(bo), ALL)).toEqual(MAST);
  await bo.getByText("What you are changing was moved to Lunch.").first().waitFor();
  await bo.getByText("What you were answering was moved to Lunch.").first().waitFor();
  expect(await composer(bo).inputValue()).toBe("with bread?");
  expect(await violations(bo)).toEqual([]);
  await bo.getByRole("button", { name: "Answer there" }).click();
  const thread = pane(bo, "Lunch");
  await thread.getByText("Answering ada").waitFor();
  expect(await composer(bo).inputValue()).toBe("");
  await thread.locator("[data-nx=composer]").press("Enter");
  await row(thread, "with bread?").locator(".nx-answered", { hasText: "I made soup" }).waitFor();
  await expect.poll(() => thread.getByLabel("Edit message").inputValue()).toBe("is there salmon in it?");
  await thread.getByLabel("Edit message").press("Enter");
  await row(thread, "is there salmon in it?").waitFor();
  const mine = await openThread(ada, "Lunch");
  await row(mine, "is there salmon in it?").waitFor();
});

test("without its program nothing is moved and nothing of the wish is lost; on the narrowest phone all of it is reached", async () => {
  const { relay, ada } = await crew({ touch: true });
  await ada.setViewportSize({ width: 360, height: 640 });
  await choose(ada, row(inChannel(ada), "I made soup"), "Move to thread…");
  await dialog(ada).getByLabel("Name", { exact: true }).fill("Lunch");
  expect(await ada.evaluate(() => document.documentElement.scrollWidth > innerWidth)).toBe(false);
  expect(await tooSmall(ada, { within: "dialog[open]", scrolls: true })).toEqual([]);
  await relay.kill();
  await dialog(ada).getByText("Your program is not reached.").waitFor();
  await dialog(ada).getByRole("button", { name: "Move 1 message" }).click();
  await dialog(ada).getByText("No answer came.").waitFor();
  expect(await violations(ada, "dialog[open]")).toEqual([]);
  await relay.start();
  await expect
    .poll(() => dialog(ada).getByText("Your program is not reached.").count(), { timeout: 90_000 })
    .toBe(0);
  expect(await dialog(ada).getByLabel("Name", { exact: true }).inputValue()).toBe("Lunch");
  await dialog(ada).getByRole("button", { name: "Move 1 message" }).click();
  await ada.getByText("1 message moved to Lunch").first().waitFor();
  await expect.poll(() => row(inChannel(ada), "I made soup").count()).toBe(0);

  // Another one goes to the same thread, found by a few letters; what is put away is found, too.
  await choose(ada, row(inChannel(ada), "who cooks today?"), "Move to thread…");
  await dialog(ada).getByRole("combobox", { name: "Thread" }).fill("lun");
  await ada.keyboard.press("Enter");
  await dialog(ada)
    .getByRole("option", { name: /^Lunch/, selected: true })
    .waitFor();
  expect(await violations(ada, "dialog[open]")).toEqual([]);
  await dialog(ada).getByRole("button", { name: "Move 1 message" }).click();
  await expect.poll(() => row(inChannel(ada), "who cooks today?").count()).toBe(0);
  expect(await ada.evaluate(() => document.documentElement.scrollWidth > innerWidth)).toBe(false);
});
