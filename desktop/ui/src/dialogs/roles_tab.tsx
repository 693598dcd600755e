import { allows, Permission, type Role, type RoleChange, rankOf } from "@nexus/core";
import { useEffect, useRef, useState } from "react";
import { useActions, useApp, useDerived } from "../app/client.tsx";
import { useLanding } from "../app/landing.ts";
import { told, useWish } from "../app/wish.ts";
import { t } from "../i18n/translate.ts";
import { Button } from "../parts/button.tsx";
import { Switch, TextField } from "../parts/field.tsx";
import { Icon } from "../parts/icon.tsx";
import { Lock, Plus, Trash2 } from "../parts/icons.ts";
import { Banner } from "../parts/notice.tsx";
import { colorStyle } from "../rich/marks.tsx";
import { Colors } from "./colors.tsx";
import { PERMISSION_GROUPS, permissionKey } from "./permission_names.ts";
import { SaveBar } from "./save_bar.tsx";

export function RolesTab({ guildId }: { guildId: string }) {
  const actions = useActions();
  const roles = useDerived(
    (state) => [state.roles[guildId]],
    (state) => Object.values(state.roles[guildId] ?? {}).sort((a, b) => b.position - a.position),
    [guildId],
  );
  const rank = useApp((state) => rankOf(state, guildId, state.me ?? ""));
  const [chosen, setChosen] = useState<{ readonly id: string; readonly fresh: boolean } | null>(null);
  const role = roles.find((each) => each.id === chosen?.id) ?? roles[0];
  const create = async () => {
    const made = await told(actions.createRole(guildId, { name: t("dlg.role_new_name") }));
    if (made !== null) setChosen({ id: made.id, fresh: true });
  };
  return (
    <div className="nx-roles">
      <div className="nx-roles-side">
        <Button small wide icon={Plus} onClick={() => void create()}>
          {t("dlg.role_new")}
        </Button>
        <ul className="nx-roles-list">
          {roles.map((each) => (
            <li key={each.id}>
              <button
                type="button"
                className="nx-roles-row"
                aria-current={each.id === role?.id ? "true" : undefined}
                onClick={() => setChosen({ id: each.id, fresh: false })}
              >
                <span className="nx-role-dot nx-colored-dot" style={colorStyle(each.color)} />
                <bdi className="nx-clip">{each.name}</bdi>
                {each.position >= rank ? <Icon of={Lock} size={13} /> : null}
              </button>
            </li>
          ))}
        </ul>
      </div>
      {role === undefined ? null : (
        <RoleEditor
          key={role.id}
          role={role}
          guildId={guildId}
          mayEdit={role.position < rank}
          fresh={chosen?.fresh === true && chosen.id === role.id}
        />
      )}
    </div>
  );
}

interface Facts {
  readonly role: Role;
  readonly guildId: string;
  readonly mayEdit: boolean;
  /** It was just made, and is given its name. */
  readonly fresh: boolean;
}

function RoleEditor({ role, guildId, mayEdit, fresh }: Facts) {
  const actions = useActions();
  const [change, setChange] = useState<RoleChange>({});
  const { busy, failure, run } = useWish();
  const [asked, setAsked] = useState(false);
  const nameField = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (!fresh) return;
    nameField.current?.focus();
    nameField.current?.select();
  }, [fresh]);
  useLanding(asked);
  const now = { ...role, ...change };
  const everyone = role.id === guildId;
  const set = (part: RoleChange) => setChange({ ...change, ...part });
  const save = async () => {
    const granted = await run(async () => {
      const outcome = await actions.editRole(guildId, role.id, change);
      return outcome.ok ? { ok: true, value: true } : outcome;
    });
    if (granted !== null) setChange({});
  };
  return (
    <div className="nx-role-edit">
      {mayEdit ? null : <Banner icon={Lock}>{t("dlg.role_above")}</Banner>}
      {everyone ? <Banner>{t("dlg.role_everyone")}</Banner> : null}
      {role.managed ? <Banner>{t("dlg.role_managed")}</Banner> : null}
      {everyone ? null : (
        <>
          <TextField
            ref={nameField}
            label={t("dlg.role_name")}
            value={now.name}
            disabled={!mayEdit}
            maxLength={100}
            onText={(name) => set({ name })}
          />
          <Colors value={now.color} disabled={!mayEdit} onValue={(color) => set({ color })} />
          <Switch
            label={t("dlg.role_hoist")}
            on={now.hoist}
            disabled={!mayEdit}
            onChange={(hoist) => set({ hoist })}
          />
          <Switch
            label={t("dlg.role_mentionable")}
            on={now.mentionable}
            disabled={!mayEdit}
            onChange={(mentionable) => set({ mentionable })}
          />
        </>
      )}
      {PERMISSION_GROUPS.map((group) => (
        <fieldset key={group.title} className="nx-permissions" disabled={!mayEdit}>
          <legend className="nx-permissions-title">{t(group.title as "perm.group_general")}</legend>
          {group.names.map((name) => {
            const bit = Permission[name];
            return (
              <Switch
                key={name}
                label={t(permissionKey(name) as "perm.VIEW_CHANNEL")}
                hint={name === "ADMINISTRATOR" ? t("perm.ADMINISTRATOR_hint") : undefined}
                on={allows(now.permissions, bit)}
                disabled={!mayEdit}
                onChange={(on) => set({ permissions: on ? now.permissions | bit : now.permissions & ~bit })}
              />
            );
          })}
        </fieldset>
      ))}
      {everyone || role.managed || !mayEdit ? null : asked ? (
        <Banner
          tone="danger"
          acts={
            <>
              <Button small look="quiet" autoFocus onClick={() => setAsked(false)}>
                {t("common.cancel")}
              </Button>
              <Button small look="danger" onClick={() => void told(actions.deleteRole(guildId, role.id))}>
                {t("common.delete")}
              </Button>
            </>
          }
        >
          {t("dlg.delete_role_title", { name: role.name })} {t("dlg.delete_role_text")}
        </Banner>
      ) : (
        <Button look="danger-quiet" icon={Trash2} onClick={() => setAsked(true)}>
          {t("common.delete")}
        </Button>
      )}
      <SaveBar
        changed={Object.keys(change).length > 0}
        busy={busy}
        failure={failure}
        ready={now.name.trim() !== ""}
        onSave={() => void save()}
        onReset={() => setChange({})}
      />
    </div>
  );
}
