import { test } from "vitest";
import { inside, livelyPlace } from "../test/stage/tour.ts";
import { town } from "../test/stage/town.ts";
const here = town();
test("x", async () => {
  const relay = await here.program("nexus-relay");
  const place = await livelyPlace(here.browser, relay);
  const late: Promise<unknown>[] = [];
  await inside(here.browser, relay, place, { theme: "light", width: 390, height: 844, touch: true }, async (page, s) => { console.log("S+", s); if (s === "pins") late.push(new Promise((r) => setTimeout(r, 2500)).then(() => page.screenshot({ path: "/tmp/pics/n.png" }))); });
}, 40000);
