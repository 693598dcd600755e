import type { Connection } from "@nexus/core";
import { useCallback, useEffect, useState } from "react";
import { useActions } from "../app/client.tsx";
import { told } from "../app/wish.ts";
import { t } from "../i18n/translate.ts";
import { Switch } from "../parts/field.tsx";

/** Sign-ins elsewhere that applications may be shown; nothing where there is none. */
export function ConnectionsPart() {
  const actions = useActions();
  const [all, setAll] = useState<readonly Connection[]>([]);
  const load = useCallback(async () => {
    const outcome = await actions.connections();
    if (outcome.ok) setAll(outcome.value);
  }, [actions]);
  useEffect(() => void load(), [load]);
  if (all.length === 0) return null;
  const show = async (one: Connection, shown: boolean) => {
    await told(actions.showConnection(one, shown));
    await load();
  };
  return (
    <section className="nx-sign-part">
      <h3 className="nx-sign-title">{t("apps.connections_title")}</h3>
      {all.map((one) => (
        <Switch
          key={`${one.service} ${one.id}`}
          label={t("apps.connection", { service: one.service, id: one.id })}
          hint={t("apps.connection_hint")}
          on={one.shown}
          onChange={(shown) => void show(one, shown)}
        />
      ))}
    </section>
  );
}
