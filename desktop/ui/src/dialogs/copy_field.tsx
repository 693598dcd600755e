import { t } from "../i18n/translate.ts";
import { IconButton } from "../parts/button.tsx";
import { TextField } from "../parts/field.tsx";
import { Copy } from "../parts/icons.ts";
import { copy } from "../rich/code_block.tsx";

/** Something to take along, as it stands. */
export function CopyField({ label, value }: { label: string; value: string }) {
  return (
    <div className="nx-copy-field">
      <TextField
        label={label}
        readOnly
        value={value}
        spellCheck={false}
        autoComplete="off"
        onText={() => {}}
        onFocus={(event) => event.target.select()}
      />
      <IconButton icon={Copy} label={t("bots.copy_of", { label })} onClick={() => void copy(value)} />
    </div>
  );
}
