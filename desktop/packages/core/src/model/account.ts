/** One's account at a relay, as far as it is no op: how one shows who one is. */

import type { Id } from "./entities.ts";

/** What a right password gives: one is in, or a code is asked for. */
export interface Entered {
  /** Shown beside the code; null: one is in. */
  readonly ticket: string | null;
}

export interface AccountFacts {
  readonly username: string;
  readonly email: string | null;
  /** A code is asked for at login. */
  readonly secondFactor: boolean;
  /** Recovery codes that are left. */
  readonly recoveryCodes: number;
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
