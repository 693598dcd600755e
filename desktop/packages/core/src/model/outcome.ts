/** What became of a wish. Actions never throw: a screen has words for each of these. */

export type FailureKind =
  /** Nobody answered: no network, or the program is not running. */
  | "offline"
  /** It took too long. */
  | "timeout"
  /** One is not, or no longer, signed in. */
  | "unauthorised"
  /** One may not. */
  | "forbidden"
  /** There is no such thing (any more). */
  | "not_found"
  /** What was sent is not right; `fields` tells what. */
  | "invalid"
  /** Too often; `retryAfter` tells for how long. */
  | "limited"
  /** The program cannot just now; trying again later may help. */
  | "server"
  /** This program does not serve that. */
  | "unserved"
  /** A file that was to go along is not here any more. */
  | "lost"
  /** The person stopped it. */
  | "stopped";

export interface Failure {
  readonly kind: FailureKind;
  /** In the server's words (English); for details, not as the only text. */
  readonly message: string;
  /** The HTTP status; 0 where there was no answer. */
  readonly status: number;
  /** Discord's JSON error code; 0 where there is none. */
  readonly code: number;
  /** Milliseconds after which it is worth trying again. */
  readonly retryAfter: number | null;
  /** Which fields were wrong, and why: path with dots -> the server's words. */
  readonly fields: Readonly<Record<string, string>>;
}

/** Whether the program itself said nothing: by 502 and 504 a proxy says so. It may have done what was asked for. */
export function isUnanswered({ kind, status }: Failure): boolean {
  return kind === "offline" || kind === "timeout" || status === 502 || status === 504;
}

/** Whether what was asked for may have been done all the same. */
export function mayBeDone(failure: Failure): boolean {
  const { kind, status } = failure;
  return isUnanswered(failure) || kind === "stopped" || (kind === "server" && status !== 503);
}

export type Outcome<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly failure: Failure };
