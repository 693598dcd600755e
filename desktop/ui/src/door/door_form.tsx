import type { ReactNode } from "react";

interface Facts {
  readonly title: string;
  readonly text: string;
  readonly onSubmit: () => void;
  /** The way out below the form. */
  readonly back: string;
  readonly onBack: () => void;
  readonly children: ReactNode;
}

/** A step behind the door: what it is, its fields, and the way back. */
export function DoorForm({ title, text, onSubmit, back, onBack, children }: Facts) {
  return (
    <form
      className="nx-door-form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit();
      }}
    >
      <h1 className="nx-door-title">{title}</h1>
      <p className="nx-door-text">{text}</p>
      {children}
      <p className="nx-door-other">
        <button type="button" className="nx-link" onClick={onBack}>
          {back}
        </button>
      </p>
    </form>
  );
}
