/** What every file of tests begins and ends with: a browser, programs, and people in whose windows nothing goes wrong. */

import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect } from "vitest";
import { type Person, startBrowser } from "./browser.ts";
import { type Kind, type Program, startProgram } from "./program.ts";

export interface Town {
  readonly browser: Browser;
  /** A program that ends with the file. */
  program(kind: Kind, more?: readonly string[]): Promise<Program>;
  /** Somebody in whose window nothing may go wrong until the test ends. */
  with(who: Person): Person;
}

/** To be called once, at the top of a file. */
export function town(): Town {
  let browser: Browser | undefined;
  const programs: Program[] = [];
  const people: Person[] = [];
  beforeAll(async () => {
    browser = await startBrowser();
  });
  afterEach(async ({ task }) => {
    const folder = process.env.NEXUS_E2E_PICTURES;
    if (folder !== undefined && task.result?.state === "fail") {
      for (const [at, who] of people.entries())
        await who.page.screenshot({ path: `${folder}/${task.name.slice(0, 30)}-${at}.png` });
    }
    for (const who of people.splice(0)) {
      expect(who.wrong).toEqual([]);
      await who.context.close();
    }
  });
  afterAll(async () => {
    await browser?.close();
    await Promise.all(programs.map((program) => program.stop()));
  });
  return {
    get browser() {
      if (browser === undefined) throw new Error("the browser has not started");
      return browser;
    },
    async program(kind, more) {
      const started = await startProgram(kind, more);
      programs.push(started);
      return started;
    },
    with(who) {
      people.push(who);
      return who;
    },
  };
}
