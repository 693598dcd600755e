import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { violations } from "./stage/axe.ts";
import { createGuild, firstRun, makeForum, truth } from "./stage/deeds.ts";
import { type Given, hand, NOTES, PICTURE } from "./stage/giving.ts";
import type { Program } from "./stage/program.ts";
import { town } from "./stage/town.ts";

const here = town();

/** Ada in a forum of her own. */
async function workshop(): Promise<{ page: Page; node: Program }> {
  const node = await here.program("nexus");
  const { page } = here.with(await firstRun(here.browser, node, "Ada"));
  await createGuild(page, "Harbour");
  await makeForum(page, "workshop");
  return { page, node };
}

const form = (page: Page) => page.getByRole("dialog", { name: "New post in workshop" });
const tiles = (page: Page) => form(page).locator("[data-nx=tile]");
const go = (page: Page) => form(page).getByRole("button", { name: "Post", exact: true });
const posts = (page: Page) => page.locator("[data-nx=post]");

async function begin(page: Page, title: string): Promise<void> {
  await page.getByRole("button", { name: "New post" }).click();
  await form(page).getByLabel("Title").fill(title);
}

/** As by the system's own dialog. */
async function choose(page: Page, ...files: readonly Given[]): Promise<void> {
  const [chooser] = await Promise.all([
    page.waitForEvent("filechooser"),
    form(page).getByRole("button", { name: "Add files" }).click(),
  ]);
  await chooser.setFiles([...files]);
}

test("a new post takes files: chosen, dropped and pasted, described and covered; alone they are enough", async () => {
  const { page } = await workshop();
  await begin(page, "The mast, from below");
  await form(page).getByLabel("What it is about").fill("Look at its foot.");
  await choose(page, PICTURE);
  await expect.poll(() => tiles(page).count()).toBe(1);
  await expect
    .poll(() => page.evaluate(() => document.activeElement?.getAttribute("data-channel") ?? ""))
    .toMatch(/^\d+$/);
  await hand(page, ".nx-post-said", ["dragenter", "dragover"], [NOTES]);
  await form(page).getByText("Drop to add to #workshop").waitFor();
  await hand(page, ".nx-post-said", ["drop"], [NOTES]);
  await expect.poll(() => tiles(page).count()).toBe(2);
  await hand(page, ".nx-post-said textarea", ["paste"], [{ ...PICTURE, name: "image.png" }]);
  await expect.poll(() => tiles(page).count()).toBe(3);
  await form(page).getByRole("button", { name: "Remove image.png" }).click();
  await form(page).getByRole("button", { name: "Describe mast.png" }).click();
  const about = page.getByRole("dialog", { name: "Describe mast.png" });
  await about.getByLabel("Description").fill("The mast, from below");
  await about.getByRole("button", { name: "Save changes" }).click();
  await form(page).getByRole("button", { name: "Cover notes, the «long» ones.txt as a spoiler" }).click();
  expect(await violations(page)).toEqual([]);
  await go(page).click();
  await expect.poll(() => form(page).count()).toBe(0);
  await posts(page).filter({ hasText: "Look at its foot." }).click();
  const first = page.locator(".nx-thread [data-nx=message]", { hasText: "Look at its foot." });
  await first.locator("img[alt='The mast, from below']").waitFor();
  await first.getByRole("button", { name: "Spoiler: show notes, the «long» ones.txt" }).waitFor();
  await page.getByRole("button", { name: "Close the thread" }).click();

  await begin(page, "Only the plan");
  expect(await go(page).isDisabled()).toBe(true);
  await choose(page, NOTES);
  await expect.poll(() => tiles(page).count()).toBe(1);
  await go(page).click();
  await posts(page).filter({ hasText: "Only the plan" }).filter({ hasText: "1 file" }).waitFor();
});

test("on a narrow screen the form holds many files, by keys they are taken out, and one that is too large is named", async () => {
  const { page } = await workshop();
  await page.setViewportSize({ width: 360, height: 740 });
  await begin(page, "Everything");
  const film = { name: "film.mp4", mimeType: "video/mp4", buffer: Buffer.alloc(10 * 1024 * 1024 + 1) };
  await choose(page, film, ...Array.from({ length: 6 }, (_, at) => ({ ...NOTES, name: `${at}.txt` })));
  await form(page).locator("[data-nx=refused]", { hasText: "film.mp4: larger than 10.5 MB" }).waitFor();
  await expect.poll(() => tiles(page).count()).toBe(6);
  expect(await page.evaluate(() => document.documentElement.scrollWidth > innerWidth)).toBe(false);
  expect(await violations(page)).toEqual([]);
  await form(page).getByRole("button", { name: "Remove 0.txt" }).focus();
  await page.keyboard.press("Enter");
  await expect.poll(() => tiles(page).count()).toBe(5);
  await go(page).click();
  await posts(page).filter({ hasText: "5 files" }).waitFor();
});

test("a post with files that is made while cut off waits in its forum with them, and is there once", async () => {
  const { page, node } = await workshop();
  const loaded = () => page.evaluate(() => performance.getEntriesByType("resource").map(({ name }) => name));
  await expect.poll(async () => (await loaded()).join(" ")).toContain("new_post");
  await node.kill();
  await truth(page, /^Offline/);
  await begin(page, "From the dark");
  await choose(page, NOTES, PICTURE);
  await go(page).click();
  const waiting = page.locator("[data-nx=pending_post]", { hasText: "From the dark" });
  await waiting.getByText("Waiting to be sent").waitFor();
  expect(await waiting.locator("[data-nx=pending-files] li").count()).toBe(2);
  expect(await violations(page)).toEqual([]);
  await node.start();
  await posts(page).filter({ hasText: "From the dark" }).filter({ hasText: "2 files" }).waitFor();
  expect(await posts(page).count()).toBe(1);
  expect(await waiting.count()).toBe(0);
});
