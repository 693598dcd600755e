import { channelName, type Id, type State, type SwitchHit } from "@nexus/core";
import { useId } from "react";
import { useApp } from "../app/client.tsx";
import { t } from "../i18n/translate.ts";
import { Icon } from "../parts/icon.tsx";
import { X } from "../parts/icons.ts";
import { PickBox } from "./pick_box.tsx";
import { Hit } from "./switcher.tsx";
import { useWalk } from "./walk_hits.ts";

/** Places at once at most. */
const TARGETS_MAX = 5;

interface Facts {
  readonly hits: readonly SwitchHit[];
  readonly query: string;
  readonly chosen: readonly Id[];
  readonly onQuery: (query: string) => void;
  readonly onChosen: (chosen: readonly Id[]) => void;
}

/** Where it goes: looked for by a few letters, several at once. The box keeps the keyboard; arrows walk the list. */
export function ForwardTargets({ hits, query, chosen, onQuery, onChosen }: Facts) {
  const id = useId();
  const full = chosen.length >= TARGETS_MAX;
  const toggle = (hit: SwitchHit | undefined) => {
    if (hit === undefined) return;
    const target = hit.target.id;
    if (chosen.includes(target)) onChosen(chosen.filter((each) => each !== target));
    else if (!full) onChosen([...chosen, target]);
  };
  const walk = useWalk(hits.length, (at) => toggle(hits[at]));
  return (
    <div className="nx-pick-to">
      <PickBox
        label={t("forward.to")}
        hint={t("forward.to_hint", { n: TARGETS_MAX })}
        query={query}
        id={id}
        count={hits.length}
        walk={walk}
        onQuery={onQuery}
      />
      <Chosen chosen={chosen} onChosen={onChosen} />
      <div
        className="nx-pick-list"
        id={`${id}-list`}
        role="listbox"
        aria-multiselectable
        aria-label={t("forward.to")}
      >
        {hits.map((hit, index) => (
          <Hit
            key={hit.target.kind + hit.target.id}
            id={`${id}-${index}`}
            hit={hit}
            active={index === walk.active}
            chosen={chosen.includes(hit.target.id)}
            disabled={full && !chosen.includes(hit.target.id)}
            onActive={() => walk.reach(index)}
            onPick={() => toggle(hit)}
          />
        ))}
      </div>
      {hits.length > 0 ? null : (
        <p className="nx-pick-none">{t(query.trim() === "" ? "forward.nowhere" : "forward.none")}</p>
      )}
      <span className="nx-hidden" role="status">
        {query === "" ? "" : t("switch.results", { n: hits.length })}
      </span>
    </div>
  );
}

/** What was chosen stays in sight, whatever is looked for next. */
function Chosen({ chosen, onChosen }: Pick<Facts, "chosen" | "onChosen">) {
  const names = useApp((state) => chosen.map((id) => nameOfTarget(state, id)).join("\n")).split("\n");
  if (chosen.length === 0) return null;
  return (
    <ul className="nx-forward-chosen" aria-label={t("forward.chosen")}>
      {chosen.map((id, at) => (
        <li key={id}>
          <button
            type="button"
            className="nx-forward-one"
            aria-label={t("forward.drop", { name: names[at] ?? "" })}
            onClick={() => onChosen(chosen.filter((each) => each !== id))}
          >
            <bdi className="nx-clip">{names[at]}</bdi>
            <Icon of={X} size={14} />
          </button>
        </li>
      ))}
    </ul>
  );
}

export function nameOfTarget(state: State, channelId: string): string {
  const channel = state.channels[channelId];
  return channel === undefined ? t("common.unknown_channel") : channelName(state, channel);
}
