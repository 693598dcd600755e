import { expect, test } from "vitest";
import { parseRoute, pathTo } from "../src/app/route.ts";
import { en } from "../src/i18n/en.ts";
import { stretched } from "../src/i18n/pseudo.ts";
import { byteSize, stamp } from "../src/i18n/time.ts";
import { setLocale, t } from "../src/i18n/translate.ts";
import { hueOf, initials } from "../src/parts/avatar.tsx";

test("numbers choose the plural", () => {
  expect(t("invite.members", { n: 1 })).toBe("1 member");
  expect(t("invite.members", { n: 1200 })).toBe("1,200 members");
});

test("another language keeps what is to be put in", () => {
  setLocale("stretched");
  expect(t("invite.join", { name: "Engines" })).toContain("Engines");
  setLocale("en");
  const words = Object.values(stretched(en)).flatMap((each) =>
    typeof each === "string" ? [each] : [each.one, each.other],
  );
  expect(words.every((each) => each.startsWith("⟦"))).toBe(true);
});

test("a time that no calendar has is said to be so", () => {
  expect(stamp(8.64e15 + 1, "F")).toBe(t("time.invalid"));
  expect(stamp(Date.UTC(2026, 0, 1), "D")).toBe("January 1, 2026");
});

test("sizes are in units people know", () => {
  expect([0, 1, 6, 999].map(byteSize)).toEqual(["0 bytes", "1 byte", "6 bytes", "999 bytes"]);
  expect(byteSize(1_000)).toBe("1 kB");
  expect(byteSize(1_530_000)).toBe("1.5 MB");
});

test("initials are letters, whatever a name is made of", () => {
  expect(initials("Ada Lovelace", 2)).toBe("AL");
  expect(initials("z̷̧̛a̶l̵g̶o̴", 2)).toBe("Z");
  expect(initials("\u202Eevil", 2)).toBe("E");
  expect(initials("👩‍🚀 Neil", 2)).toBe("👩‍🚀N");
  expect(initials("", 2)).toBe("?");
});

test("an address leads somewhere, or says that it does not", () => {
  expect(parseRoute("/channels/1/2/3")).toEqual({
    at: "channel",
    guildId: "1",
    channelId: "2",
    messageId: "3",
  });
  expect(parseRoute("/channels/@me/2")).toEqual({
    at: "channel",
    guildId: null,
    channelId: "2",
    messageId: null,
  });
  expect(parseRoute("/invite/a%2Fb")).toEqual({ at: "invite", code: "a/b" });
  expect(parseRoute("/invite/%")).toEqual({ at: "invite", code: "%" });
  expect(parseRoute("/channels/1/<script>")).toEqual({ at: "nowhere" });
  expect(pathTo(null, "5")).toBe("/channels/@me/5");
});

test("whoever one is, one's picture has a colour", () => {
  const hues = Array.from({ length: 500 }, (_, n) => hueOf(String(1_000_000_007 * n)));
  expect(hues.every((hue) => Number.isInteger(hue) && hue >= 0 && hue < 12)).toBe(true);
  expect(new Set(hues).size).toBe(12);
});
