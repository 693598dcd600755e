import type { Pending } from "@nexus/core";
import { useActions } from "../app/client.tsx";
import { failureText, forwardText } from "../app/failure_text.ts";
import { t } from "../i18n/translate.ts";
import { Button } from "../parts/button.tsx";
import { Icon } from "../parts/icon.tsx";
import { CircleAlert, Clock } from "../parts/icons.ts";
import { Spinner } from "../parts/progress.tsx";
import { UploadHow } from "./pending_files.tsx";

/** How it stands with what waits: for its turn, for an answer, or for the person. */
export function PendingHow({ pending }: { pending: Pending }) {
  const actions = useActions();
  if (pending.state === "failed") {
    const words = pending.forwards === undefined ? failureText : forwardText;
    const why = pending.reason === null ? null : words(pending.reason);
    return (
      <div className="nx-pending-how nx-pending-failed">
        <Icon of={CircleAlert} size={16} />
        <span>{why === null ? t("talk.failed") : t("talk.failed_why", { why })}</span>
        <Button small onClick={() => actions.retry(pending.nonce)}>
          {t("talk.retry")}
        </Button>
        <Button small look="quiet" onClick={() => actions.discard(pending.nonce)}>
          {t("talk.discard")}
        </Button>
      </div>
    );
  }
  const queued = pending.state === "queued";
  if (!queued && pending.files !== undefined) return <UploadHow pending={pending} />;
  const words = queued
    ? t(pending.reason?.kind === "server" ? "talk.queued_refused" : "talk.queued")
    : pending.uncertain
      ? t("talk.queued_uncertain")
      : t("talk.sending");
  return (
    <div className="nx-pending-how" data-quiet={queued ? undefined : ""}>
      {queued ? <Icon of={Clock} size={14} /> : <Spinner size={14} />}
      <span>{words}</span>
    </div>
  );
}
