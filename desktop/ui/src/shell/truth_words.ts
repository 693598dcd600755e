import type { RelayLink, Truth } from "@nexus/core";
import { t } from "../i18n/translate.ts";

/** How one is connected, in one line. Nothing is said that is not known. */
export function truthWords(truth: Truth): string {
  return line(truth, door(truth.door), countsWhole(truth));
}

/**
 * The same with ever fewer words, for where there is less room. What is left out is how others are reached, never that
 * something waits: each names every kind of thing that the whole names.
 */
export function truthWays(truth: Truth): readonly string[] {
  const short = doorShort(truth.door);
  return [
    ...new Set([
      truthWords(truth),
      line(truth, short, countsWhole(truth)),
      line(truth, short, countsShort(truth), true),
    ]),
  ];
}

/** How much waits here. */
export function waitingWords({ waiting, things }: Truth): string {
  return t(things ? "truth.waiting_things" : "truth.waiting", { n: waiting });
}

export function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : url;
}

interface Counts {
  readonly waiting: string;
  readonly offlineWaiting: string;
  readonly failed: string;
  /** Written at this node, and at no other program yet. */
  readonly outbox: string;
}

function countsWhole(truth: Truth): Counts {
  const { waiting, failed, things, door } = truth;
  return {
    waiting: waitingWords(truth),
    offlineWaiting: t(things ? "truth.offline_waiting_things" : "truth.offline_waiting", { n: waiting }),
    failed: t("truth.failed", { n: failed }),
    outbox: t("truth.outbox", { n: door.outbox ?? 0 }),
  };
}

function countsShort({ waiting, failed, door }: Truth): Counts {
  return {
    waiting: t("truth.short_waiting", { n: waiting }),
    offlineWaiting: t("truth.short_offline_waiting", { n: waiting }),
    failed: t("truth.short_failed", { n: failed }),
    outbox: t("truth.short_outbox", { n: door.outbox ?? 0 }),
  };
}

function line(truth: Truth, ways: string, counts: Counts, short = false): string {
  const { phase, waiting, failed } = truth;
  const parts =
    phase === "offline"
      ? [waiting === 0 ? t("truth.offline") : counts.offlineWaiting]
      : [
          phase === "ready"
            ? spoken([ways, heldOf(truth.door) > 0 ? counts.outbox : null], " · ")
            : t(short && phase === "resuming" ? "truth.short_resuming" : `truth.${phase}`),
          waiting > 0 ? counts.waiting : null,
        ];
  return spoken([...parts, failed > 0 ? counts.failed : null], " · ");
}

/** What a node has handed to nobody yet. */
function heldOf({ kind, peers, outbox }: Truth["door"]): number {
  return kind === "node" && peers !== null ? (outbox ?? 0) : 0;
}

function door(door: Truth["door"]): string {
  if (door.kind === "node") return nodeWords(door);
  if (door.kind === "unknown") return t("truth.program");
  return door.name === null ? t("truth.relay_unnamed") : t("truth.relay", { name: door.name });
}

/** How one's own node stands with others: by which ways what is written here leaves it. */
function nodeWords(door: Truth["door"]): string {
  const { peers, syncing } = door;
  const through = connected(door).map(relayWords);
  const direct = (peers ?? 0) > 0 ? t("truth.peers", { n: peers ?? 0 }) : null;
  const relayed = through.length > 0 ? t("truth.through", { names: through.join("; ") }) : null;
  const ways = [direct, relayed].filter((way) => way !== null).join(", ");
  if (peers === null || ways === "") return alone(door, t("truth.node_offline"));
  const line = relayed === null ? t("truth.lan_only", { ways }) : ways;
  return syncing ? t("truth.syncing", { ways: line }) : line;
}

function doorShort(of: Truth["door"]): string {
  if (of.kind !== "node") return of.kind === "relay" ? t("truth.relay_unnamed") : t("truth.program");
  const { peers, syncing } = of;
  const relays = connected(of).length;
  if (peers === null || (peers === 0 && relays === 0)) return alone(of, t("truth.short_node_offline"));
  if (syncing) return t("truth.short_syncing");
  if (relays === 0) return t("truth.short_lan_only");
  return peers > 0 ? t("truth.short_both") : t("truth.short_through", { n: relays });
}

/** A node that nothing is asked of to reach others is not offline. */
function alone({ peers, relays, outbox }: Truth["door"], offline: string): string {
  const asked = peers !== null && (relays.length > 0 || (outbox ?? 0) > 0);
  return asked ? offline : t("truth.node");
}

function connected({ relays }: Truth["door"]): readonly RelayLink[] {
  return relays.filter((relay) => relay.state === "connected");
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
