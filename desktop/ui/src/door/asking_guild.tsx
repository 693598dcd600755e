import { allows, type Guild, type Id, myPermissions, Permission } from "@nexus/core";
import { useDerived } from "../app/client.tsx";
import { t } from "../i18n/translate.ts";
import { Select } from "../parts/field.tsx";
import { Banner } from "../parts/notice.tsx";

/** Guilds that a bot may be let into: one manages them. */
export function useManagedGuilds(): readonly Guild[] {
  return useDerived(
    (state) => [state.guilds, state.members, state.roles, state.me],
    (state) =>
      Object.values(state.guilds)
        .filter(({ id }) => allows(myPermissions(state, id, null), Permission.MANAGE_GUILD))
        .toSorted((a, b) => a.name.localeCompare(b.name)),
  );
}

interface Facts {
  readonly guilds: readonly Guild[];
  readonly value: Id | null;
  readonly onValue: (guildId: Id) => void;
}

/** Which guild. */
export function GuildChoice({ guilds, value, onValue }: Facts) {
  if (value === null) return <Banner tone="warn">{t("asking.no_guild")}</Banner>;
  return (
    <Select
      label={t("asking.guild")}
      hint={t("asking.guild_hint")}
      value={value}
      onValue={onValue}
      options={guilds.map(({ id, name }) => [id, name] as const)}
    />
  );
}
