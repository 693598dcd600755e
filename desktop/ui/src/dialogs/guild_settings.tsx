import { allows, myPermissions, Permission } from "@nexus/core";
import { useState } from "react";
import { useDerived } from "../app/client.tsx";
import type { GuildTab } from "../app/screen.ts";
import { t } from "../i18n/translate.ts";
import { DialogBox } from "../parts/dialog.tsx";
import { Ban, Info, Link, Shield, Smile, Users, Waypoints } from "../parts/icons.ts";
import { Tabs } from "../parts/tabs.tsx";
import { BansTab } from "./bans_tab.tsx";
import type { Shown } from "./dialog_layer.tsx";
import { EmojiTab } from "./emoji_tab.tsx";
import { GuildOverview } from "./guild_overview.tsx";
import { InvitesTab } from "./invites_tab.tsx";
import { MembersTab } from "./members_tab.tsx";
import { RelaysTab } from "./relays_tab.tsx";
import { RolesTab } from "./roles_tab.tsx";

const TABS = [
  { value: "overview", key: "dlg.tab_overview", icon: Info, needs: Permission.MANAGE_GUILD },
  { value: "roles", key: "dlg.tab_roles", icon: Shield, needs: Permission.MANAGE_ROLES },
  {
    value: "emoji",
    key: "emoji.tab",
    icon: Smile,
    needs: Permission.CREATE_GUILD_EXPRESSIONS,
    or: Permission.MANAGE_GUILD_EXPRESSIONS,
  },
  { value: "members", key: "dlg.tab_members", icon: Users, needs: 0n },
  { value: "invites", key: "dlg.tab_invites", icon: Link, needs: Permission.MANAGE_GUILD },
  { value: "bans", key: "dlg.tab_bans", icon: Ban, needs: Permission.BAN_MEMBERS },
  { value: "relays", key: "dlg.tab_relays", icon: Waypoints, needs: Permission.MANAGE_GUILD },
] as const;

export default function GuildSettings({ dialog, onClose }: Shown<"guild_settings">) {
  const { guildId } = dialog;
  const held = useDerived(
    (state) => [state.guilds[guildId], state.roles[guildId], state.members[guildId]?.[state.me ?? ""]],
    (state) => myPermissions(state, guildId, null),
    [guildId],
  );
  const tabs = TABS.filter((tab) => allows(held, tab.needs) || ("or" in tab && allows(held, tab.or)));
  const [chosen, setTab] = useState<GuildTab>(dialog.tab ?? "overview");
  const tab = tabs.some((each) => each.value === chosen) ? chosen : (tabs[0]?.value ?? "members");
  return (
    <DialogBox size="large" title={t("dlg.guild_settings")} onClose={onClose}>
      <Tabs
        label={t("dlg.guild_settings")}
        value={tab}
        onValue={setTab}
        tabs={tabs.map(({ value, key, icon }) => ({ value, label: t(key), icon }))}
      >
        {tab === "overview" ? <GuildOverview guildId={guildId} /> : null}
        {tab === "roles" ? <RolesTab guildId={guildId} /> : null}
        {tab === "emoji" ? <EmojiTab guildId={guildId} /> : null}
        {tab === "members" ? <MembersTab guildId={guildId} /> : null}
        {tab === "invites" ? <InvitesTab guildId={guildId} /> : null}
        {tab === "bans" ? <BansTab guildId={guildId} /> : null}
        {tab === "relays" ? <RelaysTab guildId={guildId} /> : null}
      </Tabs>
    </DialogBox>
  );
}
