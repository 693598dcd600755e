import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
// @ts-expect-error: a script, without types of its own
import { GENERATED, generate } from "../wire/generate.mjs";

test("the types of events are those of the schemas that the program is held to", async () => {
  const [have, want] = await Promise.all([readFile(GENERATED as URL, "utf8"), generate() as Promise<string>]);
  expect(have, "run: npm run wire -w @nexus/core").toBe(want);
});
