import { initialState, type Truth } from "@nexus/core";
import { expect, test } from "vitest";
import { truthWays, truthWords } from "../src/shell/truth_words.ts";

const RELAY = { url: "https://relay.example", state: "connected", road: "quic" } as const;

function truth(change: Partial<Truth>, door: Partial<Truth["door"]> = {}): Truth {
  const plain = initialState().door;
  return {
    phase: "ready",
    waiting: 0,
    things: false,
    failed: 0,
    since: null,
    retryAt: null,
    ...change,
    door: { ...plain, kind: "node", peers: 0, outbox: 0, ...door },
  };
}

test("with less room the ways to others are left out first, then words, and never that something waits", () => {
  const ways = truthWays(truth({ waiting: 2, failed: 1 }, { peers: 3, relays: [RELAY], outbox: 4 }));
  expect(ways).toEqual([
    "Direct to 3 peers, through relay relay.example, by QUIC · 4 items others do not have yet · 2 messages waiting · 1 message not sent",
    "Direct and by relay · 4 items others do not have yet · 2 messages waiting · 1 message not sent",
    "Direct and by relay · 4 only here · 2 waiting · 1 not sent",
  ]);
});

test("a line that is short already has one way", () => {
  expect(truthWays(truth({}))).toEqual(["On your own node"]);
  expect(truthWays(truth({ phase: "offline" }))).toEqual(["Offline"]);
});

test("who is offline is told, too, what was refused before", () => {
  expect(truthWords(truth({ phase: "offline", waiting: 1, failed: 2 }))).toBe(
    "Offline, 1 message waiting · 2 messages not sent",
  );
});

test("each way says whether anybody else can be reached", () => {
  const failing = { ...RELAY, state: "failing", road: null } as const;
  expect(truthWays(truth({}, { relays: [failing], outbox: 1 })).at(-1)).toBe("Node offline · 1 only here");
  expect(truthWays(truth({}, { peers: 2 }))).toEqual(["LAN only: direct to 2 peers", "LAN only"]);
  expect(truthWays(truth({}, { peers: 1, syncing: true })).at(-1)).toBe("Syncing");
  expect(truthWays(truth({}, { relays: [RELAY, RELAY] })).at(-1)).toBe("Through 2 relays");
  expect(truthWays(truth({ phase: "resuming" }))).toEqual(["Reconnecting, catching up", "Reconnecting"]);
});
