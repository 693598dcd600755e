/** What nobody means well by: for every field that others see. */

/** Each a text, with what it tries. */
export const HOSTILE: readonly (readonly [string, string])[] = [
  [
    "script",
    '<script>window.harmed=1</script><img src=x onerror="window.harmed=1"><svg onload=window.harmed=1>',
  ],
  [
    "links that run",
    "[click](javascript:window.harmed=1) javascript:window.harmed=1 <data:text/html,<script>1</script>>",
  ],
  ["a link that lies", "[https://bank.example](https://thief.example/login) and <https://thief.example>"],
  ["an order that turns", "\u202Egnp.exe\u202C \u2067\u2067\u2067\u202Eall of this\u2066 user\u200F\u200E"],
  [
    "letters with towers",
    `Z${"\u0336\u0353\u0301\u0315\u031B".repeat(60)}algo ${"e\u0301\u0302\u0303".repeat(80)}`,
  ],
  ["4,000 emoji", "😀👩‍👩‍👧‍👦🏳️‍🌈".repeat(120)],
  ["no place to break", `W${"W".repeat(1_800)}`],
  ["a giant link", `https://example.com/${"a/".repeat(900)}`],
  ["nested marks", `${"> ".repeat(60)}${"**__*~~||".repeat(60)}deep${"||~~*__**".repeat(60)}`],
  [
    "lists in lists",
    Array.from({ length: 60 }, (_, at) => `${"  ".repeat(at)}- ${at}`)
      .join("\n")
      .slice(0, 1_900),
  ],
  ["lines and lines", "a\n".repeat(900)],
  ["a fence that never closes", `\`\`\`html\n<b>${"x".repeat(1_500)}`],
  ["mentions of everything", "@everyone @here <@1> <@&2> <#3> <@999999999999999999> ".repeat(20)],
  ["headings", `${"# HUGE\n".repeat(120)}-# small`],
  ["what is not seen", `\u200B\u2060\uFEFF\u00AD${"\u3164".repeat(400)}`],
  ["halves of letters", "\uFFFD\uD83D half \u{1F3F4}\u{E0067}\u{E0062}\u{E007F}"],
  ["a time that is none", "<t:999999999999999:R> <t:-1> <t:0:F> <t:1:x>"],
];

/** Short ones for names, which have few characters. */
export const NAMES: readonly string[] = [
  "<img src=x onerror=window.harmed=1>",
  "\u202Eevil\u202C name",
  `Z${"\u0336\u0353\u0301".repeat(9)}algo`,
  "WWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWW",
  "𒐫𒐫𒐫𒐫𒐫𒐫𒐫𒐫",
];
