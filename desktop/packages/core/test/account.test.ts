import { expect, test } from "vitest";
import { authenticatorLink, base32, createClient, inFours } from "../src/index.ts";
import { Stage } from "./stage.ts";
import { ME, user } from "./world.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

test("a secret is in base32, as authenticators take it", () => {
  // RFC 4648, 10.
  const vectors = [
    ["", ""],
    ["f", "MY"],
    ["fo", "MZXQ"],
    ["foo", "MZXW6"],
    ["foob", "MZXW6YQ"],
    ["fooba", "MZXW6YTB"],
    ["foobar", "MZXW6YTBOI"],
  ] as const;
  for (const [plain, coded] of vectors) expect(base32(bytes(plain))).toBe(coded);
  expect(inFours("MZXW6YTBOI")).toBe("MZXW 6YTB OI");
  expect(authenticatorLink("MZXW6YTB", "ann", "relay.example:80")).toBe(
    "otpauth://totp/relay.example%3A80:ann?secret=MZXW6YTB&issuer=relay.example%3A80",
  );
});

for (const cookieSession of [false, true]) {
  test(`a ticket is no session: the code makes it one${cookieSession ? ", in a page too" : ""}`, async () => {
    const stage = new Stage();
    const asked: string[] = [];
    let isIn = false;
    stage.respond = (request) => {
      const path = request.url.replace("http://here/api/v10", "");
      if (path === "/auth/login") {
        return { status: 200, body: { token: null, mfa: true, totp: true, ticket: "a ticket" } };
      }
      if (path === "/auth/mfa/totp") {
        asked.push(request.body ?? "");
        isIn = asked.length === 2;
        if (!isIn) return { status: 400, body: { code: 60_008, message: "no" } };
        return { status: 200, body: { token: "token", refresh_token: "refresh", user_id: ME } };
      }
      if (path === "/users/@me" && isIn) return { status: 200, body: { ...user(ME), flags: 0 } };
      return { status: path === "/nexus/relay" ? 501 : 401 };
    };
    const client = createClient(stage.options({ cookieSession }));
    await client.start();
    const entered = await client.actions.login("ann", "correct horse");
    expect(entered).toEqual({ ok: true, value: { ticket: "a ticket" } });
    expect(client.store.getState().session.phase).toBe("signed_out");
    expect(await client.actions.showCode("a ticket", "000000")).toMatchObject({ failure: { code: 60_008 } });
    expect(client.store.getState().session.phase).toBe("signed_out");
    expect(await client.actions.showCode("a ticket", "123456")).toMatchObject({ ok: true });
    expect(client.store.getState().me).toBe(ME);
    expect(asked.map((body) => JSON.parse(body) as unknown)[1]).toEqual({
      ticket: "a ticket",
      code: "123456",
    });
    await client.stop();
  });
}

test("a relay says whether it takes an invite to make an account", async () => {
  for (const [registration, facts] of [
    ["open", { registers: true, invited: false, mails: false }],
    ["invite", { registers: true, invited: true }],
    ["closed", { registers: false, invited: false }],
  ] as const) {
    const stage = new Stage();
    stage.respond = ({ url }) =>
      url.endsWith("/nexus/relay") ? { status: 200, body: { name: "Ours", registration } } : { status: 401 };
    const client = createClient(stage.options());
    await client.start();
    await stage.pass(0);
    expect(client.store.getState().door).toMatchObject(facts);
    await client.stop();
  }
});

test("what comes back from a provider is a session, or what is asked for before there is one", async () => {
  const newcomer = { ticket: "a ticket", username: "ada", email: null };
  for (const [body, came] of [
    [
      { token: null, ticket: "a ticket", mfa: true },
      { kind: "code", ticket: "a ticket" },
    ],
    [
      { token: null, newcomer },
      { kind: "newcomer", ...newcomer },
    ],
    [{ token: null, linked: true }, { kind: "linked" }],
    [
      { token: null, proof: "a proof" },
      { kind: "proof", proof: "a proof" },
    ],
  ] as const) {
    const stage = new Stage();
    stage.respond = ({ url }) => (url.endsWith("/finish") ? { status: 200, body } : { status: 401 });
    const client = createClient(stage.options());
    await client.start();
    const back = { provider: "mock", state: "a state", code: "a code", issuer: null, secret: "a secret" };
    expect(await client.actions.finishSignIn(back)).toEqual({ ok: true, value: came });
    await client.stop();
  }
});
