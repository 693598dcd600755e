import { expect, test } from "vitest";
import { createGuild, firstRun, say } from "./stage/deeds.ts";
import { HOSTILE } from "./stage/hostile.ts";
import { longChannel } from "./stage/long_channel.ts";
import { town } from "./stage/town.ts";
import { unharmed } from "./stage/unharmed.ts";

const here = town();
/** More of them by `NEXUS_FUZZ_BATCHES`, others by `NEXUS_FUZZ_SEED`. */
const SEED = Number(process.env.NEXUS_FUZZ_SEED ?? 20_261_123);
const BATCHES = Number(process.env.NEXUS_FUZZ_BATCHES ?? 6);
const IN_A_BATCH = 25;

test("whatever is made of pieces of hostile text neither runs nor breaks what stands beside it", {
  timeout: 120_000 + BATCHES * 20_000,
}, async () => {
  const node = await here.program("nexus");
  const { page } = here.with(await firstRun(here.browser, node, "Ada"));
  await createGuild(page, "Harbour");
  const channel = await longChannel(node);
  const dice = mulberry32(SEED);
  for (let batch = 0; batch < BATCHES; batch += 1) {
    for (let number = 0; number < IN_A_BATCH; number += 1) {
      const content = text(dice);
      const card = { title: text(dice).slice(0, 200), description: text(dice).slice(0, 1_000) };
      await channel.post({ content, ...(dice() < 0.2 ? { embeds: [card] } : {}) });
    }
    await say(page, `after batch ${batch}`);
    // A long message and a long card, both folded.
    await unharmed(page, `seed ${SEED}, batch ${batch}`, 1_200);
    if (batch % 2 === 1) await page.setViewportSize({ width: 390, height: 844 });
    else await page.setViewportSize({ width: 1280, height: 800 });
    await unharmed(page, `seed ${SEED}, batch ${batch}, turned`, 1_500);
  }
  expect(await page.locator("[data-nx=message]").count()).toBeGreaterThan(0);
});

const MARKS = [
  "**",
  "__",
  "~~",
  "||",
  "`",
  "```",
  "> ",
  "# ",
  "- ",
  "1. ",
  "[",
  "](",
  ")",
  "<",
  ">",
  "@",
  "#",
  "\n",
  " ",
  "\\",
  "<t:",
  ":R>",
  "http://",
  "www.",
  "\u202e",
  "\u2066",
  "\u200d",
  "\u0301",
  "🏳️‍🌈",
  "שלום",
  "ع",
  "漢",
];

/** Pieces of known attacks, marks, and whatever Unicode has, in any order. */
function text(dice: () => number): string {
  const pieces: string[] = [];
  const many = 1 + Math.floor(dice() * 40);
  for (let at = 0; at < many; at += 1) {
    const kind = dice();
    if (kind < 0.2) {
      const [, attack] = HOSTILE[Math.floor(dice() * HOSTILE.length)] ?? ["", ""];
      const from = Math.floor(dice() * attack.length);
      pieces.push(attack.slice(from, from + Math.floor(dice() * 200)));
    } else if (kind < 0.7) {
      pieces.push((MARKS[Math.floor(dice() * MARKS.length)] ?? "").repeat(1 + Math.floor(dice() * 3)));
    } else {
      pieces.push(String.fromCodePoint(code(dice)).repeat(1 + Math.floor(dice() * 8)));
    }
  }
  const letters = Array.from(pieces.join("").slice(0, 1_990)).filter(
    (letter) => !/\p{Surrogate}/u.test(letter),
  );
  const made = letters.join("");
  return made.trim() === "" ? "x" : made;
}

/** Any but the halves of pairs, and NUL. */
function code(dice: () => number): number {
  const plane = dice() < 0.7 ? 0x2_fff : 0x1f_fff;
  const point = 1 + Math.floor(dice() * plane);
  return point >= 0xd800 && point <= 0xdfff ? 0x20 : point;
}

/** Tommy Ettinger's generator, public domain: 32 bits of state are enough for choosing pieces. */
function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
