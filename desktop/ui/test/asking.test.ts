import { ALL_PERMISSIONS, Permission } from "@nexus/core";
import { expect, test } from "vitest";
import { given, offered } from "../src/door/asking_permissions.tsx";

const { KICK_MEMBERS, BAN_MEMBERS, CONNECT, VIEW_CHANNEL } = Permission;

test("a bot is shown with what it asks for, and one that asks for nothing with all that means something", () => {
  const names = (asked: bigint) => offered(asked).flatMap((group) => group.names);
  expect(names(KICK_MEMBERS | CONNECT)).toEqual(["KICK_MEMBERS", "CONNECT"]);
  expect(names(0n)).toContain("ADMINISTRATOR");
  expect(names(0n)).not.toContain("CONNECT");
  expect(names(ALL_PERMISSIONS).length).toBe(Object.keys(Permission).length);
});

test("what was ticked is given, of what is shown and one has oneself", () => {
  const asked = KICK_MEMBERS | BAN_MEMBERS | VIEW_CHANNEL;
  expect(given(asked, ALL_PERMISSIONS, asked & ~BAN_MEMBERS)).toBe(KICK_MEMBERS | VIEW_CHANNEL);
  expect(given(asked, VIEW_CHANNEL, asked)).toBe(VIEW_CHANNEL);
  expect(given(asked | (1n << 60n), ALL_PERMISSIONS, asked | (1n << 60n)), "no words for it").toBe(asked);
  expect(given(0n, ALL_PERMISSIONS, KICK_MEMBERS)).toBe(KICK_MEMBERS);
  expect(given(asked, 0n, asked)).toBe(0n);
});
