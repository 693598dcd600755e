/** The box that a channel, or a forum's new post, is written in; without one, the first channel's on the screen. */
function boxOf(channelId?: string): HTMLTextAreaElement | null {
  const which = channelId === undefined ? "[data-nx=composer]" : `textarea[data-channel="${channelId}"]`;
  return document.querySelector<HTMLTextAreaElement>(which);
}

/** The message box in there. */
export function boxIn(place: Element): HTMLElement | null {
  return place.querySelector<HTMLElement>("[data-nx=composer]");
}

/** Puts the keyboard into the message box, if there is one. */
export function focusComposer(channelId?: string): void {
  boxOf(channelId)?.focus();
}

/** Puts text where the caret is, as if it had been typed: undoing works. */
export function insertText(channelId: string, text: string): void {
  const box = boxOf(channelId);
  if (box === null) return;
  box.focus();
  const start = box.selectionStart;
  const before = start > 0 && !/\s/.test(box.value[start - 1] ?? " ") && !/^\s/.test(text) ? " " : "";
  // The only way that keeps the browser's own list of what can be undone.
  const done = document.execCommand("insertText", false, before + text);
  if (!done) box.setRangeText(before + text, start, box.selectionEnd, "end");
}
