/** What axe finds wrong with a page. */

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "playwright-core";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Axe knows them and does not ask for them by itself: who says the words they see, presses what they mean. */
const MORE = { "label-content-name-mismatch": { enabled: true } };

/** Against the rules of WCAG 2.1 AA and axe's best practices: by rule and element. `within`: looks at that alone. */
export async function violations(page: Page, within = "html"): Promise<readonly string[]> {
  // By the debugger, which no policy of the page forbids.
  await page.evaluate(AXE);
  return page.evaluate(
    async ({ within, rules }) => {
      const { axe } = window as unknown as { axe: { run(on: Element, how: object): Promise<AxeResults> } };
      const found = await axe.run(document.querySelector(within) ?? document.body, { rules });
      return found.violations.flatMap((each) =>
        each.nodes.map((node) => `${each.id}: ${node.html.slice(0, 160)}`),
      );
    },
    { within, rules: MORE },
  );
}

interface AxeResults {
  readonly violations: readonly {
    readonly id: string;
    readonly nodes: readonly { readonly html: string }[];
  }[];
}
