/** Who one is here: tokens, and the door one came in by. */

import type { Entered, Newcomer, SignedIn, SignInBack } from "../model/account.ts";
import type { Failure, Outcome } from "../model/outcome.ts";
import type { OwnUser } from "../wire/generated.ts";
import type { WireRelay, WireSession, WireSignedIn } from "../wire/rest.ts";
import type { NewAccount } from "./actions.ts";
import { failed } from "./failure.ts";
import type { ClientOptions } from "./ports.ts";
import { type Call, DONE, type Keyring, type Rest } from "./rest.ts";

export interface Account extends Keyring {
  /** For the gateway: empty where a cookie speaks for the session. */
  gatewayToken(): string | null;
  /** Reads what was kept. */
  load(): Promise<void>;
  /** Whether there is anything to be signed in with. With cookies only the program knows. */
  mayBeSignedIn(): boolean;
  setup(key: string, displayName: string): Promise<Outcome<void>>;
  register(account: NewAccount): Promise<Outcome<void>>;
  login(login: string, password: string): Promise<Outcome<Entered>>;
  /** The code that a login asks for. */
  showCode(ticket: string, code: string): Promise<Outcome<void>>;
  finishSignIn(back: SignInBack): Promise<Outcome<SignedIn>>;
  registerNewcomer(provider: string, newcomer: Newcomer): Promise<Outcome<void>>;
  withToken(token: string): Promise<Outcome<void>>;
  logout(): Promise<Outcome<void>>;
  forget(): Promise<void>;
}

interface Tokens {
  readonly token: string;
  readonly refreshToken: string | null;
}

const STORED = "session";

/** `rest`: asked for late, because it needs the keys that are made here. */
export function createAccount(options: ClientOptions, rest: () => Rest): Account {
  const cookie = options.cookieSession === true;
  let tokens: Tokens | null = null;
  let renewing: Promise<Outcome<void>> | null = null;

  async function adopt(outcome: Outcome<WireSession>): Promise<Outcome<void>> {
    if (!outcome.ok) return outcome;
    const { token, refresh_token } = outcome.value;
    if (token == null) return { ok: false, failure: NO_SESSION };
    if (cookie) return DONE;
    tokens = { token, refreshToken: refresh_token ?? null };
    await options.storage.set(STORED, JSON.stringify(tokens)).catch(() => {});
    return DONE;
  }

  async function renewed(): Promise<Outcome<void>> {
    if (!cookie && tokens?.refreshToken == null) return { ok: false, failure: NO_REFRESH };
    const body = cookie ? {} : { refresh_token: tokens?.refreshToken };
    const exclusive = options.exclusive ?? ((_, job) => job());
    const outcome = await exclusive("renew", () =>
      rest().call<WireSession>(signingIn("/auth/refresh", body)),
    );
    return adopt(outcome);
  }

  return {
    token: () => (cookie ? null : (tokens?.token ?? null)),
    gatewayToken: () => (cookie ? "" : (tokens?.token ?? null)),
    mayBeSignedIn: () => cookie || tokens !== null,
    renew() {
      renewing ??= renewed().finally(() => {
        renewing = null;
      });
      return renewing;
    },
    async load() {
      if (cookie) return;
      const text = await options.storage.get(STORED).catch(() => null);
      tokens = text === null ? null : readTokens(text);
    },
    async setup(key, displayName) {
      const body = { display_name: displayName };
      const call: Call = {
        method: "POST",
        path: "/nexus/setup",
        body,
        authorization: `Setup ${key}`,
        once: true,
      };
      return adopt(await rest().call<WireSession>(call));
    },
    async register(account) {
      return adopt(await rest().call<WireSession>(signingIn("/auth/register", account)));
    },
    async login(login, password) {
      const outcome = await rest().call<WireSession>(signingIn("/auth/login", { login, password }));
      const ticket = outcome.ok ? (outcome.value.ticket ?? null) : null;
      const entered: Outcome<Entered> = { ok: true, value: { ticket } };
      if (ticket !== null) return entered;
      const adopted = await adopt(outcome);
      return adopted.ok ? entered : adopted;
    },
    async showCode(ticket, code) {
      return adopt(await rest().call<WireSession>(signingIn("/auth/mfa/totp", { ticket, code })));
    },
    async finishSignIn({ provider, state, code, secret, issuer }) {
      const body = { state, code, secret, ...(issuer === null ? {} : { iss: issuer }) };
      // Who links is signed in, and says so.
      const call: Call = { method: "POST", path: `/auth/sign-in/${provider}/finish`, body, once: true };
      const outcome = await rest().call<WireSignedIn>(call);
      if (!outcome.ok) return outcome;
      const other = insteadOfASession(outcome.value);
      if (other !== null) return { ok: true, value: other };
      const adopted = await adopt(outcome);
      return adopted.ok ? { ok: true, value: { kind: "in" } } : adopted;
    },
    async registerNewcomer(provider, newcomer) {
      return adopt(await rest().call<WireSession>(signingIn(`/auth/sign-in/${provider}/register`, newcomer)));
    },
    async withToken(token) {
      const call: Call = { method: "POST", path: "/nexus/session", authorization: token, once: true };
      const outcome = await rest().call<void>(call);
      return outcome.ok ? adopt({ ok: true, value: { token, user_id: "" } }) : outcome;
    },
    async logout() {
      const ended = await rest().call<void>({ method: "POST", path: "/auth/logout", body: {}, once: true });
      // Whatever became of the session there, this browser forgets it.
      return cookie ? await rest().call<void>({ method: "DELETE", path: "/nexus/session" }) : ended;
    },
    async forget() {
      tokens = null;
      await options.storage.remove(STORED).catch(() => {});
    },
  };
}

const NO_SESSION: Failure = failed("server", "the answer has no session in it");

const NO_REFRESH: Failure = failed("unauthorised", "there is nothing to renew the session with");

function signingIn(path: string, body: unknown): Call {
  return { method: "POST", path, body, authorization: null, once: true };
}

function insteadOfASession({ ticket, newcomer, linked, proof }: WireSignedIn): SignedIn | null {
  if (ticket != null) return { kind: "code", ticket };
  if (newcomer !== undefined) return { kind: "newcomer", ...newcomer };
  if (linked === true) return { kind: "linked" };
  return proof === undefined ? null : { kind: "proof", proof };
}

function readTokens(text: string): Tokens | null {
  try {
    const value: unknown = JSON.parse(text);
    if (value === null || typeof value !== "object" || !("token" in value) || typeof value.token !== "string")
      return null;
    const refreshToken =
      "refreshToken" in value && typeof value.refreshToken === "string" ? value.refreshToken : null;
    return { token: value.token, refreshToken };
  } catch {
    return null;
  }
}

/** Who the session belongs to. */
export function whoAmI(rest: Rest): Promise<Outcome<OwnUser>> {
  return rest.call<OwnUser>({ method: "GET", path: "/users/@me", once: true });
}

/** What serves this client: a relay says so, a node does not know the question. */
export function whichDoor(rest: Rest): Promise<Outcome<WireRelay>> {
  return rest.call<WireRelay>({ method: "GET", path: "/nexus/relay", authorization: null });
}
