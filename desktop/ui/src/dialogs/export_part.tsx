import { useActions } from "../app/client.tsx";
import { failureText } from "../app/failure_text.ts";
import { useWish } from "../app/wish.ts";
import { t } from "../i18n/translate.ts";
import { Button } from "../parts/button.tsx";
import { Banner } from "../parts/notice.tsx";

const ARCHIVE = "/api/v10/users/@me/export";

/** What the relay holds of oneself, for oneself. */
export function ExportPart() {
  const actions = useActions();
  const { busy, failure, run } = useWish();
  // A session whose token has become old goes on with a question; the browser that saves a file asks only once.
  const save = () =>
    run(() => actions.accountFacts()).then((facts) => {
      if (facts !== null) location.assign(ARCHIVE);
    });
  return (
    <section className="nx-sign-part">
      <h3 className="nx-sign-title">{t("sign.export_title")}</h3>
      <p>{t("sign.export_text")}</p>
      {failure === null ? null : <Banner tone="danger">{failureText(failure)}</Banner>}
      <Button busy={busy} onClick={() => void save()}>
        {t("sign.export_go")}
      </Button>
    </section>
  );
}
