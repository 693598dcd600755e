import { expect, test } from "vitest";
import { violations } from "./stage/axe.ts";
import type { Looks } from "./stage/browser.ts";
import { tooSmall } from "./stage/touch.ts";
import { doors, inside, keeping, type Look, livelyPlace, offline } from "./stage/tour.ts";
import { town } from "./stage/town.ts";

const here = town();
const WAYS: readonly Looks[] = [{ theme: "dark" }, { theme: "light", width: 390, height: 844, touch: true }];

test("axe finds nothing wrong with any screen, in the dark and in the light, wide and narrow, and a finger misses nothing", {
  timeout: 600_000,
}, async () => {
  const [relay, node] = [await here.program("nexus-relay"), await here.program("nexus")];
  const place = await livelyPlace(here.browser, relay);
  const wrong: string[] = [];
  let seen = 0;
  const look: Look = async (page, screen) => {
    seen += 1;
    wrong.push(...(await violations(page)).map((each) => `${screen}: ${each}`));
    const touched = await page.evaluate(() => matchMedia("(pointer: coarse)").matches);
    if (touched) wrong.push(...(await tooSmall(page)).map((each) => `${screen}: too small: ${each}`));
  };
  const guests = [];
  for (const looks of WAYS) {
    await doors(here.browser, { relay, node, link: place.link }, looks, look);
    guests.push(here.with(await inside(here.browser, relay, place, looks, look)));
  }
  await keeping(here.with(place.ada), look);
  await relay.kill();
  for (const guest of guests) await offline(guest.page, look);
  expect(wrong).toEqual([]);
  expect(seen).toBeGreaterThan(40);
});
