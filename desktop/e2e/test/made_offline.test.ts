import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { violations } from "./stage/axe.ts";
import { createGuild, makeForum, message, register, say, truth } from "./stage/deeds.ts";
import { town } from "./stage/town.ts";

const here = town();

/** A page that rests has brought what it needs for this. */
async function everythingIsLoaded(page: Page): Promise<void> {
  const loaded = () =>
    page.evaluate(() =>
      performance
        .getEntriesByType("resource")
        .map(({ name }) => name)
        .join(" "),
    );
  for (const part of ["new_thread", "new_post", "events_dialog", "new_event"])
    await expect.poll(loaded).toContain(part);
}

async function beginThread(page: Page): Promise<void> {
  await message(page, "the mast is too long").click({ button: "right" });
  await page.getByRole("menuitem", { name: "Start a thread" }).click();
  const dialog = page.getByRole("dialog", { name: "Start a thread" });
  await dialog.getByLabel("Name", { exact: true }).fill("Shorten it");
  await dialog.getByRole("button", { name: "Start", exact: true }).click();
}

async function beginPost(page: Page): Promise<void> {
  await page.getByRole("link", { name: "workshop" }).click();
  await page.getByRole("button", { name: "New post" }).click();
  const dialog = page.getByRole("dialog", { name: "New post in workshop" });
  await dialog.getByLabel("Title").fill("Oil or varnish?");
  await dialog.getByLabel("What it is about").fill("What keeps longer?");
  await dialog.getByRole("button", { name: "Post", exact: true }).click();
}

async function announce(page: Page): Promise<void> {
  await page.getByRole("button", { name: /^Events/ }).click();
  await page.getByRole("button", { name: "Announce an event" }).click();
  const dialog = page.getByRole("dialog", { name: "New event" });
  await dialog.getByLabel("What", { exact: true }).fill("Launching");
  await dialog.getByLabel("Place", { exact: true }).fill("On the quay");
  await dialog.getByLabel("Begins", { exact: true }).fill("2099-05-01T09:00");
  await dialog.getByLabel("Ends", { exact: true }).fill("2099-05-01T12:00");
  await dialog.getByRole("button", { name: "Announce", exact: true }).click();
}

/** What is posted to such a path meets a program that fails, or a line that breaks. */
async function fails(page: Page, path: string, how: "program" | "line"): Promise<void> {
  await page.route(path, (route) => {
    if (route.request().method() !== "POST") return route.fallback();
    return how === "line" ? route.abort() : route.fulfill({ status: 500, json: { code: 0, message: "" } });
  });
}

test("what the program fails at is said where it was typed, which stays; what a broken line takes waits", async () => {
  const relay = await here.program("nexus-relay");
  const { page } = here.with(await register(here.browser, relay, "ada"));
  await createGuild(page, "Harbour");
  await say(page, "the mast is too long");
  const failed = "The program cannot do that just now.";
  await fails(page, "**/threads", "program");
  await beginThread(page);
  const beginning = page.getByRole("dialog", { name: "Start a thread" });
  await beginning.getByText(failed).waitFor();
  expect(await beginning.getByLabel("Name", { exact: true }).inputValue()).toBe("Shorten it");
  await page.unroute("**/threads");
  await fails(page, "**/threads", "line");
  await beginning.getByRole("button", { name: "Start", exact: true }).click();
  const waiting = page.locator("[data-nx=pending]", { hasText: "Shorten it" });
  await waiting.getByText("Waiting to be sent").waitFor();
  await page.unroute("**/threads");
  await message(page, "the mast is too long")
    .getByRole("button", { name: /^Thread Shorten it/ })
    .waitFor();
  await expect.poll(() => waiting.count()).toBe(0);

  await fails(page, "**/scheduled-events", "program");
  await announce(page);
  const announcing = page.getByRole("dialog", { name: "New event" });
  await announcing.getByText(failed).waitFor();
  expect(await announcing.getByLabel("Place", { exact: true }).inputValue()).toBe("On the quay");
  await page.unroute("**/scheduled-events");
  await announcing.getByRole("button", { name: "Announce", exact: true }).click();
  await page.locator("[data-nx=event]", { hasText: "Launching" }).waitFor();
  await page.keyboard.press("Escape");

  await fails(page, "**/messages", "program");
  await page.getByRole("button", { name: "Ask in a poll" }).click();
  const asking = page.getByRole("dialog", { name: "New poll" });
  await asking.getByLabel("Question").fill("Where do we meet?");
  await asking.getByLabel("Answer 1", { exact: true }).fill("On the quay");
  await asking.getByLabel("Answer 2", { exact: true }).fill("At home");
  await asking.getByRole("button", { name: "Ask", exact: true }).click();
  const asked = page.locator("[data-nx=pending]", { hasText: "Where do we meet?" });
  await asked.getByText("The program cannot take it just now; it is tried again.").waitFor();
  await asked.getByText("On the quay").waitFor();
  await page.unroute("**/messages");
  await page.locator("[data-nx=poll]", { hasText: "Where do we meet?" }).waitFor();
  await expect.poll(() => asked.count()).toBe(0);
});

test("a thread, a post and an event that are made while the program is dead wait, and are there once after it is back", async () => {
  const relay = await here.program("nexus-relay");
  const { page } = here.with(await register(here.browser, relay, "ada"));
  await createGuild(page, "Harbour");
  await makeForum(page, "workshop");
  await page.getByRole("link", { name: "general", exact: true }).click();
  await say(page, "the mast is too long");
  await everythingIsLoaded(page);
  await relay.kill();
  await truth(page, /^Offline/);

  await beginThread(page);
  const thread = page.locator("[data-nx=pending]", { hasText: "Shorten it" });
  await thread.getByText("Waiting to be sent").waitFor();
  await truth(page, "Offline, 1 item waiting");
  expect(await violations(page)).toEqual([]);
  await beginPost(page);
  const post = page.locator("[data-nx=pending_post]", { hasText: "Oil or varnish?" });
  await post.getByText("Waiting to be sent").waitFor();
  expect(await violations(page)).toEqual([]);
  await announce(page);
  const event = page.locator("[data-nx=pending_event]", { hasText: "Launching" });
  await event.getByText("Waiting to be sent").waitFor();
  expect(await violations(page)).toEqual([]);
  await page.keyboard.press("Escape");
  await truth(page, "Offline, 3 items waiting");

  // What waits outlives the window, too.
  const address = page.url();
  await page.goto("about:blank");
  await relay.start();
  await page.goto(address);
  await page.locator("[data-nx=post]", { hasText: "Oil or varnish?" }).waitFor();
  await expect.poll(() => post.count()).toBe(0);
  await page.getByRole("button", { name: /^Events.*1 to come/ }).click();
  await page.locator("[data-nx=event]", { hasText: "Launching" }).waitFor();
  await expect.poll(() => event.count()).toBe(0);
  await page.keyboard.press("Escape");
  await page.getByRole("link", { name: "general", exact: true }).click();
  await message(page, "the mast is too long")
    .getByRole("button", { name: /^Thread Shorten it/ })
    .click();
  await page.getByRole("complementary", { name: "Thread Shorten it" }).waitFor();
  await expect.poll(() => page.locator("[data-nx=pending]").count()).toBe(0);
});
