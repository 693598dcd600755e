import { type ComponentProps, type ReactNode, useId, useState } from "react";
import { t } from "../i18n/translate.ts";
import { IconButton } from "./button.tsx";
import { cx } from "./classes.ts";
import { Icon } from "./icon.tsx";
import { Check, ChevronDown, CircleAlert, Eye, EyeOff } from "./icons.ts";

interface Around {
  readonly label: string;
  readonly hint?: ReactNode;
  readonly error?: string | null;
  readonly optional?: boolean;
}

/** A label, what is filled in, and what there is to say about it. */
function Field({ id, label, hint, error, optional, children }: Around & { id: string; children: ReactNode }) {
  return (
    <div className="nx-field" data-wrong={error ? "" : undefined}>
      <label className="nx-field-label" htmlFor={id}>
        {label}
        {optional ? <span className="nx-field-optional"> ({t("common.optional")})</span> : null}
      </label>
      {children}
      {error ? (
        <p className="nx-field-error" id={`${id}-error`}>
          <Icon of={CircleAlert} size={16} />
          {error}
        </p>
      ) : null}
      {hint && !error ? (
        <p className="nx-field-hint" id={`${id}-hint`}>
          {hint}
        </p>
      ) : null}
    </div>
  );
}

function described(id: string, facts: Around) {
  return {
    id,
    "aria-invalid": facts.error ? true : undefined,
    "aria-describedby": facts.error ? `${id}-error` : facts.hint ? `${id}-hint` : undefined,
  };
}

type Given = Around & { readonly value: string; readonly onText: (text: string) => void };

export function TextField(facts: Given & Omit<ComponentProps<"input">, "value" | "onChange">) {
  const id = useId();
  const { label, hint, error, optional, value, onText, ...native } = facts;
  return (
    <Field id={id} label={label} hint={hint} error={error ?? null} optional={optional ?? false}>
      <input
        {...native}
        {...described(id, facts)}
        className="nx-input"
        dir="auto"
        value={value}
        onChange={(event) => onText(event.target.value)}
      />
    </Field>
  );
}

/** What is typed can be looked at. */
export function PasswordField(facts: Given & { autoComplete: "current-password" | "new-password" }) {
  const id = useId();
  const [seen, setSeen] = useState(false);
  const { label, hint, error, value, onText, autoComplete } = facts;
  return (
    <Field id={id} label={label} hint={hint} error={error ?? null}>
      <span className="nx-input-with">
        <input
          {...described(id, facts)}
          className="nx-input"
          type={seen ? "text" : "password"}
          autoComplete={autoComplete}
          required
          value={value}
          onChange={(event) => onText(event.target.value)}
        />
        <IconButton
          icon={seen ? EyeOff : Eye}
          label={seen ? t("door.password_hide") : t("door.password_show")}
          onClick={() => setSeen(!seen)}
        />
      </span>
    </Field>
  );
}

export function TextArea(facts: Given & Omit<ComponentProps<"textarea">, "value" | "onChange">) {
  const id = useId();
  const { label, hint, error, optional, value, onText, ...native } = facts;
  return (
    <Field id={id} label={label} hint={hint} error={error ?? null} optional={optional ?? false}>
      <textarea
        {...native}
        {...described(id, facts)}
        className="nx-input nx-textarea"
        dir="auto"
        value={value}
        onChange={(event) => onText(event.target.value)}
      />
    </Field>
  );
}

interface SelectFacts<V extends string> {
  readonly label: string;
  readonly value: V;
  readonly options: readonly (readonly [V, string])[];
  readonly onValue: (value: V) => void;
  readonly hint?: string;
  readonly disabled?: boolean;
}

export function Select<V extends string>({ label, value, options, onValue, hint, disabled }: SelectFacts<V>) {
  const id = useId();
  return (
    <Field id={id} label={label} hint={hint}>
      <span className="nx-select">
        <select
          className="nx-input"
          id={id}
          value={value}
          disabled={disabled}
          onChange={(event) => onValue(event.target.value as V)}
        >
          {options.map(([option, words]) => (
            <option key={option} value={option}>
              {words}
            </option>
          ))}
        </select>
        <Icon of={ChevronDown} size={18} />
      </span>
    </Field>
  );
}

interface SwitchFacts {
  readonly label: string;
  readonly hint?: string | undefined;
  readonly on: boolean;
  readonly onChange: (on: boolean) => void;
  readonly disabled?: boolean;
}

export function Switch({ label, hint, on, onChange, disabled }: SwitchFacts) {
  const id = useId();
  return (
    <div className="nx-switch-row">
      <div className="nx-switch-words">
        <span className="nx-switch-label" id={id}>
          {label}
        </span>
        {hint === undefined ? null : (
          <span className="nx-field-hint" id={`${id}-hint`}>
            {hint}
          </span>
        )}
      </div>
      <button
        type="button"
        role="switch"
        className="nx-switch"
        aria-checked={on}
        aria-labelledby={id}
        aria-describedby={hint === undefined ? undefined : `${id}-hint`}
        disabled={disabled}
        onClick={() => onChange(!on)}
      >
        <span className="nx-switch-knob">{on ? <Icon of={Check} size={12} /> : null}</span>
      </button>
    </div>
  );
}

interface ChoiceFacts<V extends string> {
  readonly label: string;
  readonly value: V;
  readonly options: readonly { readonly value: V; readonly label: string; readonly hint?: string }[];
  readonly onValue: (value: V) => void;
  /** Side by side, in one row. */
  readonly row?: boolean;
}

/** One of a few, all of them in sight. */
export function Choice<V extends string>({ label, value, options, onValue, row }: ChoiceFacts<V>) {
  const name = useId();
  return (
    <fieldset className={cx("nx-choice", row && "nx-choice-row")}>
      <legend className="nx-field-label">{label}</legend>
      <div className="nx-choice-options">
        {options.map((option) => (
          <label
            key={option.value}
            className="nx-choice-option"
            data-on={option.value === value ? "" : undefined}
          >
            <input
              type="radio"
              name={name}
              value={option.value}
              checked={option.value === value}
              onChange={() => onValue(option.value)}
            />
            <span className="nx-choice-words">
              <span>{option.label}</span>
              {option.hint === undefined ? null : <span className="nx-field-hint">{option.hint}</span>}
            </span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
