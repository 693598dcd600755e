import type { Login } from "@nexus/core";
import { useCallback, useEffect, useState } from "react";
import { useActions } from "../app/client.tsx";
import { failureText } from "../app/failure_text.ts";
import { told } from "../app/wish.ts";
import { moment } from "../i18n/time.ts";
import { t } from "../i18n/translate.ts";
import { Button } from "../parts/button.tsx";
import { Banner } from "../parts/notice.tsx";
import { Loading } from "../parts/progress.tsx";

/** One's logins, this one first. */
export function LoginsList() {
  const actions = useActions();
  const [logins, setLogins] = useState<readonly Login[] | null>(null);
  const [wrong, setWrong] = useState<string | null>(null);
  const load = useCallback(async () => {
    const outcome = await actions.logins();
    if (outcome.ok) setLogins(outcome.value.toSorted((a, b) => Number(b.current) - Number(a.current)));
    else setWrong(failureText(outcome.failure));
  }, [actions]);
  useEffect(() => void load(), [load]);
  const end = async (id: string) => {
    await told(actions.endLogin(id));
    await load();
  };
  return (
    <section className="nx-sign-part">
      <h3 className="nx-sign-title">{t("sign.logins_title")}</h3>
      {wrong === null ? null : <Banner tone="danger">{wrong}</Banner>}
      {logins === null && wrong === null ? <Loading /> : null}
      <ul className="nx-rows">
        {(logins ?? []).map(({ id, begun, used, current }) => (
          <li key={id} className="nx-row">
            <div className="nx-row-words">
              <span className="nx-row-title">{t(current ? "sign.login_here" : "sign.login_other")}</span>
              <span className="nx-row-text">
                {t("sign.login_times", { begun: moment(begun), used: moment(used) })}
              </span>
            </div>
            {current ? null : (
              <Button small onClick={() => void end(id)}>
                {t("sign.login_end")}
              </Button>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
