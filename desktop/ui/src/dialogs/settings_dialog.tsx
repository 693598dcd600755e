import { useState } from "react";
import { useActions, useApp } from "../app/client.tsx";
import { closeAllDialogs, type SettingsTab } from "../app/screen.ts";
import { choose, useSettings } from "../app/settings.ts";
import type { Locale } from "../i18n/translate.ts";
import { t } from "../i18n/translate.ts";
import { Button } from "../parts/button.tsx";
import { DialogBox } from "../parts/dialog.tsx";
import { Choice, Select, Switch } from "../parts/field.tsx";
import { BotFace, Info, Keyboard, Lock, LogOut, Palette, PersonStanding, User } from "../parts/icons.ts";
import { Logo } from "../parts/logo.tsx";
import { Tabs } from "../parts/tabs.tsx";
import { BotsTab } from "./bots_tab.tsx";
import { Confirm } from "./confirm.tsx";
import type { Shown } from "./dialog_layer.tsx";
import { KeysList } from "./keys_list.tsx";
import { ProfileTab } from "./profile_tab.tsx";
import { SignInTab } from "./sign_in_tab.tsx";

export default function SettingsDialog({ dialog, onClose }: Shown<"settings">) {
  const actions = useActions();
  const [tab, setTab] = useState<SettingsTab>(dialog.tab ?? "account");
  const ofRelay = useApp((state) => state.door.kind === "relay");
  const [leaving, setLeaving] = useState(false);
  return (
    <DialogBox size="large" title={t("settings.title")} onClose={onClose}>
      <Tabs
        label={t("settings.title")}
        value={tab}
        onValue={setTab}
        tabs={[
          { value: "account", label: t("settings.account"), icon: User },
          ...(ofRelay ? [{ value: "sign_in" as const, label: t("sign.tab"), icon: Lock }] : []),
          { value: "bots", label: t("bots.tab"), icon: BotFace },
          { value: "look", label: t("settings.look"), icon: Palette },
          { value: "access", label: t("settings.access"), icon: PersonStanding },
          { value: "keys", label: t("settings.keys"), icon: Keyboard },
          { value: "about", label: t("settings.about"), icon: Info },
        ]}
        foot={
          <Button small look="danger-quiet" icon={LogOut} onClick={() => setLeaving(true)}>
            {t("settings.logout")}
          </Button>
        }
      >
        {tab === "account" ? <ProfileTab /> : null}
        {tab === "sign_in" ? <SignInTab /> : null}
        {tab === "bots" ? <BotsTab /> : null}
        {tab === "look" ? <LookTab /> : null}
        {tab === "access" ? <AccessTab /> : null}
        {tab === "keys" ? <KeysList /> : null}
        {tab === "about" ? <AboutTab /> : null}
      </Tabs>
      {leaving ? (
        <Confirm
          title={t("settings.logout_title")}
          text={t("settings.logout_text")}
          go={t("settings.logout")}
          onClose={() => setLeaving(false)}
          wish={() => actions.logout()}
          done={closeAllDialogs}
        />
      ) : null}
    </DialogBox>
  );
}

function LookTab() {
  const all = useSettings((settings) => settings);
  return (
    <>
      <Choice
        row
        label={t("settings.theme")}
        value={all.theme}
        onValue={(theme) => choose({ theme })}
        options={[
          { value: "dark", label: t("settings.theme_dark") },
          { value: "light", label: t("settings.theme_light") },
          { value: "system", label: t("settings.theme_system") },
        ]}
      />
      <Choice
        row
        label={t("settings.density")}
        value={all.density}
        onValue={(density) => choose({ density })}
        options={[
          { value: "cosy", label: t("settings.density_cosy") },
          { value: "compact", label: t("settings.density_compact") },
        ]}
      />
      <Choice
        row
        label={t("settings.text_size")}
        value={all.text}
        onValue={(text) => choose({ text })}
        options={[
          { value: "small", label: t("settings.text_small") },
          { value: "normal", label: t("settings.text_normal") },
          { value: "large", label: t("settings.text_large") },
          { value: "largest", label: t("settings.text_largest") },
        ]}
      />
      <Select<Locale>
        label={t("settings.language")}
        value={all.locale}
        onValue={(locale) => choose({ locale })}
        options={[
          ["en", t("settings.lang_en")],
          ["stretched", t("settings.lang_stretched")],
          ["mirrored", t("settings.lang_mirrored")],
        ]}
      />
    </>
  );
}

function AccessTab() {
  const all = useSettings((settings) => settings);
  return (
    <>
      <Switch
        label={t("settings.motion")}
        hint={t("settings.motion_text")}
        on={all.motion === "still"}
        onChange={(on) => choose({ motion: on ? "still" : "system" })}
      />
      <Switch
        label={t("settings.announce")}
        hint={t("settings.announce_text")}
        on={all.announce}
        onChange={(announce) => choose({ announce })}
      />
      <Switch
        label={t("settings.send_enter")}
        hint={t("settings.send_enter_text")}
        on={all.enterSends}
        onChange={(enterSends) => choose({ enterSends })}
      />
    </>
  );
}

function AboutTab() {
  const version = useApp((state) => state.door.version);
  return (
    <div className="nx-about">
      <Logo size={48} />
      <h3 className="nx-about-name">{t("app.name")}</h3>
      <p>{t("settings.about_text")}</p>
      {version === null ? null : (
        <p className="nx-field-hint">
          {t("settings.about_version")}: {version}
        </p>
      )}
    </div>
  );
}
