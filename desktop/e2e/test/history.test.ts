import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { composer, createGuild, firstRun, message, say, truth } from "./stage/deeds.ts";
import { choose, NOTES, PICTURE } from "./stage/giving.ts";
import { longChannel } from "./stage/long_channel.ts";
import { wheel } from "./stage/timeline.ts";
import { town } from "./stage/town.ts";

const here = town();

/** The message that is topmost in sight, and how far below the edge. */
function topmost(page: Page): Promise<{ text: string; top: number }> {
  return page.evaluate(() => {
    const edge = document.querySelector(".nx-timeline-scroll")?.getBoundingClientRect();
    const rows = [...document.querySelectorAll("[data-nx=message]")].map((row) => ({
      text: (row.textContent ?? "").slice(0, 80),
      top: row.getBoundingClientRect().top - (edge?.top ?? 0),
    }));
    return rows.filter((row) => row.top >= 0).sort((a, b) => a.top - b.top)[0] ?? { text: "", top: -1 };
  });
}

/** What is topmost once nothing moves any more: it is where it was for half a second. */
async function resting(page: Page): Promise<{ text: string; top: number }> {
  let last = await topmost(page);
  for (let still = 0; still < 5; ) {
    await page.waitForTimeout(100);
    const now = await topmost(page);
    still = now.text === last.text && now.top === last.top ? still + 1 : 0;
    last = now;
  }
  return last;
}

test("the program is restarted while one reads far above: nothing moves, and all that was missed is there once", async () => {
  const node = await here.program("nexus");
  const { page } = here.with(await firstRun(here.browser, node, "Ada"));
  await createGuild(page, "Harbour");
  const channel = await longChannel(node);
  await channel.fill(120);
  await channel.say("the newest");
  await message(page, "the newest").waitFor();
  await page.reload();
  await message(page, "the newest").waitFor();
  for (let step = 0; step < 4; step += 1) await wheel(page, -600);
  const before = await resting(page);

  await node.kill();
  await truth(page, /^(Offline|Connection|Reconnect)/);
  await node.start();
  for (const text of ["missed one", "missed two"]) await channel.say(text);
  await truth(page, /^On your own node/);
  await page.waitForTimeout(1_000);
  const after = await resting(page);
  expect(after.text).toBe(before.text);
  expect(Math.abs(after.top - before.top)).toBeLessThanOrEqual(1);

  await page
    .getByRole("button", { name: /Jump to the present|new message/ })
    .first()
    .click();
  await message(page, "missed two").waitFor();
  expect(await page.locator("[data-nx=message]", { hasText: "missed one" }).count()).toBe(1);
});

test("what an answer quotes is gone to, however far above, and the present is one step away", async () => {
  const node = await here.program("nexus");
  const { page } = here.with(await firstRun(here.browser, node, "Ada"));
  await createGuild(page, "Harbour");
  const channel = await longChannel(node);
  const { id } = await channel.say("the one that will be quoted");
  await channel.fill(400);
  const answer = { content: "as was said", message_reference: { message_id: id } };
  await channel.post(answer);
  await message(page, "as was said").waitFor();
  await page.reload();
  const quote = message(page, "as was said").locator(".nx-answered");
  // It lights up for a moment: looked for from before, or a slow machine looks when it is over.
  const lit = page.locator("[data-nx=message][data-flash]", { hasText: "the one that will be quoted" });
  await Promise.all([lit.first().waitFor(), quote.click()]);
  expect(await message(page, "as was said").count()).toBe(0);
  await page.getByRole("button", { name: "Jump to the present" }).click();
  await message(page, "as was said").waitFor();
});

test("who reads the present goes on reading it, however much is said; who has scrolled away stays there", async () => {
  const node = await here.program("nexus");
  const { page } = here.with(await firstRun(here.browser, node, "Ada"));
  await createGuild(page, "Harbour");
  const channel = await longChannel(node);
  // More than a window holds: as much leaves it at its start as comes at its end.
  await channel.fill(800, 32);
  await channel.say("the newest");
  await message(page, "the newest").waitFor();
  expect(await page.getByRole("button", { name: /Jump to the present/ }).count()).toBe(0);
  await page.reload();
  await message(page, "the newest").waitFor();

  for (let step = 0; step < 3; step += 1) await wheel(page, -600);
  const before = await resting(page);
  await channel.fill(60);
  await page.waitForTimeout(500);
  const after = await resting(page);
  expect([after.text, Math.abs(after.top - before.top) <= 1]).toEqual([before.text, true]);
});

/** How far what was said last ends below what is seen of the talk, pixels. */
function hiddenBelow(page: Page): Promise<number> {
  return page.evaluate(() => {
    const edge = document.querySelector(".nx-timeline-scroll")?.getBoundingClientRect().bottom ?? 0;
    const last = [...document.querySelectorAll(".nx-timeline-row")].at(-1)?.getBoundingClientRect().bottom;
    return Math.max(0, (last ?? Number.POSITIVE_INFINITY) - edge);
  });
}

test("whatever takes room from the talk, or gives it back, who reads the newest message goes on seeing it", async () => {
  const node = await here.program("nexus");
  const { page } = here.with(await firstRun(here.browser, node, "Ada"));
  await createGuild(page, "Harbour");
  const channel = await longChannel(node);
  await channel.fill(80);
  await say(page, "the newest");
  const room = () => page.evaluate(() => document.querySelector(".nx-timeline-scroll")?.clientHeight ?? 0);
  const ways: readonly [how: string, act: () => Promise<void>][] = [
    ["files come", () => choose(page, NOTES, PICTURE)],
    ["lines are written", () => composer(page).fill("one\n".repeat(12))],
    ["it answers", () => answerTo(page, "the newest")],
    ["a keyboard comes", () => page.setViewportSize({ width: 1280, height: 560 })],
    ["a keyboard goes", () => page.setViewportSize({ width: 1280, height: 800 })],
    ["it is narrow", () => page.setViewportSize({ width: 360, height: 740 })],
    ["it is wide again", () => page.setViewportSize({ width: 1280, height: 800 })],
    ["lines are taken away", () => composer(page).fill("one")],
    ["files go", () => takeOut(page)],
  ];
  for (const [how, act] of ways) {
    const before = await room();
    await act();
    await expect.poll(room, { message: how }).not.toBe(before);
    await expect.poll(() => hiddenBelow(page), { message: how }).toBeLessThanOrEqual(1);
    expect(await page.getByRole("button", { name: /Jump to the present/ }).count(), how).toBe(0);
  }

  // Who has scrolled up keeps their place.
  for (let step = 0; step < 3; step += 1) await wheel(page, -500);
  const before = await resting(page);
  for (const act of [() => choose(page, NOTES, PICTURE), () => composer(page).fill("one\n".repeat(12))]) {
    const rooms = await room();
    await act();
    await expect.poll(room).not.toBe(rooms);
    const after = await resting(page);
    expect([after.text, Math.abs(after.top - before.top) <= 1]).toEqual([before.text, true]);
  }
});

async function takeOut(page: Page): Promise<void> {
  for (const name of ["Remove mast.png", /^Remove notes/]) await page.getByRole("button", { name }).click();
}

async function answerTo(page: Page, text: string): Promise<void> {
  await message(page, text).hover();
  await page.getByRole("button", { name: "Answer", exact: true }).click();
}
