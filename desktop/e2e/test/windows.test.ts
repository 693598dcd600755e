import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import type { Person } from "./stage/browser.ts";
import { composer, createGuild, firstRun, message, say, truth } from "./stage/deeds.ts";
import { choose, NOTES, PICTURE } from "./stage/giving.ts";
import type { Program } from "./stage/program.ts";
import { town } from "./stage/town.ts";

const here = town();

interface Desk {
  readonly node: Program;
  readonly ada: Person;
  readonly first: Page;
  readonly second: Page;
}

/** Ada with two windows of one browser, both in the same channel. */
async function twoWindows(): Promise<Desk> {
  const node = await here.program("nexus");
  const ada = here.with(await firstRun(here.browser, node, "Ada"));
  await createGuild(ada.page, "Harbour");
  await say(ada.page, "here we are");
  const second = await ada.context.newPage();
  await second.goto(ada.page.url());
  await message(second, "here we are").waitFor();
  return { node, ada, first: ada.page, second };
}

const tiles = (page: Page) => page.locator("[data-nx=tile]");
const pending = (page: Page) => page.locator("[data-nx=pending]");
const said = (page: Page, text: string) => page.locator("[data-nx=message]", { hasText: text });
const kept = (page: Page, name: string) =>
  page.evaluate((name) => Object.values(localStorage).some((each) => each.includes(name)), name);

test("files chosen in one window are sent by that window, and by another once it is gone", async () => {
  const { ada, first, second } = await twoWindows();
  await choose(first, NOTES);
  await expect.poll(() => kept(first, NOTES.name)).toBe(true);
  await second.reload();
  await message(second, "here we are").waitFor();
  await truth(second, /^On your own node/);
  expect(await tiles(second).count()).toBe(0);
  await composer(first).fill("with the notes");
  await composer(first).press("Enter");
  await said(second, "with the notes").locator("[data-nx=attachment]").waitFor();
  await say(second, "without anything");
  expect(await said(first, "without anything").locator("[data-nx=attachment]").count()).toBe(0);

  await choose(first, PICTURE);
  await expect.poll(() => kept(first, PICTURE.name)).toBe(true);
  await first.close();
  await expect.poll(() => tiles(second).count()).toBe(1);
  await tiles(second).locator("img").waitFor();
  await composer(second).press("Enter");
  await second.locator("[data-nx=message] img[alt='mast.png']").waitFor();
  // A third one has nothing to send any more.
  const third = await ada.context.newPage();
  await third.goto(second.url());
  await message(third, "without anything").waitFor();
  await truth(third, /^On your own node/);
  expect([await tiles(third).count(), await pending(third).count()]).toEqual([0, 0]);
});

test("what was written while cut off is sent once, however many windows come back, and though its own is closed", async () => {
  const { node, first, second } = await twoWindows();
  await node.kill();
  for (const page of [first, second]) await truth(page, /^Offline/);
  for (const [page, text] of [
    [first, "from the first"],
    [second, "from the second"],
  ] as const) {
    await composer(page).fill(text);
    await composer(page).press("Enter");
    await pending(page).filter({ hasText: text }).waitFor();
  }
  await first.close();
  await pending(second).filter({ hasText: "from the first" }).waitFor();
  expect(await pending(second).count()).toBe(2);
  await node.start();
  for (const text of ["from the first", "from the second"]) await message(second, text).waitFor();
  await expect.poll(() => pending(second).count()).toBe(0);
  await second.reload();
  await message(second, "from the first").waitFor();
  for (const text of ["from the first", "from the second"]) expect(await said(second, text).count()).toBe(1);
});
