import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const SOURCE = join(import.meta.dirname, "../src");
const sections = ["parts", "talk", "shell", "dialogs", "gallery"];
const shown = sections.map((name) => readFileSync(join(SOURCE, `gallery/${name}.tsx`), "utf8")).join("\n");

/** What floats above everything is there once, for the whole gallery. */
const LAYERS = ["MenuLayer", "TipLayer", "Toasts"];

test("every part is in the gallery", () => {
  const files = readdirSync(join(SOURCE, "parts")).filter((file) => file.endsWith(".tsx"));
  const parts = files.flatMap((file) => {
    const source = readFileSync(join(SOURCE, "parts", file), "utf8");
    return [...source.matchAll(/^export function ([A-Z]\w+)/gm)].map(([, name]) => name ?? "");
  });
  expect(parts.length).toBeGreaterThan(20);
  const missing = parts.filter((part) => !LAYERS.includes(part) && !shown.includes(`<${part}`));
  expect(missing).toEqual([]);
});
