/** One's account at a relay: logins, the password, the second factor. */

import type { AccountFacts, Login } from "../../model/account.ts";
import type { WireAccount, WireLogins, WireRecoveryCodes } from "../../wire/rest.ts";
import type { Actions } from "../actions.ts";
import type { Engine } from "../engine.ts";
import { mapOutcome } from "../rest.ts";

type OfAccount = Pick<
  Actions,
  | "forgotPassword"
  | "resetPassword"
  | "eraseAccount"
  | "accountFacts"
  | "beginSignIn"
  | "unlink"
  | "logins"
  | "endLogin"
  | "changePassword"
  | "addAuthenticator"
  | "dropAuthenticator"
  | "renewRecoveryCodes"
>;

export function accountWishes({ rest }: Engine): OfAccount {
  /** Once: what was tried is counted. */
  function post<T>(path: string, body: unknown) {
    return rest.call<T>({ method: "POST", path, body, once: true });
  }

  function stranger<T = void>(path: string, body: unknown) {
    return rest.call<T>({ method: "POST", path, body, authorization: null, once: true });
  }

  return {
    forgotPassword: (login) => stranger("/auth/forgot", { login }),
    resetPassword: (code, password) => stranger("/auth/reset", { token: code, password }),
    eraseAccount: (password, code) =>
      post<void>("/users/@me/delete", code === null ? { password } : { password, code }),
    async accountFacts() {
      const outcome = await rest.call<WireAccount>({ method: "GET", path: "/auth/account" });
      return mapOutcome(
        outcome,
        (from): AccountFacts => ({
          username: from.username,
          email: from.email,
          secondFactor: from.mfa_enabled,
          recoveryCodes: from.recovery_codes,
          hasPassword: from.password,
          signIns: from.sign_ins,
        }),
      );
    },
    async beginSignIn(provider, secret, purpose, password) {
      const body = { secret, purpose, ...(password === undefined ? {} : { password }) };
      const path = `/auth/sign-in/${encodeURIComponent(provider)}`;
      const outcome =
        purpose === "enter" ? stranger<{ url: string }>(path, body) : post<{ url: string }>(path, body);
      return mapOutcome(await outcome, ({ url }) => url);
    },
    unlink: (provider, password) =>
      post<void>(`/auth/sign-in/${encodeURIComponent(provider)}/unlink`, { password }),
    async logins() {
      const outcome = await rest.call<WireLogins>({ method: "GET", path: "/auth/sessions" });
      return mapOutcome(outcome, ({ sessions }) =>
        sessions.map(
          ({ id, begun_ms, used_ms, current }): Login => ({ id, begun: begun_ms, used: used_ms, current }),
        ),
      );
    },
    endLogin: (id) => rest.call<void>({ method: "DELETE", path: `/auth/sessions/${id}`, once: true }),
    changePassword: (password, next) => post<void>("/auth/password", { password, new_password: next }),
    async addAuthenticator(password, secret, code) {
      const body = { password, secret, code };
      return codes(await post<WireRecoveryCodes>("/users/@me/mfa/totp/enable", body));
    },
    dropAuthenticator: (code) => post<void>("/users/@me/mfa/totp/disable", { code }),
    async renewRecoveryCodes(password) {
      return codes(await post<WireRecoveryCodes>("/users/@me/mfa/codes", { password }));
    },
  };
}

function codes(outcome: Parameters<typeof mapOutcome<WireRecoveryCodes, readonly string[]>>[0]) {
  return mapOutcome(outcome, (from): readonly string[] => from.backup_codes.map(({ code }) => code));
}
