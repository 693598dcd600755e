/** The emoji's data, as files beside the page: nothing is asked of anybody else. */

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Plugin } from "vite";

const require = createRequire(import.meta.url);

const FILES: Readonly<Record<string, () => string>> = {
  "emoji/en/data.json": () => data(),
  "emoji/en/messages.json": () => read("en/messages.json"),
  "emoji/en/names.json": () => names(),
};

export function emoji(): Plugin {
  return {
    name: "nexus-emoji",
    configureServer(server) {
      server.middlewares.use((request, response, next) => {
        const file = FILES[(request.url ?? "").slice(1)];
        if (file === undefined) return next();
        response.setHeader("content-type", "application/json");
        // The picker asks first whether it is another than the one it has.
        response.setHeader("etag", '"development"');
        response.end(request.method === "HEAD" ? "" : file());
      });
    },
    generateBundle() {
      for (const [fileName, source] of Object.entries(FILES)) {
        this.emitFile({ type: "asset", fileName, source: source() });
      }
    },
  };
}

function read(path: string): string {
  return readFileSync(require.resolve(`emojibase-data/${path}`), "utf8");
}

interface Entry {
  readonly hexcode: string;
  readonly emoji?: string;
  readonly group?: number;
  readonly skins?: readonly unknown[];
  readonly [more: string]: unknown;
}

/** Of each emoji what the picker reads. */
function data(): string {
  const all = JSON.parse(read("en/data.json")) as readonly Entry[];
  const wanted = ["emoji", "group", "label", "order", "skins", "tags", "tone", "version", "hexcode"];
  const slim = (entry: Entry): unknown =>
    Object.fromEntries(
      wanted
        .filter((name) => entry[name] !== undefined)
        .map((name) => [
          name,
          name === "skins" ? entry.skins?.map((each) => slim(each as Entry)) : entry[name],
        ]),
    );
  return JSON.stringify(all.map(slim));
}

/** Each emoji with its short names, in the usual order. */
function names(): string {
  const all = JSON.parse(read("en/data.json")) as readonly Entry[];
  const codes = JSON.parse(read("en/shortcodes/joypixels.json")) as Readonly<
    Record<string, string | string[]>
  >;
  const rows = all.flatMap((entry) => {
    const short = codes[entry.hexcode];
    if (short === undefined || entry.group === undefined || entry.emoji === undefined) return [];
    return [[entry.emoji, ...(typeof short === "string" ? [short] : short)]];
  });
  return JSON.stringify(rows);
}
