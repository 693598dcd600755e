import { expect, test } from "vitest";
import { createGuild, firstRun, message } from "./stage/deeds.ts";
import { longChannel } from "./stage/long_channel.ts";
import { rows, shifts, watchShifts, wheel } from "./stage/timeline.ts";
import { town } from "./stage/town.ts";

const here = town();
/** Rows that may be drawn, however long a channel is. */
const ROWS_MAX = 60;

test("a long channel draws few rows, and older messages push nothing out of its place", async () => {
  const node = await here.program("nexus");
  const { page } = here.with(await firstRun(here.browser, node, "Ada"));
  await createGuild(page, "Harbour");
  const channel = await longChannel(node);
  await channel.fill(500);
  await channel.say("the newest");
  await message(page, "the newest").waitFor();
  await page.reload();
  await message(page, "the newest").waitFor();
  expect(await rows(page)).toBeLessThanOrEqual(ROWS_MAX);

  // A program on this machine answers before the wheel rests; further away it does not.
  await page.route("**/messages?*", async (route) => {
    await new Promise((done) => setTimeout(done, 120));
    await route.continue();
  });
  await watchShifts(page);
  for (let step = 0; step < 80 && (await shifts(page)).length < 4; step += 1) {
    await wheel(page, -700);
    expect(await rows(page)).toBeLessThanOrEqual(ROWS_MAX);
  }
  const moved = await shifts(page);
  expect(moved.length, "older pages were loaded while nothing moved").toBeGreaterThan(1);
  expect(Math.max(...moved), "what was read stays where it was").toBeLessThanOrEqual(1);
});
