import type { Authorized } from "@nexus/core";
import { useCallback, useEffect, useState } from "react";
import { useActions } from "../app/client.tsx";
import { failureText } from "../app/failure_text.ts";
import { told } from "../app/wish.ts";
import { moment } from "../i18n/time.ts";
import { t } from "../i18n/translate.ts";
import { Button } from "../parts/button.tsx";
import { Banner } from "../parts/notice.tsx";
import { Loading } from "../parts/progress.tsx";

/** Applications that one has let act for oneself; each can be ended. */
export function ApplicationsList() {
  const actions = useActions();
  const [all, setAll] = useState<readonly Authorized[] | null>(null);
  const [wrong, setWrong] = useState<string | null>(null);
  const load = useCallback(async () => {
    const outcome = await actions.authorizedApps();
    if (outcome.ok) setAll(outcome.value);
    else setWrong(failureText(outcome.failure));
  }, [actions]);
  useEffect(() => void load(), [load]);
  const end = async ({ id, application }: Authorized) => {
    await told(actions.endAuthorized(id), t("apps.ended", { name: application.name }));
    await load();
  };
  return (
    <section className="nx-sign-part">
      <h3 className="nx-sign-title">{t("apps.title")}</h3>
      {wrong === null ? null : <Banner tone="danger">{wrong}</Banner>}
      {all === null && wrong === null ? <Loading /> : null}
      {all?.length === 0 ? <p className="nx-field-hint">{t("apps.none")}</p> : null}
      <ul className="nx-rows">
        {(all ?? []).map((one) => (
          <li key={one.id} className="nx-row">
            <div className="nx-row-words">
              <bdi className="nx-row-title">{one.application.name}</bdi>
              <span className="nx-row-text">
                <bdi>{t("asking.by", { name: one.application.maker })}</bdi>
                {" · "}
                {one.scopes.join(", ")}
              </span>
              <span className="nx-row-text">
                {t("apps.times", { since: moment(one.since), used: moment(one.used) })}
              </span>
            </div>
            <Button
              small
              aria-label={t("apps.end_named", { name: one.application.name })}
              onClick={() => void end(one)}
            >
              {t("apps.end")}
            </Button>
          </li>
        ))}
      </ul>
    </section>
  );
}
