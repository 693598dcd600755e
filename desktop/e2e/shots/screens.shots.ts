/** Pictures of every screen, for people to look at: `npm run shots`, kept in `desktop/docs/screenshots`. */

import { mkdirSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { test } from "vitest";
import type { Looks } from "../test/stage/browser.ts";
import { doors, inside, keeping, type Look, livelyPlace, offline } from "../test/stage/tour.ts";
import { town } from "../test/stage/town.ts";

const FOLDER = fileURLToPath(new URL("../../docs/screenshots/", import.meta.url));
const here = town();
const WAYS: readonly (readonly [string, Looks])[] = [
  ["wide-dark", { theme: "dark" }],
  ["wide-light", { theme: "light" }],
  ["narrow-dark", { theme: "dark", width: 390, height: 844, touch: true }],
  ["narrow-light", { theme: "light", width: 390, height: 844, touch: true }],
];

test("every screen has its picture", async () => {
  rmSync(FOLDER, { recursive: true, force: true });
  mkdirSync(FOLDER, { recursive: true });
  const [relay, node] = [
    await here.program("nexus-relay", ["--name", "harbour.example"]),
    await here.program("nexus"),
  ];
  const place = await livelyPlace(here.browser, relay);
  const shooting =
    (way: string): Look =>
    async (page, screen) => {
      await page.screenshot({ path: `${FOLDER}${screen}-${way}.png`, animations: "disabled" });
    };
  const guests = [];
  for (const [way, looks] of WAYS) {
    await doors(here.browser, { relay, node, link: place.link }, looks, shooting(way));
    guests.push({ way, who: await inside(here.browser, relay, place, looks, shooting(way)) });
  }
  const mirrored = await inside(here.browser, relay, place, { locale: "mirrored" }, async (page, screen) => {
    if (screen === "channel") await shooting("mirrored")(page, screen);
  });
  await keeping(place.ada, shooting("wide-dark"));
  await relay.kill();
  for (const { way, who } of guests) await offline(who.page, shooting(way));
  for (const { context } of [place.ada, mirrored, ...guests.map(({ who }) => who)]) await context.close();
});
