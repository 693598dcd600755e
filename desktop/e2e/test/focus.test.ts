import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { person } from "./stage/browser.ts";
import {
  composer,
  createGuild,
  firstRun,
  inviteLink,
  joinByInvite,
  message,
  register,
  say,
} from "./stage/deeds.ts";
import { town } from "./stage/town.ts";

const here = town();
const PHONE = { width: 360, height: 640, touch: true } as const;

/** What has the keyboard: by its name, or what it is. */
function holder(page: Page): Promise<string> {
  return page.evaluate(() => {
    const at = document.activeElement;
    if (!(at instanceof HTMLElement) || at === document.body) return "nothing";
    const label = at instanceof HTMLInputElement ? at.labels?.[0]?.innerText : undefined;
    return label ?? at.getAttribute("aria-label") ?? at.innerText;
  });
}

async function holds(page: Page, name: string): Promise<void> {
  await expect.poll(() => holder(page)).toBe(name);
}

test("who came in, made a guild or lost what they stood on goes on where they are, by the keyboard", async () => {
  const node = await here.program("nexus");
  const { page } = here.with(await firstRun(here.browser, node, "Ada"));
  const { keyboard } = page;
  await holds(page, "Welcome, Ada");
  await page.getByRole("button", { name: /^Create a guild/ }).click();
  await page.getByRole("dialog").waitFor();
  await keyboard.press("Enter");
  await holds(page, "Message #general");
  // What opened the dialog is still there, and not where one goes on.
  await createGuild(page, "Harbour");
  await holds(page, "Message #general");
  await keyboard.type("soon gone");
  await keyboard.press("Enter");
  await message(page, "soon gone").focus();
  await keyboard.press("Delete");
  await page.getByRole("dialog").waitFor();
  await keyboard.press("Enter");
  await expect.poll(() => message(page, "soon gone").count()).toBe(0);
  await holds(page, "Message #general");
  // A thread takes the keyboard, and gives it back to its channel.
  await say(page, "the mast");
  await message(page, "the mast").click({ button: "right" });
  await page.getByRole("menuitem", { name: "Start a thread" }).click();
  await page.getByRole("dialog").getByLabel("Name").fill("mast");
  await keyboard.press("Enter");
  await holds(page, "Message mast");
  await page.getByRole("button", { name: "Close the thread" }).click();
  await holds(page, "Message #general");
});

test("who joins by an invite writes at once", async () => {
  const relay = await here.program("nexus-relay");
  const ada = here.with(await register(here.browser, relay, "ada"));
  await createGuild(ada.page, "Workshop");
  const link = await inviteLink(ada.page);
  const bo = here.with(await joinByInvite(here.browser, relay, link, "bo"));
  await holds(bo.page, "Message #general");
});

test("a phone brings up no keys that nobody asked for, and shows a newcomer what they may do", async () => {
  const node = await here.program("nexus");
  const { page } = here.with(await firstRun(here.browser, node, "Ada", PHONE));
  await holds(page, "Welcome, Ada");
  await page.getByRole("button", { name: /^Create a guild/ }).tap();
  await page.getByRole("dialog").getByRole("button", { name: "Create", exact: true }).tap();
  await composer(page).waitFor();
  await holds(page, "general");
  // A channel that is chosen lies where the list of them was.
  await page.getByRole("button", { name: "Show channels" }).tap();
  await page.getByRole("button", { name: "Direct messages" }).tap();
  await page.getByRole("button", { name: /^Ada’s place/ }).tap();
  await composer(page).waitFor();
  await holds(page, "general");
});

test("a role that was just made is given its name without a way to it", async () => {
  const node = await here.program("nexus");
  const { page } = here.with(await firstRun(here.browser, node, "Ada"));
  await createGuild(page, "Harbour");
  await page.getByRole("button", { name: /^Menu of / }).click();
  await page.getByRole("menuitem", { name: "Guild settings" }).click();
  await page.getByRole("tab", { name: "Roles" }).click();
  await page.getByRole("button", { name: "Create role" }).click();
  await holds(page, "Role name");
  await page.keyboard.type("Pilot");
  await expect.poll(() => page.getByLabel("Role name").inputValue()).toBe("Pilot");
  // Taken away again, it takes nobody's place along.
  await page.getByRole("button", { name: "Delete", exact: true }).click();
  await holds(page, "Cancel");
  await page.getByRole("button", { name: "Delete", exact: true }).click();
  await page.getByText("Everybody has this role.").waitFor();
  await holds(page, "Guild settings");
});

/** Marks what has the keyboard; true where it was marked before. */
function passes(page: Page): Promise<boolean> {
  return page.evaluate(() => {
    const at = document.activeElement;
    if (at?.closest("dialog[open]") == null) throw new Error("the keyboard is outside of the dialog");
    const before = at.hasAttribute("data-passed");
    at.setAttribute("data-passed", "");
    return before;
  });
}

test("Tab goes round within a dialog, both ways, and what lies above it has its own way round", async () => {
  const node = await here.program("nexus");
  const { page } = here.with(await firstRun(here.browser, node, "Ada"));
  await createGuild(page, "Harbour");
  await page.keyboard.press("Control+,");
  const settings = page.getByRole("dialog", { name: "Settings" });
  await settings.getByRole("tab", { name: "Look" }).click();
  for (const key of ["Tab", "Shift+Tab"]) {
    await page.evaluate(() => {
      for (const each of document.querySelectorAll("[data-passed]")) each.removeAttribute("data-passed");
    });
    let stops = 0;
    while (!(await passes(page))) {
      stops += 1;
      await page.keyboard.press(key);
    }
    expect(stops, `${key} comes by all of them`).toBeGreaterThan(5);
  }
  await page.keyboard.press("Escape");

  await page.getByRole("button", { name: "Ask in a poll" }).click();
  const poll = page.getByRole("dialog", { name: "New poll" });
  await poll.getByRole("button", { name: /emoji/i }).first().click();
  await page.getByLabel("Search emoji").waitFor();
  await page.getByRole("gridcell").first().waitFor();
  for (let step = 0; step < 8; step += 1) {
    await page.keyboard.press("Tab");
    expect(await page.evaluate(() => document.activeElement?.closest(".nx-popover") != null)).toBe(true);
  }
});

test("a row of tabs that goes on shows where, and has what is chosen in sight", async () => {
  const node = await here.program("nexus");
  const { page } = here.with(await firstRun(here.browser, node, "Ada", PHONE));
  await page.keyboard.press("Control+,");
  const settings = page.getByRole("dialog", { name: "Settings" });
  const tabs = settings.getByRole("tab");
  const ends = () => settings.locator(".nx-tabs").getAttribute("data-more");
  await expect.poll(ends).toBe("end");
  const count = await tabs.count();
  await tabs.first().focus();
  for (let step = 1; step < count; step += 1) {
    await page.keyboard.press("ArrowRight");
    const tab = tabs.nth(step);
    await expect.poll(() => tab.getAttribute("aria-selected")).toBe("true");
    const seen = () =>
      tab.evaluate((each) => {
        const box = each.getBoundingClientRect();
        return box.left >= 0 && box.right <= innerWidth;
      });
    await expect.poll(seen).toBe(true);
  }
  await expect.poll(ends).toBe("start");
  await settings.getByRole("tab", { name: "Accessibility" }).tap();
  await expect.poll(ends).toBe("start end");
  await page.emulateMedia({ forcedColors: "active" });
  const sign = () =>
    settings.locator(".nx-tabs").evaluate((each) => getComputedStyle(each, "::before").display);
  await expect.poll(sign).toBe("flex");
});

test("why a voice channel cannot be entered is said to whoever presses it, and read with it", async () => {
  const node = await here.program("nexus");
  const who = here.with(await person(here.browser, node.origin, PHONE));
  const { page } = who;
  await page.goto(`${node.origin}/#k=${node.setupKey}`);
  await page.getByLabel("Display name").fill("Ada");
  await page.getByRole("button", { name: "Start" }).tap();
  await createGuild(page, "Harbour");
  await page.getByRole("button", { name: "Show channels" }).tap();
  const voice = page.getByRole("link", { name: "General", exact: true });
  const why = page.getByText("Voice is not built yet: nobody can enter here.");
  const said = () =>
    voice.evaluate(
      (link) => document.getElementById(link.getAttribute("aria-describedby") ?? "")?.textContent,
    );
  await expect.poll(said).toBe("Voice is not built yet: nobody can enter here.");
  expect(await why.evaluate((each) => each.getBoundingClientRect().height)).toBeLessThan(2);
  const address = page.url();
  await voice.tap({ force: true });
  await expect.poll(() => why.evaluate((each) => each.getBoundingClientRect().height)).toBeGreaterThan(10);
  expect(page.url()).toBe(address);
});

/** A new role is refused: what is said of it is looked at as it comes. */
async function refusedRole(page: Page, look: (toast: Element) => void): Promise<void> {
  await createGuild(page, "Harbour");
  const channels = page.getByRole("button", { name: "Show channels" });
  if (await channels.isVisible()) await channels.click();
  await page.getByRole("button", { name: /^Menu of / }).click();
  await page.getByRole("menuitem", { name: "Guild settings" }).click();
  await page.getByRole("tab", { name: "Roles" }).click();
  await page.route("**/roles", (route) =>
    route.fulfill({ status: 403, json: { code: 50013, message: "no" } }),
  );
  // It is gone again by itself.
  await page.evaluate(`new MutationObserver(() => {
    const toast = document.querySelector(".nx-toast");
    if (toast !== null) (${look})(toast);
  }).observe(document.body, { childList: true, subtree: true })`);
  await page.getByRole("button", { name: "Create role" }).click();
}

test.each([
  ["in a window", { width: 1280, height: 800 }],
  ["in a low window", { width: 1280, height: 480 }],
  ["on a phone", PHONE],
])(
  "what went wrong in a dialog is said above it, and over nothing that can be pressed, %s",
  async (_, looks) => {
    const node = await here.program("nexus");
    const { page } = here.with(await firstRun(here.browser, node, "Ada", looks));
    await refusedRole(page, (toast) => {
      const dialog = toast.closest("dialog[open]");
      const said = toast.getBoundingClientRect();
      const over = [...(dialog?.querySelectorAll<HTMLElement>(".nx-dialog-box :is(button, input)") ?? [])]
        .filter((each) => {
          const box = each.getBoundingClientRect();
          return Math.min(box.bottom, said.bottom) - Math.max(box.top, said.top) > 0;
        })
        .map((each) => each.innerText || each.ariaLabel);
      if (dialog !== null) document.body.dataset.over = JSON.stringify(over);
    });
    await expect.poll(() => page.evaluate(() => document.body.dataset.over)).toBe("[]");
  },
);

test.each([
  ["is put away", (toast: Element) => toast.querySelector("button")?.click()],
  ["goes by itself", () => {}],
])("what was said and %s leaves the keyboard where it was before", async (_, goes) => {
  const node = await here.program("nexus");
  const { page } = here.with(await firstRun(here.browser, node, "Ada"));
  await page.evaluate(`window.goes = ${goes}`);
  await refusedRole(page, (toast) => {
    if (document.body.dataset.came !== undefined) return;
    toast.querySelector("button")?.focus();
    document.body.dataset.came = document.activeElement?.ariaLabel ?? "";
    (window as unknown as { goes: (toast: Element) => void }).goes(toast);
  });
  await expect.poll(() => page.evaluate(() => document.body.dataset.came)).toBe("Close");
  await expect.poll(() => page.locator(".nx-toast").count()).toBe(0);
  await holds(page, "Create role");
});
