/** REST: one call, tried again where that can help and cannot hurt. */

import type { Failure, Outcome } from "../model/outcome.ts";
import { failed, failureOf, OFFLINE } from "./failure.ts";
import type { Answer, ClientOptions, FormPart, Upload } from "./ports.ts";

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

export interface Call {
  readonly method: Method;
  /** Below `/api/v10`, with its query. */
  readonly path: string;
  readonly body?: unknown;
  /** In place of a body: a form with files. */
  readonly parts?: readonly FormPart[];
  readonly upload?: Upload;
  /** For the audit log. */
  readonly reason?: string;
  /** In place of the session's: null sends none. */
  readonly authorization?: string | null;
  /** Without another try, whatever happens: who calls does that themselves. */
  readonly once?: boolean;
}

/** Where the tokens are. */
export interface Keyring {
  /** For the `Authorization` header; none where a cookie speaks for the session, or nobody is signed in. */
  token(): string | null;
  /** Gets a new token after a 401. Only "unauthorised" says that the session is over: see {@link isOver}. */
  renew(): Promise<Outcome<void>>;
}

export interface Rest {
  call<T>(call: Call): Promise<Outcome<T>>;
}

const TIMEOUT_MS = 15_000;
/** A form may have to wait for others, and is then given two minutes by the program. */
const FORM_TIMEOUT_MS = 180_000;
/** Tries of one call, the first included. */
const TRIES = 4;
/** A server that asks for a longer wait is not waited for. */
const PATIENCE_MS = 10_000;
const FIRST_WAIT_MS = 250;

export function createRest(options: ClientOptions, keyring: Keyring): Rest {
  let blockedUntil = 0;

  async function call<T>(call: Call): Promise<Outcome<T>> {
    let renewed = false;
    for (let attempt = 1; ; attempt += 1) {
      await wait(options, blockedUntil - options.now());
      const outcome = await send<T>(options, keyring, call);
      if (outcome.ok) return outcome;
      const { failure } = outcome;
      if (failure.kind === "unauthorised" && !renewed && call.authorization === undefined) {
        renewed = true;
        const renewal = await keyring.renew();
        if (renewal.ok) continue;
        if (!isOver(renewal.failure)) return renewal;
      }
      const pause = pauseBefore(call, failure, attempt, options.random);
      if (failure.kind === "limited" && failure.retryAfter !== null && failure.retryAfter <= PATIENCE_MS) {
        blockedUntil = Math.max(blockedUntil, options.now() + failure.retryAfter);
      }
      if (pause === null) return outcome;
      await wait(options, pause);
    }
  }
  return { call };
}

/** Whether a session that could not be renewed is over. While nobody can say, it is not. */
export function isOver({ kind }: Failure): boolean {
  return kind !== "offline" && kind !== "timeout" && kind !== "server" && kind !== "limited";
}

/** Milliseconds until the next try; null: none. */
function pauseBefore(call: Call, failure: Failure, attempt: number, random: () => number): number | null {
  if (call.once === true || attempt >= TRIES) return null;
  if (failure.kind === "limited") {
    const asked = failure.retryAfter ?? 1_000;
    return asked <= PATIENCE_MS ? asked + random() * 50 : null;
  }
  // What might have been carried out is not asked for twice, unless twice is the same as once.
  const repeatable = call.method === "GET" || call.method === "PUT" || call.method === "DELETE";
  const refused = failure.kind === "server" && failure.status === 503;
  const passing = failure.kind === "server" || failure.kind === "offline" || failure.kind === "timeout";
  if (!(refused || (passing && repeatable))) return null;
  return Math.max(failure.retryAfter ?? 0, FIRST_WAIT_MS * 2 ** (attempt - 1) * (0.5 + random()));
}

async function send<T>(options: ClientOptions, keyring: Keyring, call: Call): Promise<Outcome<T>> {
  const headers: Record<string, string> = {};
  const authorization = call.authorization === undefined ? keyring.token() : call.authorization;
  if (authorization !== null) headers.authorization = authorization;
  if (call.reason !== undefined) headers["x-audit-log-reason"] = encodeURIComponent(call.reason);
  if (call.body !== undefined) headers["content-type"] = "application/json";
  let answer: Answer;
  let text: string;
  try {
    answer = await options.transport.request({
      method: call.method,
      url: `${options.origin}/api/v10${call.path}`,
      headers,
      timeout: call.parts === undefined ? TIMEOUT_MS : FORM_TIMEOUT_MS,
      ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
      ...(call.parts === undefined ? {} : { form: call.parts }),
      ...(call.upload === undefined ? {} : { upload: call.upload }),
    });
    text = await answer.text();
  } catch {
    return { ok: false, failure: OFFLINE };
  }
  if (answer.status >= 400) return { ok: false, failure: failureOf(answer, text) };
  return parsed<T>(text);
}

/** What the program answers has the shape that its schemas promise: only that it is JSON is asked here. */
function parsed<T>(text: string): Outcome<T> {
  if (text === "") return { ok: true, value: undefined as T };
  try {
    return { ok: true, value: JSON.parse(text) as T };
  } catch {
    return { ok: false, failure: failed("server", "the answer is not JSON") };
  }
}

function wait(options: ClientOptions, delay: number): Promise<void> {
  if (delay <= 0) return Promise.resolve();
  return new Promise((resolve) => options.clock.after(delay, resolve));
}

export function mapOutcome<T, U>(outcome: Outcome<T>, change: (value: T) => U): Outcome<U> {
  return outcome.ok ? { ok: true, value: change(outcome.value) } : outcome;
}

export const DONE: Outcome<void> = { ok: true, value: undefined };
