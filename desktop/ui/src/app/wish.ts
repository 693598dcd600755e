import type { Outcome } from "@nexus/core";
import { useState } from "react";
import { failureText } from "./failure_text.ts";
import { toast } from "./screen.ts";

/** Says so, where a wish was not granted. */
export async function told<T>(wish: Promise<Outcome<T>>, ok?: string): Promise<T | null> {
  const outcome = await wish;
  if (!outcome.ok) {
    toast(failureText(outcome.failure), "danger");
    return null;
  }
  if (ok !== undefined) toast(ok, "ok");
  return outcome.value;
}

/** Nothing is answered; that it was granted is. */
export async function granted(wish: Promise<Outcome<void>>): Promise<Outcome<true>> {
  const outcome = await wish;
  return outcome.ok ? { ok: true, value: true } : outcome;
}

/** A wish that a button waits for: one at a time, with what went wrong. */
export function useWish(): {
  readonly busy: boolean;
  readonly failure: Extract<Outcome<never>, { ok: false }>["failure"] | null;
  readonly run: <T>(wish: () => Promise<Outcome<T>>) => Promise<T | null>;
  readonly forget: () => void;
} {
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Extract<Outcome<never>, { ok: false }>["failure"] | null>(null);
  return {
    busy,
    failure,
    forget: () => setFailure(null),
    async run(wish) {
      if (busy) return null;
      setBusy(true);
      setFailure(null);
      const outcome = await wish();
      setBusy(false);
      if (outcome.ok) return outcome.value;
      setFailure(outcome.failure);
      return null;
    },
  };
}
