import * as fc from "fast-check";
import { expect, test } from "vitest";
import { fromWire, toWire } from "../src/composer/names.ts";
import { GUILD, world } from "./world.ts";

const state = world();

test("a name after @ becomes the person, the longest name first", () => {
  expect(toWire(state, GUILD, "hi @Ada, and @Ada Lovelace!")).toBe("hi <@2>, and <@3>!");
});

test("roles and channels are named too", () => {
  expect(toWire(state, GUILD, "@keepers: see #rust")).toBe("<@&30>: see <#21>");
});

test("a name inside a word, after a backslash or in code is no mention", () => {
  const text = "me@Ada \\@Ada `@Ada` ```\n@Ada\n``` @Adam";
  expect(toWire(state, GUILD, text)).toBe(text);
});

test("where two bear a name, neither is taken for it", () => {
  const twins = world({ 1: "Me", 2: "Kim", 3: "Kim" });
  expect(toWire(twins, GUILD, "@Kim")).toBe("@Kim");
  expect(fromWire(twins, GUILD, "<@2>")).toBe("<@2>");
});

test("what a person gets to edit leads back to what was sent", () => {
  const piece = fc.constantFrom(
    "<@2>",
    "<@3>",
    "<@&30>",
    "<#21>",
    "<@99>",
    "`<@2>`",
    "@Ada",
    "#",
    "\\",
    " ",
    "x",
    "\n",
    "```",
    "@",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const sent = pieces.join("");
      expect(toWire(state, GUILD, fromWire(state, GUILD, sent))).toBe(
        fromWire(state, GUILD, sent) === sent ? toWire(state, GUILD, sent) : sent,
      );
    }),
  );
});

test("a name that holds signs of a pattern is only a name", () => {
  const odd = world({ 1: "Me", 2: "(.*)+$", 3: "[a-z" });
  expect(toWire(odd, GUILD, "@(.*)+$ and @[a-z")).toBe("<@2> and <@3>");
});

test("a guild's own emoji is typed by its name, and stands so when it is edited", () => {
  const emoji = {
    id: "50",
    guildId: GUILD,
    name: "anchor",
    animated: false,
    path: "/files/0/anchor.png",
    roles: [],
  };
  const moves = { ...emoji, id: "51", name: "wave", animated: true, roles: ["30"] };
  const state = { ...world(), emoji: { 50: emoji, 51: moves }, emojiOf: { [GUILD]: ["50", "51"] } };
  expect(toWire(state, GUILD, "drop the :anchor: :wave:, at 10:30:45 `:anchor:`")).toBe(
    "drop the <:anchor:50> <a:wave:51>, at 10:30:45 `:anchor:`",
  );
  expect(toWire(state, GUILD, "<:anchor:50> :none:")).toBe("<:anchor:50> :none:");
  expect(fromWire(state, GUILD, "drop the <:anchor:50> <:other:52>")).toBe("drop the :anchor: <:other:52>");
  expect(toWire(state, null, ":anchor:")).toBe(":anchor:");
  const other = { ...state, me: "2" };
  expect(toWire(other, GUILD, ":wave:")).toBe(":wave:");
});
