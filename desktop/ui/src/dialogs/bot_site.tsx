import type { Bot, BotForm, Failure } from "@nexus/core";
import { useActions } from "../app/client.tsx";
import { fieldText } from "../app/failure_text.ts";
import { t } from "../i18n/translate.ts";
import { Switch, TextArea } from "../parts/field.tsx";
import { Renewal } from "./renewal.tsx";

interface Facts {
  readonly bot: Bot;
  /** It has no secret yet. */
  readonly isNew: boolean;
  readonly form: BotForm;
  readonly set: (part: Partial<BotForm>) => void;
  readonly failure: Failure | null;
  readonly offline: boolean;
}

/** A website that people sign in to with this relay. */
export function BotSitePart({ bot, isNew, form, set, failure, offline }: Facts) {
  const actions = useActions();
  return (
    <>
      <section className="nx-bot-part">
        <h4 className="nx-bot-title">{t("bots.site_title")}</h4>
        <TextArea
          label={t("bots.redirects")}
          hint={t("bots.redirects_hint")}
          optional
          value={form.redirects}
          onText={(redirects) => set({ redirects })}
          rows={3}
          error={fieldText(failure, "redirect_uris")}
        />
        <Switch
          label={t("bots.public")}
          hint={t("bots.public_hint")}
          on={form.isPublic}
          onChange={(isPublic) => set({ isPublic })}
        />
      </section>
      <Renewal
        what="secret"
        name={bot.name}
        first={isNew}
        offline={offline}
        wish={() => actions.renewBotSecret(bot.id)}
      />
    </>
  );
}
