import type { AccountFacts, Provider } from "@nexus/core";
import { useState } from "react";
import { useActions, useApp } from "../app/client.tsx";
import { failureText, passwordText } from "../app/failure_text.ts";
import { toast } from "../app/screen.ts";
import { granted, useWish } from "../app/wish.ts";
import { leave } from "../door/elsewhere.ts";
import { t } from "../i18n/translate.ts";
import { Button } from "../parts/button.tsx";
import { PasswordField } from "../parts/field.tsx";
import { Banner } from "../parts/notice.tsx";
import { Acts } from "./acts.tsx";

interface Facts {
  readonly facts: AccountFacts;
  readonly onChanged: () => void;
}

/** At whom else one signs in, where the relay names anybody. */
export function ProvidersPart({ facts, onChanged }: Facts) {
  const providers = useApp((state) => state.door.providers);
  const [chosen, setChosen] = useState<string | null>(null);
  if (providers.length === 0) return null;
  return (
    <section className="nx-sign-part">
      <h3 className="nx-sign-title">{t("elsewhere.title")}</h3>
      {facts.hasPassword ? null : <NoPassword facts={facts} providers={providers} />}
      {providers.map((provider) => {
        const linked = facts.signIns.includes(provider.id);
        const { id, name } = provider;
        if (chosen === id) {
          const done = () => {
            setChosen(null);
            onChanged();
          };
          return (
            <Shown
              key={id}
              provider={provider}
              linked={linked}
              username={facts.username}
              onBack={() => setChosen(null)}
              onDone={done}
            />
          );
        }
        return (
          <div key={id} className="nx-sign-acts">
            <span>{t(linked ? "elsewhere.is_linked" : "elsewhere.is_not_linked", { name })}</span>
            {facts.hasPassword ? (
              <Button small look={linked ? "danger-quiet" : "quiet"} onClick={() => setChosen(id)}>
                {t(linked ? "elsewhere.unlink" : "elsewhere.link", { name })}
              </Button>
            ) : null}
          </div>
        );
      })}
    </section>
  );
}

/** Whatever asks for a password asks for one that is not there: it is chosen by who shows who they are at a provider. */
function NoPassword({ facts, providers }: { facts: AccountFacts; providers: readonly Provider[] }) {
  const actions = useActions();
  const { busy, failure, run } = useWish();
  return (
    <>
      <p>{t("elsewhere.no_password")}</p>
      {providers
        .filter(({ id }) => facts.signIns.includes(id))
        .map(({ id, name }) => (
          <Button key={id} busy={busy} onClick={() => void run(() => leave(actions, id, "confirm"))}>
            {t("elsewhere.choose_password", { name })}
          </Button>
        ))}
      {failure === null ? null : <Banner tone="danger">{failureText(failure)}</Banner>}
    </>
  );
}

interface ShownFacts {
  readonly provider: Provider;
  readonly linked: boolean;
  readonly username: string;
  readonly onBack: () => void;
  readonly onDone: () => void;
}

/** The password once more: then one goes there, or it is taken away. */
function Shown({ provider: { id, name }, linked, username, onBack, onDone }: ShownFacts) {
  const actions = useActions();
  const [password, setPassword] = useState("");
  const { busy, failure, run } = useWish();
  return (
    <form
      className="nx-sign-part"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (!linked) return void run(() => leave(actions, id, "link", password));
        void run(() => granted(actions.unlink(id, password))).then((done) => {
          if (done === null) return;
          toast(t("elsewhere.unlinked", { name }), "ok");
          onDone();
        });
      }}
    >
      <input hidden readOnly autoComplete="username" value={username} />
      <PasswordField
        label={t("elsewhere.password_for", { name })}
        value={password}
        onText={setPassword}
        autoComplete="current-password"
        error={failure === null ? null : passwordText(failure)}
      />
      <div className="nx-sign-acts">
        <Acts
          words={t(linked ? "elsewhere.unlink_go" : "elsewhere.link_go", { name })}
          busy={busy}
          ready={password !== ""}
          onClose={onBack}
        />
      </div>
    </form>
  );
}
