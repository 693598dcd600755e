import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { type Person, startBrowser } from "./stage/browser.ts";
import {
  composer,
  createGuild,
  firstRun,
  inviteLink,
  joinByInvite,
  message,
  register,
  say,
  truth,
} from "./stage/deeds.ts";
import { type Program, startProgram } from "./stage/program.ts";

let browser: Browser;
const programs: Program[] = [];
const people: Person[] = [];

beforeAll(async () => {
  browser = await startBrowser();
});

afterEach(async () => {
  for (const who of people.splice(0)) {
    expect(who.wrong).toEqual([]);
    await who.context.close();
  }
});

afterAll(async () => {
  await browser.close();
  await Promise.all(programs.map((program) => program.stop()));
});

async function program(kind: "nexus" | "nexus-relay"): Promise<Program> {
  const started = await startProgram(kind);
  programs.push(started);
  return started;
}

test("from a new node's link to the first message, and still there after a reload", async () => {
  const node = await program("nexus");
  const ada = await firstRun(browser, node, "Ada");
  people.push(ada);
  await createGuild(ada.page, "Engines");
  await say(ada.page, "Hello, engine.");
  expect(new URL(ada.page.url()).hash).toBe("");
  await ada.page.reload();
  await message(ada.page, "Hello, engine.").waitFor();
  await truth(ada.page, /On your own node/);
});

test("two people talk: a message, an answer, a reaction, an edit, a deletion", async () => {
  const relay = await program("nexus-relay");
  const ada = await register(browser, relay, "ada");
  people.push(ada);
  await createGuild(ada.page, "Workshop");
  await say(ada.page, "Is anybody there?");
  const bo = await joinByInvite(browser, relay, await inviteLink(ada.page), "bo");
  people.push(bo);

  await message(bo.page, "Is anybody there?").hover();
  await bo.page.getByRole("toolbar").getByRole("button", { name: "Answer" }).click();
  await say(bo.page, "I am @ada, hello");
  const answer = message(ada.page, "I am");
  await answer.waitFor();
  expect(await answer.textContent()).toContain("Is anybody there?");
  expect(await answer.getAttribute("data-for-me")).toBe("");

  await answer.hover();
  await ada.page.getByRole("button", { name: "React with 👍" }).click();
  await message(bo.page, "I am").getByRole("button", { name: "👍, 1 reaction" }).waitFor();

  await composer(bo.page).focus();
  await bo.page.keyboard.press("ArrowUp");
  const box = bo.page.getByLabel("Edit message");
  expect(await box.inputValue()).toBe("I am @ada, hello");
  await box.fill("I was @ada, hello");
  await box.press("Enter");
  await message(ada.page, "I was").getByText("(edited)").waitFor();

  await message(bo.page, "I was").focus();
  await bo.page.keyboard.press("Delete");
  await bo.page.getByRole("button", { name: "Delete", exact: true }).click();
  await expect.poll(() => message(ada.page, "I was").count()).toBe(0);
});
