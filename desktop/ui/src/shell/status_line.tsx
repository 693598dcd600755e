import { type RelayLink, type Truth, truthLine } from "@nexus/core";
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
  const { door } = truth;
  const held = door.syncing || (door.kind === "node" && (door.outbox ?? 0) > 0);
  if (truth.phase === "offline" || truth.phase === "signed_out") return "off";
  if (truth.phase !== "ready" || held || truth.waiting > 0 || truth.failed > 0) return "wait";
  return "ok";
}

/** How one is connected, in one line. Nothing is said that is not known. */
export function truthWords(truth: Truth): string {
  const { phase, waiting, failed } = truth;
  if (phase === "offline") {
    if (waiting === 0) return t("truth.offline");
    return t(truth.things ? "truth.offline_waiting_things" : "truth.offline_waiting", { n: waiting });
  }
  const parts: (string | false)[] = [
    phase === "ready" ? doorWords(truth) : t(`truth.${phase}`),
    waiting > 0 && waitingWords(truth),
    failed > 0 && t("truth.failed", { n: failed }),
  ];
  return parts.filter((part) => part !== false && part !== "").join(" · ");
}

/** How much waits here. */
export function waitingWords({ waiting, things }: Truth): string {
  return t(things ? "truth.waiting_things" : "truth.waiting", { n: waiting });
}

function doorWords({ door }: Truth): string {
  if (door.kind === "node") return nodeWords(door);
  if (door.kind === "unknown") return t("truth.program");
  return door.name === null ? t("truth.relay_unnamed") : t("truth.relay", { name: door.name });
}

/** How one's own node stands with others: by which ways what is written here leaves it. */
function nodeWords(door: Truth["door"]): string {
  const { peers, relays, outbox, syncing } = door;
  if (peers === null) return t("truth.node");
  const waits = outbox !== null && outbox > 0 ? t("truth.outbox", { n: outbox }) : null;
  const through = relays.filter((relay) => relay.state === "connected").map(relayWords);
  const direct = peers > 0 ? t("truth.peers", { n: peers }) : null;
  const relayed = through.length > 0 ? t("truth.through", { names: through.join("; ") }) : null;
  const ways = spoken([direct, relayed], ", ");
  if (ways === "") {
    const alone = relays.length === 0 && waits === null ? t("truth.node") : t("truth.node_offline");
    return spoken([alone, waits], " · ");
  }
  const line = relayed === null ? t("truth.lan_only", { ways }) : ways;
  return spoken([syncing ? t("truth.syncing", { ways: line }) : line, waits], " · ");
}

/** A relay that is used, and by which road it is reached. */
function relayWords({ url, road }: RelayLink): string {
  const name = hostOf(url);
  return road === null ? name : t("truth.by_road", { name, road: t(`truth.road_${road}`) });
}

function spoken(parts: readonly (string | null)[], between: string): string {
  const text = parts.filter((part) => part !== null && part !== "").join(between);
  return text.slice(0, 1).toLocaleUpperCase() + text.slice(1);
}

export function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : url;
}
