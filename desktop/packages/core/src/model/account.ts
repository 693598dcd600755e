/** One's account at a relay, as far as it is no op: how one shows who one is. */

import type { Id } from "./entities.ts";

/** What a right password gives: one is in, or a code is asked for. */
export interface Entered {
  /** Shown beside the code; null: one is in. */
  readonly ticket: string | null;
}

/** At whom else one signs in. */
export interface Provider {
  readonly id: string;
  readonly name: string;
}

/** To come in; to come in by it from now on; or to show once more who one is. */
export type SignInPurpose = "enter" | "link" | "confirm";

/** What a provider sent the window back with, and what the window had kept. */
export interface SignInBack {
  readonly provider: string;
  readonly state: string;
  readonly code: string;
  /** Who the provider says it is, where it does. */
  readonly issuer: string | null;
  /** Of this window, the one that `beginSignIn` was given. */
  readonly secret: string;
}

/** What came of it. */
export type SignedIn =
  | { readonly kind: "in" }
  | { readonly kind: "code"; readonly ticket: string }
  /** Nobody there is known so: an account may be made. */
  | {
      readonly kind: "newcomer";
      readonly ticket: string;
      readonly username: string | null;
      readonly email: string | null;
    }
  | { readonly kind: "linked" }
  /** Stands for the password once. */
  | { readonly kind: "proof"; readonly proof: string };

/** An account for who comes from a provider. */
export interface Newcomer {
  readonly ticket: string;
  readonly username: string;
  readonly email?: string;
  readonly invite?: string;
}

export interface AccountFacts {
  readonly username: string;
  readonly email: string | null;
  /** A code is asked for at login. */
  readonly secondFactor: boolean;
  /** Recovery codes that are left. */
  readonly recoveryCodes: number;
  readonly hasPassword: boolean;
  /** Ids of the providers one comes in by. */
  readonly signIns: readonly string[];
}

/** A login that goes on, somewhere. */
export interface Login {
  readonly id: Id;
  /** Unix ms. */
  readonly begun: number;
  readonly used: number;
  /** It is this one. */
  readonly current: boolean;
}

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** As authenticators take a secret: base32 (RFC 4648), without padding. */
export function base32(bytes: Uint8Array): string {
  let text = "";
  let held = 0;
  let bits = 0;
  for (const byte of bytes) {
    held = ((held << 8) | byte) & 0xfff;
    for (bits += 8; bits >= 5; bits -= 5) text += ALPHABET[(held >> (bits - 5)) & 31];
  }
  return bits === 0 ? text : text + ALPHABET[(held << (5 - bits)) & 31];
}

/** In fours, for who types it. */
export function inFours(secret: string): string {
  return secret.replace(/(.{4})(?=.)/g, "$1 ");
}

/** What an authenticator on the same device opens (the "Key URI Format" that all of them read). */
export function authenticatorLink(secret: string, account: string, relay: string): string {
  const label = `${encodeURIComponent(relay)}:${encodeURIComponent(account)}`;
  return `otpauth://totp/${label}?secret=${secret}&issuer=${encodeURIComponent(relay)}`;
}

/** Discord's numbers for a code that is none, and a login that took too long. */
export const WRONG_CODE = 60_008;
export const OLD_TICKET = 60_006;
