import fc from "fast-check";
import { expect, test } from "vitest";
import { type Block, type Inline, markdown, plainText } from "../src/index.ts";

const inline = (text: string): readonly Inline[] => {
  const [first] = markdown(text).blocks;
  return first?.kind === "paragraph" ? first.children : [];
};
const text = (text: string) => ({ kind: "text", text }) as const;

/** A tree in short: names of nodes around their text. */
function short(nodes: readonly Inline[]): string {
  return nodes
    .map((node) => {
      if (node.kind === "text") return node.text;
      if ("children" in node) return `${node.kind}(${short(node.children)})`;
      return node.kind === "code" ? `code(${node.text})` : `<${node.kind}>`;
    })
    .join("");
}

test.each([
  ["**bold** and *slanted* and _slanted_", "strong(bold) and emphasis(slanted) and emphasis(slanted)"],
  ["__under__ ~~gone~~ ||hidden||", "underline(under) strike(gone) spoiler(hidden)"],
  ["***both***", "strong(emphasis(both))"],
  ["*a **b** c*", "emphasis(a strong(b) c)"],
  ["*a**b**c*", "emphasis(astrong(b)c)"],
  ["**a *b***", "strong(a emphasis(b))"],
  ["___under and slanted___", "underline(emphasis(under and slanted))"],
  ["snake_case_name and __init__", "snake_case_name and underline(init)"],
  ["2 * 3 * 4", "2 * 3 * 4"],
  ["a ** b", "a ** b"],
  ["**never closed", "**never closed"],
  ["~~**crossed~~**", "strike(**crossed)**"],
  ["****", "****"],
  ["||||", "||||"],
  ["\\*not\\* \\\\ a\\b", "*not* \\ a\\b"],
  ["`*code*` ``a`b`` `open", "code(*code*) code(a`b) `open"],
  ["||a **b** `c`||", "spoiler(a strong(b) code(c))"],
  ["one\ntwo", "one<break>two"],
  ["**over\nlines**", "strong(over<break>lines)"],
])("%j is %s", (from, to) => {
  expect(short(inline(from))).toBe(to);
});

test("mentions, emoji and times are what they name", () => {
  expect(inline("<@1> <@!2> <@&3> <#4>").filter((node) => node.kind !== "text")).toEqual([
    { kind: "user", id: "1" },
    { kind: "user", id: "2" },
    { kind: "role", id: "3" },
    { kind: "channel", id: "4" },
  ]);
  expect(inline("<:wave:12><a:spin:13>")).toEqual([
    { kind: "emoji", id: "12", name: "wave", animated: false },
    { kind: "emoji", id: "13", name: "spin", animated: true },
  ]);
  expect(inline("<t:60:R>")).toEqual([{ kind: "timestamp", at: 60_000, style: "R" }]);
  expect(inline("<t:9999999999999>")).toEqual([text("<t:9999999999999>")]);
  expect(short(inline("@everyone, @here and @everyones"))).toBe("<everyone>, <everyone> and @everyones");
});

test.each([
  ["see https://a.example/b?c=d.", "https://a.example/b?c=d"],
  ["(https://a.example/b_(c))", "https://a.example/b_(c)"],
  ["<https://a.example/x>", "https://a.example/x"],
  ["[here](https://a.example)", "https://a.example"],
  ["mailto:ada@a.example", "mailto:ada@a.example"],
])("%j leads to %s", (from, href) => {
  expect(inline(from).find((node) => node.kind === "link")).toMatchObject({ href });
});

test.each([
  "[click](javascript:alert(1))",
  "[click](data:text/html,x)",
  "javascript:alert(1)",
  "[ ](https://a.example)",
  "https://a.example\u202egnp.exe",
])("%j leads nowhere that it does not show", (from) => {
  const hrefs = JSON.stringify(markdown(from)).match(/"href":"[^"]*"/g) ?? [];
  expect(hrefs.join()).not.toMatch(/javascript|data:|\u202e/);
});

test.each(["[www.bank.example](https://evil.example)", "[https://bank.example](https://evil.example)"])(
  "%j shows where it leads",
  (from) => {
    for (const node of inline(from)) {
      if (node.kind === "link") expect(node.children).toEqual([text(node.href)]);
    }
  },
);

test("blocks are what their first characters say", () => {
  const kinds = (from: string) => markdown(from).blocks.map((block) => block.kind);
  expect(kinds("# One\n## Two\n-# small\n- a\n- b\n1. c\n> q\nrest")).toEqual([
    "heading",
    "heading",
    "subtext",
    "list",
    "list",
    "quote",
    "paragraph",
  ]);
  expect(kinds("#channel\n-dash\n>no")).toEqual(["paragraph"]);
  expect(kinds("text ```js\nlet a;\n``` more")).toEqual(["paragraph", "code_block", "paragraph"]);
  expect(kinds(">>> all\nof it\n- and this")).toEqual(["quote"]);
});

test("code is left as it was written", () => {
  const code = "  if (a) {\n    **b**\n  }";
  expect(markdown(`\`\`\`TS\n${code}\n\`\`\``).blocks).toEqual([
    { kind: "code_block", language: "ts", text: code },
  ]);
  expect(markdown("```one line```").blocks).toEqual([{ kind: "code_block", language: "", text: "one line" }]);
  expect(markdown("> ```\n> a\n> ```").blocks).toEqual([
    { kind: "quote", children: [{ kind: "code_block", language: "", text: "a" }] },
  ]);
});

test("lists are nested by how far they are set in", () => {
  const [list] = markdown("1. a\n  - b\n  - c\n2. d").blocks;
  expect(list).toMatchObject({
    kind: "list",
    ordered: true,
    items: [[{}, { kind: "list", ordered: false }], [{}]],
  });
});

test("nothing but emoji is told apart", () => {
  for (const from of ["🦀", "🦀 👩‍👩‍👧‍👦 🏳️‍🌈 🇩🇪 1️⃣", "<:wave:12>\n🎉", "👍🏽"]) {
    expect(markdown(from).onlyEmoji, from).toBe(true);
  }
  for (const from of ["", "1", "🦀 a", "# 🦀", "🦀".repeat(31), "*"])
    expect(markdown(from).onlyEmoji, from).toBe(false);
});

test("in one line there is no form, and what is hidden stays hidden", () => {
  const from = markdown("# **Hi** <@1>\n> ||secret|| `x`\n```\ncode\n```");
  expect(plainText(from, (node) => (node.kind === "user" ? "@Ada" : "?"))).toBe("Hi @Ada █████ x code");
});

/** Text made of what means something. */
const MARKS = [
  "*",
  "**",
  "_",
  "__",
  "~~",
  "||",
  "`",
  "```",
  "\n",
  "> ",
  ">>> ",
  "- ",
  "1. ",
  "# ",
  "-# ",
  "[",
  "](",
  ")",
];
const WORDS = [
  "a",
  " ",
  "\\",
  "<@1>",
  "<",
  "https://a.example",
  "javascript:",
  "@everyone",
  "🦀",
  "<t:1:R>",
  "\u202e",
];
const hostile = fc
  .array(fc.constantFrom(...MARKS, ...WORDS), { maxLength: 400 })
  .map((parts) => parts.join(""));

function depth(blocks: readonly Block[]): number {
  const ofInline = (nodes: readonly Inline[]): number =>
    Math.max(0, ...nodes.map((node) => ("children" in node ? 1 + ofInline(node.children) : 0)));
  const ofBlock = (block: Block): number => {
    if (block.kind === "quote") return 1 + depth(block.children);
    if (block.kind === "list") return 1 + Math.max(0, ...block.items.map(depth));
    return block.kind === "code_block" ? 0 : ofInline(block.children);
  };
  return Math.max(0, ...blocks.map(ofBlock));
}

/** Everything that is shown, and everything that leads somewhere. */
function shown(blocks: readonly Block[]): string {
  return plainText({ blocks, onlyEmoji: false }, () => "");
}

test("whatever is written, the tree is shallow, leads to addresses only, and shows nothing that was not written", () => {
  fc.assert(
    fc.property(fc.oneof(hostile, fc.string({ unit: "binary", maxLength: 500 })), (from) => {
      const tree = markdown(from);
      expect(depth(tree.blocks)).toBeLessThan(40);
      for (const href of JSON.stringify(tree).matchAll(/"href":"([^"]*)"/g)) {
        expect(href[1]).toMatch(/^(https?:|mailto:)/i);
      }
      const written = new Set(from);
      for (const char of shown(tree.blocks))
        expect(written.has(char) || char === " " || char === "█").toBe(true);
    }),
    { numRuns: 500 },
  );
});

test("text without marks is shown as it is", () => {
  const plain = fc
    .stringMatching(/^[a-z0-9 ,.!?äöüß🦀]{1,200}$/u)
    .filter((from) => !/^\s*\d+\.|^\s*$/.test(from));
  fc.assert(
    fc.property(plain, (from) => {
      expect(inline(from)).toEqual([text(from)]);
    }),
  );
});

test("the tree grows with the text and no faster", () => {
  // Each pattern is one that a parser which goes back and tries again, or copies what it opened, would be lost in.
  for (const part of [
    "*a",
    "**a ",
    "_",
    "`a``",
    "[a](",
    "[",
    "||a",
    "~~a",
    "> ",
    "- ",
    "```",
    "https://",
    "<",
    "\\",
    "  - ",
  ]) {
    const nodes = (count: number) => JSON.stringify(markdown(part.repeat(count)).blocks).length;
    const [once, twice] = [nodes(1_000), nodes(2_000)];
    expect(twice, part).toBeLessThan(once * 3 + 100);
  }
});
