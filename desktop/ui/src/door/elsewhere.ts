/** Signing in at a provider: what this window keeps while it is there, and finds again when it comes back. */

import type { Actions, Outcome, SignInBack, SignInPurpose } from "@nexus/core";

interface Kept {
  readonly provider: string;
  /** Only this window knows it: what somebody else was given to come back with is worth nothing here. */
  readonly secret: string;
  readonly purpose: SignInPurpose;
  /** Where it was. */
  readonly path: string;
}

/** A window that came back from a provider. */
export interface CameBack {
  readonly purpose: SignInPurpose;
  readonly provider: string;
  /** Where it was before. */
  readonly path: string;
  /** None where the provider says no, or it was another window that went there. */
  readonly back: SignInBack | null;
}

/** Kept by the tab alone, and by no other origin. */
const KEPT = "nexus.sign-in";

/** Goes to a provider. `password`: to link. */
export async function leave(
  actions: Actions,
  provider: string,
  purpose: SignInPurpose,
  password?: string,
): Promise<Outcome<true>> {
  const secret = btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(32))));
  const outcome = await actions.beginSignIn(provider, secret, purpose, password);
  if (!outcome.ok) return outcome;
  const kept: Kept = { provider, secret, purpose, path: location.pathname + location.search };
  sessionStorage.setItem(KEPT, JSON.stringify(kept));
  location.assign(outcome.value);
  return { ok: true, value: true };
}

/** What a provider put into the address. It is good once, and taken out of there before it is used. */
export function cameBack(): CameBack | null {
  const provider = /^\/sign-in\/([a-z0-9-]{1,32})$/.exec(location.pathname)?.[1];
  if (provider === undefined) return null;
  const found = new URLSearchParams(location.search);
  history.replaceState(null, "", "/");
  const kept = readKept();
  sessionStorage.removeItem(KEPT);
  const [state, code] = [found.get("state"), found.get("code")];
  if (kept === null || kept.provider !== provider)
    return { purpose: "enter", provider, path: "/", back: null };
  const { purpose, path, secret } = kept;
  if (state === null || code === null) return { purpose, provider, path, back: null };
  return { purpose, provider, path, back: { provider, state, code, secret, issuer: found.get("iss") } };
}

function readKept(): Kept | null {
  try {
    // This window wrote it.
    return JSON.parse(sessionStorage.getItem(KEPT) ?? "null") as Kept | null;
  } catch {
    return null;
  }
}
