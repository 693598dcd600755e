import { type FormEvent, type ReactNode, useEffect, useId, useRef } from "react";
import { isLost, LANDING, land } from "../app/landing.ts";
import { t } from "../i18n/translate.ts";
import { IconButton } from "./button.tsx";
import { cx } from "./classes.ts";
import { X } from "./icons.ts";
import { keepTab } from "./keep_tab.ts";

interface DialogFacts {
  readonly title: string;
  readonly onClose: () => void;
  readonly size?: "small" | "normal" | "large";
  /** The title is for screen readers only. */
  readonly bare?: boolean;
  readonly text?: ReactNode;
  /** Buttons at the end. */
  readonly acts?: ReactNode;
  readonly onSubmit?: () => void;
  readonly children?: ReactNode;
}

/** The page behind cannot be reached while it is open: the browser's own dialog sees to that. */
export function DialogBox(facts: DialogFacts) {
  const { title, onClose, size = "normal", bare, text, acts, onSubmit, children } = facts;
  const ref = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const dialog = ref.current;
    if (dialog === null || dialog.open) return;
    const [before, from] = [document.activeElement, location.pathname];
    dialog.showModal();
    dialog.querySelector<HTMLElement>("[data-first], [autofocus]")?.focus();
    return () => {
      dialog.close();
      // Who went elsewhere from here goes on there.
      const elsewhere = location.pathname !== from;
      if (!elsewhere && before instanceof HTMLElement) before.focus({ preventScroll: true });
      if (elsewhere || isLost()) land();
    };
  }, []);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onSubmit?.();
  };
  const Body = onSubmit === undefined ? "div" : "form";
  return (
    <dialog
      ref={ref}
      className={cx("nx-dialog", `nx-dialog-${size}`)}
      aria-labelledby={id}
      onCancel={(event) => {
        // Who chooses no file after all gives up that, and not what the dialog holds.
        if (event.target !== event.currentTarget) return;
        event.preventDefault();
        onClose();
      }}
      onKeyDown={(event) => keepTab(event, ref.current)}
      onPointerDown={(event) => {
        if (event.target === event.currentTarget) onClose();
      }}
    >
      <Body
        className="nx-dialog-box"
        {...(onSubmit === undefined ? {} : { onSubmit: submit, noValidate: true })}
      >
        <header className={cx("nx-dialog-head", bare && "nx-hidden")}>
          <h2 className="nx-dialog-title" id={id} {...LANDING}>
            {title}
          </h2>
          {bare ? null : <IconButton icon={X} label={t("common.close")} onClick={onClose} />}
        </header>
        {text === undefined ? null : <div className="nx-dialog-text">{text}</div>}
        {children === undefined ? null : <div className="nx-dialog-body">{children}</div>}
        {acts === undefined ? null : <footer className="nx-dialog-acts">{acts}</footer>}
      </Body>
    </dialog>
  );
}
