import { useEffect, useRef, useState } from "react";
import { createPortal } from "react-dom";
import { Keys } from "./notice.tsx";
import { topLayer, useFloating } from "./place.ts";

interface Tip {
  readonly anchor: Element;
  readonly text: string;
  readonly keys: string | null;
}

/** Milliseconds the pointer rests before the words come. */
const REST_MS = 380;

/** Words at whatever has a `data-tip`, for the pointer and the keyboard. What it says is also the thing's name. */
export function TipLayer() {
  const [tip, setTip] = useState<Tip | null>(null);
  useEffect(() => watch(setTip), []);
  return tip === null ? null : <TipBox {...tip} />;
}

function TipBox({ anchor, text, keys }: Tip) {
  const ref = useRef<HTMLDivElement>(null);
  const side = anchor.getAttribute("data-tip-side");
  useFloating(ref, anchor, side === "end" ? "right" : "top", 8);
  const layer = topLayer();
  return createPortal(
    <div ref={ref} className="nx-tip" aria-hidden="true">
      {text}
      {keys === null ? null : <Keys of={keys} />}
    </div>,
    layer,
  );
}

/** Where nothing hovers a finger would find words lying over what it is about to press. */
const untouchable = matchMedia("(hover: none)");

function watch(show: (tip: Tip | null) => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const hide = () => {
    clearTimeout(timer);
    show(null);
  };
  const over = (event: Event) => {
    if (untouchable.matches) return;
    const on = event.target instanceof Element ? event.target.closest("[data-tip]") : null;
    clearTimeout(timer);
    const byKeys = event.type === "focusin";
    if (on === null || (byKeys && !on.matches(":focus-visible"))) return show(null);
    timer = setTimeout(
      () => {
        const text = on.getAttribute("data-tip") ?? "";
        if (on.isConnected && text !== "") show({ anchor: on, text, keys: on.getAttribute("data-tip-keys") });
      },
      byKeys ? 0 : REST_MS,
    );
  };
  const onEscape = (event: KeyboardEvent) => {
    if (event.key === "Escape") hide();
  };
  const ends = ["pointerdown", "wheel", "focusout"] as const;
  for (const name of ["pointerover", "focusin"]) document.addEventListener(name, over);
  for (const name of ends) document.addEventListener(name, hide, { passive: true });
  document.addEventListener("keydown", onEscape);
  return () => {
    hide();
    for (const name of ["pointerover", "focusin"]) document.removeEventListener(name, over);
    for (const name of ends) document.removeEventListener(name, hide);
    document.removeEventListener("keydown", onEscape);
  };
}
