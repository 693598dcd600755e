import { beforeEach, expect, test } from "vitest";
import { createGateway, type Gateway } from "../src/client/gateway.ts";
import { Stage } from "./stage.ts";

let stage: Stage;
let gateway: Gateway;
let told: string[];

beforeEach(() => {
  stage = new Stage();
  told = [];
  gateway = createGateway(stage.options(), () => "token", {
    dispatch: (t) => told.push(t),
    trying: (attempt) => told.push(`trying ${attempt}`),
    waiting: (attempt, retryAt) => told.push(`waiting ${attempt} ${retryAt - stage.now}`),
    live: () => told.push("live"),
    latency: (ms) => told.push(`latency ${ms}`),
    refused: () => told.push("refused"),
  });
});

function hello(): void {
  stage.wire.say({ op: 10, d: { heartbeat_interval: 40_000 } });
}

function login(): void {
  gateway.connect();
  hello();
  stage.wire.say({ op: 0, s: 1, t: "READY", d: { session_id: "the session" } });
}

test("it says who it is, and is alive once it is welcomed", () => {
  login();
  expect(stage.wire.url).toBe("ws://here/?v=10&encoding=json");
  expect(stage.wire.sent[0]).toMatchObject({ op: 2, d: { token: "token", large_threshold: 250 } });
  expect(told).toEqual(["trying 0", "READY", "live"]);
});

test("a line that breaks is taken up again within a second, where it was left", async () => {
  login();
  stage.wire.say({ op: 0, s: 7, t: "MESSAGE_CREATE", d: {} });
  stage.wire.events.close(1006);
  await stage.pass(999);
  expect(stage.wires).toHaveLength(2);
  hello();
  expect(stage.wire.sent).toEqual([{ op: 6, d: { token: "token", session_id: "the session", seq: 7 } }]);
  stage.wire.say({ op: 0, s: 8, t: "RESUMED", d: {} });
  expect(told.slice(-3)).toEqual(["trying 1", "RESUMED", "live"]);
});

test("a session that is over is begun anew on the same line", async () => {
  login();
  stage.wire.events.close(1006);
  await stage.pass(1_000);
  hello();
  stage.wire.say({ op: 9, d: false });
  await stage.pass(600);
  expect(stage.wire.sent.map((frame) => frame.op)).toEqual([6, 2]);
});

test.each([4007, 4009])("closed with %i, it begins anew", async (code) => {
  login();
  stage.wire.events.close(code);
  await stage.pass(1_000);
  hello();
  expect(stage.wire.sent[0]).toMatchObject({ op: 2 });
});

test("asked to come back, it does so and resumes", async () => {
  login();
  stage.wire.say({ op: 7 });
  expect(stage.wire.closedWith).toBe(4000);
  await stage.pass(1_000);
  hello();
  expect(stage.wire.sent[0]).toMatchObject({ op: 6 });
});

test("a token that is no good is not tried again", async () => {
  gateway.connect();
  hello();
  stage.wire.events.close(4004);
  await stage.pass(100_000);
  expect(stage.wires).toHaveLength(1);
  expect(told.at(-1)).toBe("refused");
});

test("it waits longer each time that nobody answers, and says until when; never longer than 30 s", async () => {
  gateway.connect();
  const waits: number[] = [];
  for (let count = 0; count < 10; count += 1) {
    const before = stage.wires.length;
    stage.wire.events.close(1006);
    const wait = Number(told.at(-1)?.split(" ")[2]);
    waits.push(wait);
    await stage.pass(wait - 1);
    expect(stage.wires).toHaveLength(before);
    await stage.pass(1);
    expect(stage.wires).toHaveLength(before + 1);
  }
  expect(waits.slice(0, 4)).toEqual([250, 500, 1_000, 2_000]);
  expect(Math.max(...waits)).toBeLessThanOrEqual(30_000);
});

test("a line that breaks as soon as it is there is not tried ever faster", async () => {
  login();
  const waits: number[] = [];
  for (let count = 0; count < 5; count += 1) {
    const [before, broken] = [stage.wires.length, stage.now];
    stage.wire.events.close(1006);
    while (stage.wires.length === before) await stage.pass(50);
    waits.push(stage.now - broken);
    hello();
    stage.wire.say({ op: 0, s: 2, t: "RESUMED", d: {} });
  }
  expect(waits).toEqual([250, 500, 1_000, 2_000, 4_000]);
  await stage.pass(6_000);
  stage.wire.events.close(1006);
  const before = stage.wires.length;
  await stage.pass(400);
  expect(stage.wires).toHaveLength(before + 1);
});

test("its heart beats with the last number, and a heart that is not answered ends the line", async () => {
  login();
  stage.wire.say({ op: 0, s: 3, t: "MESSAGE_CREATE", d: {} });
  await stage.pass(20_000);
  expect(stage.wire.sent.at(-1)).toEqual({ op: 1, d: 3 });
  stage.now += 42;
  stage.wire.say({ op: 11 });
  expect(told.at(-1)).toBe("latency 42");
  await stage.pass(40_000);
  expect(stage.wire.closedWith).toBeNull();
  await stage.pass(41_000);
  expect(stage.wires[0]?.closedWith).toBe(4000);
  expect(stage.wires.length).toBeGreaterThan(1);
});

test("in a hurry a dead line is found out within three seconds, and a wait is cut short", async () => {
  login();
  gateway.hurry();
  await stage.pass(3_500);
  expect(stage.wires).toHaveLength(2);
  stage.wire.events.close(1006);
  stage.wire.events.close(1006);
  gateway.hurry();
  expect(stage.wires).toHaveLength(3);
});

test("what a line says that was given up is not heard", async () => {
  login();
  const old = stage.wire;
  gateway.disconnect(false);
  old.say({ op: 0, s: 9, t: "MESSAGE_CREATE", d: {} });
  old.events.close(1000);
  await stage.pass(60_000);
  expect(stage.wires).toHaveLength(1);
  expect(told).not.toContain("MESSAGE_CREATE");
});

test("frames that are none end the line and nothing else", async () => {
  for (const text of ["", "null", "[]", "{}", '{"op":"0"}', "\u0000"]) {
    gateway.disconnect(true);
    login();
    stage.wire.events.message(text);
    expect(stage.wire.closedWith, text).toBe(4000);
  }
});
