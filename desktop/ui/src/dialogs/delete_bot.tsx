import { type Bot, mayBeDone } from "@nexus/core";
import { useState } from "react";
import { useActions } from "../app/client.tsx";
import { t } from "../i18n/translate.ts";
import { Button } from "../parts/button.tsx";
import { Trash2 } from "../parts/icons.ts";
import { Banner } from "../parts/notice.tsx";
import { Confirm } from "./confirm.tsx";

interface Facts {
  readonly bot: Bot;
  readonly offline: boolean;
  readonly onDeleted: () => void;
}

/** The end of a bot, behind a question. */
export function DeleteBot({ bot, offline, onDeleted }: Facts) {
  const actions = useActions();
  const [asking, setAsking] = useState(false);
  const [unsure, setUnsure] = useState(false);
  const end = async () => {
    const outcome = await actions.deleteBot(bot.id);
    setUnsure(!outcome.ok && mayBeDone(outcome.failure));
    return outcome;
  };
  return (
    <section className="nx-bot-part">
      <h4 className="nx-bot-title">{t("bots.delete_title")}</h4>
      <p className="nx-field-hint">{t("bots.delete_hint")}</p>
      <div className="nx-sign-acts">
        <Button look="danger-quiet" icon={Trash2} disabled={offline} onClick={() => setAsking(true)}>
          {t("bots.delete")}
        </Button>
      </div>
      {unsure ? <Banner tone="warn">{t("bots.delete_unsure")}</Banner> : null}
      {asking ? (
        <Confirm
          title={t("bots.delete_ask", { name: bot.name })}
          text={t("bots.delete_text")}
          go={t("bots.delete")}
          onClose={() => setAsking(false)}
          wish={end}
          done={onDeleted}
        />
      ) : null}
    </section>
  );
}
