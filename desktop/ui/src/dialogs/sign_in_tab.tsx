import type { AccountFacts } from "@nexus/core";
import { useCallback, useEffect, useState } from "react";
import { useActions } from "../app/client.tsx";
import { failureText } from "../app/failure_text.ts";
import { t } from "../i18n/translate.ts";
import { CircleAlert } from "../parts/icons.ts";
import { Empty } from "../parts/notice.tsx";
import { Loading } from "../parts/progress.tsx";
import { ApplicationsList } from "./applications_list.tsx";
import { ConnectionsPart } from "./connections_part.tsx";
import { EraseForm } from "./erase_form.tsx";
import { ExportPart } from "./export_part.tsx";
import { LoginsList } from "./logins_list.tsx";
import { PasswordForm } from "./password_form.tsx";
import { ProvidersPart } from "./providers_part.tsx";
import { SecondFactor } from "./second_factor.tsx";

/** How one shows a relay who one is. */
export function SignInTab() {
  const actions = useActions();
  const [facts, setFacts] = useState<AccountFacts | null>(null);
  const [wrong, setWrong] = useState<string | null>(null);
  const [changes, setChanges] = useState(0);
  const load = useCallback(async () => {
    const outcome = await actions.accountFacts();
    if (outcome.ok) setFacts(outcome.value);
    else setWrong(failureText(outcome.failure));
  }, [actions]);
  useEffect(() => void load(), [load]);
  if (wrong !== null) return <Empty icon={CircleAlert} title={wrong} />;
  if (facts === null) return <Loading />;
  const { username: name, email } = facts;
  return (
    <>
      <p>{email === null ? t("sign.name", { name }) : t("sign.name_or_mail", { name, email })}</p>
      {facts.hasPassword ? <PasswordForm username={name} onChanged={() => setChanges(changes + 1)} /> : null}
      <ProvidersPart facts={facts} onChanged={() => void load()} />
      <SecondFactor facts={facts} onChanged={() => void load()} />
      <LoginsList key={changes} />
      <ApplicationsList key={`apps ${changes}`} />
      <ConnectionsPart key={facts.signIns.join()} />
      <ExportPart />
      <EraseForm username={name} secondFactor={facts.secondFactor} />
    </>
  );
}
