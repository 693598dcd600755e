// Writes src/wire/generated.ts: the types of the gateway's events, from the schemas that the program's own tests hold it to.
// `npm run wire -w @nexus/core`; a test tells when it must be run again.

import { readdir, readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { compile } from "json-schema-to-typescript";

const SCHEMAS = new URL("../../../../api-compat/schemas/dispatch/", import.meta.url);
export const GENERATED = new URL("../src/wire/generated.ts", import.meta.url);

const BANNER =
  "/** Generated from api-compat/schemas/dispatch by `npm run wire -w @nexus/core`. Not to be edited. */\n";

/** The text of the generated file. */
export async function generate() {
  const common = JSON.parse(await readFile(new URL("common.json", SCHEMAS), "utf8"));
  const files = (await readdir(SCHEMAS)).filter((name) => name !== "common.json").sort();
  const definitions = { ...common.$defs };
  const properties = {};
  for (const file of files) {
    const event = file.replace(/\.json$/, "");
    const { $schema, $id, title, ...schema } = JSON.parse(await readFile(new URL(file, SCHEMAS), "utf8"));
    properties[event] = schema;
  }
  const root = { title: "Dispatches", type: "object", required: Object.keys(properties), properties };
  const whole = withLocalReferences({ ...root, definitions });
  const text = await compile(whole, "Dispatches", {
    additionalProperties: false,
    bannerComment: BANNER,
    declareExternallyReferenced: true,
    ignoreMinAndMaxItems: true,
    format: true,
    strictIndexSignatures: true,
    style: { printWidth: 110 },
  });
  return text;
}

/** One document instead of many: every reference leads into its own definitions. */
function withLocalReferences(value) {
  if (Array.isArray(value)) return value.map(withLocalReferences);
  if (value === null || typeof value !== "object") return value;
  // What is said about a field stands in its schema: here it would only be said again. (A field of that name is no text.)
  const told = Object.entries(value).filter(
    ([key, inner]) => key !== "description" || typeof inner !== "string",
  );
  const entries = told.map(([key, inner]) => {
    // What only demands a field says nothing of its type, and would let in any other.
    if (key === "allOf") return [key, inner.filter((part) => !isDemand(part)).map(withLocalReferences)];
    if (key === "$ref") return [key, inner.replace(/^(common\.json)?#\/\$defs\//, "#/definitions/")];
    return [key, withLocalReferences(inner)];
  });
  return Object.fromEntries(entries);
}

function isDemand(part) {
  return Object.keys(part).every((key) => key === "required");
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await writeFile(GENERATED, await generate());
