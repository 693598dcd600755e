import { allows, Permission, type PermissionName } from "@nexus/core";
import { useId } from "react";
import {
  OTHER_PERMISSIONS,
  PERMISSION_GROUPS,
  POWERFUL,
  permissionKey,
} from "../dialogs/permission_names.ts";
import type { Key } from "../i18n/translate.ts";
import { t } from "../i18n/translate.ts";
import { Icon } from "../parts/icon.tsx";
import { TriangleAlert } from "../parts/icons.ts";

interface Group {
  readonly title: Key;
  readonly names: readonly PermissionName[];
}

interface Facts {
  /** What the bot asks for; none: everything can be chosen. */
  readonly asked: bigint;
  /** What whoever lets it in may give. */
  readonly givable: bigint;
  readonly ticked: bigint;
  readonly onTicked: (ticked: bigint) => void;
}

/** What is offered: what is asked for, or, where nothing is, all that means something. */
export function offered(asked: bigint): readonly Group[] {
  if (asked === 0n) return PERMISSION_GROUPS;
  const all: readonly Group[] = [
    ...PERMISSION_GROUPS,
    { title: "perm.group_other", names: OTHER_PERMISSIONS },
  ];
  return all
    .map(({ title, names }) => ({ title, names: names.filter((name) => allows(asked, Permission[name])) }))
    .filter(({ names }) => names.length > 0);
}

/** Of what is ticked, what can be given and has words here. */
export function given(asked: bigint, givable: bigint, ticked: bigint): bigint {
  const bits = offered(asked).flatMap(({ names }) => names.map((name) => Permission[name]));
  return bits
    .filter((bit) => allows(givable, bit) && allows(ticked, bit))
    .reduce((sum, bit) => sum | bit, 0n);
}

/** What a bot may do in a guild, one by one. */
export function PermissionChoice({ asked, givable, ticked, onTicked }: Facts) {
  const groups = offered(asked).map((group) => (
    <fieldset key={group.title} className="nx-permissions">
      <legend className="nx-permissions-title">{t(group.title as "perm.group_general")}</legend>
      {group.names.map((name) => (
        <Tick
          key={name}
          name={name}
          on={allows(givable & ticked, Permission[name])}
          mine={allows(givable, Permission[name])}
          onTick={(on) => onTicked(on ? ticked | Permission[name] : ticked & ~Permission[name])}
        />
      ))}
    </fieldset>
  ));
  return (
    <section className="nx-asking-may" aria-label={t("asking.permissions")}>
      <h2 className="nx-asking-heading">{t("asking.permissions")}</h2>
      <p className="nx-field-hint">
        {t(asked === 0n ? "asking.permissions_none" : "asking.permissions_hint")}
      </p>
      {asked === 0n ? (
        <details className="nx-asking-more">
          <summary>{t("asking.permissions_choose")}</summary>
          {groups}
        </details>
      ) : (
        groups
      )}
    </section>
  );
}

interface TickFacts {
  readonly name: PermissionName;
  readonly on: boolean;
  readonly mine: boolean;
  readonly onTick: (on: boolean) => void;
}

function Tick({ name, on, mine, onTick }: TickFacts) {
  const id = useId();
  return (
    <div className="nx-asking-tick">
      <input
        id={id}
        type="checkbox"
        checked={on}
        disabled={!mine}
        aria-describedby={mine ? undefined : `${id}-hint`}
        onChange={(event) => onTick(event.target.checked)}
      />
      <label htmlFor={id}>
        {t(permissionKey(name) as "perm.VIEW_CHANNEL")}
        {POWERFUL.has(name) ? (
          <span className="nx-asking-powerful">
            <Icon of={TriangleAlert} size={14} /> {t("asking.powerful")}
          </span>
        ) : null}
        {mine ? null : (
          <span className="nx-field-hint" id={`${id}-hint`}>
            {t("asking.not_yours")}
          </span>
        )}
      </label>
    </div>
  );
}
