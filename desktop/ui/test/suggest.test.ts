import { expect, test } from "vitest";
import { begunAt, suggestions } from "../src/composer/suggest.ts";
import { GENERAL, world } from "./world.ts";

const state = world();
const EMOJI = [
  ["😄", "smile"],
  ["😃", "smiley"],
  ["🐈", "cat"],
] as const;

function offered(text: string) {
  const begun = begunAt(text, text.length);
  if (begun === null) return null;
  return suggestions(state, GENERAL, begun, EMOJI).map((each) => each.name);
}

test("a sign begins a list only at the start of a word", () => {
  expect(begunAt("hi @ad", 6)).toEqual({ sign: "@", query: "ad", from: 3, to: 6 });
  expect(begunAt("me@ad", 5)).toBeNull();
  expect(begunAt("at 10:30", 8)).toBeNull();
});

test("a colon needs two letters", () => {
  expect(offered(":s")).toBeNull();
  expect(offered(":smi")).toEqual(["smile", "smiley"]);
});

test("people, roles and everybody are offered after @, channels after #", () => {
  expect(offered("@ad")?.slice(0, 2)).toEqual(["Ada", "Ada Lovelace"]);
  expect(offered("@keep")).toEqual(["keepers"]);
  expect(offered("@every")).toEqual(["everyone"]);
  expect(offered("#ru")).toEqual(["rust"]);
});
