import type { RelayLink, Truth } from "@nexus/core";
import { useActions } from "../app/client.tsx";
import type { Anchor } from "../app/screen.ts";
import { clock } from "../i18n/time.ts";
import { t } from "../i18n/translate.ts";
import { Button } from "../parts/button.tsx";
import { Popover } from "../parts/popover.tsx";
import { hostOf, truthWords, waitingWords } from "./truth_words.ts";

/** The truth line's facts, one by one. */
export function TruthPanel({
  truth,
  anchor,
  onClose,
}: {
  truth: Truth;
  anchor: Anchor;
  onClose: () => void;
}) {
  const actions = useActions();
  const { door } = truth;
  const about =
    door.kind === "node" ? t("truth.node_text") : door.kind === "relay" ? t("truth.relay_text") : null;
  return (
    <Popover
      anchor={anchor}
      label={t("truth.details")}
      onClose={onClose}
      placement="top-end"
      className="nx-panel"
    >
      <h2 className="nx-panel-title">{truthWords(truth)}</h2>
      {about === null ? null : <p className="nx-panel-text">{about}</p>}
      <dl className="nx-facts">
        {rows(truth).map(([name, value]) => (
          <div key={name} className="nx-fact">
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {truth.phase === "offline" ? (
        <Button small wide look="primary" onClick={() => actions.reconnect()}>
          {t("truth.retry")}
        </Button>
      ) : null}
    </Popover>
  );
}

function rows(truth: Truth): readonly (readonly [string, string])[] {
  const { door } = truth;
  const all: (readonly [string, string | null])[] = [
    [t("truth.row_program"), program(truth)],
    [t("truth.row_version"), door.version],
    [
      t("truth.row_answer"),
      door.latency === null ? null : t("truth.latency", { ms: Math.round(door.latency) }),
    ],
    [
      t("truth.row_peers"),
      door.peers === null
        ? t("truth.peers_unknown")
        : door.peers === 0
          ? t("truth.alone")
          : t("truth.peers", { n: door.peers }),
    ],
    ...door.relays.map((relay) => [hostOf(relay.url), relayState(relay)] as const),
    [t("truth.row_waiting"), truth.waiting === 0 ? t("truth.nothing") : waitingWords(truth)],
    [
      t("truth.row_outbox"),
      door.outbox === null
        ? null
        : door.outbox === 0
          ? t("truth.all_handed")
          : t("truth.outbox", { n: door.outbox }),
    ],
    [t("truth.offline"), since(truth)],
  ];
  return all.filter((row): row is readonly [string, string] => row[1] !== null);
}

function since(truth: Truth): string | null {
  if (truth.phase !== "offline" || truth.since === null) return null;
  const words = t("truth.since", { when: clock(truth.since) });
  return truth.retryAt === null ? words : `${words}, ${t("truth.next_try", { when: clock(truth.retryAt) })}`;
}

function program({ door }: Truth): string {
  if (door.kind === "unknown") return t("truth.kind_unknown");
  return door.kind === "node" ? t("truth.kind_node") : t("truth.kind_relay", { name: door.name ?? "" });
}

function relayState({ state, road }: RelayLink): string {
  const name = t(`truth.relay_${state}`);
  return road === null ? name : t("truth.by_road", { name, road: t(`truth.road_${road}`) });
}
