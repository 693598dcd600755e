/** What the client costs in a browser, beside the floor of an empty page: `cargo xtask bench web`. */

import type { CDPSession, Page } from "playwright-core";
import { expect, test } from "vitest";
import { composer, createGuild, firstRun, message } from "../test/stage/deeds.ts";
import { type LongChannel, longChannel } from "../test/stage/long_channel.ts";
import { rows } from "../test/stage/timeline.ts";
import { town } from "../test/stage/town.ts";

const here = town();
const MESSAGES = Number(process.env.NEXUS_BENCH_MESSAGES ?? 100_000);
const EVENTS = Number(process.env.NEXUS_BENCH_EVENTS ?? 50_000);

function row(what: string, value: string): void {
  process.stdout.write(`| ${what} | ${value} |\n`);
}

const quantile = (all: readonly number[], part: number): number =>
  [...all].sort((a, b) => a - b)[Math.min(all.length - 1, Math.floor(all.length * part))] ?? Number.NaN;
const median = (all: readonly number[]): number => quantile(all, 0.5);
const ms = (value: number): string => `${value.toFixed(1)} ms`;

test("browser", { timeout: 1_800_000 }, async () => {
  const node = await here.program("nexus");
  const ada = here.with(await firstRun(here.browser, node, "Ada"));
  await createGuild(ada.page, "Harbour");
  const channel = await longChannel(node);
  const begun = performance.now();
  await channel.fill(MESSAGES, 48);
  row(
    `messages in the channel (written in ${((performance.now() - begun) / 1_000).toFixed(0)} s)`,
    String(MESSAGES),
  );
  const { page } = ada;
  const said = performance.now();
  await channel.say("the newest");
  // The page was open all the while: it may be behind, and where one had read is kept a moment later.
  await message(page, "the newest").waitFor({ timeout: 180_000 });
  row("from the last of them to its row, the page open all the while", ms(performance.now() - said));
  await page.waitForTimeout(2_000);
  const line = await page.context().newCDPSession(page);
  const address = `${node.origin}/channels/${channel.guildId}/${channel.channelId}`;

  for (const delay of [0, 100]) {
    const runs: number[] = [];
    for (let run = 0; run < 5; run += 1) runs.push(await painted(page, line, address, delay));
    row(`first 50 messages painted, cold, ${delay} ms of delay each way, median of 5`, ms(median(runs)));
  }
  await page.goto(address);
  await message(page, "the newest").waitFor();
  row("rows drawn", String(await rows(page)));
  await scrolling(page, line);
  await jumping(page, node.origin, channel);
  await page.goto(address);
  await message(page, "the newest").waitFor();
  await typing(page, channel);
  await growth(page, line, channel);
});

/** Milliseconds from the address to fifty messages on the screen's list, nothing in the cache. */
async function painted(page: Page, line: CDPSession, address: string, delay: number): Promise<number> {
  await page.goto("about:blank");
  await line.send("Network.enable");
  await line.send("Network.clearBrowserCache");
  await line.send("Network.emulateNetworkConditions", {
    offline: false,
    latency: delay,
    downloadThroughput: -1,
    uploadThroughput: -1,
  });
  await page.goto(address, { waitUntil: "commit" });
  await message(page, "the newest").waitFor();
  const took = await page.evaluate(
    () => new Promise<number>((done) => requestAnimationFrame(() => done(performance.now()))),
  );
  await line.send("Network.emulateNetworkConditions", {
    offline: false,
    latency: 0,
    downloadThroughput: -1,
    uploadThroughput: -1,
  });
  return took;
}

/** Times between frames while somebody scrolls through history; a page with nothing on it is the floor. */
async function scrolling(page: Page, line: CDPSession): Promise<void> {
  const floor = await page.context().newPage();
  await floor.setContent("<div style='height:100000px'></div>");
  const still = await frames(floor, () => floor.mouse.wheel(0, 120));
  await floor.close();
  for (const slower of [1, 6]) {
    await line.send("Emulation.setCPUThrottlingRate", { rate: slower });
    await page.locator(".nx-timeline-scroll").hover();
    const taken = await frames(page, () => page.mouse.wheel(0, -120));
    const cpu = slower === 1 ? "" : `, CPU slowed ${slower} times`;
    row(
      `scroll, p95 of a frame${cpu}`,
      `${ms(quantile(taken, 0.95))} (an empty page: ${ms(quantile(still, 0.95))})`,
    );
  }
  await line.send("Emulation.setCPUThrottlingRate", { rate: 1 });
}

async function frames(page: Page, move: () => Promise<void>): Promise<readonly number[]> {
  await page.evaluate(() => {
    const taken: number[] = [];
    Object.assign(window, { taken, counting: true });
    let last = performance.now();
    const next = (now: number) => {
      taken.push(now - last);
      last = now;
      if ((window as unknown as { counting: boolean }).counting) requestAnimationFrame(next);
    };
    requestAnimationFrame(next);
  });
  for (let step = 0; step < 150; step += 1) await move();
  return page.evaluate(() => {
    const page = window as unknown as { taken: number[]; counting: boolean };
    page.counting = false;
    return page.taken.slice(2);
  });
}

/** From a link to a message in the middle of it all to that message on the screen. */
async function jumping(page: Page, origin: string, channel: LongChannel): Promise<void> {
  const found = await page.evaluate(
    async ({ origin, id, back }) => {
      let before = "";
      for (let at = 0; at < back; at += 1) {
        const answer = await fetch(`${origin}/api/v10/channels/${id}/messages?limit=100${before}`);
        const list = (await answer.json()) as { id: string }[];
        before = `&before=${list.at(-1)?.id}`;
      }
      return before.slice("&before=".length);
    },
    { origin, id: channel.channelId, back: Math.max(1, Math.min(120, Math.floor(MESSAGES / 250))) },
  );
  const took: number[] = [];
  for (let run = 0; run < 5; run += 1) {
    took.push(
      await page.evaluate(
        (path) =>
          new Promise<number>((done) => {
            const begun = performance.now();
            history.pushState(null, "", path);
            dispatchEvent(new PopStateEvent("popstate"));
            const look = () => {
              if (document.querySelector("[data-flash]") !== null) done(performance.now() - begun);
              else requestAnimationFrame(look);
            };
            requestAnimationFrame(look);
          }),
        `/channels/${channel.guildId}/${channel.channelId}/${found}`,
      ),
    );
    await page.goto(`${origin}/channels/${channel.guildId}/${channel.channelId}`);
    await message(page, "the newest").waitFor();
  }
  row("jump to a message 12,000 back, median of 5", ms(median(took)));
}

/** From a key to the frame that shows it, while a hundred messages a second come in. */
async function typing(page: Page, channel: LongChannel): Promise<void> {
  await composer(page).focus();
  for (const busy of [false, true]) {
    let going = busy;
    const talk = (async () => {
      const begun = performance.now();
      for (let said = 0; going; said += 1) {
        await channel.say(`meanwhile ${said}`);
        const ahead = said * 10 - (performance.now() - begun);
        if (ahead > 0) await new Promise((done) => setTimeout(done, ahead));
      }
    })();
    await page.evaluate(() => {
      const waits: number[] = [];
      Object.assign(window, { waits });
      document.addEventListener(
        "keydown",
        (event) =>
          requestAnimationFrame(() => setTimeout(() => waits.push(performance.now() - event.timeStamp))),
        { capture: true },
      );
    });
    for (let key = 0; key < 200; key += 1) await page.keyboard.press("a");
    const waits = await page.evaluate(() => (window as unknown as { waits: number[] }).waits);
    going = false;
    await talk;
    const words = busy ? "100 messages a second coming" : "nobody writing";
    row(`key to paint, p50 / p95, ${words}`, `${ms(median(waits))} / ${ms(quantile(waits, 0.95))}`);
    await composer(page).fill("");
  }
}

/** What the page holds after many events, and whether it grows. */
async function growth(page: Page, line: CDPSession, channel: LongChannel): Promise<void> {
  const heap = async () => {
    await line.send("HeapProfiler.collectGarbage");
    return ((await line.send("Runtime.getHeapUsage")) as { usedSize: number }).usedSize / 1e6;
  };
  const before = await heap();
  const early = Math.min(10_000, EVENTS / 5);
  await channel.fill(early, 48);
  const soon = await heap();
  await channel.fill(EVENTS - early, 48);
  await channel.say("the very last");
  await message(page, "the very last").waitFor();
  const late = await heap();
  row(
    `heap before, after ${early} and after ${EVENTS} events`,
    [before, soon, late].map((mb) => `${mb.toFixed(1)} MB`).join(", "),
  );
  expect(await rows(page)).toBeLessThanOrEqual(60);
}
