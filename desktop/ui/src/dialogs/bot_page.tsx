import { type Bot, type BotForm, botChange, botForm, type Hearing, hears, withHearing } from "@nexus/core";
import { useEffect, useRef, useState } from "react";
import { useActions, useApp } from "../app/client.tsx";
import { fieldText } from "../app/failure_text.ts";
import { go } from "../app/route.ts";
import { closeAllDialogs } from "../app/screen.ts";
import { useWish } from "../app/wish.ts";
import { t } from "../i18n/translate.ts";
import { Avatar } from "../parts/avatar.tsx";
import { Button } from "../parts/button.tsx";
import { Switch, TextArea, TextField } from "../parts/field.tsx";
import { ArrowLeft, Copy, Plus, WifiOff } from "../parts/icons.ts";
import { Banner } from "../parts/notice.tsx";
import { copy } from "../rich/code_block.tsx";
import { BotSitePart } from "./bot_site.tsx";
import { BOT_NAME_MAX, inGuilds } from "./bots_list.tsx";
import { CopyField } from "./copy_field.tsx";
import { DeleteBot } from "./delete_bot.tsx";
import { Renewal } from "./renewal.tsx";
import { SaveBar } from "./save_bar.tsx";

const DESCRIPTION_MAX = 400;
const HEARINGS: readonly Hearing[] = ["content", "members", "presences"];

interface Facts {
  readonly bot: Bot;
  /** It has no token and no secret yet. */
  readonly isNew: boolean;
  readonly onBack: () => void;
  readonly onChanged: (bot: Bot) => void;
  readonly onDeleted: () => void;
}

/** One bot: what it is called, what it logs in with, where it is, what it hears. */
export function BotPage({ bot, isNew, onBack, onChanged, onDeleted }: Facts) {
  const actions = useActions();
  const offline = useApp((state) => state.session.phase === "offline");
  const [typed, setTyped] = useState<Partial<BotForm>>({});
  const { busy, failure, run, forget } = useWish();
  const form = { ...botForm(bot), ...typed };
  const change = botChange(bot, form);
  const set = (part: Partial<BotForm>) => setTyped({ ...typed, ...part });
  const save = async () => {
    if (change === null) return;
    const saved = await run(() => actions.editBot(bot.id, change));
    if (saved === null) return;
    onChanged(saved);
    // What was typed meanwhile is still to be saved.
    setTyped((now) => (now === typed ? {} : now));
  };
  return (
    <>
      <Head bot={bot} onBack={onBack} />
      {offline ? <Banner icon={WifiOff}>{t("bots.offline_typed")}</Banner> : null}
      <TextField
        label={t("bots.name")}
        value={form.name}
        onText={(name) => set({ name })}
        maxLength={BOT_NAME_MAX}
        autoComplete="off"
        error={fieldText(failure, "name")}
      />
      <TextArea
        label={t("bots.description")}
        hint={t("bots.description_hint")}
        optional
        value={form.description}
        onText={(description) => set({ description })}
        maxLength={DESCRIPTION_MAX}
        rows={3}
        error={fieldText(failure, "description")}
      />
      <Renewal
        what="token"
        name={bot.name}
        first={isNew}
        offline={offline}
        wish={() => actions.renewBotToken(bot.id)}
      />
      <Guilds bot={bot} offline={offline} />
      <Hearings flags={form.flags} onFlags={(flags) => set({ flags })} />
      <section className="nx-bot-part">
        <h4 className="nx-bot-title">{t("bots.program_title")}</h4>
        <CopyField label={t("bots.id")} value={bot.id} />
        <CopyField label={t("bots.key")} value={bot.publicKey} />
        <TextField
          label={t("bots.endpoint")}
          hint={t("bots.endpoint_hint")}
          optional
          type="url"
          value={form.endpoint}
          onText={(endpoint) => set({ endpoint })}
          autoComplete="off"
          spellCheck={false}
          error={fieldText(failure, "interactions_endpoint_url")}
        />
      </section>
      {bot.site === null ? null : (
        <BotSitePart bot={bot} isNew={isNew} form={form} set={set} failure={failure} offline={offline} />
      )}
      <DeleteBot bot={bot} offline={offline} onDeleted={onDeleted} />
      <SaveBar
        changed={change !== null}
        busy={busy}
        failure={failure}
        ready={form.name.trim() !== "" && !offline}
        onSave={() => void save()}
        onReset={() => {
          setTyped({});
          forget();
        }}
      />
    </>
  );
}

function Head({ bot, onBack }: Pick<Facts, "bot" | "onBack">) {
  const title = useRef<HTMLHeadingElement>(null);
  useEffect(() => title.current?.focus({ preventScroll: true }), []);
  return (
    <div className="nx-bot-head">
      <Button small look="quiet" icon={ArrowLeft} onClick={onBack}>
        {t("bots.back")}
      </Button>
      <div className="nx-profile-head">
        <Avatar id={bot.id} name={bot.name} size={48} />
        <div className="nx-row-words">
          <h3 ref={title} className="nx-card-name nx-clip" tabIndex={-1}>
            <bdi>{bot.name}</bdi>
          </h3>
          <span className="nx-row-text">{inGuilds(bot.guilds)}</span>
        </div>
      </div>
    </div>
  );
}

/** To the page on which whoever manages a guild lets it in. */
function Guilds({ bot, offline }: { bot: Bot; offline: boolean }) {
  const path = `/oauth2/authorize?client_id=${bot.id}&scope=bot`;
  return (
    <section className="nx-bot-part">
      <h4 className="nx-bot-title">{t("bots.add_title")}</h4>
      <p className="nx-field-hint">{t("bots.add_hint")}</p>
      <div className="nx-sign-acts">
        <Button
          icon={Plus}
          disabled={offline}
          onClick={() => {
            closeAllDialogs();
            go(path);
          }}
        >
          {t("bots.add")}
        </Button>
        <Button look="quiet" icon={Copy} onClick={() => void copy(`${location.origin}${path}`)}>
          {t("bots.add_copy")}
        </Button>
      </div>
    </section>
  );
}

function Hearings({ flags, onFlags }: { flags: bigint; onFlags: (flags: bigint) => void }) {
  return (
    <section className="nx-bot-part">
      <h4 className="nx-bot-title">{t("bots.hears_title")}</h4>
      <p className="nx-field-hint">{t("bots.hears_text")}</p>
      {HEARINGS.map((what) => (
        <Switch
          key={what}
          label={t(`bots.hears_${what}`)}
          hint={t(`bots.hears_${what}_hint`)}
          on={hears(flags, what)}
          onChange={(on) => onFlags(withHearing(flags, what, on))}
        />
      ))}
    </section>
  );
}
