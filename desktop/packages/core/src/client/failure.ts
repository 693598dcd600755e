/** From an HTTP answer to a failure. */

import type { Failure, FailureKind } from "../model/outcome.ts";
import type { Answer } from "./ports.ts";

interface ErrorBody {
  readonly code?: unknown;
  readonly message?: unknown;
  readonly retry_after?: unknown;
  readonly errors?: unknown;
}

export const OFFLINE: Failure = failed("offline", "nobody answered");

export function failed(kind: FailureKind, message: string): Failure {
  return { kind, message, status: 0, code: 0, retryAfter: null, fields: {} };
}

export function failureOf(answer: Answer, text: string): Failure {
  const body = bodyOf(text);
  const fields: Record<string, string> = {};
  collect(body.errors, "", fields, 0);
  return {
    kind: kindOf(answer.status),
    message: typeof body.message === "string" ? body.message : `status ${answer.status}`,
    status: answer.status,
    code: typeof body.code === "number" ? body.code : 0,
    retryAfter: retryAfter(answer, body),
    fields,
  };
}

function kindOf(status: number): FailureKind {
  switch (status) {
    case 401:
      return "unauthorised";
    case 403:
      return "forbidden";
    case 404:
    case 410:
      return "not_found";
    case 408:
      return "timeout";
    case 429:
      return "limited";
    case 405:
    case 501:
      return "unserved";
    default:
      return status >= 500 ? "server" : "invalid";
  }
}

function bodyOf(text: string): ErrorBody {
  try {
    const value: unknown = JSON.parse(text);
    return value !== null && typeof value === "object" ? value : {};
  } catch {
    return {};
  }
}

/** Milliseconds; seconds on the wire, in the body with a fraction. */
function retryAfter(answer: Answer, body: ErrorBody): number | null {
  const seconds =
    typeof body.retry_after === "number" ? body.retry_after : Number(answer.header("retry-after") ?? "x");
  return Number.isFinite(seconds) && seconds >= 0 ? Math.ceil(seconds * 1000) : null;
}

/** Levels of Discord's nested errors that are read. */
const DEPTH_MAX = 8;

function collect(level: unknown, path: string, into: Record<string, string>, depth: number): void {
  if (level === null || typeof level !== "object" || depth > DEPTH_MAX) return;
  for (const [key, inner] of Object.entries(level)) {
    if (key === "_errors" && Array.isArray(inner)) {
      const first: unknown = inner[0];
      const said =
        first !== null && typeof first === "object" && "message" in first ? first.message : undefined;
      if (typeof said === "string") into[path] = said;
    } else {
      collect(inner, path === "" ? key : `${path}.${key}`, into, depth + 1);
    }
  }
}
