import type { Locator, Page } from "playwright-core";
import { expect, test } from "vitest";
import type { Looks } from "./stage/browser.ts";
import { createGuild, firstRun, message, say } from "./stage/deeds.ts";
import { town } from "./stage/town.ts";

const here = town();

test.each([
  ["in a window", {}],
  ["on a phone", { width: 360, height: 640, touch: true }],
] as const)("what became of something is said in a place of its own, once, %s", async (_, looks: Looks) => {
  const node = await here.program("nexus");
  const { page } = here.with(await firstRun(here.browser, node, "Ada", looks));
  await createGuild(page, "Harbour");
  for (let line = 1; line <= 20; line += 1) await say(page, `line ${line}`);
  await countSaid(page);
  await keepToasts(page);

  await copyFrom(page, message(page, "line 20"), "Copy text");
  expect(await toastCovers(page)).toEqual([]);
  // Who read the newest message reads it still.
  await expect.poll(() => isWhole(page, "line 20")).toBe(true);
  await expect.poll(() => said(page)).toEqual(["Copied"]);
  const moves = page.locator(".nx-toast").evaluate((toast) => getComputedStyle(toast).animationDuration);
  expect(await moves, "nothing moves for who wants nothing to move").toBe("0s");
  await put(page);

  // On what lies over the talk it stands there.
  const channels = page.getByRole("button", { name: "Show channels" });
  const narrow = await channels.isVisible();
  if (narrow) await channels.click();
  await copyFrom(page, page.getByRole("link", { name: "general", exact: true }), "Copy link");
  expect(await toastCovers(page)).toEqual([]);
  if (narrow) expect(await page.locator(".nx-side .nx-toast").count()).toBe(1);
  await expect.poll(() => said(page)).toEqual(["Copied", "Copied"]);
  await put(page);
  if (narrow) await page.keyboard.press("Escape");

  await begin(page);
  const thread = page.getByRole("complementary", { name: "Thread mast" });
  await thread.getByRole("button", { name: "What can be done with the thread" }).click();
  await page.getByRole("menuitem", { name: "Copy link" }).click();
  expect(await toastCovers(page)).toEqual([]);
  // Gone from the screen with what it stood on, it comes with where one is, and is not said again.
  await expect.poll(() => said(page)).toEqual(["Copied", "Copied", "Copied"]);
  await thread.getByRole("button", { name: "Close the thread" }).click();
  await page.locator(".nx-main .nx-toast").waitFor();
  expect(await said(page)).toEqual(["Copied", "Copied", "Copied"]);
});

async function copyFrom(page: Page, from: Locator, entry: string): Promise<void> {
  await from.click({ button: "right" });
  await page.getByRole("menuitem", { name: entry }).click();
  await page.locator(".nx-toast").waitFor();
}

async function put(page: Page): Promise<void> {
  await page.locator(".nx-toast").getByRole("button", { name: "Close" }).click();
  await expect.poll(() => page.locator(".nx-toast").count()).toBe(0);
}

async function begin(page: Page): Promise<void> {
  await message(page, "line 20").click({ button: "right" });
  await page.getByRole("menuitem", { name: "Start a thread" }).click();
  await page.getByRole("dialog").getByLabel("Name", { exact: true }).fill("mast");
  await page.keyboard.press("Enter");
  await page.getByRole("complementary", { name: "Thread mast" }).waitFor();
}

/** What can be pressed and is seen under a toast. */
async function toastCovers(page: Page): Promise<readonly string[]> {
  await page.locator(".nx-toast").waitFor();
  return page.locator(".nx-toast").evaluate((toast) => {
    const box = toast.getBoundingClientRect();
    const ground = toast.closest(".nx-thread, .nx-side, .nx-main");
    const under = document
      .elementsFromPoint(box.x + box.width / 2, box.y + box.height / 2)
      .filter((each) => !toast.contains(each) && ground?.contains(each) === true);
    const pressed = "button, a[href], input, textarea, [data-nx=message]";
    return under.filter((each) => each.closest(pressed) !== null).map((each) => each.className);
  });
}

function isWhole(page: Page, text: string): Promise<boolean> {
  return message(page, text).evaluate((row) => {
    const place = document.querySelector(".nx-main .nx-toast-place")?.getBoundingClientRect();
    return place !== undefined && row.getBoundingClientRect().bottom <= place.top;
  });
}

/** They go by themselves, and here they stay for as long as one looks. */
async function keepToasts(page: Page): Promise<void> {
  await page.evaluate(() => {
    const after = window.setTimeout.bind(window);
    const patient = (act: () => void, ms?: number) => (ms === 5_000 ? 0 : after(act, ms));
    Object.assign(window, { setTimeout: patient });
  });
}

/** What is read out of toasts, one for each time. */
async function countSaid(page: Page): Promise<void> {
  await page.evaluate(() => {
    const heard: string[] = [];
    Object.assign(window, { heard });
    const look = (records: readonly MutationRecord[]) => {
      for (const { target } of records) {
        const element = target instanceof Element ? target : target.parentElement;
        const live = element?.closest("[role=status], [role=alert], [aria-live]");
        const words = live?.textContent?.trim() ?? "";
        if (words.includes("Copied")) heard.push(words);
      }
    };
    new MutationObserver(look).observe(document.body, {
      childList: true,
      characterData: true,
      subtree: true,
    });
  });
}

function said(page: Page): Promise<readonly string[]> {
  return page.evaluate(() => (window as unknown as { heard: readonly string[] }).heard);
}
