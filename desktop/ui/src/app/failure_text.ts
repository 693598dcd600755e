import { type Failure, mayBeDone, WRONG_CODE } from "@nexus/core";
import { t } from "../i18n/translate.ts";

/** What went wrong, in the reader's words. */
export function failureText(failure: Failure): string {
  if (failure.status === TOO_LARGE) return t("fail.too_large");
  if (failure.kind === "invalid") return t("fail.invalid", { detail: detail(failure) });
  return t(`fail.${failure.kind}`);
}

/** HTTP's number; a proxy says it, too. */
const TOO_LARGE = 413;

/** The same where a code was shown. */
export function codeText(failure: Failure): string {
  return failure.code === WRONG_CODE ? t("door.code_wrong") : failureText(failure);
}

/** The same where something was to be passed on. */
export function forwardText(failure: Failure): string {
  if (failure.kind === "forbidden") return t("forward.refused");
  if (failure.kind === "not_found") return t("forward.gone");
  if (failure.code === NOT_THAT) return t("forward.not_that");
  return failure.code === FILTERED ? t("forward.filtered") : failureText(failure);
}

/** Discord's numbers. */
const NOT_THAT = 50_068;
const FILTERED = 200_000;

/** The same where messages were to be moved out of that channel, or back into it. */
export function moveText(failure: Failure, channel: string): string {
  if (mayBeDone(failure)) return t("move.fail_unanswered");
  if (failure.kind === "forbidden") return t("move.fail_forbidden");
  if (failure.code === UNKNOWN_MESSAGE) return t("move.fail_message", { channel });
  if (failure.code === UNKNOWN_CHANNEL) return t("move.fail_channel");
  if (failure.code === NOT_ITS_THREAD) return t("move.fail_thread", { channel });
  // A program from before there was this.
  return failure.kind === "not_found" ? t("fail.unserved") : failureText(failure);
}

/** Discord's numbers. */
const UNKNOWN_MESSAGE = 10_008;
const UNKNOWN_CHANNEL = 10_003;
const NOT_ITS_THREAD = 50_024;

/** The same where a password was shown once more. */
export function passwordText(failure: Failure): string {
  return failure.fields.login === undefined ? failureText(failure) : t("sign.password_wrong");
}

/** What the program said of a field, where it said so of one of these. */
export function fieldText(failure: Failure | null, ...names: readonly string[]): string | null {
  if (failure === null) return null;
  return names.map((name) => failure.fields[name]).find((words) => words !== undefined) ?? null;
}

function detail(failure: Failure): string {
  return Object.values(failure.fields)[0] ?? failure.message;
}
