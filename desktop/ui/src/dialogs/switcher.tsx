import { quickSwitch, type SwitchHit, type SwitchTarget } from "@nexus/core";
import { type ReactNode, useId, useState } from "react";
import { useClient, useDerived } from "../app/client.tsx";
import { go, pathTo } from "../app/route.ts";
import { told } from "../app/wish.ts";
import { t } from "../i18n/translate.ts";
import { Avatar, GuildIcon } from "../parts/avatar.tsx";
import { DialogBox } from "../parts/dialog.tsx";
import { Icon } from "../parts/icon.tsx";
import { Check, Hash, Search } from "../parts/icons.ts";
import { lastChannelOf } from "../shell/last_place.ts";
import type { Shown } from "./dialog_layer.tsx";
import { HitRow, type HitRowFacts } from "./hit_row.tsx";
import { matched } from "./matched.tsx";
import { useWalk } from "./walk_hits.ts";

/** Anywhere, by a few letters of its name. */
export function Switcher({ onClose }: Shown<"switcher">) {
  const client = useClient();
  const id = useId();
  const [query, setQuery] = useState("");
  const hits = useDerived(
    (state) => [state.guilds, state.channels, state.users, state.reads],
    (state) => quickSwitch(state, query),
    [query],
  );
  const choose = async (hit: SwitchHit | undefined) => {
    if (hit === undefined) return;
    onClose();
    await visit(client, hit.target);
  };
  const { active, onKeyDown, reach } = useWalk(hits.length, (at) => void choose(hits[at]));
  return (
    <DialogBox bare title={t("switch.title")} onClose={onClose}>
      <div className="nx-switcher">
        <div className="nx-switcher-box">
          <Icon of={Search} size={20} />
          <input
            className="nx-switcher-input"
            role="combobox"
            aria-label={t("switch.title")}
            aria-expanded={hits.length > 0}
            aria-controls={`${id}-list`}
            aria-activedescendant={hits.length > 0 ? `${id}-${active}` : undefined}
            aria-autocomplete="list"
            autoComplete="off"
            spellCheck={false}
            dir="auto"
            data-first=""
            placeholder={t("switch.placeholder")}
            value={query}
            onChange={(event) => {
              setQuery(event.target.value);
              reach(0);
            }}
            onKeyDown={onKeyDown}
          />
        </div>
        {query === "" && hits.length > 0 ? <p className="nx-switcher-head">{t("switch.unread")}</p> : null}
        <div className="nx-switcher-list" id={`${id}-list`} role="listbox" aria-label={t("switch.title")}>
          {hits.map((hit, index) => (
            <Hit
              key={hit.target.kind + hit.target.id}
              id={`${id}-${index}`}
              hit={hit}
              active={index === active}
              onActive={() => reach(index)}
              onPick={() => void choose(hit)}
            />
          ))}
        </div>
        {hits.length === 0 && query !== "" ? <p className="nx-switcher-none">{t("switch.none")}</p> : null}
        <p className="nx-switcher-foot">{t("switch.help")}</p>
        <span className="nx-hidden" role="status">
          {query === "" ? "" : t("switch.results", { n: hits.length })}
        </span>
      </div>
    </DialogBox>
  );
}

async function visit({ store, actions }: ReturnType<typeof useClient>, target: SwitchTarget): Promise<void> {
  switch (target.kind) {
    case "channel":
      return go(pathTo(store.getState().channels[target.id]?.guildId ?? null, target.id));
    case "conversation":
      return go(pathTo(null, target.id));
    case "guild":
      return go(pathTo(target.id, lastChannelOf(store.getState(), target.id)));
    case "user": {
      const channel = await told(actions.openConversation([target.id]));
      if (channel !== null) go(pathTo(null, channel.id));
    }
  }
}

export function Hit({ hit, ...row }: HitRowFacts & { readonly hit: SwitchHit }) {
  const { target } = hit;
  return (
    <HitRow {...row}>
      <span className="nx-hit-mark">{mark(target)}</span>
      <bdi className="nx-hit-name nx-clip">{matched(target.label, hit.at)}</bdi>
      <bdi className="nx-hit-context nx-clip">{context(target)}</bdi>
      {row.chosen === undefined ? null : (
        <span className="nx-hit-chosen">{row.chosen ? <Icon of={Check} size={18} /> : null}</span>
      )}
    </HitRow>
  );
}

function mark(target: SwitchTarget): ReactNode {
  if (target.kind === "guild") return <GuildIcon id={target.id} name={target.label} size={24} />;
  if (target.kind === "channel") return <Icon of={Hash} size={20} />;
  return <Avatar id={target.id} name={target.label} size={24} />;
}

function context(target: SwitchTarget): string {
  if (target.kind === "guild") return t("switch.kind_guild");
  if (target.kind === "user") return target.context;
  return target.kind === "conversation" ? t("switch.kind_conversation") : target.context;
}
