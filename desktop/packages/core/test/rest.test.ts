import { beforeEach, expect, test } from "vitest";
import { failed } from "../src/client/failure.ts";
import { createRest, DONE, type Keyring, type Rest } from "../src/client/rest.ts";
import { Stage } from "./stage.ts";

let stage: Stage;
let keys: { token: string; renewals: number; renew: boolean };
let rest: Rest;

beforeEach(() => {
  stage = new Stage();
  keys = { token: "old", renewals: 0, renew: true };
  const keyring: Keyring = {
    token: () => keys.token,
    renew: async () => {
      keys.renewals += 1;
      if (keys.renew) keys.token = "new";
      return keys.renew ? DONE : { ok: false, failure: failed("unauthorised", "no") };
    },
  };
  rest = createRest(stage.options(), keyring);
});

/** Answers these, one after the other; the last again and again. */
function answers(
  ...all: ({ status: number; body?: unknown; headers?: Record<string, string> } | null)[]
): void {
  let next = 0;
  stage.respond = () => {
    const answer = all[Math.min(next, all.length - 1)];
    next += 1;
    return answer ?? null;
  };
}

test("what is limited waits as long as it is told, and goes on", async () => {
  answers({ status: 429, body: { retry_after: 1.5 } }, { status: 200, body: 1 });
  const outcome = rest.call({ method: "POST", path: "/x", body: {} });
  await stage.pass(1_499);
  expect(stage.requests).toHaveLength(1);
  await stage.pass(100);
  expect(await outcome).toEqual({ ok: true, value: 1 });
});

test("a limit that lasts is told instead of waited for", async () => {
  answers({ status: 429, headers: { "retry-after": "60" } });
  expect(await rest.call({ method: "GET", path: "/x" })).toMatchObject({
    ok: false,
    failure: { kind: "limited", retryAfter: 60_000 },
  });
  expect(stage.requests).toHaveLength(1);
});

test("what may be asked twice is asked again where nobody answered or the program could not", async () => {
  answers(null, { status: 502 }, { status: 200, body: "there" });
  const outcome = rest.call({ method: "GET", path: "/x" });
  await stage.pass(5_000);
  expect(await outcome).toEqual({ ok: true, value: "there" });
});

test("what must not happen twice is not asked twice, unless it was not begun", async () => {
  answers({ status: 502 });
  const outcome = rest.call({ method: "POST", path: "/x", body: {} });
  await stage.pass(60_000);
  expect(await outcome).toMatchObject({ failure: { kind: "server" } });
  expect(stage.requests).toHaveLength(1);
  answers({ status: 503, headers: { "retry-after": "1" } }, { status: 200, body: 2 });
  const refused = rest.call({ method: "POST", path: "/x", body: {} });
  await stage.pass(2_000);
  expect(await refused).toEqual({ ok: true, value: 2 });
});

test("a token that ran out is renewed once, whoever asks", async () => {
  stage.respond = (request) => (request.headers.authorization === "new" ? { status: 204 } : { status: 401 });
  expect((await rest.call({ method: "GET", path: "/x" })).ok).toBe(true);
  expect(keys.renewals).toBe(1);
  keys = { token: "old", renewals: 0, renew: false };
  expect(await rest.call({ method: "GET", path: "/x" })).toMatchObject({ failure: { kind: "unauthorised" } });
  expect(keys.renewals).toBe(1);
});

test("what is wrong with a form is told field by field", async () => {
  const errors = { name: { _errors: [{ code: "BASE_TYPE_BAD_LENGTH", message: "too long" }] } };
  answers({ status: 400, body: { code: 50_035, message: "Invalid Form Body", errors } });
  expect(await rest.call({ method: "POST", path: "/x", body: {} })).toMatchObject({
    failure: { kind: "invalid", code: 50_035, fields: { name: "too long" } },
  });
});

test("an answer of any shape is an outcome", async () => {
  for (const body of [null, [], "text", { errors: [[[[]]]] }, { retry_after: "soon" }]) {
    answers({ status: 400, body });
    expect((await rest.call({ method: "GET", path: "/x" })).ok).toBe(false);
  }
});
