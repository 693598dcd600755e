import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { asking } from "./stage/api.ts";
import { violations } from "./stage/axe.ts";
import { createGuild, firstRun, inviteLink, joinByInvite, makeForum, register } from "./stage/deeds.ts";
import { type Given, NOTES, PICTURE } from "./stage/giving.ts";
import { tooSmall } from "./stage/touch.ts";
import { town } from "./stage/town.ts";

const here = town();

const form = (page: Page, channel: string) => page.getByRole("dialog", { name: `New post in ${channel}` });
const pane = (page: Page, name: string) => page.getByRole("complementary", { name: `Thread ${name}` });
const cards = (page: Page) => page.getByRole("list", { name: /^Posts in / }).locator("[data-nx=post]");
const card = (page: Page, title: string) => cards(page).filter({ hasText: title });
const held = (page: Page) => page.evaluate(() => document.activeElement?.textContent ?? "");

interface Posted {
  readonly title: string;
  readonly text?: string;
  readonly files?: readonly Given[];
  readonly covered?: boolean;
}

/** Makes a post without touching the mouse, and is back at the others. */
async function post(page: Page, channel: string, { title, text = "", files = [], covered }: Posted) {
  const { keyboard } = page;
  const choosing = files.length > 0 ? page.waitForEvent("filechooser") : null;
  await page.getByRole("button", { name: "New post" }).focus();
  await keyboard.press("Enter");
  await form(page, channel).getByLabel("Title").waitFor();
  await keyboard.type(title);
  await keyboard.press("Tab");
  await keyboard.type(text);
  if (choosing !== null) {
    await form(page, channel).getByRole("button", { name: "Add files" }).focus();
    await keyboard.press("Enter");
    await (await choosing).setFiles([...files]);
    await expect.poll(() => form(page, channel).locator("[data-nx=tile]").count()).toBe(files.length);
  }
  if (covered === true) {
    await form(page, channel)
      .getByRole("button", { name: /^Cover / })
      .focus();
    await keyboard.press("Enter");
  }
  await form(page, channel).getByRole("button", { name: "Post", exact: true }).focus();
  await keyboard.press("Enter");
  await expect.poll(() => form(page, channel).count()).toBe(0);
  // With files it waits among the others until all of it is there; without it is open at once.
  if (files.length === 0) await close(page, title);
  await card(page, title).waitFor();
}

async function close(page: Page, title: string): Promise<void> {
  await pane(page, title).getByRole("button", { name: "Close the thread" }).click();
  await expect.poll(() => pane(page, title).count()).toBe(0);
}

/** Where a card and its picture stand: `[left, top, height]`, rounded. */
function places(page: Page): Promise<readonly (readonly number[])[]> {
  return cards(page).evaluateAll((all) =>
    all.map((each) => {
      const { left, top } = each.getBoundingClientRect();
      const picture = each.querySelector(".nx-post-picture")?.getBoundingClientRect();
      return [left, top, picture?.height ?? 0].map(Math.round);
    }),
  );
}

test("a media channel is made, takes a post with a picture, shows it in the grid, and opens it, by keys", async () => {
  const node = await here.program("nexus");
  const { page } = here.with(await firstRun(here.browser, node, "Ada"));
  await createGuild(page, "Harbour");
  await makeForum(page, "photos", "Media");
  await page.getByText("Each post begins with a picture").waitFor();
  expect(await violations(page)).toEqual([]);

  await post(page, "photos", { title: "The plans", files: [NOTES] });
  await post(page, "photos", { title: "The mast", text: "Look at its foot.", files: [NOTES, PICTURE] });
  await post(page, "photos", { title: "Whose boat?", text: "She lies beside **ours**." });

  const picture = card(page, "The mast").getByRole("img", { name: "mast.png" });
  await expect
    .poll(() => picture.evaluate((image) => (image as HTMLImageElement).naturalWidth))
    .toBeGreaterThan(0);
  await card(page, "The mast").getByText("1 more file").waitFor({ state: "attached" });
  await card(page, "The plans").getByText(NOTES.name).waitFor();
  await card(page, "Whose boat?").getByText("She lies beside ours.").waitFor();
  expect(await violations(page)).toEqual([]);
  // Whatever is in them, they are of one size, beside each other.
  const [first, ...others] = await places(page);
  for (const [, top, height] of others) expect([top, height]).toEqual([first?.[1], first?.[2]]);

  const order = await cards(page).allTextContents();
  await page.getByRole("button", { name: "New post" }).focus();
  await page.keyboard.press("Tab");
  expect(await held(page)).toBe(order[0]);
  await page.keyboard.press("ArrowRight");
  expect(await held(page)).toBe(order[1]);
  await page.keyboard.press("ArrowDown");
  expect(await held(page)).toBe(order[1]);
  await page.keyboard.press("End");
  expect(await held(page)).toBe(order[2]);
  await page.keyboard.press("Home");
  while (!(await held(page)).startsWith("The mast")) await page.keyboard.press("ArrowRight");
  await page.keyboard.press("Enter");
  const message = pane(page, "The mast").locator("[data-nx=message]", { hasText: "Look at its foot." });
  await message.getByRole("img", { name: "mast.png" }).waitFor();
});

test("on a narrow phone two posts stand beside each other, and nothing reaches over an edge", async () => {
  const node = await here.program("nexus");
  const { page } = here.with(await firstRun(here.browser, node, "Ada"));
  await createGuild(page, "Harbour");
  await makeForum(page, "photos", "Media");
  const long = "The whole of the coast from the old lighthouse to the mouth of the river in one evening";
  for (const title of ["The mast", long, `Thesailthatwasmended${"again".repeat(12)}`])
    await post(page, "photos", { title, files: [PICTURE] });
  await page.setViewportSize({ width: 360, height: 640 });
  await expect.poll(async () => new Set((await places(page)).map(([left]) => left)).size).toBe(2);
  expect(await page.evaluate(() => document.documentElement.scrollWidth > innerWidth)).toBe(false);
  expect(await tooSmall(page, { within: ".nx-posts", scrolls: true })).toEqual([]);
  expect(await violations(page)).toEqual([]);

  const order = await cards(page).allTextContents();
  await cards(page).first().focus();
  await page.keyboard.press("ArrowDown");
  expect(await held(page)).toBe(order[2]);
  await page.keyboard.press("ArrowUp");
  expect(await held(page)).toBe(order[0]);
});

test("a covered picture is covered in the grid, and is not even asked for before it is opened", async () => {
  const relay = await here.program("nexus-relay");
  const ada = here.with(await register(here.browser, relay, "ada"));
  await createGuild(ada.page, "Harbour");
  const link = await inviteLink(ada.page);
  await makeForum(ada.page, "photos", "Media");
  await post(ada.page, "photos", { title: "A gift", files: [PICTURE], covered: true });
  const bo = here.with(await joinByInvite(here.browser, relay, link, "bo"));
  const asked: string[] = [];
  bo.page.on("request", (request) => asked.push(request.url()));
  await bo.page.getByRole("link", { name: "photos" }).click();
  await card(bo.page, "A gift").getByText("Spoiler", { exact: true }).waitFor();
  expect(asked.filter((url) => url.includes("/files/"))).toEqual([]);
  await card(bo.page, "A gift").press("Enter");
  await pane(bo.page, "A gift").getByRole("button", { name: "Spoiler: show mast.png" }).press("Enter");
  await pane(bo.page, "A gift").getByRole("img", { name: "mast.png" }).waitFor();
});

test("a forum whose layout is a gallery shows its posts by their pictures, one whose is not a list", async () => {
  const node = await here.program("nexus");
  const { page } = here.with(await firstRun(here.browser, node, "Ada"));
  await createGuild(page, "Harbour");
  await makeForum(page, "workshop");
  await post(page, "workshop", { title: "The mast", text: "Look at its foot.", files: [PICTURE] });
  await card(page, "Look at its foot.").waitFor();
  expect(await card(page, "The mast").getByRole("img").count()).toBe(0);
  const forumId = new URL(page.url()).pathname.split("/").at(-1) ?? "";
  const owner = asking(node, node.token());
  await owner("PATCH", `/channels/${forumId}`, { default_forum_layout: 2 });
  await card(page, "The mast").getByRole("img", { name: "mast.png" }).waitFor();
});
