import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { violations } from "./stage/axe.ts";
import { type Looks, person } from "./stage/browser.ts";
import { tooSmall } from "./stage/touch.ts";
import { town } from "./stage/town.ts";

const here = town();

async function gallery(looks: Looks, emulate: (page: Page) => Promise<void> = async () => {}): Promise<Page> {
  const node = await here.program("nexus");
  const { page } = here.with(await person(here.browser, node.origin, looks));
  await emulate(page);
  await page.goto(`${node.origin}/__gallery`);
  await page.getByRole("heading", { name: "Gallery" }).waitFor();
  return page;
}

/** Specimens of which something reaches over their own edge, where nothing scrolls. */
function overfull(page: Page): Promise<readonly string[]> {
  return page.evaluate(() => {
    const wide = (box: Element) => box.scrollWidth > box.clientWidth + 1;
    const boxes = [...document.querySelectorAll(".nx-specimen:not([data-framed])")];
    return boxes.filter(wide).map((box) => box.getAttribute("data-specimen") ?? "");
  });
}

/** Buttons and choices of the open dialog whose words reach over their own edge. */
function spilt(page: Page): Promise<readonly string[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>("dialog[open] :is(button, .nx-choice-option, .nx-switch-row)")]
      .filter((each) => each.scrollHeight > each.clientHeight + 1)
      .map((each) => each.innerText.slice(0, 40)),
  );
}

function sideways(page: Page): Promise<boolean> {
  return page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
}

test("every component in every state is shown, and axe finds nothing wrong with any, in both looks", async () => {
  for (const theme of ["dark", "light"] as const) {
    const page = await gallery({ theme });
    expect(await page.locator(".nx-specimen").count()).toBeGreaterThan(100);
    // Here are many pages on one: that each has a main place, and the same ones, is what it shows.
    const wrong = (await violations(page)).filter((each) => !each.startsWith("landmark-"));
    expect(wrong).toEqual([]);
  }
}, 120_000);

/** What each truth line shows, and whether all of that is seen. */
function truths(page: Page): Promise<readonly { shown: string; seen: boolean }[]> {
  return page.locator("[data-nx=truth]:visible").evaluateAll((all) =>
    all.map((line) => {
      const words = line.querySelector("bdi") ?? line;
      const [inner, outer] = [words.getBoundingClientRect(), line.getBoundingClientRect()];
      const room = line.parentElement?.getBoundingClientRect() ?? outer;
      const within =
        inner.left >= outer.left && inner.right <= outer.right + 1 && inner.height <= outer.height;
      return {
        shown: words.textContent ?? "",
        seen: within && outer.left >= room.left - 1 && outer.right <= room.right + 1,
      };
    }),
  );
}

test("how one is connected is never cut off: it takes fewer words, and opened it says the whole", async () => {
  const page = await gallery({ height: 640 });
  const through = "Through relay relay.example, by WebSocket";
  const shown = async () => (await truths(page)).map(({ shown }) => shown);
  // Said whole where there is room for it.
  await expect.poll(shown).toContain(through);
  for (const width of [360, 320]) {
    await page.setViewportSize({ width, height: 640 });
    await expect.poll(async () => (await truths(page)).filter(({ seen }) => !seen)).toEqual([]);
  }
  await expect.poll(shown).not.toContain(through);
  const line = page.locator("[data-specimen='truth, alone with something waiting'] [data-nx=truth]");
  await expect.poll(() => line.innerText()).toBe("Node offline · 4 only here");
  await line.click();
  const whole = "Your node is offline · 4 items others do not have yet";
  await page.getByRole("heading", { name: whole }).waitFor();
});

test("a finger finds every button, link and field, however narrow the screen and however small the text", async () => {
  const page = await gallery({ width: 360, height: 800, touch: true });
  for (const width of [360, 1024]) {
    await page.setViewportSize({ width, height: 800 });
    await page.evaluate(() => document.documentElement.removeAttribute("data-text"));
    expect(await tooSmall(page, { scrolls: true })).toEqual([]);
    // However small somebody wants their text.
    await page.evaluate(() => document.documentElement.setAttribute("data-text", "small"));
    expect(await tooSmall(page, { scrolls: true })).toEqual([]);
  }
});

test("a finger finds all that a dialog has", { timeout: 600_000 }, async () => {
  const page = await gallery({ width: 360, height: 640, touch: true });
  const missed: string[] = [];
  for (const opener of await page.locator("[data-dialog]").all()) {
    await opener.click();
    const dialog = page.locator("dialog[open]");
    await dialog.waitFor();
    missed.push(...(await tooSmall(page, { within: "dialog[open]", scrolls: true })));
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
  }
  expect(missed).toEqual([]);
});

test("what stops something stands in the line of what it stops, however narrow", async () => {
  const page = await gallery({ width: 320, height: 640 });
  const stops = page.locator(".nx-specimen button", { has: page.getByText("Stop", { exact: true }) });
  await expect.poll(() => stops.count()).toBeGreaterThan(2);
  const beside = await stops.evaluateAll((all) =>
    all.map((stop) => {
      const middle = (box: DOMRect) => box.top + box.height / 2;
      const words = stop.parentElement?.querySelector(":scope > span") ?? stop;
      return Math.abs(middle(words.getBoundingClientRect()) - middle(stop.getBoundingClientRect()));
    }),
  );
  expect(Math.max(...beside)).toBeLessThan(3);
});

test.each([
  ["on the narrowest phone", { width: 320, height: 640, touch: true }],
  ["on a phone", { width: 360, height: 800, touch: true }],
  ["at twice the size", { width: 640, height: 400 }],
  ["with long words", { width: 1024, locale: "stretched" }],
  ["with long words on a phone", { width: 360, locale: "stretched" }],
  ["from right to left", { width: 1280, locale: "mirrored" }],
  ["from right to left on a phone", { width: 360, locale: "mirrored" }],
] as const)("nothing reaches over its edge %s", async (_, looks) => {
  const page = await gallery(looks);
  expect(await overfull(page)).toEqual([]);
  expect(await sideways(page)).toBe(false);
});

test("who wants no motion sees none", async () => {
  const page = await gallery({ still: true });
  await page.waitForTimeout(500);
  const moving = await page.evaluate(() =>
    document.getAnimations().flatMap((each) => {
      const name = each instanceof CSSAnimation ? each.animationName : each.id;
      const frames = each.effect instanceof KeyframeEffect ? each.effect.getKeyframes() : [];
      const moves = frames.some((frame) =>
        ["transform", "translate", "scale", "rotate"].some((how) => how in frame),
      );
      // What turns is how one sees that something goes on.
      return each.playState === "running" && moves && name !== "nx-turn" ? [name] : [];
    }),
  );
  expect(moving).toEqual([]);
});

test("with colours of the system every button still has an edge or words, and what is chosen shows", async () => {
  const page = await gallery({}, (page) => page.emulateMedia({ forcedColors: "active" }));
  const blank = await page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>("button")]
      .filter(
        (button) =>
          button.offsetWidth > 0 && button.textContent?.trim() === "" && button.querySelector("svg") === null,
      )
      .filter((button) => getComputedStyle(button).borderStyle === "none" && button.children.length === 0)
      .map((button) => button.outerHTML.slice(0, 120)),
  );
  expect(blank).toEqual([]);
  const switches = await page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>(".nx-switch")].map((one) => {
      const knob = one.querySelector<HTMLElement>(".nx-switch-knob");
      const box = one.getBoundingClientRect();
      const at = knob?.getBoundingClientRect() ?? box;
      return [
        one.getAttribute("aria-checked"),
        at.left - box.left > box.width / 3,
        getComputedStyle(one).borderStyle !== "none",
      ];
    }),
  );
  for (const [checked, right, edged] of switches) expect([String(right), edged]).toEqual([checked, true]);
});

test("with colours of the system no room is drawn as a bar", async () => {
  const page = await gallery({}, (page) => page.emulateMedia({ forcedColors: "active" }));
  const rooms = await page.locator(".nx-timeline-row > .nx-message[data-head]").evaluateAll((heads) =>
    heads.map((head) => {
      const { borderTopWidth, borderTopColor } = getComputedStyle(head);
      const ground = getComputedStyle(document.body).backgroundColor;
      return [Number.parseFloat(borderTopWidth) > 3, borderTopColor === ground];
    }),
  );
  expect(rooms.length).toBeGreaterThan(0);
  for (const room of rooms) expect(room).toEqual([true, true]);
});

test("every dialog opens, says what it is, and closes by Escape; axe finds nothing wrong with any", async () => {
  const page = await gallery({});
  const wrong: string[] = [];
  for (const opener of await page.locator("[data-dialog]").all()) {
    const kind = await opener.getAttribute("data-dialog");
    await opener.click();
    const dialog = page.locator("dialog[open]");
    await dialog.waitFor();
    wrong.push(...(await violations(page, "dialog[open]")).map((each) => `${kind}: ${each}`));
    const [, ...tabs] = await dialog.getByRole("tab").all();
    for (const tab of [null, ...tabs]) {
      await tab?.click();
      wrong.push(...(await spilt(page)).map((each) => `${kind}: reaches over its edge: ${each}`));
    }
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
  }
  expect(wrong).toEqual([]);
}, 600_000);
