import { type FocusEvent, useEffect, useRef, useState } from "react";
import { createPortal } from "react-dom";
import { isLost, land } from "../app/landing.ts";
import { dropToast, useScreen } from "../app/screen.ts";
import { t } from "../i18n/translate.ts";
import { IconButton } from "./button.tsx";
import { Icon } from "./icon.tsx";
import { CircleAlert, CircleCheck, Info, X } from "./icons.ts";
import { topLayer } from "./place.ts";

const ICONS = { plain: Info, ok: CircleCheck, danger: CircleAlert } as const;

/** What became of something one just did. */
export function Toasts() {
  const toasts = useScreen((screen) => screen.toasts);
  const back = useWayBack(toasts);
  return createPortal(
    <div className="nx-toasts" role="status" aria-live="polite" {...back}>
      {toasts.map((toast) => (
        <div key={toast.id} className="nx-toast" data-tone={toast.tone}>
          <Icon of={ICONS[toast.tone]} size={18} />
          <span className="nx-toast-words">{toast.text}</span>
          <IconButton size="small" icon={X} label={t("common.close")} onClick={() => dropToast(toast.id)} />
        </div>
      ))}
    </div>,
    useTopLayer(toasts),
  );
}

/** Whoever had the keyboard on what is gone has it again where it was before. */
function useWayBack(gone: unknown) {
  const before = useRef<Element | null>(null);
  const passes = (event: FocusEvent) => !event.currentTarget.contains(event.relatedTarget);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each that goes
  useEffect(() => {
    if (before.current === null || !isLost()) return;
    if (before.current instanceof HTMLElement) before.current.focus({ preventScroll: true });
    before.current = null;
    if (isLost()) land();
  }, [gone]);
  return {
    onFocus: (event: FocusEvent) => {
      if (passes(event)) before.current = event.relatedTarget ?? document.body;
    },
    onBlur: (event: FocusEvent) => {
      if (passes(event)) before.current = null;
    },
  };
}

/** What lies under an open dialog is neither seen nor read out: it goes along to the topmost, before there is something to say. */
function useTopLayer(news: unknown): HTMLElement {
  const dialogs = useScreen((screen) => screen.dialogs);
  const [layer, setLayer] = useState<HTMLElement>(document.body);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each dialog that opens or closes
  useEffect(() => setLayer(topLayer()), [dialogs, news]);
  useEffect(() => {
    // Some are loaded only when they are wanted.
    const look = () => setLayer(topLayer());
    document.addEventListener("toggle", look, true);
    return () => document.removeEventListener("toggle", look, true);
  }, []);
  return layer;
}
