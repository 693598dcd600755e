import { useId } from "react";
import { t } from "../i18n/translate.ts";
import { cx } from "../parts/classes.ts";
import { Icon } from "../parts/icon.tsx";
import { Check } from "../parts/icons.ts";
import { colorStyle } from "../rich/marks.tsx";

/** Colours that go well beside each other, on dark and on light. */
const OFFERED = [
  0, 0xf26d7d, 0xf28b54, 0xe5b13f, 0x8fc150, 0x3fb97f, 0x33b5b0, 0x4aa3e8, 0x6f86f5, 0x9a7bf2, 0xd071dd,
  0xe86fae, 0x9aa3b2,
];

interface Facts {
  readonly value: number;
  readonly onValue: (color: number) => void;
  readonly disabled?: boolean;
}

export function Colors({ value, onValue, disabled }: Facts) {
  const name = useId();
  const own = !OFFERED.includes(value);
  return (
    <fieldset className="nx-choice" disabled={disabled}>
      <legend className="nx-field-label">{t("dlg.role_color")}</legend>
      <div className="nx-colors">
        {OFFERED.map((color) => (
          <label
            key={color}
            className={cx("nx-color nx-colored-dot", color === 0 && "nx-color-none")}
            style={colorStyle(color)}
            data-tip={color === 0 ? t("dlg.role_color_none") : undefined}
          >
            <input
              type="radio"
              className="nx-hidden"
              name={name}
              aria-label={color === 0 ? t("dlg.role_color_none") : hex(color)}
              checked={value === color}
              onChange={() => onValue(color)}
            />
            {value === color ? <Icon of={Check} size={16} /> : null}
          </label>
        ))}
        <label className="nx-color nx-color-own" data-on={own ? "" : undefined}>
          <input
            type="color"
            aria-label={t("dlg.role_color")}
            value={hex(value)}
            onChange={(event) => onValue(Number.parseInt(event.target.value.slice(1), 16))}
          />
        </label>
      </div>
    </fieldset>
  );
}

function hex(color: number): string {
  return `#${color.toString(16).padStart(6, "0")}`;
}
