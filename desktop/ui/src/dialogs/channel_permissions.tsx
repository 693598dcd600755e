import { type Channel, type Overwrite, Permission, type PermissionName } from "@nexus/core";
import { useState } from "react";
import { useActions, useApp, useDerived } from "../app/client.tsx";
import { told, useWish } from "../app/wish.ts";
import { t } from "../i18n/translate.ts";
import { Button } from "../parts/button.tsx";
import { isPrivate } from "../parts/channel_icon.ts";
import { Switch } from "../parts/field.tsx";
import { Icon } from "../parts/icon.tsx";
import { Check, Minus, Plus, X } from "../parts/icons.ts";
import { menuAt } from "../parts/menu.tsx";
import { colorStyle } from "../rich/marks.tsx";
import { CHANNEL_PERMISSIONS, permissionKey } from "./permission_names.ts";
import { SaveBar } from "./save_bar.tsx";

interface Facts {
  readonly channel: Channel;
  readonly guildId: string;
}

/** What is otherwise in this channel than in the guild, by role. */
export function ChannelPermissions({ channel, guildId }: Facts) {
  const actions = useActions();
  const roles = useApp((state) => state.roles[guildId]) ?? {};
  const [chosen, setChosen] = useState(guildId);
  const listed = [
    guildId,
    ...channel.overwrites.filter((line) => line.id !== guildId).map((line) => line.id),
  ];
  const here = listed.includes(chosen) ? chosen : guildId;
  const name = useSubjectName(guildId);
  const others = Object.values(roles)
    .filter((role) => !listed.includes(role.id))
    .sort((a, b) => b.position - a.position);
  const line = channel.overwrites.find((each) => each.id === here) ?? empty(here, roles[here] !== undefined);
  const closed = isPrivate(channel);
  const everyone = channel.overwrites.find((each) => each.id === guildId) ?? empty(guildId, true);
  const setPrivate = (on: boolean) => {
    const see = Permission.VIEW_CHANNEL;
    const deny = on ? everyone.deny | see : everyone.deny & ~see;
    void told(actions.setOverwrite(channel.id, { ...everyone, deny, allow: everyone.allow & ~see }));
  };
  const add = async (id: string) => {
    await told(actions.setOverwrite(channel.id, empty(id, true)));
    setChosen(id);
  };
  return (
    <>
      <Switch label={t("perm.private")} hint={t("perm.private_text")} on={closed} onChange={setPrivate} />
      <div className="nx-roles">
        <div className="nx-roles-side">
          <Button
            small
            wide
            icon={Plus}
            disabled={others.length === 0}
            aria-haspopup="menu"
            onClick={(event) =>
              menuAt(
                event,
                t("perm.add"),
                others.map((role) => ({
                  label: role.name,
                  mark: <span className="nx-role-dot nx-colored-dot" style={colorStyle(role.color)} />,
                  act: () => void add(role.id),
                })),
              )
            }
          >
            {t("perm.add")}
          </Button>
          <ul className="nx-roles-list">
            {listed.map((id) => (
              <li key={id}>
                <button
                  type="button"
                  className="nx-roles-row"
                  aria-current={id === here ? "true" : undefined}
                  onClick={() => setChosen(id)}
                >
                  <span className="nx-role-dot nx-colored-dot" style={colorStyle(roles[id]?.color ?? null)} />
                  <bdi className="nx-clip">{name(id)}</bdi>
                </button>
              </li>
            ))}
          </ul>
        </div>
        <LineEditor
          key={`${here} ${line.allow} ${line.deny}`}
          channelId={channel.id}
          line={line}
          name={name(here)}
          removable={here !== guildId}
        />
      </div>
    </>
  );
}

function empty(id: string, role: boolean): Overwrite {
  return { id, of: role ? "role" : "member", allow: 0n, deny: 0n };
}

function useSubjectName(guildId: string): (id: string) => string {
  return useDerived(
    (state) => [state.roles[guildId], state.users],
    (state) => (id: string) => {
      if (id === guildId) return t("perm.everyone");
      return state.roles[guildId]?.[id]?.name ?? state.users[id]?.displayName ?? t("common.deleted_role");
    },
    [guildId],
  );
}

type Way = "allow" | "inherit" | "deny";

interface LineFacts {
  readonly channelId: string;
  readonly line: Overwrite;
  readonly name: string;
  readonly removable: boolean;
}

function LineEditor({ channelId, line, name, removable }: LineFacts) {
  const actions = useActions();
  const [now, setNow] = useState(line);
  const { busy, failure, run } = useWish();
  const changed = now.allow !== line.allow || now.deny !== line.deny;
  const set = (permission: PermissionName, way: Way) => {
    const bit = Permission[permission];
    const allow = way === "allow" ? now.allow | bit : now.allow & ~bit;
    const deny = way === "deny" ? now.deny | bit : now.deny & ~bit;
    setNow({ ...now, allow, deny });
  };
  return (
    <div className="nx-role-edit">
      <fieldset className="nx-permissions">
        <legend className="nx-permissions-title">{t("perm.for", { name })}</legend>
        {CHANNEL_PERMISSIONS.map((permission) => (
          <Ways
            key={permission}
            label={t(permissionKey(permission) as "perm.VIEW_CHANNEL")}
            way={wayOf(now, Permission[permission])}
            onWay={(way) => set(permission, way)}
          />
        ))}
      </fieldset>
      {removable ? (
        <Button look="danger-quiet" onClick={() => void told(actions.clearOverwrite(channelId, line.id))}>
          {t("perm.remove", { name })}
        </Button>
      ) : null}
      <SaveBar
        changed={changed}
        busy={busy}
        failure={failure}
        onSave={() => void run(() => actions.setOverwrite(channelId, now))}
        onReset={() => setNow(line)}
      />
    </div>
  );
}

function wayOf(line: Overwrite, bit: bigint): Way {
  if ((line.allow & bit) !== 0n) return "allow";
  return (line.deny & bit) !== 0n ? "deny" : "inherit";
}

const WAYS = [
  ["deny", X, "perm.deny"],
  ["inherit", Minus, "perm.inherit"],
  ["allow", Check, "perm.allow"],
] as const;

function Ways({ label, way, onWay }: { label: string; way: Way; onWay: (way: Way) => void }) {
  return (
    <fieldset className="nx-ways">
      <legend className="nx-hidden">{label}</legend>
      <span className="nx-switch-label" aria-hidden="true">
        {label}
      </span>
      <span className="nx-ways-set">
        {WAYS.map(([value, icon, key]) => (
          <label
            key={value}
            className="nx-way-choice"
            data-way={value}
            data-on={value === way ? "" : undefined}
            data-tip={t(key)}
          >
            <input
              type="radio"
              className="nx-hidden"
              name={label}
              aria-label={t(key)}
              checked={value === way}
              onChange={() => onWay(value)}
            />
            <Icon of={icon} size={16} />
          </label>
        ))}
      </span>
    </fieldset>
  );
}
