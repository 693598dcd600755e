import { type FocusEvent, useEffect, useLayoutEffect, useRef, useState } from "react";
import { createPortal } from "react-dom";
import { useStore } from "zustand";
import { isLost, land } from "../app/landing.ts";
import { dropToast, type Toast, useScreen } from "../app/screen.ts";
import { t } from "../i18n/translate.ts";
import { IconButton } from "./button.tsx";
import { Icon } from "./icon.tsx";
import { CircleAlert, CircleCheck, Info, X } from "./icons.ts";
import { topLayer } from "./place.ts";
import { placesChanged, shownPlace } from "./toast_place.tsx";

const ICONS = { plain: Info, ok: CircleCheck, danger: CircleAlert } as const;

/** What became of something one just did. */
export function Toasts() {
  const toasts = useScreen((screen) => screen.toasts);
  const back = useWayBack(toasts);
  const { layer, place } = useLayers(toasts);
  const words = useSaid(toasts, layer);
  const shown = (
    <div className="nx-toasts" {...back}>
      {toasts.map((toast) => (
        <div key={toast.id} className="nx-toast" data-tone={toast.tone}>
          <Icon of={ICONS[toast.tone]} size={18} />
          <span className="nx-toast-words">{toast.text}</span>
          <IconButton size="small" icon={X} label={t("common.close")} onClick={() => dropToast(toast.id)} />
        </div>
      ))}
    </div>
  );
  return (
    <>
      {createPortal(shown, place)}
      {createPortal(
        <div className="nx-hidden" data-nx="toasts-said" role="status" aria-live="polite" aria-atomic="true">
          {words}
        </div>,
        layer,
      )}
    </>
  );
}

/** Milliseconds in which a dialog that is done with is closed: what is said within them would go with it. */
const SETTLED_MS = 150;

/**
 * Each is said once, in an element that was there before, whatever becomes of the place where it is seen: that comes and goes
 * with what is on the screen.
 */
function useSaid(toasts: readonly Toast[], layer: HTMLElement): string {
  const last = useRef(0);
  const [words, setWords] = useState("");
  // biome-ignore lint/correctness/useExhaustiveDependencies: in another layer nothing is said anew
  useEffect(() => {
    const news = toasts.filter(({ id }) => id > last.current);
    setWords("");
    if (news.length === 0) return;
    const timer = setTimeout(() => {
      last.current = news.at(-1)?.id ?? last.current;
      setWords(news.map(({ text }) => text).join(" "));
    }, SETTLED_MS);
    return () => clearTimeout(timer);
  }, [toasts, layer]);
  return words;
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

/**
 * What lies under an open dialog is neither seen nor read out: both go along to the topmost, before there is something to say.
 * Where none is open, toasts stand in a place of their own.
 */
function useLayers(news: unknown): TopLayers {
  const dialogs = useScreen((screen) => screen.dialogs);
  const pane = useScreen((screen) => screen.pane);
  const search = useScreen((screen) => screen.search);
  const places = useStore(placesChanged);
  const [layers, setLayers] = useState<TopLayers>({ layer: document.body, place: document.body });
  // biome-ignore lint/correctness/useExhaustiveDependencies: whatever comes or goes
  useLayoutEffect(() => setLayers(topLayers), [dialogs, news, pane, search, places]);
  useEffect(() => {
    const look = () => setLayers(topLayers);
    // Some dialogs are loaded only when they are wanted.
    document.addEventListener("toggle", look, true);
    addEventListener("resize", look);
    return () => {
      document.removeEventListener("toggle", look, true);
      removeEventListener("resize", look);
    };
  }, []);
  return layers;
}

interface TopLayers {
  readonly layer: HTMLElement;
  readonly place: HTMLElement;
}

function topLayers(before: TopLayers): TopLayers {
  const layer = topLayer();
  const place = layer === document.body ? (shownPlace() ?? layer) : layer;
  return layer === before.layer && place === before.place ? before : { layer, place };
}
