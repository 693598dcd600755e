/** Pictures of the screens, for people to look at: kept in `desktop/docs/screenshots`. */

import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Looks, startBrowser } from "../test/stage/browser.ts";
import { composer, createGuild, inviteLink, joinByInvite, message, register } from "../test/stage/deeds.ts";
import { type Program, startProgram } from "../test/stage/program.ts";

const FOLDER = "/tmp/shots/";
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

let browser: Browser;
let relay: Program;

beforeAll(async () => {
  mkdirSync(FOLDER, { recursive: true });
  browser = await startBrowser();
  relay = await startProgram("nexus-relay");
});

afterAll(async () => {
  await browser.close();
  await relay.stop();
});

async function tell(page: Page, text: string, last: string): Promise<void> {
  await composer(page).fill(text);
  await page.getByRole("button", { name: "Send", exact: true }).click();
  await message(page, last).waitFor();
}

/** What axe finds against the rules of WCAG 2.1 AA, by rule and element. */
async function violations(page: Page): Promise<readonly string[]> {
  await page.evaluate(AXE);
  return page.evaluate(async () => {
    const { axe } = window as unknown as { axe: { run(on: Document): Promise<AxeResults> } };
    const found = await axe.run(document);
    return found.violations.flatMap((each) =>
      each.nodes.map((node) => `${each.id}: ${node.html.slice(0, 160)}`),
    );
  });
}

interface AxeResults {
  readonly violations: readonly {
    readonly id: string;
    readonly nodes: readonly { readonly html: string }[];
  }[];
}

const WAYS: readonly (readonly [string, Looks])[] = [
  ["wide-dark", { theme: "dark" }],
  ["wide-light", { theme: "light" }],
  ["narrow-dark", { theme: "dark", width: 390, height: 844, touch: true }],
  ["narrow-light", { theme: "light", width: 390, height: 844, touch: true }],
];

test("every screen can be seen, and axe finds nothing wrong with it", { timeout: 240_000 }, async () => {
  const wrong: string[] = [];
  const ada = await register(browser, relay, "ada");
  await createGuild(ada.page, "Workshop");
  await tell(ada.page, "Welcome! This is **Nexus**: your guilds live with the people in them.", "Welcome!");
  await tell(ada.page, '```rust\nfn main() {\n    println!("hello, mesh");\n}\n```', "hello, mesh");
  const link = await inviteLink(ada.page);
  for (const [name, looks] of WAYS) {
    const who = await joinByInvite(browser, relay, link, `${name.replace("-", ".")}`, looks);
    const shoot = async (screen: string) => {
      await who.page.waitForTimeout(400);
      await who.page.screenshot({ path: `${FOLDER}${screen}-${name}.png` });
      wrong.push(...(await violations(who.page)).map((each) => `${screen}-${name}: ${each}`));
    };
    await tell(who.page, "Good to be here. > A relay cannot forge an author ✨", "Good to be here");
    await message(who.page, "Welcome!").hover();
    await shoot("channel");
    await who.page.keyboard.press("Control+,");
    await who.page.getByRole("tab", { name: "Look" }).click();
    await shoot("settings");
    await who.page.keyboard.press("Escape");
    await who.page.keyboard.press("Control+k");
    await who.page.getByRole("combobox").fill("ge");
    await shoot("switcher");
    await who.page.keyboard.press("Escape");
    wrong.push(...who.wrong);
    await who.context.close();
  }
  expect(wrong).toEqual([]);
});
