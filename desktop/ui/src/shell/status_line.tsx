import { type Truth, truthLine } from "@nexus/core";
import { useState } from "react";
import { useDerived } from "../app/client.tsx";
import type { Anchor } from "../app/screen.ts";
import { t } from "../i18n/translate.ts";
import { TypingLine } from "../timeline/typing_line.tsx";
import { truthParts } from "./connection_banner.tsx";
import { TruthPanel } from "./truth_panel.tsx";

/** Below everything: who is writing, and how one is connected, in words and always. */
export function StatusLine({ channelId }: { channelId: string | null }) {
  const truth = useDerived(truthParts, truthLine);
  const [anchor, setAnchor] = useState<Anchor | null>(null);
  return (
    <footer className="nx-status-line">
      <div className="nx-status-typing">
        {channelId === null ? null : <TypingLine channelId={channelId} />}
      </div>
      <button
        type="button"
        className="nx-truth"
        data-nx="truth"
        data-tone={toneOf(truth)}
        aria-label={`${t("truth.label")}: ${truthWords(truth)}`}
        aria-haspopup="dialog"
        aria-expanded={anchor !== null}
        onClick={(event) => setAnchor(anchor === null ? event.currentTarget : null)}
      >
        <span className="nx-truth-dot" aria-hidden="true" />
        <bdi className="nx-clip">{truthWords(truth)}</bdi>
      </button>
      {anchor === null ? null : <TruthPanel truth={truth} anchor={anchor} onClose={() => setAnchor(null)} />}
    </footer>
  );
}

export function toneOf(truth: Truth): "ok" | "wait" | "off" {
  if (truth.phase === "offline" || truth.phase === "signed_out") return "off";
  if (truth.phase !== "ready" || truth.waiting > 0 || truth.failed > 0) return "wait";
  return "ok";
}

/** How one is connected, in one line. Nothing is said that is not known. */
export function truthWords(truth: Truth): string {
  const { phase, waiting, failed } = truth;
  if (phase === "offline") {
    return waiting > 0 ? t("truth.offline_waiting", { n: waiting }) : t("truth.offline");
  }
  const parts: (string | false)[] = [
    phase === "ready" ? doorWords(truth) : t(`truth.${phase}`),
    phase === "ready" && peersWords(truth),
    waiting > 0 && t("truth.waiting", { n: waiting }),
    failed > 0 && t("truth.failed", { n: failed }),
  ];
  return parts.filter((part) => part !== false && part !== "").join(" · ");
}

function doorWords({ door }: Truth): string {
  if (door.kind === "node") return t("truth.node");
  if (door.kind === "unknown") return t("truth.program");
  return door.name === null ? t("truth.relay_unnamed") : t("truth.relay", { name: door.name });
}

function peersWords({ door }: Truth): string {
  if (door.kind === "relay" || door.peers === null) return "";
  return door.peers === 0 ? t("truth.alone") : t("truth.peers", { n: door.peers });
}
