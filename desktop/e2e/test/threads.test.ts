import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { violations } from "./stage/axe.ts";
import type { Person } from "./stage/browser.ts";
import { createGuild, inviteLink, joinByInvite, makeForum, message, register, say } from "./stage/deeds.ts";
import { town } from "./stage/town.ts";

const here = town();

/** Ada with a guild, and Bo in it. */
async function two(): Promise<{ ada: Person; bo: Person }> {
  const relay = await here.program("nexus-relay");
  const ada = here.with(await register(here.browser, relay, "ada"));
  await createGuild(ada.page, "Harbour");
  await say(ada.page, "the mast is too long");
  const bo = here.with(await joinByInvite(here.browser, relay, await inviteLink(ada.page), "bo"));
  await message(bo.page, "the mast is too long").waitFor();
  return { ada, bo };
}

const pane = (page: Page, name: string) => page.getByRole("complementary", { name: `Thread ${name}` });
const inList = (page: Page, name: string | RegExp) =>
  page.locator(".nx-thread-rows").getByRole("link", { name });

async function write(page: Page, name: string, text: string): Promise<void> {
  const box = pane(page, name).locator("[data-nx=composer]");
  await box.fill(text);
  await box.press("Enter");
  await pane(page, name).locator("[data-nx=message]", { hasText: text }).waitFor();
}

async function begin(page: Page, text: string, name: string): Promise<void> {
  await message(page, text).click({ button: "right" });
  await page.getByRole("menuitem", { name: "Start a thread" }).click();
  const dialog = page.getByRole("dialog", { name: "Start a thread" });
  await dialog.getByLabel("Name", { exact: true }).fill(name);
  await dialog.getByRole("button", { name: "Start", exact: true }).click();
  await pane(page, name).waitFor();
}

async function choose(page: Page, entry: string): Promise<void> {
  await page.getByRole("button", { name: "What can be done with the thread" }).click();
  await page.getByRole("menuitem", { name: entry, exact: true }).click();
}

test("a thread begins at a message, is followed, read and written in beside its channel, and is put away without being hidden", async () => {
  const { ada, bo } = await two();
  await begin(ada.page, "the mast is too long", "The mast");
  await write(ada.page, "The mast", "I measured it again");
  await inList(ada.page, "The mast").waitFor();

  // Who does not follow it finds it at its message, and is not told of what is new in it.
  const chip = message(bo.page, "the mast is too long").getByRole("button", {
    name: "Thread The mast , 1 message",
  });
  await chip.waitFor();
  expect(await inList(bo.page, /The mast/).count()).toBe(0);
  await chip.click();
  await pane(bo.page, "The mast").locator("[data-nx=message]", { hasText: "I measured it again" }).waitFor();
  expect(await violations(bo.page)).toEqual([]);
  await write(bo.page, "The mast", "and?");
  await pane(bo.page, "The mast").getByRole("button", { name: "Follow", pressed: true }).waitFor();

  // Beside it the channel goes on; closed, the thread tells what is new.
  await say(bo.page, "meanwhile in the channel");
  await pane(bo.page, "The mast").getByRole("button", { name: "Close the thread" }).click();
  await expect.poll(() => pane(bo.page, "The mast").count()).toBe(0);
  await write(ada.page, "The mast", "12.4 metres");
  await inList(bo.page, "The mast unread").waitFor();

  await choose(ada.page, "Put away");
  await pane(ada.page, "The mast").getByText("It was put away").waitFor();
  await inList(bo.page, "The mast put away").waitFor();
  await bo.page.reload();
  await inList(bo.page, "The mast put away").click();
  await pane(bo.page, "The mast").getByText("It was put away").waitFor();
  await pane(bo.page, "The mast").getByRole("button", { name: "Close the thread" }).click();
  await expect.poll(() => inList(bo.page, /The mast/).count()).toBe(0);

  // Seen, it is in the overview, with everything in it; who writes takes it out again.
  await bo.page.getByRole("button", { name: "Threads" }).first().click();
  const overview = bo.page.getByRole("dialog", { name: "Threads of Harbour" });
  await overview.getByRole("tab", { name: "Put away" }).click();
  await overview.getByRole("button", { name: /^The mast/ }).click();
  await write(bo.page, "The mast", "then we saw it off");
  await expect.poll(() => pane(bo.page, "The mast").getByText("It was put away").count()).toBe(0);
  await expect.poll(() => pane(ada.page, "The mast").getByText("It was put away").count()).toBe(0);
});

test("a locked thread is closed to whoever does not manage it, and its address leads to it", async () => {
  const { ada, bo } = await two();
  await begin(ada.page, "the mast is too long", "The mast");
  await choose(ada.page, "Lock");
  const address = ada.page.url();
  await bo.page.goto(address);
  await pane(bo.page, "The mast").getByText("only who manages threads writes in it").first().waitFor();
  expect(await pane(bo.page, "The mast").locator("[data-nx=composer]").count()).toBe(0);
  await choose(ada.page, "Delete thread");
  await ada.page.getByRole("dialog").getByRole("button", { name: "Delete thread" }).click();
  // Who reads it is told that it is gone; whoever took it away knows.
  await pane(bo.page, "The mast").getByRole("heading", { name: "The mast was deleted" }).waitFor();
  expect(await pane(bo.page, "The mast").locator("[data-nx=message]").count()).toBe(0);
  await expect.poll(() => pane(ada.page, "The mast").count()).toBe(0);
  expect(
    await message(ada.page, "the mast is too long")
      .getByRole("button", { name: /^Thread / })
      .count(),
  ).toBe(0);
});

test("a private thread is seen by who was brought in, and no longer by who was taken out", async () => {
  const { ada, bo } = await two();
  const { page } = ada;
  await page.locator(".nx-main").getByRole("button", { name: "Threads" }).click();
  await page.getByRole("button", { name: "Start a thread" }).click();
  const dialog = page.getByRole("dialog", { name: "Start a thread" });
  await dialog.getByLabel("Name", { exact: true }).fill("Officers");
  await dialog.getByRole("switch", { name: "Private" }).click();
  await dialog.getByRole("button", { name: "Start", exact: true }).click();
  await write(page, "Officers", "between us");
  await say(bo.page, "still in the channel");
  await message(page, "still in the channel").waitFor();
  expect(await inList(bo.page, /Officers/).count()).toBe(0);

  await choose(page, "Who follows it");
  await page.getByRole("button", { name: "Bring in bo" }).click();
  await page.getByRole("button", { name: "Take out bo" }).waitFor();
  expect(await violations(page)).toEqual([]);
  await inList(bo.page, /Officers/).click();
  await write(bo.page, "Officers", "I am in");
  await page.getByRole("button", { name: "Take out bo" }).click();
  await pane(bo.page, "Officers").getByRole("heading", { name: "You are no longer in Officers" }).waitFor();
  expect(await pane(bo.page, "Officers").locator("[data-nx=message], [data-nx=composer]").count()).toBe(0);
  await expect.poll(() => inList(bo.page, /Officers/).count()).toBe(0);
  await page.getByRole("button", { name: "Bring in bo" }).waitFor();
});

test("a forum takes posts with tags, shows them by tag, and each is a talk of its own", async () => {
  const { ada, bo } = await two();
  const { page } = ada;
  await makeForum(page, "workshop");

  await page.getByRole("button", { name: "Settings of workshop" }).click();
  await page.getByRole("tab", { name: "Tags" }).click();
  for (const [at, name] of ["Wood", "Rope"].entries()) {
    await page.getByRole("button", { name: "Add a tag" }).click();
    await page.getByLabel(`Name of tag ${at + 1}`).fill(name);
  }
  await page.getByRole("button", { name: "Save changes" }).click();
  await expect.poll(() => page.getByText("You have unsaved changes").count()).toBe(0);
  await page.keyboard.press("Escape");
  await page.getByRole("group", { name: "Posts by tag" }).getByRole("button", { name: "Rope" }).waitFor();

  await bo.page.getByRole("link", { name: "workshop" }).click();
  await post(bo.page, "Varnish or oil?", "What keeps longer?", "Wood");
  await pane(bo.page, "Varnish or oil?")
    .locator("[data-nx=message]", { hasText: "What keeps longer?" })
    .waitFor();
  await pane(bo.page, "Varnish or oil?").getByRole("button", { name: "Close the thread" }).click();
  await post(bo.page, "Splices", "Show yours.", "Rope");

  const posts = page.locator("[data-nx=post]");
  await posts.filter({ hasText: "Splices" }).waitFor();
  await posts.filter({ hasText: "Varnish or oil?" }).waitFor();
  await page.getByRole("group", { name: "Posts by tag" }).getByRole("button", { name: "Wood" }).click();
  await expect.poll(() => posts.count()).toBe(1);
  await posts.filter({ hasText: "What keeps longer?" }).click();
  await write(page, "Varnish or oil?", "Oil.");
  await posts.filter({ hasText: "1 answer" }).waitFor();
  expect(await violations(page)).toEqual([]);
});

async function post(page: Page, title: string, text: string, tag: string): Promise<void> {
  await page.getByRole("button", { name: "New post" }).click();
  const dialog = page.getByRole("dialog", { name: "New post in workshop" });
  await dialog.getByLabel("Title").fill(title);
  await dialog.getByLabel("What it is about").fill(text);
  await dialog.getByRole("button", { name: tag }).click();
  await dialog.getByRole("button", { name: "Post", exact: true }).click();
  await pane(page, title).waitFor();
}
