import { type State, truthLine } from "@nexus/core";
import { useActions, useApp, useDerived } from "../app/client.tsx";
import { t } from "../i18n/translate.ts";
import { Button } from "../parts/button.tsx";
import { Icon } from "../parts/icon.tsx";
import { WifiOff } from "../parts/icons.ts";
import { Spinner } from "../parts/progress.tsx";
import { waitingWords } from "./truth_words.ts";

/** What the truth line depends on. */
export function truthParts(state: State): readonly unknown[] {
  return [state.session, state.door, state.pending];
}

/** Above the messages while the line is broken: what still works, and what happens with what one writes. */
export function ConnectionBanner() {
  const actions = useActions();
  const phase = useApp((state) => state.session.phase);
  const truth = useDerived(truthParts, truthLine);
  if (phase !== "offline" && phase !== "resuming") return null;
  const offline = phase === "offline";
  return (
    <div className="nx-connection" data-phase={phase} data-late={offline ? undefined : ""}>
      {offline ? <Icon of={WifiOff} size={18} /> : <Spinner size={18} />}
      <span className="nx-connection-words">
        {t(offline ? "truth.offline_banner" : "truth.resuming_banner")}
        {truth.waiting > 0 ? <strong> {waitingWords(truth)}</strong> : null}
      </span>
      {offline ? (
        <Button small onClick={() => actions.reconnect()}>
          {t("truth.retry")}
        </Button>
      ) : null}
    </div>
  );
}
