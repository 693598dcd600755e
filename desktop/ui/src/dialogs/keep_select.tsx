import { daysText } from "../i18n/time.ts";
import { t } from "../i18n/translate.ts";
import { Select } from "../parts/field.tsx";

/** Days that are offered. */
const DAYS = [1, 7, 30, 90, 365] as const;

interface Facts {
  /** Days, "0" for ever; "" as in the guild. */
  readonly value: string;
  readonly onValue: (value: string) => void;
  /** What stands now, offered too. */
  readonly before: string;
  /** Of a channel: what its guild says, 0 for ever. */
  readonly guild?: number;
}

/** How long messages are kept: in a channel, or in a guild. */
export function KeepSelect({ value, onValue, before, guild }: Facts) {
  const offered = [...new Set([...DAYS, Number(before)])].filter((days) => days > 0).sort((a, b) => a - b);
  const asGuild =
    guild === undefined ? [] : [["", t("dlg.keep_as_guild", { days: daysText(guild) })] as const];
  return (
    <Select
      label={t("dlg.keep")}
      hint={t("dlg.keep_hint")}
      value={value}
      onValue={onValue}
      options={[
        ...asGuild,
        ["0", daysText(0)],
        ...offered.map((days) => [String(days), daysText(days)] as const),
      ]}
    />
  );
}
