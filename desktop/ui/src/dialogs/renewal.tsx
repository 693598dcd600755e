import { mayBeDone, type Outcome } from "@nexus/core";
import { useRef, useState } from "react";
import { failureText } from "../app/failure_text.ts";
import { useWish } from "../app/wish.ts";
import { t } from "../i18n/translate.ts";
import { Button } from "../parts/button.tsx";
import { Banner } from "../parts/notice.tsx";
import { Confirm } from "./confirm.tsx";
import { CopyField } from "./copy_field.tsx";

type What = "token" | "secret";

interface Facts {
  readonly what: What;
  /** The bot's. */
  readonly name: string;
  /** There is none yet that could end. */
  readonly first: boolean;
  readonly offline: boolean;
  readonly wish: () => Promise<Outcome<string>>;
}

/** Something that is shown once: made anew, which ends the one before it. */
export function Renewal({ what, name, first, offline, wish }: Facts) {
  const [value, setValue] = useState<string | null>(null);
  const [isFirst, setFirst] = useState(first);
  const [asking, setAsking] = useState(false);
  const [unsure, setUnsure] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const { busy, failure, run } = useWish();
  const renew = async () => {
    const outcome = await wish();
    // What came before is over: it is not to be copied in place of the new one.
    setValue(outcome.ok ? outcome.value : null);
    setUnsure(!outcome.ok && mayBeDone(outcome.failure));
    if (outcome.ok) setFirst(false);
    return outcome;
  };
  return (
    <section className="nx-bot-part">
      <h4 className="nx-bot-title">{t(`bots.${what}_title`)}</h4>
      <p className="nx-field-hint">{t(`bots.${what}_text`)}</p>
      <div className="nx-sign-acts">
        <Button
          ref={button}
          busy={busy}
          disabled={offline}
          onClick={() => (isFirst ? void run(renew) : setAsking(true))}
        >
          {t(isFirst ? `bots.${what}_first` : `bots.${what}_go`)}
        </Button>
      </div>
      {failure === null ? null : <Banner tone="danger">{failureText(failure)}</Banner>}
      {unsure ? <Banner tone="warn">{t(`bots.${what}_unsure`)}</Banner> : null}
      {value === null ? null : (
        <ShownOnce
          what={what}
          value={value}
          onKept={() => {
            setValue(null);
            button.current?.focus();
          }}
        />
      )}
      {asking ? (
        <Confirm
          title={t(`bots.${what}_ask`, { name })}
          text={t(`bots.${what}_ends`)}
          go={t(`bots.${what}_go`)}
          onClose={() => setAsking(false)}
          wish={renew}
        />
      ) : null}
    </section>
  );
}

export function ShownOnce({ what, value, onKept }: { what: What; value: string; onKept: () => void }) {
  return (
    <div className="nx-shown-once">
      <div role="status">
        <Banner tone="warn">{t(`bots.${what}_once`)}</Banner>
      </div>
      <CopyField label={t(`bots.${what}_title`)} value={value} />
      <div className="nx-sign-acts">
        <Button look="primary" onClick={onKept}>
          {t("bots.kept")}
        </Button>
      </div>
    </div>
  );
}
