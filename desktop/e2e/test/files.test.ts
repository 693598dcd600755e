import { createHash } from "node:crypto";
import type { Page } from "playwright-core";
import { beforeAll, beforeEach, expect, test } from "vitest";
import { violations } from "./stage/axe.ts";
import type { Person } from "./stage/browser.ts";
import {
  composer,
  createGuild,
  inviteLink,
  joinByInvite,
  message,
  register,
  say,
  truth,
} from "./stage/deeds.ts";
import { choose, FLAG, hand, NOTES, PICTURE } from "./stage/giving.ts";
import type { Program } from "./stage/program.ts";
import { town } from "./stage/town.ts";

const here = town();
let relay: Program;
let ada: Person;
let bo: Person;
let count = 0;

beforeAll(async () => {
  relay = await here.program("nexus-relay");
});

/** Two people in a guild of their own. */
beforeEach(async () => {
  count += 1;
  ada = here.with(await register(here.browser, relay, `ada${count}`));
  await createGuild(ada.page, "Harbour");
  await say(ada.page, "here we are");
  bo = here.with(await joinByInvite(here.browser, relay, await inviteLink(ada.page), `bo${count}`));
  await message(bo.page, "here we are").waitFor();
});

function tiles(page: Page) {
  return page.locator("[data-nx=tile]");
}

/** The bytes of a file, as somebody who follows its link gets them. */
async function download(page: Page, name: string): Promise<Buffer> {
  const link = page.locator("[data-nx=attachment]").locator("a", { hasText: name }).last();
  const href = await link.getAttribute("href");
  return Buffer.from(await (await fetch(href ?? "")).arrayBuffer());
}

function sum(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}

test("files are chosen, described and covered, and reach the other as they were", async () => {
  const { page } = ada;
  await choose(page, NOTES, PICTURE);
  await expect.poll(() => tiles(page).count()).toBe(2);
  expect(await page.evaluate(() => document.activeElement?.getAttribute("data-nx"))).toBe("composer");
  await tiles(page).nth(1).locator("img").waitFor();
  await page.getByRole("button", { name: "Describe mast.png" }).click();
  await page.getByRole("dialog").getByLabel("Description").fill("The mast, from below");
  await page.getByRole("dialog").getByRole("button", { name: "Save changes" }).click();
  await page.getByRole("button", { name: "Cover notes, the «long» ones.txt as a spoiler" }).click();
  expect(await violations(page)).toEqual([]);
  await composer(page).fill("measured again");
  await composer(page).press("Enter");
  for (const who of [ada, bo]) {
    const row = message(who.page, "measured again");
    await row.locator("img[alt='The mast, from below']").waitFor();
    await row.getByRole("button", { name: "Spoiler: show notes, the «long» ones.txt" }).waitFor();
  }
  expect(await tiles(page).count()).toBe(0);
  await bo.page.getByRole("button", { name: /^Spoiler: show notes/ }).click();
  expect(sum(await download(bo.page, "notes"))).toBe(sum(NOTES.buffer));
  const shown = await bo.page
    .locator("[data-nx=message] img[alt='The mast, from below']")
    .getAttribute("src");
  expect(sum(Buffer.from(await (await fetch(shown ?? "")).arrayBuffer()))).toBe(sum(FLAG));
  expect(await violations(bo.page)).toEqual([]);
});

test("files alone are a message; by keys they are put together and taken out", async () => {
  const { page } = ada;
  await choose(page, NOTES, PICTURE, { ...NOTES, name: "second.txt" });
  await expect.poll(() => tiles(page).count()).toBe(3);
  // From the box back into the tray, which is one stop; arrows go on in it.
  await page.keyboard.press("Shift+Tab");
  await page.keyboard.press("Shift+Tab");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await expect.poll(() => tiles(page).count()).toBe(2);
  await composer(page).press("Enter");
  await bo.page.locator("[data-nx=attachment]", { hasText: "second.txt" }).waitFor();
  expect(await bo.page.locator("[data-nx=message] [data-nx=attachment]").count()).toBe(2);
  expect(sum(await download(bo.page, "second.txt"))).toBe(sum(NOTES.buffer));

  // Words can be put beside them, and taken away again.
  for (const words of ["two of them", ""]) {
    await composer(page).press("ArrowUp");
    const box = page.getByLabel("Edit message");
    await box.fill(words);
    await box.press("Enter");
    await expect.poll(() => box.count()).toBe(0);
    const own = bo.page.locator("[data-nx=message]", { has: bo.page.locator("[data-nx=attachment]") });
    await expect.poll(() => own.getByText("two of them").count()).toBe(words === "" ? 0 : 1);
    expect(await own.locator("[data-nx=attachment]").count()).toBe(2);
  }
});

test("files are dropped on the talk, which says where they go, and pasted; an answer takes them along", async () => {
  const { page } = ada;
  await hand(page, ".nx-timeline", ["dragenter", "dragover"], [PICTURE]);
  await page.getByText("Drop to add to #general").waitFor();
  expect(await violations(page)).toEqual([]);
  await hand(page, ".nx-timeline", ["drop"], [PICTURE]);
  await expect.poll(() => page.locator("[data-nx=drop]").count()).toBe(0);
  await expect.poll(() => tiles(page).count()).toBe(1);
  await composer(page).focus();
  await hand(page, ".nx-main [data-nx=composer]", ["paste"], [{ ...PICTURE, name: "image.png" }]);
  await expect.poll(() => tiles(page).count()).toBe(2);
  await message(page, "here we are").hover();
  await page.getByRole("button", { name: "Answer", exact: true }).click();
  await composer(page).fill("from both sides");
  await composer(page).press("Enter");
  const row = message(bo.page, "from both sides");
  await row.locator("img[alt='image.png']").waitFor();
  await row.locator("img[alt='mast.png']").waitFor();
  await row.locator(".nx-answered", { hasText: "here we are" }).waitFor();
});

test("what is too large or too much is said before anything is sent", async () => {
  const { page } = ada;
  const film = { name: "film.mp4", mimeType: "video/mp4", buffer: Buffer.alloc(10 * 1024 * 1024 + 1) };
  await choose(page, film, NOTES);
  await page.locator("[data-nx=refused]", { hasText: "film.mp4: larger than 10.5 MB" }).waitFor();
  await expect.poll(() => tiles(page).count()).toBe(1);
  const ten = Array.from({ length: 10 }, (_, at) => ({ ...NOTES, name: `${at}.txt` }));
  await choose(page, ...ten);
  await page.locator("[data-nx=refused]", { hasText: "9.txt: a message takes 10 files." }).waitFor();
  await expect.poll(() => tiles(page).count()).toBe(10);
  expect(await violations(page)).toEqual([]);
  await page.getByRole("button", { name: "Dismiss" }).click();
  expect(await page.locator("[data-nx=refused]").count()).toBe(0);
  await composer(page).press("Enter");
  await bo.page.locator("[data-nx=attachment]", { hasText: "8.txt" }).waitFor();
});

test("a cut road loses neither text nor files: they wait, over a reload too, and arrive once", async () => {
  const { page } = ada;
  await relay.kill();
  await truth(page, /^Offline/);
  await choose(page, NOTES, PICTURE);
  await expect.poll(() => tiles(page).count()).toBe(2);
  await composer(page).fill("from the dark");
  await composer(page).press("Enter");
  const waiting = page.locator("[data-nx=pending]", { hasText: "from the dark" });
  await waiting.getByText("Waiting to be sent").waitFor();
  expect(await waiting.locator("[data-nx=pending-files] li").count()).toBe(2);
  await choose(page, { ...NOTES, name: "half.txt" });
  const kept = () =>
    page.evaluate(() => Object.values(localStorage).some((each) => each.includes("half.txt")));
  await expect.poll(kept).toBe(true);
  const address = page.url();
  await page.goto("about:blank");
  await relay.start();
  await page.goto(address);
  await message(page, "from the dark").waitFor();
  await tiles(page).getByText("half.txt").waitFor();
  await truth(bo.page, /^Through relay/);
  const row = message(bo.page, "from the dark");
  await row.locator("img[alt='mast.png']").waitFor();
  expect(sum(await download(bo.page, "notes"))).toBe(sum(NOTES.buffer));
  expect(await bo.page.locator("[data-nx=message]", { hasText: "from the dark" }).count()).toBe(1);
});

test("who stops it, and whom the program refuses, keeps text and files, and tries again", async () => {
  const { page } = ada;
  // Nobody answers until it is stopped.
  const held = "**/messages";
  await page.route(held, (route) => (route.request().method() === "POST" ? undefined : route.fallback()));
  await choose(page, NOTES);
  await composer(page).fill("not yet");
  await composer(page).press("Enter");
  const waiting = page.locator("[data-nx=pending]", { hasText: "not yet" });
  await waiting.getByRole("progressbar").waitFor();
  expect(await violations(page)).toEqual([]);
  await waiting.getByRole("button", { name: "Stop" }).click();
  await waiting.getByText("Not sent: you stopped it.").waitFor();
  expect(await waiting.locator("[data-nx=pending-files] li").count()).toBe(1);
  await page.unroute(held);
  await page.route(held, (route) =>
    route.request().method() === "POST"
      ? route.fulfill({ status: 413, json: { code: 40_005, message: "Request entity too large" } })
      : route.fallback(),
  );
  await waiting.getByRole("button", { name: "Try again" }).click();
  await waiting.getByText("It is larger than this program").waitFor();
  await page.unroute(held);
  await waiting.getByRole("button", { name: "Try again" }).click();
  await message(bo.page, "not yet").waitFor();
  expect(sum(await download(bo.page, "notes"))).toBe(sum(NOTES.buffer));
  expect(await page.locator("[data-nx=pending]").count()).toBe(0);
});

test("whose right to send files ends is told so, and sends the text without them", async () => {
  const { page } = bo;
  await choose(page, NOTES);
  await page.keyboard.type("with a file");
  await ada.page.getByRole("button", { name: "Settings of general" }).click();
  await ada.page.getByRole("tab", { name: "Permissions" }).click();
  const dialog = ada.page.getByRole("dialog");
  await dialog.getByRole("group", { name: "Attach files" }).locator("[data-way=deny]").click();
  await dialog.getByRole("button", { name: "Save changes" }).click();
  await page.getByText("You may not send files here any more.").first().waitFor();
  expect(await page.getByRole("button", { name: "Send", exact: true }).isDisabled()).toBe(true);
  expect(await violations(page)).toEqual([]);
  await hand(page, ".nx-timeline", ["dragenter", "dragover"], [PICTURE]);
  await page.locator("[data-nx=drop]", { hasText: "You may not send files here" }).waitFor();
  await hand(page, ".nx-timeline", ["drop"], [PICTURE]);
  expect(await tiles(page).count()).toBe(1);
  await page.getByRole("button", { name: /^Remove notes/ }).click();
  await page.getByRole("button", { name: "You may not send files here" }).waitFor();
  await composer(page).press("Enter");
  await message(ada.page, "with a file").waitFor();
});

test("a conversation takes files, and so does a thread, in a narrow window too", async () => {
  const { page } = ada;
  await page
    .getByRole("button", { name: /^Profile of bo/ })
    .first()
    .click();
  await page.getByRole("button", { name: "Write to them" }).click();
  await page.getByLabel(`Message bo${count}`).waitFor();
  // The conversation was opened under them.
  await hand(page, ".nx-timeline", ["dragover"], [NOTES]);
  await page.getByText(`Drop to add to bo${count}`).waitFor();
  await hand(page, ".nx-timeline", ["drop"], [NOTES]);
  await tiles(page).getByText("notes").waitFor();
  await composer(page).press("Enter");
  await page.locator("[data-nx=message] [data-nx=attachment]", { hasText: "notes" }).waitFor();
  await bo.page.getByRole("button", { name: /^Direct messages/ }).click();
  await bo.page.getByRole("link", { name: new RegExp(`^ada${count}`) }).click();
  await bo.page.locator("[data-nx=message] [data-nx=attachment]", { hasText: "notes" }).waitFor();
  expect(sum(await download(bo.page, "notes"))).toBe(sum(NOTES.buffer));
  await page.getByRole("button", { name: /^Harbour/ }).click();
  await message(page, "here we are").waitFor();

  await page.setViewportSize({ width: 390, height: 844 });
  await message(page, "here we are").click({ button: "right" });
  await page.getByRole("menuitem", { name: "Start a thread" }).click();
  const dialog = page.getByRole("dialog", { name: "Start a thread" });
  await dialog.getByLabel("Name", { exact: true }).fill("The mast");
  await dialog.getByRole("button", { name: "Start", exact: true }).click();
  const thread = page.getByRole("complementary", { name: "Thread The mast" });
  await thread.locator("[data-nx=composer]").waitFor();
  await hand(page, ".nx-thread [data-nx=composer]", ["dragenter", "dragover", "drop"], [PICTURE, NOTES]);
  await expect.poll(() => thread.locator("[data-nx=tile]").count()).toBe(2);
  expect(await page.locator(".nx-main [data-nx=tile]").count()).toBe(0);
  const wide = () => page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
  expect(await wide()).toBe(false);
  expect(await violations(page)).toEqual([]);
  await thread.locator("[data-nx=composer]").press("Enter");
  await thread.locator("[data-nx=message] img[alt='mast.png']").waitFor();
  expect(await wide()).toBe(false);
});
