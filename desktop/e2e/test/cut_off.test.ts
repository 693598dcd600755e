import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import {
  composer,
  createGuild,
  firstRun,
  inviteLink,
  joinByInvite,
  message,
  messages,
  register,
  say,
  truth,
} from "./stage/deeds.ts";
import { town } from "./stage/town.ts";

const here = town();

/** The member list shows so many in a group. */
async function members(page: Page, group: string, count: number): Promise<void> {
  await page.getByRole("heading", { name: new RegExp(`^${group}\\D+${count}$`) }).waitFor();
}

test("what is typed and sent while the program is dead is there once, and only once, after it is back", async () => {
  const relay = await here.program("nexus-relay");
  const ada = here.with(await register(here.browser, relay, "ada"));
  await createGuild(ada.page, "Workshop");
  await say(ada.page, "before");
  const bo = here.with(await joinByInvite(here.browser, relay, await inviteLink(ada.page), "bo"));
  await message(bo.page, "before").waitFor();

  await relay.kill();
  await truth(ada.page, /^Offline/);
  for (const text of ["first while cut off", "second while cut off"]) {
    await composer(ada.page).fill(text);
    await composer(ada.page).press("Enter");
    await ada.page.locator("[data-nx=pending]", { hasText: text }).waitFor();
  }
  await composer(bo.page).fill("half a thou");
  await truth(ada.page, "Offline, 2 messages waiting");
  const first = ada.page.locator("[data-nx=pending]").first();
  await expect.poll(() => first.textContent()).toContain("Waiting to be sent");

  await relay.start();
  for (const who of [ada, bo]) {
    await message(who.page, "second while cut off").waitFor();
    await truth(who.page, /^Through relay/);
    expect(await messages(who.page)).toEqual(["before", "first while cut off", "second while cut off"]);
  }
  await expect.poll(() => ada.page.locator("[data-nx=pending]").count()).toBe(0);
  expect(await composer(bo.page).inputValue()).toBe("half a thou");
});

test("a reload in the middle of it loses neither what waits nor what is half written", async () => {
  const relay = await here.program("nexus-relay");
  const ada = here.with(await register(here.browser, relay, "ada"));
  await createGuild(ada.page, "Workshop");
  await say(ada.page, "before");
  await relay.kill();
  await truth(ada.page, /^Offline/);
  await composer(ada.page).fill("sent into the dark");
  await composer(ada.page).press("Enter");
  await ada.page.locator("[data-nx=pending]").waitFor();
  await composer(ada.page).fill("and not finished");
  // The browser keeps it on its own time; a person who reloads does not wait for it either.
  const kept = () =>
    ada.page.evaluate(
      () => Object.values(localStorage).filter((each) => each.includes("and not finished")).length,
    );
  await expect.poll(kept).toBeGreaterThan(0);
  const address = ada.page.url();
  await ada.page.goto("about:blank");
  await relay.start();
  await ada.page.goto(address);
  await message(ada.page, "sent into the dark").waitFor();
  await expect.poll(() => messages(ada.page)).toEqual(["before", "sent into the dark"]);
  await expect.poll(() => composer(ada.page).inputValue()).toBe("and not finished");
});

test("a node cut off from its relay writes on, says what waits, and hands it over once", async () => {
  const relay = await here.program("nexus-relay");
  const node = await here.program("nexus", ["--relay", relay.origin]);
  const ada = here.with(await firstRun(here.browser, node, "Ada"));
  await createGuild(ada.page, "Harbour");
  await say(ada.page, "from my own node");
  await truth(ada.page, `Through relay ${new URL(relay.origin).host}, by QUIC`);
  const link = await inviteLink(ada.page);
  expect(link.startsWith(`${relay.origin}/invite/`), "an invite names the relay, not this machine").toBe(
    true,
  );
  const bo = here.with(await joinByInvite(here.browser, relay, link, "bo"));
  await message(bo.page, "from my own node").waitFor();
  for (const who of [ada, bo]) await members(who.page, "Online", 2);

  await relay.kill();
  await truth(ada.page, /^Your node is offline/);
  await members(ada.page, "Online", 1);
  await members(ada.page, "Offline", 1);
  await say(ada.page, "nobody hears this yet");
  await message(ada.page, "nobody hears this yet").locator("[data-nx=only-here]").waitFor();
  await truth(ada.page, "Your node is offline · 1 item others do not have yet");

  await relay.start();
  await message(bo.page, "nobody hears this yet").waitFor();
  await expect.poll(() => ada.page.locator("[data-nx=only-here]").count()).toBe(0);
  await truth(ada.page, `Through relay ${new URL(relay.origin).host}, by QUIC`);
  for (const who of [ada, bo]) {
    await members(who.page, "Online", 2);
    await expect.poll(() => messages(who.page)).toEqual(["from my own node", "nobody hears this yet"]);
  }
});

test("who was banned while cut off learns which of their messages count no more, and why", async () => {
  const relay = await here.program("nexus-relay");
  const node = await here.program("nexus", ["--relay", relay.origin]);
  const cy = here.with(await register(here.browser, relay, "cy"));
  await createGuild(cy.page, "Harbour");
  await say(cy.page, "welcome");
  const link = await inviteLink(cy.page);
  const ada = here.with(await firstRun(here.browser, node, "Ada"));
  node.join(link);
  await ada.page.getByRole("button", { name: /^Harbour/ }).click();
  await say(ada.page, "in time");
  await message(cy.page, "in time").waitFor();

  await relay.kill();
  await truth(ada.page, /^Your node is offline/);
  await say(ada.page, "too late");
  await node.kill();
  await relay.start();
  await truth(cy.page, /^Through relay/);
  await cy.page
    .getByRole("button", { name: /^Profile of Ada/ })
    .first()
    .click();
  await cy.page.getByRole("button", { name: "More about Ada" }).click();
  await cy.page.getByRole("menuitem", { name: "Ban" }).click();
  const dialog = cy.page.getByRole("dialog", { name: "Ban Ada?" });
  expect(await dialog.textContent()).toContain("what reaches others later does not count");
  await dialog.getByRole("button", { name: "Ban", exact: true }).click();
  await expect.poll(() => dialog.count()).toBe(0);
  await node.start();
  await ada.page.getByText("A message of yours counts no more").waitFor();
  await ada.page.getByText("too late").waitFor();
  expect(await cy.page.getByText("too late").count()).toBe(0);
});
