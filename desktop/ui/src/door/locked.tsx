import { useState } from "react";
import { useActions } from "../app/client.tsx";
import { failureText } from "../app/failure_text.ts";
import { useWish } from "../app/wish.ts";
import { t } from "../i18n/translate.ts";
import { Button } from "../parts/button.tsx";
import { PasswordField } from "../parts/field.tsx";
import { Banner } from "../parts/notice.tsx";

/** A node that has its owner already, in a browser that is not signed in, and why it is not where that is to be said. */
export function Locked({ why }: { why: string | null }) {
  const actions = useActions();
  const [token, setToken] = useState("");
  const { busy, failure, run } = useWish();
  return (
    <form
      className="nx-door-form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (token.trim() !== "") void run(() => actions.enterWithToken(token));
      }}
    >
      <h1 className="nx-door-title">{t("door.node_title")}</h1>
      {why !== null ? <Banner tone="warn">{why}</Banner> : null}
      <p className="nx-door-text">{t("door.node_text")}</p>
      <pre className="nx-door-command">nexus token</pre>
      <PasswordField
        label={t("door.token_label")}
        hint={t("door.node_fresh")}
        value={token}
        onText={setToken}
        autoComplete="current-password"
        error={failure === null ? null : failureText(failure)}
      />
      <Button type="submit" look="primary" wide busy={busy} disabled={token.trim() === ""}>
        {t("door.token_go")}
      </Button>
    </form>
  );
}
