/** What the client costs: its logic in this process, its page in a browser. Prints one table row for each number. */

import { existsSync } from "node:fs";
import { chromium, type Page } from "playwright-core";
import { test } from "vitest";
import {
  initialState,
  markdown,
  memberGroups,
  permissionsIn,
  quickSwitch,
  type State,
  timelineItems,
  unread,
} from "../src/index.ts";
import { type EventName, reduce } from "../src/state/reduce.ts";
import { showPage, WINDOW_MAX } from "../src/state/window.ts";
import { botIn } from "../test/real/bot.ts";
import { startProgram } from "../test/real/program.ts";
import { channel, GUILD, guildCreate, ME, member, message, ready } from "../test/world.ts";

const CHROMIUM = process.env.NEXUS_CHROMIUM ?? "/usr/bin/chromium";
const MEMBERS = 5_000;
const CHANNELS = 200;

/** To the terminal, past the runner's own words: the developer's command keeps these lines. */
function row(what: string, value: string): void {
  process.stdout.write(`| ${what} | ${value} |\n`);
}

/** The best of several: what the code costs, and not what else the machine did. */
function best(runs: number, job: () => void): number {
  let least = Number.POSITIVE_INFINITY;
  for (let run = 0; run < runs; run += 1) {
    const begun = performance.now();
    job();
    least = Math.min(least, performance.now() - begun);
  }
  return least;
}

function largeGuild(): State {
  const channels = Array.from({ length: CHANNELS }, (_, index) => channel(`${30_000 + index}`));
  const members = Array.from({ length: MEMBERS }, (_, index) =>
    member(index === 0 ? ME : `${50_000 + index}`),
  );
  const begun = reduce(initialState(), "READY", ready([GUILD]), 0);
  const state = reduce(begun, "GUILD_CREATE", guildCreate({ channels, members }), 0);
  return showPage(state, "30000", { messages: [], hasOlder: true, hasNewer: false }, null);
}

function event(index: number): { readonly t: EventName; readonly d: unknown } {
  const [id, channelId] = [`${1_000_000 + index}`, `${30_000 + (index % 8)}`];
  const author = `${50_001 + (index % 500)}`;
  if (index % 10 === 7)
    return { t: "TYPING_START", d: { channel_id: channelId, user_id: author, timestamp: 1 } };
  if (index % 10 === 8)
    return { t: "MESSAGE_UPDATE", d: message(`${1_000_000 + index - 8}`, channelId, author) };
  if (index % 10 === 9) {
    return {
      t: "PRESENCE_UPDATE",
      d: { user: { id: author }, guild_id: GUILD, status: "online", activities: [], client_status: {} },
    };
  }
  return { t: "MESSAGE_CREATE", d: message(id, channelId, author) };
}

function megabytes(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}

test("logic", () => {
  let state = largeGuild();
  const soak = (from: number, to: number) => {
    for (let index = from; index < to; index += 1) {
      const { t, d } = event(index);
      state = reduce(state, t, d as never, index);
    }
  };
  row(
    `events taken in a second, guild of ${MEMBERS} members, ${CHANNELS} channels`,
    (() => {
      const begun = performance.now();
      soak(0, 10_000);
      return Math.round(10_000_000 / (performance.now() - begun)).toLocaleString("en");
    })(),
  );
  globalThis.gc?.();
  const early = process.memoryUsage().heapUsed;
  soak(10_000, 50_000);
  globalThis.gc?.();
  row("heap, all of this process, after 10,000 events", megabytes(early));
  row("growth from there to 50,000 events", megabytes(process.memoryUsage().heapUsed - early));
  const shown = state.timelines["30000"]?.ids.length ?? 0;
  row(
    `items of a timeline with ${shown} of at most ${WINDOW_MAX} messages`,
    `${best(20, () => timelineItems(state, "30000")).toFixed(2)} ms`,
  );
  row(`member list of ${MEMBERS}`, `${best(10, () => memberGroups(state, GUILD, "30000")).toFixed(1)} ms`);
  row(`unread of a guild of ${CHANNELS} channels`, `${best(20, () => unread(state, GUILD)).toFixed(2)} ms`);
  row(
    "permissions in a channel",
    `${(best(20, () => permissionsIn(state, GUILD, "30000", ME)) * 1000).toFixed(0)} µs`,
  );
  row(
    `quick switcher over ${MEMBERS} people and ${CHANNELS} channels`,
    `${best(10, () => quickSwitch(state, "usr 50")).toFixed(1)} ms`,
  );
  const text =
    "**Hello** <@1>, see https://a.example/b?c=d and `code` ||hidden|| _there_ 🦀\n- one\n- two\n".repeat(20);
  const ms = best(20, () => markdown(text));
  row(`markdown of ${text.length} characters`, `${ms.toFixed(2)} ms`);
});

test("page", { timeout: 120_000 }, async () => {
  if (!existsSync(CHROMIUM))
    throw new Error(`no browser at ${CHROMIUM}: install chromium, or set NEXUS_CHROMIUM`);
  const program = await startProgram();
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] });
  try {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(program.origin);
    const guildId = await settled(page, program.origin, program.setupKey);
    const bot = await botIn(program.origin, program.token(), guildId.guild);
    for (let index = 0; index < 200; index += 1)
      await bot.say(guildId.channel, `Message **${index}** of many`);
    const paints: number[] = [];
    for (let run = 0; run < 5; run += 1) {
      const fresh = await context.newPage();
      await fresh.goto(`${program.origin}/channels/${guildId.guild}/${guildId.channel}`, {
        waitUntil: "networkidle",
      });
      paints.push(await firstPaint(fresh));
      if (run === 4) {
        row("bytes over the line for a first visit", megabytes(await transferred(fresh)));
        row("heap of the page with one channel open", megabytes(await heap(fresh)));
      }
      await fresh.close();
    }
    row("first contentful paint, signed in, best of 5", `${Math.min(...paints).toFixed(0)} ms`);
  } finally {
    await browser.close();
    await program.stop();
  }
});

/** Signs the browser in, as its page would, and makes a guild. */
async function settled(page: Page, origin: string, key: string): Promise<{ guild: string; channel: string }> {
  return page.evaluate(
    async ({ origin, key }) => {
      const ask = async (method: string, path: string, body?: unknown, authorization?: string) => {
        const response = await fetch(`${origin}/api/v10${path}`, {
          method,
          headers: { "content-type": "application/json", ...(authorization ? { authorization } : {}) },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        });
        return response.json();
      };
      await ask("POST", "/nexus/setup", { display_name: "Ada" }, `Setup ${key}`);
      const guild = await ask("POST", "/guilds", { name: "Guild" });
      const channels = await ask("GET", `/guilds/${guild.id}/channels`);
      return { guild: guild.id, channel: channels.find((each: { type: number }) => each.type === 0).id };
    },
    { origin, key },
  );
}

function firstPaint(page: Page): Promise<number> {
  return page.evaluate(
    () => performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? Number.NaN,
  );
}

function transferred(page: Page): Promise<number> {
  return page.evaluate(() => {
    const all = performance.getEntriesByType("resource") as PerformanceResourceTiming[];
    return all.reduce((sum, each) => sum + each.encodedBodySize, 0);
  });
}

async function heap(page: Page): Promise<number> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("HeapProfiler.collectGarbage");
  const { usedSize } = await devtools.send("Runtime.getHeapUsage");
  return usedSize;
}
