import { type Truth, truthLine } from "@nexus/core";
import { useId, useState } from "react";
import { useDerived } from "../app/client.tsx";
import type { Anchor } from "../app/screen.ts";
import { t } from "../i18n/translate.ts";
import { Fitting } from "../parts/fitting.tsx";
import { TypingLine } from "../timeline/typing_line.tsx";
import { truthParts } from "./connection_banner.tsx";
import { TruthPanel } from "./truth_panel.tsx";
import { truthWays } from "./truth_words.ts";

/** Below everything: who is writing, and how one is connected, in words and always; in as many as there is room for. */
export function StatusLine({ channelId }: { channelId: string | null }) {
  const truth = useDerived(truthParts, truthLine);
  const [anchor, setAnchor] = useState<Anchor | null>(null);
  const id = useId();
  return (
    <footer className="nx-status-line">
      {channelId === null ? null : <TypingLine channelId={channelId} />}
      <div className="nx-truth-place" data-room="">
        <span id={`${id}what`} hidden>
          {t("truth.label")}:
        </span>
        <button
          type="button"
          className="nx-truth"
          data-nx="truth"
          data-tone={toneOf(truth)}
          aria-labelledby={`${id}what ${id}words`}
          aria-haspopup="dialog"
          aria-expanded={anchor !== null}
          onClick={(event) => setAnchor(anchor === null ? event.currentTarget : null)}
        >
          <span className="nx-truth-dot" aria-hidden="true" />
          <Fitting id={`${id}words`} ways={truthWays(truth)} />
        </button>
      </div>
      {anchor === null ? null : <TruthPanel truth={truth} anchor={anchor} onClose={() => setAnchor(null)} />}
    </footer>
  );
}

export function toneOf(truth: Truth): "ok" | "wait" | "off" {
  const { door } = truth;
  const held = door.syncing || (door.kind === "node" && (door.outbox ?? 0) > 0);
  if (truth.phase === "offline" || truth.phase === "signed_out") return "off";
  if (truth.phase !== "ready" || held || truth.waiting > 0 || truth.failed > 0) return "wait";
  return "ok";
}
